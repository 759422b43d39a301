"""Documents: small JSON objects whose exact bytes are hashed and signed (FORMAT.md section 1.1).

:func:`read` is the one way in. It takes nothing that FORMAT.md does not allow, and whoever uses it
names every key there may be, in order, so that a field which is not understood is never passed
over. What a document says has one spelling: the one that :func:`write` gives. The parsers of the
other modules pull typed values out of the :class:`Fields` that :func:`read` gives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Never

from assent_vault.errors import FormatError
from assent_vault.formats import suite

WHOLE: Final = "document"  # the ``field`` of an error that no single field is to blame for
MAX_INTEGER: Final = 2**53 - 1

_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
# BCP 47, as much of it as words for people need: language, script, region, variants, in the one
# case that RFC 5646 section 2.1.1 recommends for each.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*",
    re.ASCII,
)
_LANGUAGE_LENGTH = 35  # RFC 5646, section 4.4.1
# Unicode's control characters (Cc), but for tab, line feed and carriage return.
_ANY_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Fields:
    """The fields of one JSON object, by type; each getter raises FormatError with its path."""

    __slots__ = ("_path", "_values")

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    def only(self, *keys: str) -> Fields:
        """Raise unless the object has exactly these keys, in this order; return the object."""
        for key in keys:
            if key not in self._values:
                raise FormatError(self.at(key), "is missing")
        if len(self._values) != len(keys):
            # Not named: the key is somebody else's text.
            raise FormatError(self._path or WHOLE, "has a field that does not belong there")
        if tuple(self._values) != keys:
            raise FormatError(self._path or WHOLE, "has its fields in another order")
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

    def words(self, key: str) -> str:
        """Return a string that is shown to people."""
        value = self.text(key)
        if not is_words(value):
            raise FormatError(self.at(key), "has a control character")
        return value

    def line_or_null(self, key: str, most: int) -> str | None:
        """Return a line of 1 to ``most`` characters that is shown to people, or None for null."""
        if self._values[key] is None:
            return None
        value = self.text(key)
        if not is_line(value, most):
            raise FormatError(self.at(key), f"is no line of 1 to {most} characters")
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

    def sign_public(self, key: str) -> bytes:
        """Return an Ed25519 public key that can be somebody's, and theirs alone."""
        public = self.b64(key, suite.SIGN_PUBLIC_BYTES)
        if not suite.is_sign_public(public):
            raise FormatError(self.at(key), "is a key that anybody could sign with")
        return public

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

    def integer(self, key: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
        """Return a whole number, ``least`` … ``most``, 2^53 - 1 where nothing else is said."""
        value = self._values[key]
        # bool is an int to Python, and true is not 1 in JSON.
        if not isinstance(value, int) or isinstance(value, bool):
            raise FormatError(self.at(key), "is not a whole number")
        if value < least:
            raise FormatError(self.at(key), f"is less than {least}")
        if value > most:
            raise FormatError(self.at(key), f"is more than {most}")
        return value

    def ranges(self, key: str, *, most: int) -> tuple[tuple[int, int], ...]:
        """Return ranges of whole numbers up to ``most``, the first and the last of each.

        There is at least one; they are in order, with a number between one and the next.
        """
        found: list[tuple[int, int]] = []
        free = 0
        for number, item in enumerate(self._list(key)):
            field = f"{self.at(key)}[{number}]"
            if not isinstance(item, list) or [type(end) for end in item] != [int, int]:
                raise FormatError(field, "is not two whole numbers")
            first, last = item
            if not free <= first <= last <= most:
                raise FormatError(field, "is no range, or does not come after the one before")
            found.append((first, last))
            free = last + 2
        if not found:
            raise FormatError(self.at(key), "is empty")
        return tuple(found)

    def nothing_listed(self, key: str, *, may_be_empty: bool) -> None:
        """Raise unless there is null, or, where it may be, an empty list."""
        if self._values[key] is None:
            return
        if self._list(key) or not may_be_empty:
            raise FormatError(self.at(key), "lists what cannot be listed yet")

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
        """Return an object that maps language tags, at least one, to digests."""
        inside = self.child(key)
        found = {}
        for language in inside.keys():  # noqa: SIM118 (not a mapping)
            # Not named in the error: the key is somebody else's text.
            self._language(self.at(key), language)
            found[language] = suite.decode(
                inside.text(language), suite.DIGEST_BYTES, field=self.at(key)
            )
        if not found:
            raise FormatError(self.at(key), "is of no language")
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
        if not is_language(value):
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
        # "A document is written in one way": and what is not JSON in UTF-8, such as half of a
        # surrogate pair, cannot be written at all.
        spelled = write(values)
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise FormatError(WHOLE, "is not JSON in UTF-8") from error
    if not isinstance(values, dict):
        raise FormatError(WHOLE, "is not an object")
    if spelled != body:
        raise FormatError(WHOLE, "is not spelled as documents are")
    fields = Fields(values)
    if "type" not in values:
        raise FormatError("type", "is missing")
    fields.exactly("type", type_)
    return fields


def write(values: Any) -> bytes:
    """Write a document, in the order of ``values``; its parser says whether it is one.

    The spelling is that of RFC 8785, except that members stay in their order.
    """
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


def is_language(text: str) -> bool:
    """Tell whether this is a language tag of FORMAT.md section 1.1."""
    return len(text) <= _LANGUAGE_LENGTH and _LANGUAGE.fullmatch(text) is not None


def is_line(text: str, most: int) -> bool:
    """Tell whether this is text of 1 to ``most`` characters without any control character."""
    return 0 < len(text) <= most and _ANY_CONTROL.search(text) is None


def is_words(text: str) -> bool:
    """Tell whether this is text that can be shown: no control characters but tab and line ends."""
    return _CONTROL.search(text) is None
