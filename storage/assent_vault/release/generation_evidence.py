"""The generations in a meeting's evidence, held against all that was signed and logged."""

from __future__ import annotations

from assent_vault.errors import FormatError, GenerationError
from assent_vault.formats.charter import Charter
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Record
from assent_vault.ledger.generation_chain import MeetingTerms
from assent_vault.release.evidence import Evidence
from assent_vault.release.generation_review import ReviewedGeneration, StoredGeneration, review
from assent_vault.release.verified_statements import verified_statements


def review_evidence(
    evidence: Evidence, charter: Charter, vault: bytes | None
) -> tuple[ReviewedGeneration, ...]:
    """Return the generations in order, if every one of them holds; ``vault`` is a digest.

    Raises GenerationError, as ``review`` does.
    """
    rows = [
        StoredGeneration(
            number=row.number,
            header=row.header,
            signature=row.signature,
            boxes=None if row.check is None else row.check.boxes,
            closing=row.closing,
            closing_signature=row.closing_signature,
        )
        for row in evidence.generations
    ]
    terms = MeetingTerms(
        meeting=charter.meeting,
        charter=charter.digest,
        relayed=charter.mode == "relayed",
        recording=charter.recording,
        training=charter.training,
        notice_version=charter.notice_version,
        vault=vault if charter.training else None,
        server=charter.server,
    )
    return review(rows, _records(evidence), terms, verified_statements(evidence, charter))


def _records(evidence: Evidence) -> tuple[Record, ...]:
    if evidence.log.whole is not True:
        raise GenerationError("not-logged", "Some of the log is hidden.")
    try:
        return tuple(map(entries.parse, evidence.log.records))
    except FormatError as error:
        raise GenerationError("not-logged", "There is what is no record.") from error
