"""Which message may come when."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from assent.errors import BadRequest, Refusal
from assent.signalling import messages as m
from assent.signalling.rule import Stage
from assent.signalling.session import Bucket, check

PERSON = "A" * 43
SAMPLES: dict[type, m.ClientMessage] = {
    type(message): message
    for message in (
        m.Hello(1, PERSON),
        m.Enrol("Ada", "A" * 43, "AA", "A" * 86, None),
        m.Answer("AA", "A" * 86),
        m.Join(),
        m.Publish("v=0", []),
        m.Describe(1, "v=0"),
        m.SubscribeAgain(),
        m.Muted("microphone", True),
        m.KeyFrame(PERSON, "camera"),
        m.View([m.Shown(PERSON, "camera", 180)]),
        m.GenerationSeen(1, PERSON, None),
        m.DrawDevice(),
        m.EndDevice(),
        m.Leave(),
        m.Certify("AA", "A" * 86),
        m.Perform("AA", "A" * 86),
        m.Deny(PERSON),
        m.Lock(True),
        m.Disarm(),
        m.AskAgain(),
        m.End(),
    )
}


# What becomes of every message at every stage, whoever sends it. The stages are in the order of
# Stage: NEW, SEATED, ENROLLED, WAITING, ADMITTED, GONE.
_ = "yes"
FIRST, ENROL, ENTER, HOST = "bad-request", "not-enrolled", "not-admitted", "forbidden"
HELLO = (_, FIRST, FIRST, FIRST, FIRST, FIRST)
SEATED = (FIRST, _, _, _, _, ENTER)
ENROLLED = (FIRST, ENROL, _, _, _, ENTER)
ADMITTED = (FIRST, ENROL, ENTER, ENTER, _, ENTER)
FORBIDDEN = (FIRST, ENROL, ENTER, ENTER, HOST, ENTER)

OF_A_GUEST = {
    "hello": HELLO,
    "enrol": SEATED,
    "answer": ENROLLED,
    "join": ENROLLED,
    "publish": ADMITTED,
    "describe": ADMITTED,
    "subscribe_again": ADMITTED,
    "muted": ADMITTED,
    "key_frame": ADMITTED,
    "view": ADMITTED,
    "generation_seen": ADMITTED,
    "draw_device": ADMITTED,
    "end_device": ADMITTED,
    "leave": SEATED,
    "certify": (FIRST, ENROL, HOST, HOST, HOST, ENTER),
    "perform": FORBIDDEN,
    "deny": FORBIDDEN,
    "lock": FORBIDDEN,
    "disarm": FORBIDDEN,
    "ask_again": FORBIDDEN,
    "end": FORBIDDEN,
}
OF_A_HOST = OF_A_GUEST | {
    "certify": ENROLLED,
    "perform": ADMITTED,
    "deny": ADMITTED,
    "lock": ADMITTED,
    "disarm": ADMITTED,
    "ask_again": ADMITTED,
    "end": ADMITTED,
}


def named(kind: type) -> str:
    """Return the ``type`` of a message on the wire."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return str(info.tag)


def outcome(stage: Stage, host: bool, message: m.FromClient) -> str:
    """Return what becomes of a message: the code of its refusal, where it is refused."""
    try:
        check(stage, host, message)
    except Refusal as refusal:
        return refusal.code
    return "yes"


def test_every_message_is_in_the_table() -> None:
    assert set(SAMPLES) == set(get_args(m.ClientMessage))
    assert {named(kind) for kind in SAMPLES} == set(OF_A_GUEST) == set(OF_A_HOST)


@pytest.mark.parametrize("kind", SAMPLES, ids=named)
@pytest.mark.parametrize(
    ("host", "table"), [(False, OF_A_GUEST), (True, OF_A_HOST)], ids=["guest", "host"]
)
def test_the_table_is_kept(host: bool, table: dict[str, tuple[str, ...]], kind: type) -> None:
    assert tuple(outcome(stage, host, SAMPLES[kind]) for stage in Stage) == table[named(kind)]


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("host", [False, True])
def test_a_message_that_declares_nothing_is_refused(stage: Stage, host: bool) -> None:
    class Overlooked(m.Request, frozen=True):
        """A message without a rule."""

    with pytest.raises(Refusal):
        check(stage, host, Overlooked())


def test_another_version_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        check(Stage.NEW, host=False, message=m.Hello(2, PERSON))
    assert refused.value.field == "protocol"


def test_the_bucket_bounds_bursts_and_the_average() -> None:
    bucket = Bucket(rate=10, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(0.1)
    assert not bucket.take(0.1)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
