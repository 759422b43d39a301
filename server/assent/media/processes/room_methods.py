"""What a room in another process can be asked: the methods of ``MediaRoom``, taken from there.

Each is declared once, in :class:`assent.media.api.MediaRoom`, with the types of its arguments; what
crosses to a media process is its name and these, and is checked against the types over there. Those
that are coroutines have an answer, a text or nothing; the others are done in their turn.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

import msgspec

from assent.media.api import MediaRoom

_KNOWN_HERE: Final = {"tracks"}  # told beforehand, and answered without asking


class NoSuchCall(Exception):
    """Who asks for it is none of ours: no such method, or not with these arguments."""


@dataclass(frozen=True, slots=True)
class RoomMethod:
    """One of them; ``answered`` says whether somebody waits for what becomes of it."""

    answered: bool
    arguments: msgspec.msgpack.Decoder[tuple[Any, ...]]


def _of(protocol: type) -> dict[str, RoomMethod]:
    methods = {}
    for name, function in inspect.getmembers(protocol, inspect.isfunction):
        if name.startswith("_") or name in _KNOWN_HERE:
            continue
        hints = get_type_hints(function)
        types = [hints[each] for each in inspect.signature(function).parameters if each != "self"]
        answered = inspect.iscoroutinefunction(function)
        assert hints["return"] in ((str, type(None)) if answered else (type(None),)), name
        arguments: Any = tuple[tuple(types)] if types else tuple[()]  # type: ignore[misc]
        methods[name] = RoomMethod(answered, msgspec.msgpack.Decoder(arguments))
    return methods


ROOM_METHODS: Final[Mapping[str, RoomMethod]] = _of(MediaRoom)


def read(method: str, arguments: msgspec.Raw, *, answered: bool) -> tuple[Any, ...]:
    """Return the arguments of a method, of the types that it has; raises NoSuchCall."""
    known = ROOM_METHODS.get(method)
    if known is None or known.answered is not answered:
        raise NoSuchCall
    try:
        return known.arguments.decode(arguments)
    except msgspec.DecodeError as error:
        raise NoSuchCall from error


def write(*arguments: object) -> msgspec.Raw:
    """Return arguments as they cross."""
    return msgspec.Raw(msgspec.msgpack.encode(arguments))
