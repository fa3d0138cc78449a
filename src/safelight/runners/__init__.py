"""The runners there are."""
