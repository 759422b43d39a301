"""Recorded generations as a reader judges them, one after the other (FORMAT-2.md section 16).

Pure. Documents of others come in verified, each by the rules of section 5 (:class:`ChainEvidence`);
whether they are those that a header must have is judged here, in the order of section 16.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assent_vault.errors import FormatError, GenerationError, SignatureError
from assent_vault.formats import suite
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    RecordedPart,
    parse_generation,
)
from assent_vault.formats.statement import Will


@dataclass(frozen=True, slots=True)
class MeetingTerms:
    """What the charter and the vault key of a meeting say; ``relayed`` is the mode."""

    meeting: bytes
    charter: bytes
    relayed: bool
    recording: bool
    training: bool
    notice_version: int
    vault: bytes | None
    server: bytes


@dataclass(frozen=True, slots=True)
class EnrolledSigner:
    """What counts of an enrolment that its person signed, of this meeting and charter."""

    person: bytes
    sign: bytes


@dataclass(frozen=True, slots=True)
class ArmAct:
    """An ``arm`` act that was signed by ``by``, and has ``recording``."""

    by: bytes
    recording: bool
    logged: bool


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A person's last answer of those logged before the generation was opened."""

    digest: bytes
    recording: Will


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """What is known of others at one ``generation-opened``.

    ``enrolments`` and ``arms`` are by digest, ``answers`` by person id. ``hosts`` have a
    certificate under the room's host key; ``admitted`` were logged as let in at a lower index.
    """

    enrolments: Mapping[bytes, EnrolledSigner]
    hosts: Collection[bytes]
    arms: Mapping[bytes, ArmAct]
    answers: Mapping[bytes, GivenAnswer]
    admitted: Collection[bytes]


def check_recorded(
    body: bytes,
    signature: bytes,
    before: GenerationHeader | None,
    terms: MeetingTerms,
    evidence: ChainEvidence,
) -> GenerationHeader:
    """Return the header if it is the recorded one that follows ``before``.

    Raises GenerationError with the first code that applies.
    """
    header, recorded = _read(body, terms)
    _check_signature(header, signature, terms, evidence)
    named = {person.id for person in header.people}
    # "of everyone logged as admitted at a lower index …, none is missing in `people`"
    if not named.issuperset(evidence.admitted):
        raise GenerationError("people-missing", "Somebody who was let in is not named.")
    _check_link(header, recorded, before)
    # "`arm` is by a person with a certificate under the room's host key, and is logged"
    arm = evidence.arms.get(recorded.arm)
    if arm is None or not (arm.recording and arm.logged and arm.by in evidence.hosts):
        raise GenerationError("not-armed", "No host has armed this recording.")
    # "each `answer` of who is present is … the last such, and has `recording` "yes""
    for person in header.people:
        if not person.present:
            continue
        answer = evidence.answers.get(person.id)
        if answer is None or answer.digest != person.answer or answer.recording is not Will.YES:
            raise GenerationError("no-answer", "Somebody who is present has not said yes.")
    return header


def _read(body: bytes, terms: MeetingTerms) -> tuple[GenerationHeader, RecordedPart]:
    """ "each header is one, of this number, meeting and charter" """
    try:
        header = parse_generation(body)
    except FormatError as error:
        raise GenerationError("bad-document", "It is no header.") from error
    recorded = header.recorded
    if recorded is None:
        raise GenerationError("bad-document", "It is not recorded.")
    said = (
        header.meeting, header.charter, header.committer is None,
        recorded.training, recorded.notice_version, recorded.vault,
    )  # fmt: skip
    # "Where it is `end-to-end` … a `committer` of null MUST be refused by … vault and gate."
    if not terms.recording or said != (
        terms.meeting, terms.charter, terms.relayed,
        terms.training, terms.notice_version, terms.vault,
    ):  # fmt: skip
        raise GenerationError("bad-document", "It is of another meeting or charter.")
    return header, recorded


def _check_signature(
    header: GenerationHeader, signature: bytes, terms: MeetingTerms, evidence: ChainEvidence
) -> None:
    """ "The mode of the charter, which the link pins, decides whose word counts." """
    committer = header.committer_person
    if committer is None:
        public = terms.server
    else:
        enrolled = evidence.enrolments.get(committer.enrolment)
        if enrolled is None or enrolled.person != committer.id:
            raise GenerationError("bad-signature", "The committer has not enrolled.")
        public = enrolled.sign
    try:
        suite.verify(public, GENERATION_TYPE, header.body, signature)
    except SignatureError as error:
        raise GenerationError("bad-signature", "It is signed by somebody else.") from error


def _check_link(
    header: GenerationHeader, recorded: RecordedPart, before: GenerationHeader | None
) -> None:
    """ "`recorded.previous` is the recorded one before, and has no one who is missing in this" """
    # "Only recorded generations are made there … So `previous` is `recorded.previous`."
    if header.committer is None and header.previous != recorded.previous:
        raise GenerationError("not-linked", "It follows one that is not recorded.")
    if before is None:
        if recorded.number != 1:
            raise GenerationError("not-linked", "It is not the first.")
        return
    last = before.recorded
    assert last is not None, "only recorded generations are in this chain"
    if (
        recorded.previous != before.digest
        or recorded.number != last.number + 1
        or header.generation <= before.generation
    ):
        raise GenerationError("not-linked", "It does not follow the one before.")
    named = {person.id: person.enrolment for person in header.people}
    if any(named.get(person.id) != person.enrolment for person in before.people):
        raise GenerationError("people-missing", "Somebody of the one before is not named.")
    removed = {each.id for each in header.removed}
    if any(each.id not in removed for each in before.removed):
        raise GenerationError("people-missing", "Somebody who was removed is not named.")
