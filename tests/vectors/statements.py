"""``statements.json``: what people sign, valid and not."""

from __future__ import annotations

import json
from typing import Any

from assent_vault.formats import document, statement, suite
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from support.people import CREATED, NOTICE_DIGEST, Meeting, Signed
from vectors.common import (
    FOREIGN_NOTICE,
    OTHER_NOTICE,
    Json,
    meeting,
    person,
)


class Cases:
    """Gathers cases of one person in one meeting."""

    def __init__(self, name: str, place: Meeting) -> None:
        self.name = name
        self.place = place
        self.cases: list[Json] = []
        self.person = person(place, "Ada")
        self.enrolment = self.person.enrol()
        self.said: list[Signed] = []

    def add(
        self,
        name: str,
        kind: str,
        said: Signed,
        error: str | None = None,
        field: str | None = None,
        *,
        strict: bool = False,
    ) -> None:
        """Add what was ``said``, and what is to be thought of it."""
        self.cases.append(
            {
                "name": name,
                "charter": self.name,
                "kind": kind,
                "previous": [_signed(said) for said in self.said] if kind == "answer" else [],
                **_signed(said),
                "error": error,
                "field": field,
                "strict": strict,
            }
        )

    def good(self, name: str, recording: str, training: str, **more: Any) -> None:
        """Add a valid answer that all further ones follow."""
        said = self.person.answer(Will(recording), Will(training), **more)
        self.add(name, "answer", said)
        self.said.append(said)

    def bad(
        self,
        name: str,
        error: str,
        field: str | None,
        recording: str = "yes",
        training: str = "unanswered",
        **more: Any,
    ) -> None:
        """Add an invalid answer, properly signed, that nothing follows."""
        self.add(name, "answer", self.person.raw_answer(recording, training, **more), error, field)


def make_statements() -> Json:
    """Statements, valid and not, each with all it is to be judged by."""
    both = Cases("both", meeting())
    recording_only = Cases("recording-only", meeting(training=False))
    nothing = Cases("nothing", meeting(recording=False, training=False))
    cases = [
        *_enrolments(both),
        *_documents(both),
        *_first_answers(both),
        *_later_answers(),
        *_unoffered(recording_only, nothing),
        *_requests(both),
    ]
    assert len({case["name"] for case in cases}) == len(cases)
    meetings = (both, recording_only, nothing)
    return {
        "charters": {each.name: encode(each.place.charter.body) for each in meetings},
        "enrolments": {each.name: _signed(each.enrolment) for each in meetings},
        "cases": cases,
    }


def _signed(said: Signed) -> Json:
    return {
        "document": encode(said.body),
        "signature": encode(said.signature),
        "sealed": None if said.sealed is None else encode(said.sealed),
    }


def _enrolments(to: Cases) -> list[Json]:
    here = len(to.cases)
    bad = "bad-statement"
    one = bytes([1]) + bytes(31)
    watch = suite.xwing_public(to.person.watch)
    train = suite.xwing_public(to.person.train)

    def changed(case: str, error: str, field: str | None, **changes: Any) -> None:
        to.add(f"enrolment: {case}", "enrolment", to.person.enrol(**changes), error, field)

    to.add("enrolment", "enrolment", to.enrolment)
    french = to.person.enrol(notice=encode(OTHER_NOTICE), language="fr")
    to.add("enrolment: in French", "enrolment", french)
    changed("another suite", bad, "suite", suite="assent-1")
    changed("another meeting", bad, "meeting", meeting=encode(bytes(16)))
    changed("a meeting id too short", bad, "meeting", meeting=encode(bytes(15)))
    changed("another charter", bad, "charter", charter=encode(bytes(32)))
    changed("words not in force", "notice-not-in-force", "notice", notice=encode(FOREIGN_NOTICE))
    changed("no language", bad, "language", language="")
    changed("not a language", bad, "language", language="<b>en</b>")
    changed("a time before 1970", bad, "document", at=-1)
    changed("a time in words", bad, "at", at="now")
    changed("a field more", bad, "document", more="Ada")
    changed("a name as it is said", bad, "name", name="Ada")
    changed("a digest of a name that is too short", bad, "name", name=encode(bytes(31)))
    changed("no name", bad, "name", name=None)
    changed("keys in hex", bad, "watch", watch=watch.hex())
    changed("a key too short", bad, "train", train=encode(train[:-1]))
    changed(
        "a watch key that nobody can seal to", bad, "watch", watch=encode(watch[:-32] + bytes(32))
    )
    changed(
        "a training key that nobody can seal to", bad, "train", train=encode(b"\xff" * 1184 + one)
    )
    other = person(to.place, "Bo")
    foreign = other.enrol()
    by_other = other.raw_bytes(statement.ENROL_TYPE, to.enrolment.body)
    to.add(
        "enrolment: signed with another key than it names", "enrolment", by_other, "bad-signature"
    )
    to.add(
        "enrolment: another's signature",
        "enrolment",
        Signed(to.enrolment.body, foreign.signature),
        "bad-signature",
    )
    to.add(
        "enrolment: signed as an answer",
        "enrolment",
        to.person.raw_bytes(statement.ANSWER_TYPE, to.enrolment.body),
        "bad-signature",
    )
    weak = to.person.enrol(sign=encode(one))
    to.add(
        "enrolment: a key that anybody can sign with",
        "enrolment",
        Signed(weak.body, one + bytes(32)),
        bad,
        "sign",
    )
    return to.cases[here:]


