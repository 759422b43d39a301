"""Credentials for relays: the form that coturn takes, and nothing about anybody in them."""

from __future__ import annotations

import base64
import hashlib
import hmac

from assent.meeting.relay import LIFETIME_MS, Relay

NOW = 1_790_000_000_000
SECRET = "s" * 32


def test_without_relays_there_are_no_credentials() -> None:
    assert Relay().servers(NOW) == ()


def test_a_credential_is_the_mac_of_a_name_that_runs_out() -> None:
    (server,) = Relay(["turn:relay.example.org"], SECRET).servers(NOW)
    ends, _, whose = server.username.partition(":")
    assert int(ends) == (NOW + LIFETIME_MS) // 1000
    assert len(whose) == 16
    mac = hmac.new(SECRET.encode(), server.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(server.credential) == mac


def test_everyone_gets_their_own() -> None:
    relay = Relay(["turn:relay.example.org"], SECRET)
    assert len({relay.servers(NOW)[0].username for _ in range(100)}) == 100


def test_no_secret_is_shown_by_accident() -> None:
    relay = Relay(["turn:relay.example.org"], SECRET)
    assert SECRET not in repr(relay)
    (server,) = relay.servers(NOW)
    assert server.credential not in repr(server)
