"""What the header of a relayed generation will say, and whether it still holds when it is logged.

Pure. A header names everyone who was ever let in, each with the last answer of theirs that was
logged. Somebody may answer, or be let in, while keys are drawn and documents made, which takes some
time: a header that was logged then would be one that the gate can never let pass
(FORMAT-2.md section 16). So it is looked at once more in the transaction that logs it, and where it
does not hold another is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assent_vault.formats.charter import Charter
from assent_vault.formats.generation_header import (
    GenerationHeader,
    GenerationPerson,
    RemovedPerson,
)
from assent_vault.formats.statement import Answer, Enrolment, Will
from assent_vault.formats.vault_key import VaultKey
from assent_vault.ledger.committing import GenerationDraft, RecordedDraft


@dataclass(frozen=True, slots=True)
class HostsSaid:
    """What hosts have signed, as far as a header names it; all are digests, by person id.

    ``arm`` is the newest such act if it has ``recording`` true, None where nobody has armed it.
    ``certificates`` are of those who are hosts, ``removed`` are the acts that removed somebody.
    """

    arm: bytes | None = None
    certificates: Mapping[bytes, bytes] = field(default_factory=dict)
    removed: Mapping[bytes, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftedPerson:
    """Somebody who was ever let in. ``answer`` is the last of theirs that was logged, if any."""

    enrolment: Enrolment
    present: bool
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class LastRecorded:
    """The recorded generation before: its number, that of its header, and H."""

    number: int
    generation: int
    header: bytes


class NotToBeRecorded(Exception):
    """No generation can be recorded now; the text says why."""


def draft_generation(
    charter: Charter,
    people: Sequence[DraftedPerson],
    hosts: HostsSaid,
    vault_key: VaultKey | None,
    before: LastRecorded | None,
    *,
    offset: int,
    at: int,
) -> GenerationDraft:
    """Return what the next header says; raises NotToBeRecorded where nobody may record.

    ``offset`` is in milliseconds since the meeting began, ``at`` in Unix milliseconds.
    """
    if not charter.recording:
        raise NotToBeRecorded("The charter does not offer it.")
    if hosts.arm is None:
        raise NotToBeRecorded("No host has armed it.")
    if charter.training != (vault_key is not None):
        raise NotToBeRecorded("The vault has a share exactly where training is offered.")
    for person in people:
        # The capture rule has seen to it; a header that says otherwise is never signed.
        if person.present and (person.answer is None or person.answer.recording is not Will.YES):
            raise NotToBeRecorded("Somebody who is present has not said yes.")
    everyone = sorted(people, key=lambda person: person.enrolment.person)
    if not any(person.present for person in everyone):
        raise NotToBeRecorded("Nobody is there to agree to it.")
    return GenerationDraft(
        meeting=charter.meeting,
        generation=1 if before is None else before.generation + 1,
        # Only recorded ones are made in a relayed meeting (section 14).
        previous=None if before is None else before.header,
        charter=charter.digest,
        committer=None,
        people=tuple(_named(person, hosts) for person in everyone),
        removed=tuple(
            RemovedPerson(person.enrolment.person, hosts.removed[person.enrolment.person])
            for person in everyone
            if person.enrolment.person in hosts.removed
        ),
        recorded=RecordedDraft(
            number=1 if before is None else before.number + 1,
            previous=None if before is None else before.header,
            offset=offset,
            arm=hosts.arm,
            notice_version=charter.notice_version,
            vault=None if vault_key is None else vault_key.digest,
        ),
        at=at,
    )


def _named(person: DraftedPerson, hosts: HostsSaid) -> GenerationPerson:
    who = person.enrolment.person
    gone = who in hosts.removed
    return GenerationPerson(
        id=who,
        enrolment=person.enrolment.digest,
        page=None,
        # "None of them has `page`, `present` or `host`."
        present=person.present and not gone,
        host=None if gone else hosts.certificates.get(who),
        answer=None if person.answer is None else person.answer.digest,
    )


def holds(
    header: GenerationHeader, admitted: Mapping[bytes, bytes], answers: Mapping[bytes, bytes]
) -> bool:
    """Tell whether a header that was made is one that may be logged now.

    ``admitted`` gives the digest of the enrolment of everyone who was ever let in, ``answers`` that
    of each one's last answer, both by person id and as they are in the transaction that logs it.
    """
    named = {person.id: person.enrolment for person in header.people}
    return named == dict(admitted) and all(
        person.answer == answers.get(person.id) for person in header.people
    )
