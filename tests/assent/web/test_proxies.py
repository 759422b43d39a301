"""Who is asking: what a proxy says is believed, what anybody else says is not."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.web.proxies import client_address, parse_address, rate_key

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:1::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.9"], "192.0.2.1"),  # not from a proxy
        ("10.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", ["203.0.113.5, 198.51.100.9"], "198.51.100.9"),  # the first was made up
        ("10.0.0.1", ["203.0.113.5", "198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", ["198.51.100.9, 10.0.0.2"], "198.51.100.9"),  # two proxies in a row
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.9, unknown"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("2001:db8:1::1", ["2001:db8:9::7"], "2001:db8:9::7"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.9"], "198.51.100.9"),
        ("fe80::1%eth0", [], "fe80::1"),
    ],
)
def test_the_client(peer: str, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == ipaddress.ip_address(client)


def test_without_an_address_there_is_none() -> None:
    assert client_address(None, ["192.0.2.1"], PROXIES) is None
    assert rate_key(None) == "unknown"


@given(st.lists(st.text(), max_size=5))
def test_nobody_but_a_proxy_chooses_their_address(forwarded: list[str]) -> None:
    found = client_address("192.0.2.1", forwarded, PROXIES)
    assert found == ipaddress.ip_address("192.0.2.1")


@given(st.lists(st.text(), max_size=5))
def test_nothing_written_before_our_proxy_counts(invented: list[str]) -> None:
    forwarded = [*invented, "198.51.100.9"]
    found = client_address("10.0.0.1", forwarded, PROXIES)
    assert found == ipaddress.ip_address("198.51.100.9")


@given(st.text())
def test_reading_an_address_never_raises(text: str) -> None:
    parse_address(text)


def test_a_whole_network_of_one_household_is_one_client() -> None:
    one, two = parse_address("2001:db8:9::1"), parse_address("2001:db8:9::ffff:2")
    other = parse_address("2001:db8:9:1::1")
    assert rate_key(one) == rate_key(two) != rate_key(other)
    assert rate_key(parse_address("192.0.2.1")) != rate_key(parse_address("192.0.2.2"))
