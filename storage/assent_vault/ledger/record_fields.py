"""The fields of records: how each kind is read and written (FORMAT.md section 11).

Each function gives what a record's class declares a field with; :mod:`assent_vault.ledger.entry`
finds the codec in the field's metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from assent_vault.formats import suite
from assent_vault.formats.document import Fields
from assent_vault.formats.suite import encode

LAST_SLOT: Final = 255
SlotRange = tuple[int, int]
"""The first slot and the last."""


class FieldCodec(NamedTuple):
    """How a field is read out of a document, and written into one."""

    read: Callable[[Fields, str], Any]
    write: Callable[[Any], Any]


def codec_of(metadata: Any) -> FieldCodec:
    """Return the codec in the metadata of a field that was declared here."""
    codec = metadata["codec"]
    assert isinstance(codec, FieldCodec), "declared here"
    return codec


def _declared(read: Callable[[Fields, str], Any], write: Callable[[Any], Any]) -> Any:
    return field(metadata={"codec": FieldCodec(read, write)})


def _as_it_is(value: Any) -> Any:
    return value


def octets(length: int) -> Any:
    """Bytes of this length."""
    return _declared(lambda fields, key: fields.b64(key, length), encode)


def meeting() -> Any:
    """The id of a meeting."""
    return octets(suite.MEETING_BYTES)


def digest() -> Any:
    """A digest, or a person id."""
    return octets(suite.DIGEST_BYTES)


def digest_or_null() -> Any:
    """The same, or null."""
    return _declared(
        lambda fields, key: fields.b64_or_null(key, suite.DIGEST_BYTES),
        lambda value: None if value is None else encode(value),
    )


def sign_public() -> Any:
    """An Ed25519 public key."""
    return _declared(lambda fields, key: fields.sign_public(key), encode)


def integer(least: int = 0) -> Any:
    """A whole number."""
    return _declared(lambda fields, key: fields.integer(key, least=least), _as_it_is)


def line_or_null(most: int) -> Any:
    """A line of at most so many characters, or null."""
    return _declared(lambda fields, key: fields.line_or_null(key, most), _as_it_is)


def texts() -> Any:
    """Digests by language."""
    return _declared(
        lambda fields, key: MappingProxyType(fields.digests_by_language(key)),
        lambda value: {language: encode(digest) for language, digest in value.items()},
    )


def choice(allowed: Sequence[str]) -> Any:
    """One of these."""
    return _declared(lambda fields, key: fields.choice(key, allowed), _as_it_is)


def slots() -> Any:
    """Ranges of slots, at least one."""
    return _declared(
        lambda fields, key: fields.ranges(key, most=LAST_SLOT),
        lambda value: [list(each) for each in value],
    )
