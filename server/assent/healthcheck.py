"""Asks a running server of this machine how it is, where its settings say that it listens.

For whoever watches it: a container's health check, systemd, a cron job.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
from typing import Any, Final

from assent.config import Settings

SECONDS: Final = 4.0
_MOST_BYTES: Final = 64 * 1024


def ask(settings: Settings, *, ready: bool = False) -> str:
    """Return what is wrong with the server; nothing where it lives, or is ready if so asked."""
    try:
        status, said = _get(settings, "/readyz" if ready else "/healthz")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"it does not answer ({type(error).__name__})"
    if status == 200:
        return ""
    reasons = said.get("reasons")
    if isinstance(reasons, list):
        return "it is not ready: " + ", ".join(map(str, reasons))
    return f"it answers {status}"


def _get(settings: Settings, path: str) -> tuple[int, dict[str, Any]]:
    connection = _connection(settings)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = json.loads(answer.read(_MOST_BYTES))
        return answer.status, said if isinstance(said, dict) else {}
    finally:
        connection.close()


def _connection(settings: Settings) -> http.client.HTTPConnection:
    host, port = reached_at(settings.listen_host), settings.listen_port
    if settings.tls_certificate is None:
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    # It is this machine that is asked, and nothing is told; an expired certificate is said by
    # /readyz and is no reason to take the server for dead.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)


def reached_at(listen_host: str) -> str:
    """Return an address at which this machine reaches what listens on ``listen_host``."""
    address = ipaddress.ip_address(listen_host)
    if not address.is_unspecified:
        return listen_host
    return "127.0.0.1" if address.version == 4 else "::1"
