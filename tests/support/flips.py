"""Each byte of something changed in turn, and whether that is noticed."""

from __future__ import annotations

from collections.abc import Callable

from assent_vault.errors import VaultError


def flips(data: bytes) -> list[bytes]:
    """Return ``data`` with each of its bytes changed in turn."""
    return [
        data[:index] + bytes([data[index] ^ 0x01]) + data[index + 1 :] for index in range(len(data))
    ]


def detected(call: Callable[..., object], *args: object) -> bool:
    """Whether a call refuses what it is given, by an error of the vault's."""
    try:
        call(*args)
    except VaultError:
        return True
    return False
