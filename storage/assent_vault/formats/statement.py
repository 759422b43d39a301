"""What a person signs: enrolment, answers, receipt requests (FORMAT.md section 6).

Each has a ``parse_…`` that reads what the bytes say, for finding out whom they concern, and a
``verify_…`` that believes it. Nothing may act on a statement that has only been parsed.

An answer is judged against the one before it, and that one against the one before, back to the
enrolment, which names the charter: so a chain can be neither reordered, nor replayed, nor moved to
another person or meeting. What a chain cannot show is that its end was cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from assent_vault.errors import FormatError, NoticeNotInForce, StaleStatement
from assent_vault.formats import document, suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import SUITE_2

ENROL_TYPE: Final = "assent/enrol/v2"
ANSWER_TYPE: Final = "assent/answer/v2"
RECEIPT_REQUEST_TYPE: Final = "assent/receipt-request/v1"
MAX_ENROL_BYTES: Final = 8 * 1024
MAX_ANSWER_BYTES: Final = 4 * 1024
MAX_RECEIPT_REQUEST_BYTES: Final = 1024
RECEIPT_REQUEST_SKEW: Final = 10 * 60 * 1000  # ms; "more than ten minutes off its own clock"


class Will(StrEnum):
    """What a person wants for one purpose."""

    UNANSWERED = "unanswered"
    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The first thing a person says: their public keys, and the charter they came under.

    ``person`` is their id, which follows from ``sign``; ``digest`` is what the first answer names.
    ``name`` is the digest of what they are called, with a salt that is kept beside it.
    """

    meeting: bytes
    charter: bytes
    sign: bytes
    watch: bytes
    train: bytes
    name: bytes
    notice: bytes
    language: str
    build: bytes
    at: int
    body: bytes
    digest: bytes
    person: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's whole will, replacing every earlier one. ``sealed`` is the digest of the box."""

    meeting: bytes
    person: bytes
    sequence: int
    previous: bytes
    recording: Will
    training: Will
    notice: bytes
    language: str
    build: bytes
    sealed: bytes | None
    at: int
    body: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class ReceiptRequest:
    """Shows that whoever asks for a receipt holds the seed."""

    meeting: bytes
    person: bytes
    at: int
    body: bytes
    digest: bytes


# Reading.


def parse_enrolment(body: bytes) -> Enrolment:
    """Read an enrolment without believing it; raises FormatError."""
    fields = document.read(body, ENROL_TYPE, most=MAX_ENROL_BYTES).only(
        "type", "suite", "meeting", "charter", "sign", "watch", "train", "name", "notice",
        "language", "build", "at",
    )  # fmt: skip
    fields.exactly("suite", SUITE_2)
    meeting = fields.b64("meeting", suite.MEETING_BYTES)
    sign = fields.sign_public("sign")
    return Enrolment(
        meeting=meeting,
        charter=fields.b64("charter", suite.DIGEST_BYTES),
        sign=sign,
        watch=fields.b64("watch", suite.XWING_PUBLIC_BYTES),
        train=fields.b64("train", suite.XWING_PUBLIC_BYTES),
        name=fields.b64("name", suite.DIGEST_BYTES),
        notice=fields.b64("notice", suite.DIGEST_BYTES),
        language=fields.language("language"),
        build=fields.b64("build", suite.DIGEST_BYTES),
        at=fields.integer("at"),
        body=body,
        digest=suite.digest(body),
        person=suite.person_id(meeting, sign),
    )


