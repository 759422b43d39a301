"""The certificate that this server itself shows: what is in it, and what is wrong with it.

Codes, as ``/readyz``, ``check-config`` and the log name them: ``certificate-expired`` and
``certificate-not-yet-valid`` (no browser comes in), ``certificate-wrong-name`` (none that asks for
public_url does, unless a proxy stands in front), ``certificate-expires-soon`` (within 30 days) and
``certificate-expires-very-soon`` (within 7).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

DAY: Final = 24 * 3600
SOON: Final = 30 * DAY
VERY_SOON: Final = 7 * DAY

EXPIRED: Final = "certificate-expired"
NOT_YET: Final = "certificate-not-yet-valid"
WRONG_NAME: Final = "certificate-wrong-name"
EXPIRES_SOON: Final = "certificate-expires-soon"
EXPIRES_VERY_SOON: Final = "certificate-expires-very-soon"

ERRORS: Final = frozenset({EXPIRED, NOT_YET, WRONG_NAME})
"""Codes of a certificate that browsers refuse."""

OUT_OF_TIME: Final = frozenset({EXPIRED, NOT_YET})
"""Those with which the server is not ready; the name alone it may be wrong about."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The first certificate of a chain. Times in whole Unix seconds, names in lower case."""

    not_before: int
    not_after: int
    names: tuple[str, ...]
    addresses: tuple[str, ...]

    def found(self, host: str, now: float) -> tuple[str, ...]:
        """Return the codes of what is wrong for who asks for ``host`` at ``now``, Unix seconds."""
        codes = []
        if now < self.not_before:
            codes.append(NOT_YET)
        left = self.not_after - now
        if left <= 0:
            codes.append(EXPIRED)
        elif left <= VERY_SOON:
            codes.append(EXPIRES_VERY_SOON)
        elif left <= SOON:
            codes.append(EXPIRES_SOON)
        if not self.is_of(host):
            codes.append(WRONG_NAME)
        return tuple(codes)

    def is_of(self, host: str) -> bool:
        """Tell whether browsers take it for this host; by its subject alternative names alone.

        "If a wildcard is present, it must be the entire left-most label" (RFC 6125 section 7.2, and
        what browsers do).
        """
        host = host.lower().rstrip(".")
        try:
            return str(ipaddress.ip_address(host)) in self.addresses
        except ValueError:
            parent = host.partition(".")[2]
            return host in self.names or ("." in parent and f"*.{parent}" in self.names)


def read(path: Path) -> Certificate:
    """Read the first certificate of a PEM file; raises OSError, ValueError where there is none."""
    found = x509.load_pem_x509_certificates(path.read_bytes())[0]
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    try:
        other = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        pass  # browsers do not look at the common name
    else:
        names = tuple(name.lower() for name in other.get_values_for_type(x509.DNSName))
        addresses = tuple(map(str, other.get_values_for_type(x509.IPAddress)))
    return Certificate(
        int(found.not_valid_before_utc.timestamp()),
        int(found.not_valid_after_utc.timestamp()),
        names,
        addresses,
    )


def explain(code: str, certificate: Certificate, host: str, now: float) -> str:
    """Return a sentence for a code, for an operator."""
    days = int((certificate.not_after - now) // DAY)
    return {
        EXPIRED: "tls_certificate has expired: browsers refuse it.",
        NOT_YET: "tls_certificate is not valid yet: browsers refuse it.",
        WRONG_NAME: f"tls_certificate is not for {host} of public_url: browsers refuse it.",
        EXPIRES_SOON: f"tls_certificate expires in {days} days.",
        EXPIRES_VERY_SOON: f"tls_certificate expires in {days} days: renew it now.",
    }[code]
