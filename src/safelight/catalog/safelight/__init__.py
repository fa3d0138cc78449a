"""Models of Safelight itself."""
