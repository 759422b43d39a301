"""How values of the server's settings are read, of kinds that the vault has none of.

As in ``assent_vault.setting_values``: a given value in, the setting out, or a Mistake, which never
repeats a value whole, for somebody may have put a password into the wrong key.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assent_vault.errors import LogError
from assent_vault.ledger.note import is_name
from assent_vault.ledger.witness import Witness, parse_witness
from assent_vault.setting_values import Mistake

# "MUST accept at least up to 16 signatures" (C2SP signed-note), and one is the log's own.
_MOST_WITNESSES = 15
_TURN = re.compile(
    r"turns?:(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:\?transport=(?:udp|tcp))?"
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(least: int, most: int) -> Callable[[Any], str]:
    """A single line of so many characters."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise Mistake("must be text")
        line = value.strip()
        if not least <= len(line) <= most:
            raise Mistake(f"must have {least} to {most} characters")
        if any(ord(point) < 32 or ord(point) == 127 for point in line):
            raise Mistake("must be a single line without control characters")
        return line

    return parse


def switch(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise Mistake("must be true or false")


def _items(value: Any) -> list[str]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise Mistake("must be a list of texts")


def addresses(value: Any) -> tuple[str, ...]:
    """IP addresses that people can reach, each once."""
    found = []
    for item in _items(value):
        try:
            address = ipaddress.ip_address(item)
        except ValueError as error:
            raise Mistake(f"must hold IP addresses, and {item!r} is none") from error
        if address.is_unspecified or address.is_multicast:
            raise Mistake(f"must hold addresses that people can reach, and {item} is none")
        found.append(str(address))
    return tuple(dict.fromkeys(found))


def networks(value: Any) -> tuple[Network, ...]:
    """IP addresses or networks, never everybody's."""
    found = []
    for item in _items(value):
        try:
            network = ipaddress.ip_network(item)
        except ValueError as error:
            raise Mistake(f"must hold IP addresses or networks, and {item!r} is none") from error
        if network.prefixlen == 0:
            raise Mistake(f"cannot hold {item}: that trusts everybody")
        found.append(network)
    return tuple(found)


def bind_address(value: Any) -> str:
    """An IP address to listen on."""
    given = text(1, 255)(value)
    try:
        return str(ipaddress.ip_address(given))
    except ValueError as error:
        raise Mistake("must be an IP address of this machine, or 0.0.0.0 or ::") from error


def log_name(value: Any) -> str:
    """What a log can be called."""
    name = text(0, 200)(value)
    if name and not is_name(name):
        raise Mistake("must be visible ASCII characters without +")
    return name


def witnesses(value: Any) -> tuple[Witness, ...]:
    """Witnesses, each once, by URL and key."""
    found = []
    for item in _items(value):
        try:
            witness = parse_witness(item)
        except LogError as error:
            raise Mistake(
                "must hold witnesses, each a URL, a space, and a public key for cosignatures"
            ) from error
        parts = urlsplit(witness.url)
        if parts.scheme == "http" and not is_local(parts.hostname or ""):
            raise Mistake("must name witnesses by https://")
        found.append(witness)
    if len(found) > _MOST_WITNESSES:
        raise Mistake(f"must not hold more than {_MOST_WITNESSES} witnesses")
    return tuple(dict.fromkeys(found))


def file(value: Any) -> Path:
    """A file that can be read."""
    found = path(value)
    try:
        with found.open("rb"):
            return found
    except OSError as error:
        raise Mistake(f"cannot be read: {error.strerror or type(error).__name__}") from error


def path(value: Any) -> Path:
    """A file or folder that may be there or not."""
    return Path(text(1, 4096)(value))


def folder(value: Any) -> Path:
    """A folder that exists."""
    found = path(value)
    if not found.is_dir():
        raise Mistake("must be an existing folder")
    return found


def url(value: Any) -> str:
    """Bring the URL into the form in which a browser writes its origin."""
    given = text(1, 2048)(value)
    try:
        parts = urlsplit(given)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise Mistake("must be a URL") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Mistake("must be a URL that begins with https:// (or http:// for localhost)")
    if parts.username is not None or parts.password is not None:
        raise Mistake("must not hold a user name or password")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Mistake("must be a scheme, a name and perhaps a port, without a path")
    if port == 0:
        raise Mistake("must not have port 0")
    usual = {"http": 80, "https": 443}[parts.scheme]
    suffix = "" if port in (None, usual) else f":{port}"
    return f"{parts.scheme}://{_host(host)}{suffix}"


def turn_urls(value: Any) -> tuple[str, ...]:
    """URIs of relays (RFC 7065), each once; at most eight, for browsers try every one."""
    found = []
    for item in _items(value):
        match = _TURN.fullmatch(item)
        if match is None or not 0 < int(match["port"] or 3478) < 65536:
            raise Mistake("must hold URIs like turn:name:3478?transport=udp or turns:name:5349")
        _host(match["host"].strip("[]"))
        found.append(item)
    if len(found) > 8:
        raise Mistake("must not hold more than eight")
    return tuple(dict.fromkeys(found))


def _host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError as error:
            raise Mistake("must hold a valid name or address") from error
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise Mistake("must hold a valid name or address") from error
    if not name.replace("-", "").replace(".", "").isalnum():
        raise Mistake("must hold a valid name or address")
    return name


def is_local(host: str) -> bool:
    """Whether browsers take the host for this machine, and so for a secure context.

    Precedent: W3C Secure Contexts, section 3.1, steps 4 and 5.
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
