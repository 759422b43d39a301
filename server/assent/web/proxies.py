"""Who is really asking, when a proxy stands in front.

Pure. ``X-Forwarded-For`` is what anybody likes to write into it, except for the entries that our
own proxies have appended: read from the right, the first address that is not one of our proxies is
the client. From a peer that is not a named proxy the header is not read at all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from assent.config_values import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# A longer chain of proxies than this is nobody's; do not parse it.
_MAX_HOPS = 20


def parse_address(text: str) -> Address | None:
    """Read an address, an IPv4 one also in its IPv6 dress; None where it is none."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_trusted(address: Address | None, trusted: Sequence[Network]) -> bool:
    """Whether an address is one of the proxies the operator has named."""
    return address is not None and any(address in network for network in trusted)


def client_address(
    peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]
) -> Address | None:
    """Return the client's address; ``forwarded_for`` holds the values of that header in order."""
    address = None if peer is None else parse_address(peer)
    if not is_trusted(address, trusted):
        return address
    hops = [hop for value in forwarded_for for hop in value.split(",")]
    for hop in list(reversed(hops))[:_MAX_HOPS]:
        forwarded = parse_address(hop)
        if forwarded is None:
            break  # not written by our proxies; the nearest known hop must do
        address = forwarded
        if not is_trusted(forwarded, trusted):
            break
    return address


def peer_key(trusted: Sequence[Network]) -> Callable[[str], str | None]:
    """Return what tells the client of a connection from its peer's address; None for a proxy."""

    def key(peer: str) -> str | None:
        address = parse_address(peer)
        return None if is_trusted(address, trusted) else rate_key(address)

    return key


def rate_key(address: Address | None) -> str:
    """Return what counts as one client for limits: an IPv4 address, or an IPv6 network of 64 bits.

    One household or machine has a whole /64 to itself (RFC 6177), so counting single IPv6
    addresses would count nothing.
    """
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
