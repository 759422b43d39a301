"""Opens a meeting that the gate has released: every grant, every pair key, every share, every slot.

This is where consent is a key. Without a single person's grant nothing of a generation opens,
whatever the rows say; and a grant of another person, meeting or notice does not open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assent_vault.errors import SealError
from assent_vault.export.generation_unlock import UnlockedGeneration, unlock_generations
from assent_vault.formats import charter as charters
from assent_vault.formats import statement, suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.statement import Answer
from assent_vault.keys import unsealing
from assent_vault.keys.relayed_opening import GenerationDocuments
from assent_vault.release.evidence import Evidence, PersonEvidence
from assent_vault.release.generation_evidence import review_evidence


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    """A released meeting. Call ``forget`` when its recording has been read."""

    charter: Charter
    generations: tuple[UnlockedGeneration, ...]

    def forget(self) -> None:
        """Forget every key."""
        for generation in self.generations:
            generation.forget()


def unlock(
    evidence: Evidence, private: bytes, documents: Mapping[int, GenerationDocuments]
) -> OpenMeeting:
    """Open every generation of a meeting.

    ``evidence`` is what the gate has just released on, ``private`` the meeting's vault key,
    ``documents`` what stands beside the header of each generation that has segments, by number.
    Everything is verified again. Raises FormatError, SignatureError, GenerationError, SealError.
    """
    charter = charters.parse(evidence.charter)
    if evidence.vault_key is None:
        raise SealError("There is no vault key.")
    reviewed = review_evidence(evidence, charter, suite.digest(evidence.vault_key))
    owners = {suite.encode(person.id) for each in reviewed for person in each.header.people}
    trains: dict[bytes, bytes] = {}
    for person in evidence.people:
        if person.person_id in owners:
            trains.update(_train(person, charter, private))
    return OpenMeeting(charter, unlock_generations(reviewed, documents, private, trains))


def _train(person: PersonEvidence, charter: Charter, private: bytes) -> dict[bytes, bytes]:
    """Open the grant that came with a person's last word, by the person's id."""
    enrolment = statement.verify_enrolment(person.enrolment, person.signature, charter)
    last: Answer | None = None
    for given in person.answers:
        last = statement.verify_chained(given.body, given.signature, enrolment, charter, last)
    sealed = person.answers[-1].sealed if person.answers else None
    if last is None or sealed is None:
        return {}  # their share will be missed
    statement.check_sealed(last, sealed)
    return {enrolment.person: unsealing.open_grant(sealed, private, enrolment, last)}
