"""HTTPS on one's own machine: a local authority, the certificate it issues, and who trusts it."""
