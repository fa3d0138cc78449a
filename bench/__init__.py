"""Safelight beside a peer on this machine, in one run: ratios count, absolute figures vary."""