def parse_answer(body: bytes) -> Answer:
    """Read an answer without believing it; raises FormatError.

    What can be told from the answer alone is checked here: no training without recording, and a
    sealed seed exactly with a yes to training.
    """
    fields = document.read(body, ANSWER_TYPE, most=MAX_ANSWER_BYTES).only(
        "type", "suite", "meeting", "person", "sequence", "previous", "recording", "training",
        "notice", "language", "build", "sealed", "left_out", "at",
    )  # fmt: skip
    fields.exactly("suite", SUITE_2)
    recording = Will(fields.choice("recording", tuple(Will)))
    training = Will(fields.choice("training", tuple(Will)))
    sealed = fields.b64_or_null("sealed", suite.DIGEST_BYTES)
    # "`training` "yes" MUST come with `recording` "yes"."
    if training is Will.YES and recording is not Will.YES:
        fields.fail("training", "is yes without a yes to recording")
    # "`sealed` is the digest … exactly when `training` is "yes", and null otherwise."
    if (sealed is not None) != (training is Will.YES):
        fields.fail("sealed", "must go with a yes to training, and with nothing else")
    # "`left_out` is null, or, with a yes to training, an empty list."
    fields.nothing_listed("left_out", may_be_empty=training is Will.YES)
    return Answer(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        sequence=fields.integer("sequence", least=1),
        previous=fields.b64("previous", suite.DIGEST_BYTES),
        recording=recording,
        training=training,
        notice=fields.b64("notice", suite.DIGEST_BYTES),
        language=fields.language("language"),
        build=fields.b64("build", suite.DIGEST_BYTES),
        sealed=sealed,
        at=fields.integer("at"),
        body=body,
        digest=suite.digest(body),
    )


def parse_receipt_request(body: bytes) -> ReceiptRequest:
    """Read a receipt request without believing it; raises FormatError."""
    fields = document.read(body, RECEIPT_REQUEST_TYPE, most=MAX_RECEIPT_REQUEST_BYTES).only(
        "type", "meeting", "person", "at"
    )
    return ReceiptRequest(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        at=fields.integer("at"),
        body=body,
        digest=suite.digest(body),
    )


# Believing.


def check_name(enrolment: Enrolment, salt: bytes, name: str) -> None:
    """Raise FormatError unless this is what the person said that they are called."""
    if len(salt) != suite.KEY_BYTES or suite.name_digest(salt, name) != enrolment.name:
        raise FormatError("name", "is not the one that was signed")


def verify_enrolment(body: bytes, signature: bytes, charter: Charter) -> Enrolment:
    """Return the enrolment if it is one for this meeting, signed with the key it names.

    Raises FormatError, SignatureError, NoticeNotInForce.
    """
    enrolment = parse_enrolment(body)
    # Not in the parser: it costs two encapsulations, and is asked once, when somebody is believed.
    for name, key in (("watch", enrolment.watch), ("train", enrolment.train)):
        if not suite.is_xwing_public(key):
            raise FormatError(name, "is not a key that can be sealed to")
    if enrolment.meeting != charter.meeting:
        raise FormatError("meeting", "is another meeting")
    if enrolment.charter != charter.digest:
        raise FormatError("charter", "is not the charter of the meeting")
    suite.verify(enrolment.sign, ENROL_TYPE, body, signature)
    if not charter.in_force(enrolment.notice):
        raise NoticeNotInForce("notice", "is not in force")
    return enrolment


def verify_answer(
    body: bytes,
    signature: bytes,
    enrolment: Enrolment,
    charter: Charter,
    previous: Answer | None,
    sealed: bytes | None,
) -> Answer:
    """Return the answer if this very person may give it now, with the box it names.

    ``enrolment`` and ``previous`` (None for a first answer) must have been verified. ``sealed`` is
    the box that came with it. Raises FormatError, SignatureError, StaleStatement, NoticeNotInForce.
    """
    answer = verify_chained(body, signature, enrolment, charter, previous)
    check_sealed(answer, sealed)
    return answer


