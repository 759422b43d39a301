"""Documents: small JSON objects whose exact bytes are hashed and signed (FORMAT.md section 1).

:func:`read` is the one way in. It takes nothing that FORMAT.md does not allow, and whoever uses it
names every key there may be, so that a field which is not understood is never passed over. The
parsers of the other modules pull typed values out of the :class:`Fields` it gives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Never

from assent_vault import suite
from assent_vault.errors import FormatError

WHOLE: Final = "document"  # the ``field`` of an error that no single field is to blame for
MAX_INTEGER: Final = 2**53 - 1

_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_LANGUAGE_LENGTH = 35  # RFC 5646, section 4.4.1


class Fields:
    """The fields of one JSON object, by type; each getter raises FormatError with its path."""

    __slots__ = ("_path", "_values")

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    def only(self, *keys: str) -> Fields:
        """Raise unless the object has exactly these keys; return the object itself."""
        for key in keys:
            if key not in self._values:
                raise FormatError(self.at(key), "is missing")
        if len(self._values) != len(keys):
            # Not named: the key is somebody else's text.
            raise FormatError(self._path or WHOLE, "has a field that does not belong there")
        return self

    def keys(self) -> Iterator[str]:
        """Return the keys of an object whose keys are data."""
        return iter(self._values)

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._values[key]
        if not isinstance(value, str):
            raise FormatError(self.at(key), "is not text")
        return value

    def exactly(self, key: str, expected: str) -> None:
        """Raise unless the field is ``expected``."""
        if self.text(key) != expected:
            raise FormatError(self.at(key), f"is not {expected}")

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """Return one of the allowed strings."""
        value = self.text(key)
        if value not in allowed:
            raise FormatError(self.at(key), "is none of the allowed values")
        return value

    def language(self, key: str) -> str:
        """Return a well-formed language tag, at most 35 characters."""
        return self._language(self.at(key), self.text(key))

    def b64(self, key: str, length: int) -> bytes:
        """Return the bytes of a b64 field."""
        return suite.decode(self.text(key), length, field=self.at(key))

    def blob(self, key: str) -> bytes:
        """Return the bytes of a b64 field, however many."""
        return suite.decode(self.text(key), field=self.at(key))

    def b64_or_null(self, key: str, length: int) -> bytes | None:
        """Return the bytes of a b64 field, None where it is null."""
        return None if self._values[key] is None else self.b64(key, length)

    def b64_list(self, key: str, length: int) -> tuple[bytes, ...]:
        """Return the bytes of each item of a list."""
        found = []
        for number, item in enumerate(self._list(key)):
            field = f"{self.at(key)}[{number}]"
            if not isinstance(item, str):
                raise FormatError(field, "is not text")
            found.append(suite.decode(item, length, field=field))
        return tuple(found)

    def integer(self, key: str, *, least: int = 0) -> int:
        """Return a whole number, ``least`` … 2^53 - 1."""
        value = self._values[key]
        # bool is an int to Python, and true is not 1 in JSON.
        if not isinstance(value, int) or isinstance(value, bool):
            raise FormatError(self.at(key), "is not a whole number")
        if value < least:
            raise FormatError(self.at(key), f"is less than {least}")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        value = self._values[key]
        if not isinstance(value, bool):
            raise FormatError(self.at(key), "is not true or false")
        return value

    def child(self, key: str) -> Fields:
        """Return the fields of an object inside."""
        value = self._values[key]
        if not isinstance(value, dict):
            raise FormatError(self.at(key), "is not an object")
        return Fields(value, self.at(key))

    def child_or_null(self, key: str) -> Fields | None:
        """Return the fields of an object inside, None where there is null."""
        return None if self._values[key] is None else self.child(key)

    def children(self, key: str) -> Iterator[Fields]:
        """Yield the fields of each object of a list."""
        for number, item in enumerate(self._list(key)):
            field = f"{self.at(key)}[{number}]"
            if not isinstance(item, dict):
                raise FormatError(field, "is not an object")
            yield Fields(item, field)

    def digests_by_language(self, key: str) -> dict[str, bytes]:
        """Return an object that maps language tags to digests."""
        inside = self.child(key)
        found = {}
        for language in inside.keys():  # noqa: SIM118 (not a mapping)
            # Not named in the error: the key is somebody else's text.
            self._language(self.at(key), language)
            found[language] = suite.decode(
                inside.text(language), suite.DIGEST_BYTES, field=self.at(key)
            )
        return found

    def fail(self, key: str, message: str) -> Never:
        """Raise FormatError for a field whose value, taken by itself, is well-formed."""
        raise FormatError(self.at(key), message)

    def _list(self, key: str) -> list[Any]:
        value = self._values[key]
        if not isinstance(value, list):
            raise FormatError(self.at(key), "is not a list")
        return value

    @staticmethod
    def _language(field: str, value: str) -> str:
        if len(value) > _LANGUAGE_LENGTH or not _LANGUAGE.fullmatch(value):
            raise FormatError(field, "is not a language tag")
        return value

    def at(self, key: str) -> str:
        """Return the path of a field, as errors name it."""
        return f"{self._path}.{key}" if self._path else key


def read(body: bytes, type_: str, *, most: int) -> Fields:
    """Read a document of at most ``most`` bytes whose ``type`` is ``type_``; raises FormatError."""
    if len(body) > most:
        raise FormatError(WHOLE, f"is over {most} bytes")
    try:
        text = body.decode("utf-8")
        values = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        # JSON can escape half a surrogate pair; such a string has no UTF-8, and so no exact bytes.
        if "\\u" in text:
            _refuse_surrogates(values)
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise FormatError(WHOLE, "is not JSON in UTF-8") from error
    if not isinstance(values, dict):
        raise FormatError(WHOLE, "is not an object")
    fields = Fields(values)
    if "type" not in values:
        raise FormatError("type", "is missing")
    fields.exactly("type", type_)
    return fields


def write(values: Mapping[str, Any]) -> bytes:
    """Write a document, in the order of ``values``; its parser says whether it is one."""
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise FormatError(WHOLE, "has a field twice")
    return values


def _integer(text: str) -> int:
    # The length is looked at before the value: converting a very long number takes very long.
    if not _INTEGER.fullmatch(text) or int(text) > MAX_INTEGER:
        raise FormatError(WHOLE, "has a number that is not an integer in 0 … 2^53 - 1")
    return int(text)


def _no_number(_: str) -> Never:
    raise FormatError(WHOLE, "has a number that is not an integer in 0 … 2^53 - 1")


def _refuse_surrogates(values: Any) -> None:
    json.dumps(values, ensure_ascii=False).encode("utf-8")  # UnicodeEncodeError is a ValueError
