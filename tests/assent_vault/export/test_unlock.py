"""Opening a meeting takes every single grant; one that is missing or another's opens nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assent_vault.errors import FormatError, GenerationError, SealError, VaultError
from assent_vault.export.timeline import lay_out
from assent_vault.export.unlock import unlock
from assent_vault.formats import suite
from assent_vault.keys.relayed_opening import GenerationDocuments
from assent_vault.release import decision, gate
from assent_vault.release.evidence import Evidence, PersonEvidence
from support.releasable import Releasable


@pytest.fixture
def meeting() -> Releasable:
    return Releasable(sealed=True)


def documents_of(meeting: Releasable) -> dict[int, GenerationDocuments]:
    return {number: each.documents for number, each in enumerate(meeting.generations, 1)}


def changed(evidence: Evidence, which: int, person: PersonEvidence) -> Evidence:
    people = list(evidence.people)
    people[which] = person
    return replace(evidence, people=tuple(people))


def test_with_every_grant_everything_opens(meeting: Releasable) -> None:
    assert isinstance(gate.decide(meeting.evidence()), decision.Release)
    opened = unlock(meeting.evidence(), meeting.meeting.vault_private, documents_of(meeting))
    assert [generation.number for generation in opened.generations] == [1, 2]
    for generation, recorded in zip(opened.generations, meeting.generations, strict=True):
        assert generation.lost == frozenset()
        for name in sorted({entry.track for entry in generation.closing.segments}):
            track = generation.track(name)
            plaintexts = [
                track.open(data, entry)
                for entry in generation.closing.segments
                for data in recorded.objects
                if entry.track == name and suite.digest(data) == entry.digest
            ]
            assert b"".join(plaintexts).count(b"sound of") == 100
    opened.forget()
    for generation in opened.generations:
        with pytest.raises(ValueError, match="forgotten"):
            generation.track(name)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_without_one_persons_grant_nothing_opens(meeting: Releasable, which: int) -> None:
    """Also of who was not present in a generation: Cy only looked in, before it began."""
    evidence = meeting.evidence()
    person = evidence.people[which]
    last = replace(person.answers[-1], sealed=None)
    for answers in ((), person.answers[:-1], (*person.answers[:-1], last)):
        silent = changed(evidence, which, replace(person, answers=answers))
        with pytest.raises(VaultError):
            unlock(silent, meeting.meeting.vault_private, documents_of(meeting))
    without = replace(
        evidence, people=tuple(each for each in evidence.people if each is not person)
    )
    with pytest.raises((SealError, GenerationError)):
        unlock(without, meeting.meeting.vault_private, documents_of(meeting))


def test_another_persons_grant_does_not_stand_in(meeting: Releasable) -> None:
    evidence = meeting.evidence()
    ada, bo = evidence.people[0], evidence.people[1]
    borrowed = replace(ada.answers[-1], sealed=bo.answers[-1].sealed)
    swapped = changed(evidence, 0, replace(ada, answers=(*ada.answers[:-1], borrowed)))
    with pytest.raises(FormatError):
        unlock(swapped, meeting.meeting.vault_private, documents_of(meeting))


def test_another_vault_key_opens_nothing(meeting: Releasable) -> None:
    with pytest.raises(VaultError):
        unlock(meeting.evidence(), bytes(32), documents_of(meeting))


def test_documents_of_another_generation_open_nothing(meeting: Releasable) -> None:
    first, second = meeting.generations
    with pytest.raises(VaultError):
        unlock(
            meeting.evidence(),
            meeting.meeting.vault_private,
            {1: second.documents, 2: first.documents},
        )


def test_a_generation_that_is_not_closed_is_not_opened(meeting: Releasable) -> None:
    evidence = meeting.evidence()
    first, second = evidence.generations
    still_open = replace(evidence, generations=(first, replace(second, closing=None)))
    assert not isinstance(gate.decide(still_open), decision.Release)
    with pytest.raises((SealError, GenerationError)):
        unlock(still_open, meeting.meeting.vault_private, documents_of(meeting))


def test_the_timeline_begins_with_the_first_media(meeting: Releasable) -> None:
    opened = unlock(meeting.evidence(), meeting.meeting.vault_private, documents_of(meeting))
    timeline = lay_out(opened.generations)
    # The first two seconds of each are its track's header, which nothing is heard in.
    assert timeline.base == 2000
    assert [(each.start, each.end) for each in timeline.stretches] == [(0, 2000), (10_000, 12_000)]
    assert timeline.duration == 12_000
    by_person = {plan.track.person: plan for plan in timeline.tracks}
    assert len(by_person[meeting.ada.person.id].parts) == 1
    assert len(by_person[meeting.bo.person.id].parts) == 2
    later = lay_out(opened.generations[1:])
    assert (later.base, later.duration) == (12_000, 2000)
