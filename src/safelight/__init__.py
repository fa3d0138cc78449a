"""Safelight: your own Replicate for pictures."""
