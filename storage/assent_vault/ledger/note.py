"""Signed notes and the keys that sign them, as C2SP signed-note and tlog-cosignature have them.

A note is text, an empty line, and a line for each signature::

    — <name> <base64(4 bytes of key ID ‖ signature)>

A key is known by its name and its ID together, and written as a *vkey*: ``name+ID+base64``. Two
kinds are known here: Ed25519 over the text (a log's own), and Ed25519 with a time (a witness's).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assent_vault.errors import LogError
from assent_vault.formats.document import MAX_INTEGER
from assent_vault.formats.suite import (
    SIGN_PUBLIC_BYTES,
    SIGNATURE_BYTES,
    is_sign_public,
    sign_public,
)

MAX_BYTES: Final = 64 * 1024
MAX_NAME: Final = 200
# "MUST accept at least up to 16 signatures"
MOST_SIGNATURES: Final = 64

_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_MARK = "\u2014 "
_NAME = re.compile(r"[!-*,-~]{1,200}", re.ASCII)
# "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus": spaces are what has
# the property White_Space. `str.isspace` and `\s` of JavaScript each take others.
_FOREIGN_NAME = re.compile(r"[^+\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
# Base64 is one long word, so that what is not is told apart before it is decoded.
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)


class KeyKind(IntEnum):
    """The signature types of the specification that are used here."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name: what a note's signature is checked with."""

    name: str
    kind: KeyKind
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The ID: SHA-256(name ‖ newline ‖ type ‖ public key), its first four bytes."""
        data = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(data).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"

    def verify(self, text: bytes, signature: bytes) -> int | None:
        """Check a signature of a note's text; raises LogError ``log-signature``.

        Returns when a witness signed, in Unix seconds; None for a key that says no time.
        """
        time: int | None = None
        if self.kind is KeyKind.COSIGNATURE:
            time = int.from_bytes(signature[:_TIME_BYTES], "big")
            signature = signature[_TIME_BYTES:]
            text = _cosigned(text, time)
        if len(signature) != SIGNATURE_BYTES or (time or 0) > MAX_INTEGER:
            raise LogError("log-signature", "A signature of the note is of another kind.")
        if not is_sign_public(self.public):
            raise LogError("log-signature", "Anybody could have signed with the key.")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError) as error:
            raise LogError("log-signature", "A signature of the note does not verify.") from error
        return time


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line, its newline included."""
        return f"{_MARK}{self.name} {to_base64(self.key_id + self.data)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note that has been read. Nothing of it is believed before ``verify``."""

    text: bytes
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Return the whole note."""
        return self.text + b"\n" + "".join(each.line for each in self.signatures).encode()

    def verify(self, verifiers: Sequence[Verifier]) -> dict[Verifier, int | None]:
        """Return which of the keys have signed, a witness's with its time in Unix seconds.

        Signatures of other keys are passed over. One that is said to be of a key given here and
        does not verify raises LogError ``log-signature``; so does a note that no key has signed.
        """
        known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
        found: dict[Verifier, int | None] = {}
        for signature in self.signatures:
            verifier = known.get((signature.name, signature.key_id))
            if verifier is not None:
                found[verifier] = verifier.verify(self.text, signature.data)
        if not found:
            raise LogError("log-signature", "No known key has signed the note.")
        return found


class Signer:
    """A private key with its name."""

    def __init__(
        self, name: str, private: Ed25519PrivateKey, kind: KeyKind = KeyKind.ED25519
    ) -> None:
        check_name(name)
        self._private = private
        self.verifier = Verifier(name, kind, sign_public(private))

    def sign(self, text: bytes, time: int = 0) -> Signature:
        """Sign a note's text; a witness says when, in Unix seconds."""
        if self.verifier.kind is KeyKind.COSIGNATURE:
            data = time.to_bytes(_TIME_BYTES, "big") + self._private.sign(_cosigned(text, time))
        else:
            data = self._private.sign(text)
        return Signature(self.verifier.name, self.verifier.key_id, data)


def is_name(name: str) -> bool:
    """Tell whether a key, or a log, may be called so: visible ASCII without plus."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> None:
    """Raise LogError ``log-format`` unless a key may be called so."""
    if not is_name(name):
        raise LogError("log-format", "The name is not 1 to 200 visible ASCII characters without +.")


def parse_vkey(text: str) -> Verifier:
    """Read a vkey; raises LogError ``log-format``."""
    bad = LogError("log-format", "The public key is not one in the form name+ID+base64.")
    name, plus, rest = text.partition("+")
    key_id, more, key = rest.partition("+")
    if not (plus and more and is_name(name) and _KEY_ID.fullmatch(key_id)):
        raise bad
    data = from_base64(key)
    if len(data) != 1 + SIGN_PUBLIC_BYTES or data[0] not in tuple(KeyKind):
        raise bad
    verifier = Verifier(name, KeyKind(data[0]), data[1:])
    if verifier.key_id.hex() != key_id or not is_sign_public(verifier.public):
        raise bad
    return verifier


def parse(data: bytes) -> Note:
    """Read a note; raises LogError ``log-format``."""
    bad = LogError("log-format", "This is not a signed note.")
    if len(data) > MAX_BYTES:
        raise bad
    # "the text is separated from the signatures by the last empty line in the note"
    text, separator, tail = data.rpartition(b"\n\n")
    if not separator or not text or not tail:
        raise bad
    text += b"\n"
    if any(byte < 0x20 and byte != 0x0A for byte in data):
        raise bad
    try:
        text.decode()
        lines = tail.decode()
    except UnicodeDecodeError as error:
        raise bad from error
    return Note(text, parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read signature lines, at least one, each with its newline; raises LogError ``log-format``."""
    bad = LogError("log-format", "A signature line of the note cannot be read.")
    if not lines.endswith("\n"):
        raise bad
    found = []
    for line in lines[:-1].split("\n"):
        name, space, data = line.removeprefix(_MARK).partition(" ")
        if not line.startswith(_MARK) or not space or not _FOREIGN_NAME.fullmatch(name):
            raise bad
        decoded = from_base64(data)
        if len(decoded) <= _KEY_ID_BYTES:
            raise bad
        found.append(Signature(name, decoded[:_KEY_ID_BYTES], decoded[_KEY_ID_BYTES:]))
    if len(found) > MOST_SIGNATURES:
        raise bad
    return tuple(found)


def to_base64(data: bytes) -> str:
    """Return base64 as RFC 4648 section 4 has it."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read base64 in its only spelling; raises LogError ``log-format``."""
    bad = LogError("log-format", "This is not base64.")
    if not _BASE64.fullmatch(text):
        raise bad
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise bad from error
    if to_base64(data) != text:
        raise bad
    return data


def _cosigned(text: bytes, time: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % time + text
