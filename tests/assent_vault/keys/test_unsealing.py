"""Opening grants and what is under a seal: every byte where it was, or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from assent_vault.errors import SealError
from assent_vault.formats import generation_segment as segment
from assent_vault.formats import statement, suite
from assent_vault.formats.generation_segment import GenerationSegment
from assent_vault.formats.statement import Answer, Enrolment
from assent_vault.formats.track import Track
from assent_vault.keys import unsealing
from support.flips import detected, flips
from support.releasable import Releasable, Said

SCENE = Releasable()
CHARTER = SCENE.meeting.charter
VAULT = SCENE.meeting.vault_private


def believed(said: Said) -> tuple[Enrolment, Answer]:
    """Verify a person's enrolment and answers; return it and the last of them."""
    enrolment = statement.verify_enrolment(said.enrolment.body, said.enrolment.signature, CHARTER)
    answer = None
    for each in said.answers:
        answer = statement.verify_answer(
            each.body, each.signature, enrolment, CHARTER, answer, each.sealed
        )
    assert answer is not None
    return enrolment, answer


def grant(said: Said) -> bytes:
    sealed = said.answers[-1].sealed
    assert sealed is not None
    return sealed


# Grants.


def test_grant_gives_the_persons_key() -> None:
    for said in SCENE.said:
        assert unsealing.open_grant(grant(said), VAULT, *believed(said)) == said.person.train


def test_grant_is_for_this_vault_person_and_words() -> None:
    ada, bo = SCENE.said[:2]
    enrolment, answer = believed(ada)
    calls: list[Callable[[], bytes]] = [
        lambda: unsealing.open_grant(grant(ada), os.urandom(32), enrolment, answer),
        lambda: unsealing.open_grant(grant(bo), VAULT, enrolment, answer),
        lambda: unsealing.open_grant(grant(ada), VAULT, *believed(bo)),
        lambda: unsealing.open_grant(
            grant(ada), VAULT, enrolment, replace(answer, notice=bytes(32))
        ),
        lambda: unsealing.open_grant(
            grant(ada), VAULT, replace(enrolment, meeting=bytes(16)), answer
        ),
    ]
    for call in calls:
        with pytest.raises(SealError):
            call()


@pytest.mark.parametrize("length", [0, 31, 32, 33])
def test_grant_of_another_key(length: int) -> None:
    """A person can put anything in the box; only the key they enrolled counts."""
    enrolment, answer = believed(SCENE.ada)
    assert SCENE.meeting.vault_key is not None
    info = suite.grant_info(CHARTER.meeting, enrolment.person, answer.notice)
    box = suite.seal(SCENE.meeting.vault_key.key, bytes(length), info)
    with pytest.raises(SealError):
        unsealing.open_grant(box, VAULT, enrolment, answer)


def test_every_byte_of_a_grant() -> None:
    enrolment, answer = believed(SCENE.ada)
    for changed in flips(grant(SCENE.ada)):
        assert detected(statement.check_sealed, answer, changed)
        assert detected(unsealing.open_grant, changed, VAULT, enrolment, answer)


# Segments.


KEY = bytes(range(32))
PLACE = GenerationSegment(
    meeting=bytes(16),
    number=1,
    header=bytes(32),
    track=str(Track(bytes(32), "microphone")),
    codec="opus",
    sequence=0,
    start=5,
    end=2005,
)


def sealed(plaintext: bytes) -> tuple[bytes, bytes]:
    """Return the header of a segment of this plaintext, and the ciphertext."""
    data = segment.seal_generation_segment(PLACE, plaintext, KEY)
    _, written, ciphertext = segment.parse_generation_segment(data)
    return written, ciphertext


def test_segment_with_another_header_does_not_decrypt() -> None:
    """With a header that fits the new place, the ciphertext still remembers the old one."""
    written, ciphertext = sealed(b"sound")
    assert unsealing.decrypt_segment(written, ciphertext, KEY) == b"sound"
    for changed in (
        replace(PLACE, sequence=1),
        replace(PLACE, number=2),
        replace(PLACE, start=6),
        replace(PLACE, codec="vp8"),
        replace(PLACE, header=b"\1" * 32),
        replace(PLACE, track=str(Track(bytes(32), "screen"))),
    ):
        with pytest.raises(SealError):
            unsealing.decrypt_segment(changed.to_bytes(), ciphertext, KEY)
    with pytest.raises(SealError):
        unsealing.decrypt_segment(written, ciphertext, bytes(32))


def test_truncation_is_an_error_at_every_length() -> None:
    plaintext = os.urandom(40_000)  # several chunks, so that some cuts are at their borders
    written, ciphertext = sealed(plaintext)
    assert unsealing.decrypt_segment(written, ciphertext, KEY) == plaintext
    lengths = {*range(0, len(ciphertext), 977), *range(len(ciphertext) - 200, len(ciphertext))}
    borders = {n * 16_400 + extra for n in range(3) for extra in range(60, 80)}
    for length in lengths | borders:
        if length < len(ciphertext):
            with pytest.raises(SealError):
                unsealing.decrypt_segment(written, ciphertext[:length], KEY)
