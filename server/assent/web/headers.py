"""The security headers of every answer, errors and static files included.

Pure: settings in, headers out. The policy lets a page do what a meeting needs and nothing else:
no code, style, font or picture from anywhere but this server, nothing inline, nobody framing us.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from assent.config import Settings

# Which version of what we run is nobody's business.
SERVER_NAME = "assent"

# A year, the least that browsers' preload lists accept. Not includeSubDomains: the names beneath
# ours are not ours to decide about.
_HSTS = "max-age=31536000"

_PERMISSIONS = (
    "camera=(self), microphone=(self), display-capture=(self), "
    "geolocation=(), midi=(), payment=(), usb=()"
)


def content_security_policy(public_url: str) -> str:
    """Return the policy for pages served under ``public_url``."""
    url = urlsplit(public_url)
    socket = f"{'wss' if url.scheme == 'https' else 'ws'}://{url.netloc}"
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "font-src": "'self'",
        # Safari before 15.4 does not take 'self' to mean WebSockets as well.
        "connect-src": f"'self' {socket}",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def security_headers(settings: Settings) -> Mapping[str, str]:
    """Return the headers that go with every answer of this server."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings.public_url),
        "Permissions-Policy": _PERMISSIONS,
        # Links carry secrets in their fragments and meeting ids in their paths.
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Server": SERVER_NAME,
    }
    if settings.is_https:
        headers["Strict-Transport-Security"] = _HSTS
    return MappingProxyType(headers)
