"""Recorded generations as the gate sees them: documents and the log (FORMAT-2.md section 16).

Pure. What the log says stands in a row, and each header is held against what had been logged before
its ``generation-opened``: who had been let in, and what each had answered last. Clocks and columns
say nothing of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from assent_vault.errors import FormatError, GenerationError, SignatureError
from assent_vault.formats.generation_closing import (
    GenerationClosing,
    verify_generation_closing,
)
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    Record,
)
from assent_vault.ledger.generation_chain import (
    ArmAct,
    ChainEvidence,
    EnrolledSigner,
    GivenAnswer,
    MeetingTerms,
    check_recorded,
)


@dataclass(frozen=True, slots=True)
class StoredGeneration:
    """The row of a generation. ``boxes`` is the digest of what is stored, None where it was not
    found or not looked for."""

    number: int
    header: bytes
    signature: bytes
    boxes: bytes | None
    closing: bytes | None
    closing_signature: bytes | None


@dataclass(frozen=True, slots=True)
class VerifiedStatements:
    """What people and hosts have signed, each verified by the rules of section 5, by digest.

    ``answers`` says of each answer what it wills of recording. ``hosts`` are person ids. Whether
    one of ``arms`` was logged is not told here, but by the records.
    """

    enrolments: Mapping[bytes, EnrolledSigner]
    answers: Mapping[bytes, Will]
    arms: Mapping[bytes, ArmAct]
    hosts: Collection[bytes]


@dataclass(frozen=True, slots=True)
class ReviewedGeneration:
    """A generation that holds; ``closing`` is None while it is open."""

    header: GenerationHeader
    closing: GenerationClosing | None


def review(
    rows: Sequence[StoredGeneration],
    records: Sequence[Record],
    terms: MeetingTerms,
    statements: VerifiedStatements,
) -> tuple[ReviewedGeneration, ...]:
    """Return the generations of a relayed meeting, in order, if every one of them holds.

    ``records`` are the server's of the meeting, all of them, in the order of the log. Raises
    GenerationError with the first code of section 16 that applies: ``not-logged`` where log and
    rows do not say the same, ``bad-boxes`` where the boxes are others than those logged,
    ``bad-closing`` where a closing is not the header's.
    """
    if not terms.relayed:
        raise GenerationError("bad-document", "What pages make is not judged here yet.")
    ordered = sorted(rows, key=lambda row: row.number)
    if [row.number for row in ordered] != list(range(1, len(ordered) + 1)):
        raise GenerationError("not-linked", "A number is missing, or there twice.")
    opened = _opened(records)
    closed = _closed(records)
    if {row.number for row in ordered} != opened.keys() or not closed.keys() <= opened.keys():
        raise GenerationError("not-logged", "The log has others than there are.")
    found: list[ReviewedGeneration] = []
    for row in ordered:
        index, logged = opened[row.number]
        before = found[-1].header if found else None
        evidence = _evidence(records[:index], statements)
        header = check_recorded(row.header, row.signature, before, terms, evidence)
        _check_logged(row, header, logged)
        found.append(ReviewedGeneration(header, _check_closing(row, header, terms, closed)))
    return tuple(found)


def _opened(records: Sequence[Record]) -> dict[int, tuple[int, GenerationOpened]]:
    found: dict[int, tuple[int, GenerationOpened]] = {}
    for index, record in enumerate(records):
        if isinstance(record, GenerationOpened):
            if record.number in found:
                raise GenerationError("not-logged", "It was opened twice.")
            found[record.number] = (index, record)
    return found


def _closed(records: Sequence[Record]) -> dict[int, GenerationClosed]:
    found: dict[int, GenerationClosed] = {}
    for record in records:
        if isinstance(record, GenerationClosed):
            if record.number in found:
                raise GenerationError("not-logged", "It was closed twice.")
            found[record.number] = record
    return found


def _evidence(records: Sequence[Record], statements: VerifiedStatements) -> ChainEvidence:
    """Return what was known when what follows ``records`` was logged."""
    admitted = []
    answers: dict[bytes, GivenAnswer] = {}
    armed = set()
    for record in records:
        if isinstance(record, Admitted):
            admitted.append(record.person)
        elif isinstance(record, Answered):
            # One that nobody can show is no yes, whatever it said.
            will = statements.answers.get(record.answer, Will.UNANSWERED)
            answers[record.person] = GivenAnswer(record.answer, will)
        elif isinstance(record, HostArmed):
            armed.add(record.act)
    return ChainEvidence(
        enrolments=statements.enrolments,
        hosts=statements.hosts,
        arms={act: replace(arm, logged=act in armed) for act, arm in statements.arms.items()},
        answers=answers,
        admitted=admitted,
    )


def _check_logged(
    row: StoredGeneration, header: GenerationHeader, logged: GenerationOpened
) -> None:
    assert header.recorded is not None, "only recorded ones hold"
    if (header.recorded.number, header.digest) != (row.number, logged.header):
        raise GenerationError("not-logged", "Another header was logged.")
    if logged.committer is not None:
        raise GenerationError("not-logged", "It was logged as made by a page.")
    # "the boxes have the logged digest"
    if row.boxes is None or row.boxes != logged.boxes:
        raise GenerationError("bad-boxes", "The boxes are not those that were logged.")


def _check_closing(
    row: StoredGeneration,
    header: GenerationHeader,
    terms: MeetingTerms,
    closed: Mapping[int, GenerationClosed],
) -> GenerationClosing | None:
    logged = closed.get(row.number)
    if row.closing is None:
        if logged is not None:
            raise GenerationError("not-logged", "It was logged as closed.")
        return None
    try:
        closing = verify_generation_closing(
            row.closing, row.closing_signature or b"", terms.server, header, None
        )
    except (FormatError, SignatureError) as error:
        raise GenerationError("bad-closing", "It is no closing of this header.") from error
    if logged is None or (logged.header, logged.closing, logged.accepts) != (
        header.digest, closing.digest, None
    ):  # fmt: skip
        raise GenerationError("not-logged", "Another closing was logged, or none.")
    return closing
