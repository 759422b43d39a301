"""Opening a meeting takes every single grant; one that is missing or another's opens nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assent_vault.errors import FormatError, SealError, VaultError
from assent_vault.export.timeline import lay_out
from assent_vault.export.unlock import unlock
from assent_vault.formats import suite
from assent_vault.keys.unsealing import open_segment
from assent_vault.release import decision, gate
from assent_vault.release.evidence import Evidence, PersonEvidence
from support.releasable import Releasable


@pytest.fixture
def meeting() -> Releasable:
    return Releasable()


def shares_of(meeting: Releasable) -> dict[int, bytes]:
    return {epoch.header.epoch: epoch.shares for epoch in meeting.epochs}


def changed(evidence: Evidence, which: int, person: PersonEvidence) -> Evidence:
    people = list(evidence.people)
    people[which] = person
    return replace(evidence, people=tuple(people))


def test_with_every_grant_everything_opens(meeting: Releasable) -> None:
    opened = unlock(meeting.evidence(), meeting.meeting.vault_private, shares_of(meeting))
    assert [epoch.header.epoch for epoch in opened.epochs] == [1, 2]
    for epoch, recorded in zip(opened.epochs, meeting.epochs, strict=True):
        assert epoch.key is not None
        for entry in epoch.closing.segments:
            data = next(each for each in recorded.objects if suite.digest(each) == entry.digest)
            key = epoch.key.track_key(entry.track)
            assert open_segment(data, key, epoch.header, entry).startswith(b"sound of")
    opened.forget()
    with pytest.raises(ValueError, match="forgotten"):
        opened.epochs[0].key.track_key("x")  # type: ignore[union-attr]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_without_one_persons_grant_nothing_opens(meeting: Releasable, which: int) -> None:
    """Also of who was not present in an epoch: Cy only looked in, before it began."""
    evidence = meeting.evidence()
    person = evidence.people[which]
    last = replace(person.answers[-1], sealed=None)
    for answers in ((), person.answers[:-1], (*person.answers[:-1], last)):
        silent = changed(evidence, which, replace(person, answers=answers))
        with pytest.raises(VaultError):
            unlock(silent, meeting.meeting.vault_private, shares_of(meeting))
    without = replace(
        evidence, people=tuple(each for each in evidence.people if each is not person)
    )
    with pytest.raises(SealError):
        unlock(without, meeting.meeting.vault_private, shares_of(meeting))


def test_another_persons_grant_does_not_stand_in(meeting: Releasable) -> None:
    evidence = meeting.evidence()
    ada, bo = evidence.people[0], evidence.people[1]
    borrowed = replace(ada.answers[-1], sealed=bo.answers[-1].sealed)
    swapped = changed(evidence, 0, replace(ada, answers=(*ada.answers[:-1], borrowed)))
    with pytest.raises(FormatError):
        unlock(swapped, meeting.meeting.vault_private, shares_of(meeting))


def test_another_vault_key_opens_nothing(meeting: Releasable) -> None:
    with pytest.raises(SealError):
        unlock(meeting.evidence(), bytes(32), shares_of(meeting))


def test_shares_of_another_epoch_open_nothing(meeting: Releasable) -> None:
    first, second = meeting.epochs
    with pytest.raises(VaultError):
        unlock(
            meeting.evidence(),
            meeting.meeting.vault_private,
            {1: second.shares, 2: first.shares},
        )


def test_an_epoch_that_is_not_closed_is_not_opened(meeting: Releasable) -> None:
    evidence = meeting.evidence()
    first, second = evidence.epochs
    still_open = replace(evidence, epochs=(first, replace(second, closing=None)))
    assert not isinstance(gate.decide(still_open), decision.Release)
    with pytest.raises(SealError):
        unlock(still_open, meeting.meeting.vault_private, shares_of(meeting))


def test_the_timeline_begins_with_the_first_media(meeting: Releasable) -> None:
    opened = unlock(meeting.evidence(), meeting.meeting.vault_private, shares_of(meeting))
    timeline = lay_out(opened.epochs)
    # The first two seconds of each epoch are its track's header, which nothing is heard in.
    assert timeline.base == meeting.headers[0].offset + 2000
    assert [(each.start, each.end) for each in timeline.stretches] == [(0, 2000), (10_000, 12_000)]
    assert timeline.duration == 12_000
    by_person = {plan.track.person: plan for plan in timeline.tracks}
    assert len(by_person[meeting.ada.person.id].parts) == 1
    assert len(by_person[meeting.bo.person.id].parts) == 2
    later = lay_out(opened.epochs[1:])
    assert (later.base, later.duration) == (12_000, 2000)
