"""The providers' image APIs, each spoken directly over HTTP."""
