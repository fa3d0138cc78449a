"""OpenTelemetry: imported only where it is installed and the environment asks for it."""
