"""The blob stores there are."""
