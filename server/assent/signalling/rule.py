"""Who may send a message, and how far their conversation must have come: declared with each, pure.

A message that declares nothing has the rule of its parent, :data:`NOBODY`, and is refused wherever
it comes; one that is among the messages at all has the server not start (:func:`must_be_declared`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, get_args

from msgspec import inspect


class Stage(Enum):
    """How far a conversation has come; see :mod:`assent.signalling.session`."""

    NEW = "new"
    SEATED = "seated"
    ENROLLED = "enrolled"
    WAITING = "waiting"
    ADMITTED = "admitted"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a message may come, and whether from a host alone."""

    stages: frozenset[Stage]
    host_only: bool = False


NOBODY: Final = Rule(frozenset())
FIRST: Final = Rule(frozenset({Stage.NEW}))
ADMITTED: Final = Rule(frozenset({Stage.ADMITTED}))
ENROLLED: Final = Rule(ADMITTED.stages | {Stage.ENROLLED, Stage.WAITING})
SEATED: Final = Rule(ENROLLED.stages | {Stage.SEATED})
HOST: Final = Rule(ADMITTED.stages, host_only=True)
HOST_AT_THE_DOOR: Final = Rule(ENROLLED.stages, host_only=True)


def must_be_declared(messages: Any) -> None:
    """Raise TypeError unless each message of a union has a rule of its own and is bounded."""
    for kind in get_args(messages):
        if not isinstance(vars(kind).get("rule"), Rule):
            raise TypeError(f"{kind.__name__} does not say who may send it, and when")
        for field in _unbounded(inspect.type_info(kind)):
            raise TypeError(f"{kind.__name__} does not say how long its {field} may be")


def _unbounded(info: inspect.Type, name: str = "") -> Iterator[str]:
    """Find the texts and lists that may be of any length, by the names of their fields."""
    match info:
        case inspect.StructType():
            for field in info.fields:
                yield from _unbounded(field.type, field.name)
        case inspect.UnionType():
            for one in info.types:
                yield from _unbounded(one, name)
        case inspect.ListType():
            if info.max_length is None:
                yield name
            yield from _unbounded(info.item_type, name)
        case inspect.StrType():
            if info.max_length is None:
                yield name
        case inspect.IntType() | inspect.BoolType() | inspect.NoneType() | inspect.LiteralType():
            pass
        case _:
            raise TypeError(f"nothing is known of the length of {name}, a {info}")