def _documents(to: Cases) -> list[Json]:
    """What is wrong with the bytes, and not with what they say."""
    here = len(to.cases)
    body = to.enrolment.body

    def raw(
        name: str, body: bytes, error: str | None, field: str | None, *, strict: bool = False
    ) -> None:
        said = to.person.raw_bytes(statement.ENROL_TYPE, body)
        to.add(f"document: {name}", "enrolment", said, error, field, strict=strict)

    bad, whole = "bad-statement", "document"
    at = body[body.rindex(b":") + 1 : -1]
    raw("white space", body.replace(b":", b" :\r\n\t"), bad, whole, strict=True)
    raw("an escaped letter", body.replace(b'"at"', b'"\\u0061t"'), bad, whole, strict=True)
    raw("fields in another order", _turned(body), bad, whole, strict=True)
    raw("cut short", body[:-1], bad, whole)
    raw("something after it", body + b"{}", bad, whole)
    raw("nothing", b"", bad, whole)
    raw("a list", b"[" + body + b"]", bad, whole)
    raw("null", b"null", bad, whole)
    raw("a field missing", body.replace(b',"at":' + at, b""), bad, "at")
    raw("no type", body.replace(b'"type":"assent/enrol/v2",', b""), bad, "type")
    raw("another type", body.replace(b"assent/enrol/v2", b"assent/enrol/v1"), bad, "type")
    raw("null for text", body.replace(b'"language":"en"', b'"language":null'), bad, "language")
    raw("true for a time", body.replace(at, b"true"), bad, "at")
    raw("a fraction", body.replace(at, b"1.5"), bad, whole)
    raw("a time over 2^53 - 1", body.replace(at, b"9007199254740992"), bad, whole)
    raw("a number that is none", body.replace(at, b"NaN"), bad, whole)
    raw("a leading zero", body.replace(at, b"0" + at), bad, whole)
    raw("not UTF-8", body.replace(b'"en"', b'"\xff"'), bad, whole)
    raw("single quotes", body.replace(b'"', b"'"), bad, whole)
    notice = encode(NOTICE_DIGEST).encode()
    raw("padded base64url", body.replace(notice, notice + b"="), bad, "notice")
    raw("base64url with a bit too many", body.replace(notice, _odd(notice)), bad, "notice")
    raw("over 8 KiB", body[:-1] + b" " * 8192 + b"}", bad, whole)
    raw("a byte order mark", b"\xef\xbb\xbf" + body, bad, whole, strict=True)
    raw("a field twice", body[:-1] + b',"at":' + at + b"}", bad, whole, strict=True)
    raw("a field twice, once escaped", body[:-1] + b',"\\u0061t":' + at + b"}", bad, whole,
        strict=True)  # fmt: skip
    raw("a whole number written as a fraction", body.replace(at, at + b".0"), bad, whole,
        strict=True)  # fmt: skip
    raw("a whole number written as a power", body.replace(at, b"1e3"), bad, whole, strict=True)
    raw("minus zero", body.replace(at, b"-0"), bad, whole, strict=True)
    return to.cases[here:]


def _turned(body: bytes) -> bytes:
    """Write the fields from the last to the first."""
    return document.write(dict(reversed(json.loads(body).items())))


