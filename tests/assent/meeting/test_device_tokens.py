"""Tokens of devices: one a person, good for a while, and kept as hashes alone."""

from __future__ import annotations

import hashlib

import pytest

from assent.errors import BadToken
from assent.meeting.device_tokens import LIFETIME_MS, DeviceTokens
from assent_vault.formats.suite import decode, encode

NOW = 1_790_000_000_000


def test_a_token_is_found_until_it_ends() -> None:
    passes = DeviceTokens()
    token, expires_at = passes.draw("ada", NOW)
    assert expires_at == NOW + LIFETIME_MS
    assert passes.find(token, expires_at - 1).person == "ada"
    assert passes.expired(expires_at - 1) == []
    with pytest.raises(BadToken):
        passes.find(token, expires_at)
    assert passes.expired(expires_at) == ["ada"]


def test_drawing_again_ends_the_former() -> None:
    passes = DeviceTokens()
    former, _ = passes.draw("ada", NOW)
    token, _ = passes.draw("ada", NOW)
    other, _ = passes.draw("bob", NOW)
    with pytest.raises(BadToken):
        passes.find(former, NOW)
    passes.revoke("ada")
    passes.revoke("ada")
    with pytest.raises(BadToken):
        passes.find(token, NOW)
    assert passes.find(other, NOW).person == "bob"


@pytest.mark.parametrize("token", ["", "x", "é" * 43, encode(bytes(31)), encode(bytes(32))])
def test_what_is_no_token_is_refused(token: str) -> None:
    passes = DeviceTokens()
    passes.draw("ada", NOW)
    with pytest.raises(BadToken):
        passes.find(token, NOW)


def test_the_token_itself_is_not_kept() -> None:
    passes = DeviceTokens()
    token, _ = passes.draw("ada", NOW)
    drawn = passes.find(token, NOW)
    assert drawn.token_hash == hashlib.sha256(decode(token)).digest()
    assert token not in repr(vars(passes))
