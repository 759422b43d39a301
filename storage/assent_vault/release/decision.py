"""Decisions: what the gate says of a meeting. It may be released, or is blocked, with every reason.

Nothing is decided in here; that is :mod:`assent_vault.release.gate`. Whoever acts on a decision,
or tells people of one, needs no more than this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assent_vault.ledger.checkpoint import Head


class Code(StrEnum):
    """Why a meeting is blocked; the table at the top of ``gate`` tells what each means."""

    BAD_EVIDENCE = "bad-evidence"
    TRAINING_NOT_OFFERED = "training-not-offered"
    NOT_OVER = "not-over"
    RECORDING_OPEN = "recording-open"
    NOTHING_RECORDED = "nothing-recorded"
    SEGMENTS_DAMAGED = "segments-damaged"
    DESTROYED = "destroyed"
    RETENTION_OVER = "retention-over"
    VAULT_KEY_MISSING = "vault-key-missing"
    NOT_ANSWERED = "not-answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    NOTICE_NOT_IN_FORCE = "notice-not-in-force"
    SEALED_SEED_MISSING = "sealed-seed-missing"
    ANSWERS_OWED = "answers-owed"
    NOT_LOGGED = "not-logged"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to block.

    ``count`` is of people for the reasons that are about people, of generations for
    ``recording-open``, of acts for ``revoked``, of segments for ``segments-damaged``, of documents
    and people for ``bad-evidence`` and ``not-logged``, and 0 where there is nothing to count.
    Nobody is named.
    """

    code: Code
    count: int


@dataclass(frozen=True, slots=True)
class Release:
    """The meeting may be released, from ``ready_at`` on and before ``kept_until`` (Unix ms).

    ``evidence_digest`` is the same as long as the evidence is, ``now`` aside. ``head`` is that of
    the log when it was decided.
    """

    evidence_digest: bytes
    ready_at: int
    kept_until: int
    head: Head


@dataclass(frozen=True, slots=True)
class Blocked:
    """The meeting may not be released; every reason, in the order of ``Code``."""

    reasons: tuple[Reason, ...]