def _odd(text: bytes) -> bytes:
    """Spell 32 bytes a second way: with a bit set among those that carry nothing."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + bytes([alphabet[alphabet.index(text[-1:]) | 1]])


def _first_answers(to: Cases) -> list[Json]:
    here = len(to.cases)
    bad, stale = "bad-statement", "stale-statement"
    grant = to.person.grant()
    for recording, training in (
        ("unanswered", "unanswered"),
        ("yes", "unanswered"),
        ("no", "unanswered"),
        ("yes", "no"),
        ("no", "no"),
        ("unanswered", "no"),
        ("yes", "yes"),
    ):
        box = grant if training == "yes" else None
        said = to.person.raw_answer(recording, training, sealed=box)
        to.add(f"first answer: {recording}, {training}", "answer", said)
    said = to.person.raw_answer("yes", notice=OTHER_NOTICE, language="fr")
    to.add("first answer: in French", "answer", said)
    to.bad("first answer: withdraws recording", bad, "recording", "withdrawn")
    to.bad("first answer: withdraws training", bad, "training", "yes", "withdrawn")
    to.bad("first answer: no will", bad, "recording", "maybe")
    to.bad("first answer: another's spelling of yes", bad, "recording", "Yes")
    for other in ("no", "unanswered"):
        to.bad(f"first answer: training, recording {other}", bad, "training", other, "yes",
               sealed=grant)  # fmt: skip
    to.bad("first answer: a grant without a box", bad, "sealed", "yes", "yes")
    named = to.person.raw_answer("yes", "yes", sealed=grant)
    to.add(
        "first answer: the box is not there",
        "answer",
        Signed(named.body, named.signature, None),
        bad,
        "sealed",
    )
    to.add(
        "first answer: another box",
        "answer",
        Signed(named.body, named.signature, to.person.grant(OTHER_NOTICE)),
        bad,
        "sealed",
    )
    to.bad("first answer: a box too short", bad, "sealed", "yes", "yes", sealed=grant[:-1])
    to.bad("first answer: a box without a yes", bad, "sealed", "yes", "no", sealed=grant)
    whole = to.person.raw_answer("yes", "yes", sealed=grant, left_out=[])
    to.add("first answer: nothing is left out", "answer", whole)
    to.bad("first answer: nothing is left out of a no", bad, "left_out", "yes", "no", left_out=[])
    passage = [{"header": encode(bytes(32)), "slots": [[0, 1]]}]
    to.bad("first answer: a passage is left out", bad, "left_out", "yes", "yes", sealed=grant,
           left_out=passage)  # fmt: skip
    to.bad("first answer: what is left out is text", bad, "left_out", left_out="")
    quiet = to.person.raw_answer("yes", "no")
    to.add(
        "first answer: a box that is not named",
        "answer",
        Signed(quiet.body, quiet.signature, grant),
        bad,
        "sealed",
    )
    to.bad("first answer: number 0", bad, "sequence", sequence=0)
    to.bad("first answer: number 2", stale, "sequence", sequence=2)
    to.bad("first answer: after nothing", stale, "previous", previous=encode(bytes(32)))
    to.bad("first answer: another suite", bad, "suite", suite="assent-1")
    to.bad("first answer: another meeting", bad, "meeting", meeting=encode(bytes(16)))
    to.bad("first answer: for another", bad, "person", person=encode(person(to.place, "Bo").id))
    to.bad("first answer: words not in force", "notice-not-in-force", "notice",
           notice=FOREIGN_NOTICE)  # fmt: skip
    to.bad("first answer: a field more", bad, "document", comment="sure")
    bo = person(to.place, "Bo")
    bo.enrol()
    forged = to.person.raw_answer("yes")
    to.add(
        "first answer: signed by another",
        "answer",
        bo.raw_bytes(statement.ANSWER_TYPE, forged.body),
        "bad-signature",
    )
    to.add("first answer: another's own", "answer", bo.raw_answer("yes"), bad, "person")
    to.add(
        "first answer: signed as an enrolment",
        "answer",
        to.person.raw_bytes(statement.ENROL_TYPE, forged.body),
        "bad-signature",
    )
    to.add(
        "first answer: a signature too short",
        "answer",
        Signed(forged.body, forged.signature[:-1]),
        "bad-signature",
    )
    return to.cases[here:]


def _later_answers() -> list[Json]:
    """Every step there is from what was said before."""
    wills = ("unanswered", "yes", "no", "withdrawn")
    histories: list[tuple[tuple[str, str], ...]] = [
        (("unanswered", "unanswered"),),
        (("yes", "unanswered"),),
        (("no", "no"),),
        (("yes", "no"),),
        (("yes", "yes"),),
        (("yes", "yes"), ("yes", "withdrawn")),
        (("yes", "unanswered"), ("withdrawn", "unanswered")),
        (("yes", "yes"), ("withdrawn", "withdrawn")),
    ]
    made = []
    for history in histories:
        to = Cases("both", meeting())
        name = "; ".join(f"{recording}, {training}" for recording, training in history)
        for recording, training in history:
            said = to.person.answer(recording, training)
            to.said.append(said)
        before = dict(zip(("recording", "training"), history[-1], strict=True))
        for recording in wills:
            for training in wills:
                box = to.person.grant() if training == "yes" else None
                field = _wrong(before, {"recording": recording, "training": training})
                said = to.person.raw_answer(recording, training, sealed=box)
                to.add(
                    f"after {name}: {recording}, {training}",
                    "answer",
                    said,
                    None if field is None else "bad-statement",
                    field,
                )
        made += to.cases
    return made + _places()


def _wrong(before: dict[str, str], after: dict[str, str]) -> str | None:
    """Say which field of a step FORMAT.md section 6 forbids, told apart from the code's own way.

    The sentences are taken one by one, as a reader would; the code has a table.
    """
    if after["training"] == "yes" and after["recording"] != "yes":
        return "training"
    for purpose in ("recording", "training"):
        was, is_ = before[purpose], after[purpose]
        if is_ == "withdrawn" and was not in ("yes", "withdrawn"):
            return purpose
        if was == "yes" and is_ in ("no", "unanswered"):
            return purpose
        if was == "withdrawn" and purpose == "training" and is_ != "withdrawn":
            return purpose
        if was == "withdrawn" and purpose == "recording" and is_ not in ("withdrawn", "yes"):
            return purpose
    return None


def _places() -> list[Json]:
    """Answers that come out of order."""
    to = Cases("both", meeting())
    stale = "stale-statement"
    first = to.person.answer("yes")
    to.said.append(first)
    second = to.person.raw_answer("yes", "no")
    to.add("second answer", "answer", second)
    to.add("second answer: the first again", "answer", first, stale, "sequence")
    to.bad("second answer: a gap", stale, "sequence", sequence=3)
    to.bad("second answer: a repetition", stale, "sequence", sequence=1)
    assert to.person.enrolment is not None
    to.bad("second answer: after the enrolment", stale, "previous",
           previous=encode(to.person.enrolment.digest))  # fmt: skip
    to.bad("second answer: after another", stale, "previous",
           previous=encode(suite.digest(second.body)))  # fmt: skip
    to.person.last = statement.parse_answer(second.body)
    to.said.append(second)
    third = to.person.raw_answer("withdrawn", "no")
    to.add("third answer", "answer", third)
    to.said.pop()
    to.add("third answer: the second is missing", "answer", third, stale, "sequence")
    return to.cases


def _unoffered(recording_only: Cases, nothing: Cases) -> list[Json]:
    bad = "bad-statement"
    grant = person(meeting(), "Ada").grant()
    recording_only.good("training not offered: recording", "yes", "unanswered")
    recording_only.bad("training not offered: no", bad, "training", "yes", "no")
    recording_only.bad("training not offered: yes", bad, "training", "yes", "yes", sealed=grant)
    nothing.good("nothing offered: nothing said", "unanswered", "unanswered")
    nothing.bad("nothing offered: yes", bad, "recording", "yes")
    nothing.bad("nothing offered: no", bad, "recording", "no")
    return recording_only.cases + nothing.cases


def _requests(to: Cases) -> list[Json]:
    here = len(to.cases)
    at = CREATED + 5_000_000
    kind = "receipt-request"
    good = to.person.receipt_request(at)
    to.add("receipt request", kind, good)
    other = person(to.place, "Bo")
    other.enrol()
    to.add("receipt request: another's", kind, other.receipt_request(at), "bad-statement", "person")
    to.add(
        "receipt request: signed by another",
        kind,
        other.raw_bytes(statement.RECEIPT_REQUEST_TYPE, good.body),
        "bad-signature",
    )
    to.add(
        "receipt request: signed as an answer",
        kind,
        to.person.raw_bytes(statement.ANSWER_TYPE, good.body),
        "bad-signature",
    )
    for name, field, change in (
        ("another meeting", "meeting", {"meeting": encode(bytes(16))}),
        ("a field more", "document", {"sequence": 1}),
    ):
        values = {
            "type": statement.RECEIPT_REQUEST_TYPE,
            "meeting": encode(to.place.id),
            "person": encode(to.person.id),
            "at": at,
        }
        said = to.person.raw_signed(values | change)
        to.add(f"receipt request: {name}", kind, said, "bad-statement", field)
    return to.cases[here:]
