"""HTTPS on one's own machine: a local authority, the certificate it issues, and who trusts it."""

from safelight.certificates.keeping import Certificates, prepare_certificates

__all__ = ["Certificates", "prepare_certificates"]
