"""Secrets of generations: the tag that a header has of E, and how E reaches people (format 2).

A *pair key* is 32 random bytes that a committer's page seals once to each key of each owner; from
then on a generation costs 48 bytes a person::

    P      = SHA-256(meeting (16) ‖ u64 generation ‖ previous H (32) ‖ committer (32))
    secret = HMAC-SHA256(E, "assent/secret/v2" ‖ 0x00 ‖ P)                      in the header
    box    = HPKE base, X-Wing, of the pair key; empty aad, info =
             "assent/pair/v2" ‖ 0x00 ‖ purpose ‖ 0x00 ‖ meeting (16) ‖ committer (32)
             ‖ owner (32) ‖ SHA-256 of the key that it is sealed to (32)
    wrap   = AES-256-GCM(key HKDF(pair key, H, "assent/wrap/v2" ‖ 0x00 ‖ purpose ‖ 0x00 ‖ owner),
             nonce 0, plaintext E, additional data H)                              48 bytes
    root   = HKDF(train pair key, P, "assent/root/v2" ‖ 0x00 ‖ secret ‖ owner)   of .slot_tree

``previous H`` is 32 zero bytes where there is none, ``committer`` the digest of the committer's
page document, 32 zero bytes where the meeting is relayed. ``purpose`` is ``page``, ``watch`` or
``train`` in ASCII, ``owner`` a person id, or the digest of the vault-key document, whose purpose is
``train``.

HPKE says nothing of who sealed: anybody can seal another ``E`` to a public key. So nobody uses an
``E`` that does not give the header's ``secret``, which is why :func:`unwrap_secret` compares, and
there is no other way to it.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assent_vault.errors import SealError
from assent_vault.formats import suite
from assent_vault.formats.frame_key import MAX_GENERATION
from assent_vault.formats.slot_tree import mac

PURPOSES: Final = ("page", "watch", "train")
WRAPPING: Final = ("page", "watch")
"""Those that E may be under: of a live generation the first, of a recorded one the second."""
NOTHING_BEFORE: Final = bytes(suite.DIGEST_BYTES)
"""Stands for the header before, where there is none."""
NOBODY: Final = bytes(suite.DIGEST_BYTES)
"""Stands for the committer's page, in relayed meetings."""

_NONCE: Final = bytes(12)


def generation_place(meeting: bytes, generation: int, previous: bytes, committer: bytes) -> bytes:
    """Return P: where a generation stands, known before its header is."""
    suite.exactly(suite.MEETING_BYTES, meeting)
    suite.exactly(suite.DIGEST_BYTES, previous, committer)
    if not 1 <= generation <= MAX_GENERATION:
        raise ValueError("generations are numbered from 1, in 24 bits")
    return suite.digest(meeting + generation.to_bytes(8, "big") + previous + committer)


def secret_tag(secret_key: bytes, place: bytes) -> bytes:
    """Return what a header says of E, ``secret``; ``place`` is P."""
    suite.exactly(suite.KEY_BYTES, secret_key)
    suite.exactly(suite.DIGEST_BYTES, place)
    return mac(secret_key, b"assent/secret/v2\0" + place)


def pair_info(purpose: str, meeting: bytes, committer: bytes, owner: bytes, public: bytes) -> bytes:
    """Return the info of a pair key's box; ``public`` is the X-Wing key that it is sealed to."""
    suite.exactly(suite.MEETING_BYTES, meeting)
    suite.exactly(suite.DIGEST_BYTES, committer, owner)
    suite.exactly(suite.XWING_PUBLIC_BYTES, public)
    label = b"assent/pair/v2\0" + _named(purpose, PURPOSES)
    return label + meeting + committer + owner + suite.digest(public)


def wrap_secret(
    pair_key: bytes, purpose: str, owner: bytes, header: bytes, secret_key: bytes
) -> bytes:
    """Encrypt E for the holder of a pair key, 48 bytes; ``header`` is H.

    ``purpose`` is ``page`` in a live generation and ``watch`` in a recorded one.
    """
    suite.exactly(suite.KEY_BYTES, secret_key)
    # The nonce may be fixed because the key is made of H, H has the tag of E in it, and no other E
    # gives that tag: a key encrypts one plaintext.
    return _wrapping(pair_key, purpose, owner, header).encrypt(_NONCE, secret_key, header)


def unwrap_secret(
    pair_key: bytes,
    purpose: str,
    owner: bytes,
    header: bytes,
    wrapped: bytes,
    *,
    place: bytes,
    tag: bytes,
) -> bytes:
    """Decrypt E and compare it with ``tag``, the header's ``secret``; raises SealError.

    ``header`` is H, ``place`` is P.
    """
    suite.exactly(suite.WRAPPED_BYTES, wrapped)
    try:
        secret_key = _wrapping(pair_key, purpose, owner, header).decrypt(_NONCE, wrapped, header)
    except InvalidTag as error:
        raise SealError from error
    if not constant_time.bytes_eq(secret_tag(secret_key, place), tag):
        raise SealError("It is not the secret that the header names.")
    return secret_key


def tree_root(train_pair_key: bytes, owner: bytes, place: bytes, tag: bytes) -> bytes:
    """Return the root of an owner's shares in one recorded generation.

    It has the header's ``secret`` in it, so that two headers that one committer makes in one place
    have no node in common, and what is granted of one is of that one alone.
    """
    suite.exactly(suite.KEY_BYTES, train_pair_key)
    suite.exactly(suite.DIGEST_BYTES, owner, place, tag)
    return suite.hkdf(train_pair_key, place, b"assent/root/v2\0" + tag + owner)


def _wrapping(pair_key: bytes, purpose: str, owner: bytes, header: bytes) -> AESGCM:
    suite.exactly(suite.KEY_BYTES, pair_key)
    suite.exactly(suite.DIGEST_BYTES, header, owner)
    info = b"assent/wrap/v2\0" + _named(purpose, WRAPPING) + owner
    return AESGCM(suite.hkdf(pair_key, header, info))


def _named(purpose: str, allowed: tuple[str, ...]) -> bytes:
    if purpose not in allowed:
        raise ValueError("there is no such pair")
    return purpose.encode("ascii") + b"\0"