def verify_chained(
    body: bytes,
    signature: bytes,
    enrolment: Enrolment,
    charter: Charter,
    previous: Answer | None,
) -> Answer:
    """Do all that verify_answer does, except for looking at the box.

    Only for judging a chain of which a later answer counts. Raises as verify_answer does.
    """
    answer = parse_answer(body)
    if answer.meeting != charter.meeting or answer.meeting != enrolment.meeting:
        raise FormatError("meeting", "is another meeting")
    if answer.person != enrolment.person:
        raise FormatError("person", "is another person")
    suite.verify(enrolment.sign, ANSWER_TYPE, body, signature)
    _check_place(answer, enrolment, previous)
    # "The notice MUST be in force."
    if not charter.in_force(answer.notice):
        raise NoticeNotInForce("notice", "is not in force")
    _check_wills(answer, charter, previous)
    return answer


def check_sealed(answer: Answer, sealed: bytes | None) -> None:
    """Raise FormatError unless ``sealed`` is the box that the answer names, or both are none."""
    if (sealed is None) != (answer.sealed is None):
        raise FormatError("sealed", "must come with a yes to training, and with nothing else")
    if sealed is None:
        return
    if len(sealed) != suite.BOX_BYTES:
        raise FormatError("sealed", f"is not a box of {suite.BOX_BYTES} bytes")
    if suite.digest(sealed) != answer.sealed:
        raise FormatError("sealed", "is not the digest of the box")


def verify_receipt_request(body: bytes, signature: bytes, enrolment: Enrolment) -> ReceiptRequest:
    """Return the request if this very person makes it; raises FormatError, SignatureError.

    Whether its ``at`` is within RECEIPT_REQUEST_SKEW of now is the caller's to compare.
    """
    request = parse_receipt_request(body)
    if request.meeting != enrolment.meeting:
        raise FormatError("meeting", "is another meeting")
    if request.person != enrolment.person:
        raise FormatError("person", "is another person")
    suite.verify(enrolment.sign, RECEIPT_REQUEST_TYPE, body, signature)
    return request


def _check_place(answer: Answer, enrolment: Enrolment, previous: Answer | None) -> None:
    """ "A reader MUST reject a gap, a repetition or a chain that does not link." """
    sequence, before = 1, enrolment.digest
    if previous is not None:
        sequence, before = previous.sequence + 1, previous.digest
    if answer.sequence != sequence:
        raise StaleStatement("sequence", "does not follow the last answer")
    if answer.previous != before:
        raise StaleStatement("previous", "is not the digest of what was said before")


# From what may follow what. "A "yes" MUST NOT become "no" or "unanswered"", ""withdrawn" MUST
# follow a "yes" … (or "withdrawn")", and the only way out of it is the one named for recording.
_BEFORE_YES = frozenset({Will.UNANSWERED, Will.YES, Will.NO})
_AFTER_YES = frozenset({Will.YES, Will.WITHDRAWN})
_RECORDING = {
    Will.UNANSWERED: _BEFORE_YES,
    Will.NO: _BEFORE_YES,
    Will.YES: _AFTER_YES,
    Will.WITHDRAWN: _AFTER_YES,
}
# "`training` MUST stay "withdrawn": the key is gone."
_TRAINING = _RECORDING | {Will.WITHDRAWN: frozenset({Will.WITHDRAWN})}


def _check_wills(answer: Answer, charter: Charter, previous: Answer | None) -> None:
    """Check both purposes against what the charter offers and what was said before.

    That a withdrawn recording withdraws training as well follows from the rest: training cannot
    stay yes without recording, and a yes can become nothing but withdrawn.
    """
    # "What the charter does not offer MUST stay "unanswered"."
    if not charter.recording and answer.recording is not Will.UNANSWERED:
        raise FormatError("recording", "is not asked in this meeting")
    if not charter.training and answer.training is not Will.UNANSWERED:
        raise FormatError("training", "is not asked in this meeting")
    before = Will.UNANSWERED if previous is None else previous.recording
    if answer.recording not in _RECORDING[before]:
        raise FormatError("recording", "cannot follow what was said before")
    before = Will.UNANSWERED if previous is None else previous.training
    if answer.training not in _TRAINING[before]:
        raise FormatError("training", "cannot follow what was said before")
