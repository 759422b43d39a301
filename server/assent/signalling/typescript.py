"""Writes the client's message types from :mod:`assent.signalling.messages`.

Run ``python -m assent.signalling.typescript client-web/src/signalling/messages.ts`` after a change
of the messages; a test fails while the file is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import UnionType
from typing import Any, get_args

from msgspec import inspect

from assent.errors import refusals
from assent.signalling import messages

HEADER = """\
// The messages of the socket, as server/PROTOCOL.md explains them.
// Written by `python -m assent.signalling.typescript`; change server/assent/signalling/messages.py.
"""


def render() -> str:
    """Return the whole TypeScript module."""
    parts = [HEADER, f"export const PROTOCOL = {messages.PROTOCOL};\n"]
    parts.append(_alias("ErrorCode", " | ".join(f'"{code}"' for code in sorted(refusals()))))
    names: dict[str, type] = {}
    for union in (messages.ClientMessage, messages.ServerMessage):
        for kind in get_args(union):
            _collect(kind, names)
    parts += [_interface(name, kind) for name, kind in names.items()]
    parts.append(_union("ClientMessage", messages.ClientMessage))
    parts.append(_union("ServerMessage", messages.ServerMessage))
    parts.append(_types("SERVER_MESSAGE_TYPES", messages.ServerMessage))
    return "\n".join(parts)


def _collect(kind: type, names: dict[str, type]) -> None:
    """Add a struct and those its fields name, each once, the needed ones first."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType), "messages are structs"
    for field in info.fields:
        for inner in _structs(field.type):
            _collect(inner, names)
    names.setdefault(kind.__name__, kind)


def _structs(info: inspect.Type) -> list[type]:
    if isinstance(info, inspect.StructType):
        return [info.cls]
    if isinstance(info, inspect.ListType):
        return _structs(info.item_type)
    if isinstance(info, inspect.UnionType):
        return [inner for one in info.types for inner in _structs(one)]
    return []


def _interface(name: str, kind: type) -> str:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType), "messages are structs"
    lines = []
    if info.tag is not None:
        lines.append(f'  type: "{info.tag}";')
    for field in info.fields:
        optional = "?" if not field.required else ""
        lines.append(f"  {field.encode_name}{optional}: {_type(field.type)};")
    doc = (kind.__doc__ or "").strip().splitlines()[0]
    return "\n".join([f"/** {doc} */", f"export interface {name} {{", *lines, "}", ""])


def _type(info: inspect.Type) -> str:
    match info:
        case inspect.StrType():
            return "string"
        case inspect.IntType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.LiteralType():
            return " | ".join(f'"{value}"' for value in info.values)
        case inspect.EnumType():
            return " | ".join(f'"{one.value}"' for one in info.cls)
        case inspect.ListType():
            inner = _type(info.item_type)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case inspect.UnionType():
            return " | ".join(_type(one) for one in info.types)
        case inspect.StructType():
            return info.cls.__name__
        case _:
            raise TypeError(f"no TypeScript for {info}")


def _union(name: str, union: UnionType | Any) -> str:
    return _alias(name, " | ".join(kind.__name__ for kind in get_args(union)))


def _types(name: str, union: UnionType | Any) -> str:
    """Write the values of ``type`` down: a union of types is gone where the client runs."""
    tags = [inspect.type_info(kind) for kind in get_args(union)]
    listed = "".join(f'\n  "{one.tag}",' for one in tags if isinstance(one, inspect.StructType))
    return f"export const {name}: ReadonlySet<string> = new Set([{listed}\n]);\n"


def _alias(name: str, value: str) -> str:
    members = "".join(f"\n  | {one}" for one in value.split(" | "))
    return f"export type {name} ={members};\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
