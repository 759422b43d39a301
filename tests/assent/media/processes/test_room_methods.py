"""What a room in another process can be asked: just what ``MediaRoom`` says, in its types."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from assent.media.api import MediaRoom
from assent.media.processes.remote_room import RemoteRoom
from assent.media.processes.room_methods import ROOM_METHODS, NoSuchCall, read, write
from assent.media.room import Room


def declared() -> dict[str, inspect.Signature]:
    functions = inspect.getmembers(MediaRoom, inspect.isfunction)
    return {
        name: inspect.signature(function)
        for name, function in functions
        if not name.startswith("_")
    }


def test_every_method_crosses_but_what_is_known_here() -> None:
    assert set(ROOM_METHODS) == set(declared()) - {"tracks"}
    assert {name for name, method in ROOM_METHODS.items() if method.answered} == {
        "publish",
        "set_answer",
        "begin",
        "restart",
    }


@pytest.mark.parametrize("room", [Room, RemoteRoom])
def test_both_kinds_of_room_have_them_as_declared(room: type) -> None:
    for name, signature in declared().items():
        given = inspect.signature(getattr(room, name))
        assert list(given.parameters) == list(signature.parameters), name
        answered = name in ROOM_METHODS and ROOM_METHODS[name].answered
        assert inspect.iscoroutinefunction(getattr(room, name)) is answered


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("publish", ("ada", "v=0", {"0": "camera"})),
        ("set_answer", ("ada", 3, "v=0")),
        ("begin", ("ada", "device", "v=0")),
        ("restart", ("ada", "view", "abcd")),
        ("release", ("ada", "device")),
        ("show", ("ada", {("ben", "camera"): 360})),
        ("set_forwarding", ("ada", True)),
        ("request_key_frame", ("ada", "camera")),
        ("request_key_frames_all", ()),
    ],
)
def test_arguments_arrive_as_they_were(method: str, arguments: tuple[object, ...]) -> None:
    answered = ROOM_METHODS[method].answered
    assert read(method, write(*arguments), answered=answered) == arguments
    with pytest.raises(NoSuchCall):
        read(method, write(*arguments), answered=not answered)
    with pytest.raises(NoSuchCall):
        read(method, write(*arguments, "more"), answered=answered)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("renew", write(1)),
        ("renew", write()),
        ("renew", msgspec.Raw(b"")),
        ("renew", msgspec.Raw(b"\xc1")),
        ("release", write("ada", "host")),
        ("set_forwarding", write("ada", 1)),
        ("tracks", write()),
        ("close", write()),
        ("__init__", write()),
        ("_closed", write()),
    ],
)
def test_anything_else_is_none_of_ours(method: str, arguments: msgspec.Raw) -> None:
    with pytest.raises(NoSuchCall):
        read(method, arguments, answered=False)
