"""Which message may come when."""

from __future__ import annotations

from typing import get_args

import pytest

from assent.errors import BadRequest, Forbidden, NotAdmitted, NotEnrolled, Refusal
from assent.signalling import messages as m
from assent.signalling.session import HOST_ONLY, LEGAL, Bucket, Stage, check

PERSON = "A" * 43
SAMPLES: dict[type, m.ClientMessage] = {
    type(message): message
    for message in (
        m.Hello(1, PERSON),
        m.Enrol("Ada", "AA", "A" * 86),
        m.Answer("AA", "A" * 86),
        m.Join(),
        m.Publish("v=0", []),
        m.Describe(1, "v=0"),
        m.SubscribeAgain(),
        m.Muted("microphone", True),
        m.KeyFrame(PERSON, "camera"),
        m.View([m.Shown(PERSON, "camera", 180)]),
        m.EpochSeen(1, PERSON, None),
        m.DrawDevice(),
        m.EndDevice(),
        m.Leave(),
        m.Admit(PERSON),
        m.Deny(PERSON),
        m.Remove(PERSON),
        m.Lock(True),
        m.Arm(True),
        m.AskAgain(),
        m.End(),
    )
}


def test_every_message_has_its_place() -> None:
    assert set(LEGAL) == set(get_args(m.ClientMessage)) == set(SAMPLES)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("kind", LEGAL)
def test_the_table_is_kept(stage: Stage, kind: type) -> None:
    message = SAMPLES[kind]
    if stage in LEGAL[kind]:
        check(stage, host=True, message=message)
        return
    with pytest.raises(Refusal):
        check(stage, host=True, message=message)


def test_the_refusal_says_what_is_missing() -> None:
    with pytest.raises(BadRequest):
        check(Stage.NEW, host=False, message=SAMPLES[m.Join])
    with pytest.raises(NotEnrolled):
        check(Stage.SEATED, host=False, message=SAMPLES[m.Join])
    with pytest.raises(NotAdmitted):
        check(Stage.WAITING, host=False, message=SAMPLES[m.Publish])
    with pytest.raises(BadRequest):
        check(Stage.ADMITTED, host=False, message=SAMPLES[m.Hello])


@pytest.mark.parametrize("kind", sorted(HOST_ONLY, key=lambda kind: kind.__name__))
def test_a_guest_cannot_act_as_host(kind: type) -> None:
    with pytest.raises(Forbidden):
        check(Stage.ADMITTED, host=False, message=SAMPLES[kind])


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
