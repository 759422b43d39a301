"""What a person signs: enrolments, answers, receipt requests (FORMAT.md section 6).

``parse_*`` reads bytes and says nothing about truth; ``verify_*`` also checks the signature and
everything the format ties the statement to. Only what a ``verify_*`` returned may be believed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import document
from assent_vault.charter import Charter
from assent_vault.errors import FormatError, NoticeNotInForce, StaleStatement
from assent_vault.suite import (
    DIGEST_BYTES,
    KEY_BOX_BYTES,
    KEY_BYTES,
    MEETING_BYTES,
    SUITE,
    XWING_PUBLIC_BYTES,
    digest,
    encode,
    person_id,
    sign,
    verify,
)

ENROL = "assent/enrol/v1"
ANSWER = "assent/answer/v1"
RECEIPT_REQUEST = "assent/receipt-request/v1"
MAX_ENROL, MAX_ANSWER, MAX_RECEIPT_REQUEST = 8 * 1024, 4 * 1024, 1024


class Will(StrEnum):
    """What a person wants for one purpose."""

    UNANSWERED = "unanswered"
    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


_WILLS = frozenset(will.value for will in Will)
_SUITES = frozenset({SUITE})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's keys and what they were shown. ``sign``, ``watch``, ``train`` are public keys."""

    meeting: bytes
    charter: bytes
    sign: bytes
    watch: bytes
    train: bytes
    notice: bytes
    language: str
    build: bytes
    at: int
    body: bytes = field(repr=False)

    @property
    def person(self) -> bytes:
        """The person's 32-byte id."""
        return person_id(self.meeting, self.sign)

    @property
    def digest(self) -> bytes:
        """The digest of the exact bytes."""
        return digest(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's whole will at one point of their own sequence."""

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
    body: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """The digest of the exact bytes."""
        return digest(self.body)


@dataclass(frozen=True, slots=True)
class ReceiptRequest:
    """The holder of a seed asks for what is kept about them."""

    meeting: bytes
    person: bytes
    at: int


def build_enrolment(
    *,
    charter: Charter,
    sign_public: bytes,
    watch: bytes,
    train: bytes,
    notice: bytes,
    language: str,
    build: bytes,
    at: int,
) -> bytes:
    """Return the exact bytes of an enrolment, for whoever holds the keys to sign."""
    return document.write(
        {
            "type": ENROL,
            "suite": SUITE,
            "meeting": encode(charter.meeting),
            "charter": encode(charter.digest),
            "sign": encode(sign_public),
            "watch": encode(watch),
            "train": encode(train),
            "notice": encode(notice),
            "language": language,
            "build": encode(build),
            "at": at,
        }
    )


def build_answer(
    *,
    enrolment: Enrolment,
    previous: Answer | None,
    recording: Will,
    training: Will,
    notice: bytes,
    language: str,
    build: bytes,
    sealed: bytes | None,
    at: int,
) -> bytes:
    """Return the exact bytes of the answer that follows ``previous``."""
    return document.write(
        {
            "type": ANSWER,
            "suite": SUITE,
            "meeting": encode(enrolment.meeting),
            "person": encode(enrolment.person),
            "sequence": 1 if previous is None else previous.sequence + 1,
            "previous": encode(enrolment.digest if previous is None else previous.digest),
            "recording": recording.value,
            "training": training.value,
            "notice": encode(notice),
            "language": language,
            "build": encode(build),
            "sealed": None if sealed is None else encode(digest(sealed)),
            "at": at,
        }
    )


def build_receipt_request(meeting: bytes, person: bytes, at: int) -> bytes:
    """Return the exact bytes of a receipt request."""
    return document.write(
        {
            "type": RECEIPT_REQUEST,
            "meeting": encode(meeting),
            "person": encode(person),
            "at": at,
        }
    )


def sign_statement(key: Ed25519PrivateKey, body: bytes) -> bytes:
    """Sign a statement with the person's key."""
    return sign(key, document.kind_of(body, MAX_ENROL), body)


def parse_enrolment(body: bytes) -> Enrolment:
    """Read an enrolment; raises FormatError."""
    fields = document.read(body, ENROL, MAX_ENROL)
    fields.one_of("suite", _SUITES)
    enrolment = Enrolment(
        meeting=fields.binary("meeting", MEETING_BYTES),
        charter=fields.binary("charter", DIGEST_BYTES),
        sign=fields.binary("sign", KEY_BYTES),
        watch=fields.binary("watch", XWING_PUBLIC_BYTES),
        train=fields.binary("train", XWING_PUBLIC_BYTES),
        notice=fields.binary("notice", DIGEST_BYTES),
        language=fields.text("language", 35),
        build=fields.binary("build", DIGEST_BYTES),
        at=fields.integer("at"),
        body=body,
    )
    fields.done()
    return enrolment


def verify_enrolment(body: bytes, signature: bytes, charter: Charter) -> Enrolment:
    """Check an enrolment against its meeting.

    Raises FormatError, SignatureError or NoticeNotInForce.
    """
    enrolment = parse_enrolment(body)
    verify(enrolment.sign, ENROL, body, signature)
    if enrolment.meeting != charter.meeting:
        raise FormatError("for another meeting", "meeting")
    if enrolment.charter != charter.digest:
        raise FormatError("for another charter", "charter")
    if not charter.in_force(enrolment.notice, enrolment.language):
        raise NoticeNotInForce("the notice is not in force", "notice")
    if enrolment.watch == enrolment.train:
        raise FormatError("the watch key again", "train")
    return enrolment


def parse_answer(body: bytes) -> Answer:
    """Read an answer; raises FormatError."""
    fields = document.read(body, ANSWER, MAX_ANSWER)
    fields.one_of("suite", _SUITES)
    answer = Answer(
        meeting=fields.binary("meeting", MEETING_BYTES),
        person=fields.binary("person", DIGEST_BYTES),
        sequence=fields.integer("sequence", least=1),
        previous=fields.binary("previous", DIGEST_BYTES),
        recording=Will(fields.one_of("recording", _WILLS)),
        training=Will(fields.one_of("training", _WILLS)),
        notice=fields.binary("notice", DIGEST_BYTES),
        language=fields.text("language", 35),
        build=fields.binary("build", DIGEST_BYTES),
        sealed=fields.optional_binary("sealed", DIGEST_BYTES),
        at=fields.integer("at"),
        body=body,
    )
    fields.done()
    if answer.training is Will.YES and answer.recording is not Will.YES:
        raise FormatError("yes to training without yes to recording", "training")
    if (answer.sealed is not None) is not (answer.training is Will.YES):
        raise FormatError("a sealed seed exactly with yes to training", "sealed")
    return answer


def verify_answer(
    body: bytes,
    signature: bytes,
    enrolment: Enrolment,
    charter: Charter,
    previous: Answer | None,
    sealed: bytes | None,
) -> Answer:
    """Check an answer against its person, its meeting and the answer before it.

    ``enrolment`` and ``previous`` must have been verified. Raises FormatError, StaleStatement,
    NoticeNotInForce or SignatureError.
    """
    answer = parse_answer(body)
    if answer.meeting != charter.meeting or answer.meeting != enrolment.meeting:
        raise FormatError("for another meeting", "meeting")
    if answer.person != enrolment.person:
        raise FormatError("of another person", "person")
    verify(enrolment.sign, ANSWER, body, signature)
    _check_chain(answer, enrolment, previous)
    if not charter.in_force(answer.notice, answer.language):
        raise NoticeNotInForce("the notice is not in force", "notice")
    if not charter.recording and answer.recording is not Will.UNANSWERED:
        raise FormatError("recording is not offered", "recording")
    if not charter.training and answer.training is not Will.UNANSWERED:
        raise FormatError("training is not offered", "training")
    _check_step(answer, previous)
    if answer.sealed is None:
        if sealed is not None:
            raise FormatError("a sealed seed that was not announced", "sealed")
    elif sealed is None or len(sealed) != KEY_BOX_BYTES or digest(sealed) != answer.sealed:
        raise FormatError("not the sealed seed that was announced", "sealed")
    return answer


def _check_chain(answer: Answer, enrolment: Enrolment, previous: Answer | None) -> None:
    sequence = 1 if previous is None else previous.sequence + 1
    before = enrolment.digest if previous is None else previous.digest
    if answer.sequence != sequence:
        raise StaleStatement("not the next in sequence", "sequence")
    if answer.previous != before:
        raise StaleStatement("does not name what was said before", "previous")


def _check_step(answer: Answer, previous: Answer | None) -> None:
    """Check that each purpose moves as FORMAT.md section 6 allows."""
    was_recording = Will.UNANSWERED if previous is None else previous.recording
    was_training = Will.UNANSWERED if previous is None else previous.training
    for name, was, now in (
        ("recording", was_recording, answer.recording),
        ("training", was_training, answer.training),
    ):
        if now is Will.WITHDRAWN and was not in {Will.YES, Will.WITHDRAWN}:
            raise FormatError("withdrawn, but there was no yes", name)
        if was is Will.YES and now not in {Will.YES, Will.WITHDRAWN}:
            raise FormatError("a yes is taken back by withdrawing", name)
    if was_training is Will.WITHDRAWN and answer.training is not Will.WITHDRAWN:
        raise FormatError("withdrawn for good", "training")
    if was_recording is Will.WITHDRAWN and answer.recording not in {Will.YES, Will.WITHDRAWN}:
        raise FormatError("withdrawn, which only a yes replaces", "recording")


def parse_receipt_request(body: bytes) -> ReceiptRequest:
    """Read a receipt request; raises FormatError."""
    fields = document.read(body, RECEIPT_REQUEST, MAX_RECEIPT_REQUEST)
    request = ReceiptRequest(
        meeting=fields.binary("meeting", MEETING_BYTES),
        person=fields.binary("person", DIGEST_BYTES),
        at=fields.integer("at"),
    )
    fields.done()
    return request


def verify_receipt_request(body: bytes, signature: bytes, enrolment: Enrolment) -> ReceiptRequest:
    """Check a receipt request against the person it names; raises FormatError, SignatureError."""
    request = parse_receipt_request(body)
    if request.meeting != enrolment.meeting:
        raise FormatError("for another meeting", "meeting")
    if request.person != enrolment.person:
        raise FormatError("of another person", "person")
    verify(enrolment.sign, RECEIPT_REQUEST, body, signature)
    return request
