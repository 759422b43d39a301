"""Reads and writes the documents of FORMAT.md section 1: strict JSON whose exact bytes count.

:func:`read` returns the fields of one document as a :class:`Fields`, which hands each out once,
typed and checked; :meth:`Fields.done` refuses whatever was not asked for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from assent_vault.errors import FormatError

MAX_INT = 2**53 - 1  # what every JSON reader keeps exact


def encode(data: bytes) -> str:
    """Return unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str, length: int | None = None, field: str | None = None) -> bytes:
    """Read unpadded base64url; raises FormatError unless it is the one spelling of its bytes."""
    try:
        data = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except (ValueError, UnicodeError) as error:
        raise FormatError("not unpadded base64url", field) from error
    if encode(data) != text:
        raise FormatError("not the one spelling of its bytes", field)
    if length is not None and len(data) != length:
        raise FormatError(f"not {length} bytes long", field)
    return data


def write(fields: Mapping[str, Any]) -> bytes:
    """Return a document: compact, in the order given."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read(body: bytes, kind: str, limit: int) -> Fields:
    """Read a document of type ``kind`` and at most ``limit`` bytes; raises FormatError."""
    if len(body) > limit:
        raise FormatError("larger than its type may be")
    fields = _parse(body)
    if fields.pop("type", None) != kind:
        raise FormatError(f"not of type {kind}", "type")
    return Fields(fields)


def kind_of(body: bytes, limit: int) -> str:
    """Return the type that a document claims to be of; raises FormatError."""
    if len(body) > limit:
        raise FormatError("larger than any document of use here")
    kind = _parse(body).get("type")
    if not isinstance(kind, str):
        raise FormatError("without a type", "type")
    return kind


class Fields:
    """The fields of a document, or of an object inside one, each to be taken once."""

    def __init__(self, fields: dict[str, Any], prefix: str = "") -> None:
        self._fields = fields
        self._prefix = prefix

    def _take(self, name: str) -> Any:
        try:
            return self._fields.pop(name)
        except KeyError:
            raise FormatError("missing", self._prefix + name) from None

    def _wrong(self, name: str, expected: str) -> NoReturn:
        raise FormatError(f"not {expected}", self._prefix + name)

    def text(self, name: str, limit: int = 256) -> str:
        """Take a string of at most ``limit`` characters."""
        value = self._take(name)
        if not isinstance(value, str) or len(value) > limit:
            self._wrong(name, f"a string of at most {limit} characters")
        return value

    def one_of(self, name: str, allowed: frozenset[str]) -> str:
        """Take one of a few strings."""
        value = self.text(name)
        if value not in allowed:
            self._wrong(name, "one of the values allowed")
        return value

    def integer(self, name: str, least: int = 0) -> int:
        """Take a whole number from ``least`` to 2^53 − 1."""
        value = self._take(name)
        if type(value) is not int or not least <= value <= MAX_INT:
            self._wrong(name, "a whole number in range")
        return value

    def boolean(self, name: str) -> bool:
        """Take true or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            self._wrong(name, "true or false")
        return value

    def binary(self, name: str, length: int) -> bytes:
        """Take bytes of exactly ``length``."""
        return decode(self.text(name, 4 * length // 3 + 4), length, self._prefix + name)

    def optional_binary(self, name: str, length: int) -> bytes | None:
        """Take bytes of exactly ``length``, or null."""
        if name in self._fields and self._fields[name] is None:
            del self._fields[name]
            return None
        return self.binary(name, length)

    def inner(self, name: str) -> Fields:
        """Take an object."""
        value = self._take(name)
        if not isinstance(value, dict):
            self._wrong(name, "an object")
        return Fields(value, f"{self._prefix}{name}.")

    def optional_inner(self, name: str) -> Fields | None:
        """Take an object, or null."""
        if name in self._fields and self._fields[name] is None:
            del self._fields[name]
            return None
        return self.inner(name)

    def inners(self, name: str, most: int) -> list[Fields]:
        """Take a list of at most ``most`` objects."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > most:
            self._wrong(name, f"a list of at most {most}")
        out = []
        for place, one in enumerate(value):
            if not isinstance(one, dict):
                self._wrong(f"{name}.{place}", "an object")
            out.append(Fields(one, f"{self._prefix}{name}.{place}."))
        return out

    def binaries(self, name: str, length: int, most: int) -> tuple[bytes, ...]:
        """Take a list of at most ``most`` byte strings of exactly ``length``."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > most:
            self._wrong(name, f"a list of at most {most}")
        out = []
        for place, one in enumerate(value):
            if not isinstance(one, str):
                self._wrong(f"{name}.{place}", "a string")
            out.append(decode(one, length, f"{self._prefix}{name}.{place}"))
        return tuple(out)

    def names(self) -> list[str]:
        """Return the names that have not been taken yet."""
        return list(self._fields)

    def done(self) -> None:
        """Refuse what was not asked for."""
        for name in self._fields:
            raise FormatError("unknown", self._prefix + name)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(
            body.decode("utf-8", errors="strict"),
            object_pairs_hook=_unique,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON") from error
    if not isinstance(value, dict):
        raise FormatError("not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise FormatError("a key stands twice")
    return fields


def _refuse(_text: str) -> NoReturn:
    raise FormatError("a number that is not whole")
