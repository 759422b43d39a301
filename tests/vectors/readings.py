"""``headers.json``, its readings: recorded headers as whoever reads a recording judges them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assent_vault.formats import suite
from assent_vault.formats.generation_header import GENERATION_TYPE, GenerationHeader, RemovedPerson
from assent_vault.formats.suite import encode
from vectors.attendance import (
    ADA,
    BO,
    CHARTER,
    CY,
    SERVER,
    draft,
    in_order,
    make,
    rebuilt,
    recorded_draft,
    rerecorded,
    signed,
    yes,
)
from vectors.common import MEETING, Json, fixed

PEOPLE = in_order(
    [yes(ADA.person(host=ADA.certificate)), yes(BO.person()), CY.person(page=None, present=False)]
)
FIRST = make(draft(people=PEOPLE, recorded=recorded_draft())).header
SECOND = make(
    draft(
        generation=3,
        previous=fixed("a live header"),
        people=PEOPLE,
        recorded=recorded_draft(2, FIRST.digest),
    )
).header
RELAYED = make(
    draft(
        committer=None,
        people=tuple(replace(person, page=None) for person in PEOPLE),
        recorded=recorded_draft(),
    )
).header


def make_readings() -> Json:
    """What is known of others, and the cases: ``before`` is the recorded header before, or null."""
    people = (ADA, BO, CY)
    world = {
        "terms": {
            "meeting": encode(MEETING),
            "charter": encode(CHARTER),
            "mode": "end-to-end",
            "recording": True,
            "training": False,
            "notice_version": 1,
            "vault": None,
            "server": encode(suite.sign_public(SERVER)),
        },
        "enrolments": {
            encode(each.enrolment): {"person": encode(each.id), "sign": encode(each.sign_public)}
            for each in people
        },
        "hosts": [encode(ADA.id)],
        "arms": {
            encode(fixed("act 1")): {"by": encode(ADA.id), "recording": True, "logged": True},
            encode(fixed("act 2")): {"by": encode(ADA.id), "recording": False, "logged": True},
            encode(fixed("act 3")): {"by": encode(BO.id), "recording": True, "logged": True},
            encode(fixed("act 4")): {"by": encode(ADA.id), "recording": True, "logged": False},
        },
        "answers": {
            encode(each.id): {"digest": encode(each.answer()), "recording": "yes"}
            for each in (ADA, BO)
        },
        "admitted": [encode(each.id) for each in people],
    }
    return {"world": world, "cases": _cases()}


def _cases() -> list[Json]:
    relayed = {"terms": {"mode": "relayed"}}

    def case(
        name: str,
        code: str | None,
        header: GenerationHeader,
        before: GenerationHeader | None = None,
        signature: bytes | None = None,
        body: bytes | None = None,
        **changes: Any,
    ) -> Json:
        return {
            "name": name,
            "code": code,
            "header": encode(body or header.body),
            "signature": encode(signature or signed(header)),
            "before": None if before is None else encode(before.body),
            "changes": changes,
        }

    def signed_by(key: Any, header: GenerationHeader = FIRST) -> bytes:
        return suite.sign(key, GENERATION_TYPE, header.body)

    def without(who: bytes, header: GenerationHeader) -> GenerationHeader:
        people = tuple(person for person in header.people if person.id != who)
        return rebuilt(header, people=people)

    cy_removed = (RemovedPerson(CY.id, fixed("act 9")),)
    before_removed = rebuilt(FIRST, removed=cy_removed)
    other_cy = tuple(
        replace(person, enrolment=bytes(32)) if person.id == CY.id else person for person in PEOPLE
    )
    unanswered = tuple(
        replace(person, answer=None) if person.id == BO.id else person for person in PEOPLE
    )
    bo = encode(BO.id)
    return [
        case("the first", None, FIRST),
        case("the second", None, SECOND, FIRST),
        case("of a relayed meeting", None, RELAYED, **relayed),
        case("no header", "bad-document", FIRST, body=b"{}"),
        case("a live one", "bad-document", make(draft()).header),
        case("another meeting", "bad-document", FIRST, terms={"meeting": encode(bytes(16))}),
        case("another charter", "bad-document", FIRST, terms={"charter": encode(bytes(32))}),
        case("a charter without recording", "bad-document", FIRST, terms={"recording": False}),
        case("another notice", "bad-document", FIRST, terms={"notice_version": 2}),
        case("a charter with training", "bad-document", FIRST,
             terms={"training": True, "vault": encode(bytes(32))}),
        case("made by the server, where it is end to end", "bad-document", RELAYED),
        case("made by a page, where it is relayed", "bad-document", FIRST, **relayed),
        case("signed by the server, where it is end to end", "bad-signature", FIRST,
             signature=signed_by(SERVER)),
        case("signed by a person, where it is relayed", "bad-signature", RELAYED,
             signature=signed_by(ADA.sign, RELAYED), **relayed),
        case("signed by somebody else who was in", "bad-signature", FIRST,
             signature=signed_by(BO.sign)),
        case("a committer with an unknown enrolment", "bad-signature", FIRST, enrolments={}),
        case("a committer with another's enrolment", "bad-signature", FIRST,
             enrolments={encode(ADA.enrolment):
                         {"person": bo, "sign": encode(ADA.sign_public)}}),
        case("somebody who was let in is not named", "people-missing", without(CY.id, FIRST)),
        case("somebody of the one before is not named", "people-missing",
             without(CY.id, SECOND), FIRST, admitted=[]),
        case("somebody has another enrolment than before", "people-missing",
             rebuilt(SECOND, people=other_cy), FIRST),
        case("somebody removed is not", "people-missing",
             rerecorded(SECOND, previous=before_removed.digest), before_removed),
        case("the second without the first", "not-linked", SECOND),
        case("the first after the first", "not-linked", FIRST, FIRST),
        case("after another", "not-linked", rerecorded(SECOND, previous=bytes(32)), FIRST),
        case("a number left out", "not-linked", rerecorded(SECOND, number=3), FIRST),
        case("a generation that is not later", "not-linked",
             rebuilt(SECOND, generation=1, previous=None), FIRST),
        case("of a relayed meeting, after a live one", "not-linked",
             rebuilt(RELAYED, generation=2, previous=fixed("a live header")), **relayed),
        case("armed by nobody", "not-armed", rerecorded(FIRST, arm=fixed("act 9"))),
        case("armed by an act that stops", "not-armed", rerecorded(FIRST, arm=fixed("act 2"))),
        case("armed by somebody who is no host", "not-armed",
             rerecorded(FIRST, arm=fixed("act 3"))),
        case("armed by an act that is not logged", "not-armed",
             rerecorded(FIRST, arm=fixed("act 4"))),
        case("no answer is named", "no-answer", rebuilt(FIRST, people=unanswered)),
        case("no answer was logged", "no-answer", FIRST, answers={bo: None}),
        case("another answer was the last", "no-answer", FIRST,
             answers={bo: {"digest": encode(BO.answer(2)), "recording": "yes"}}),
        case("the answer is no yes", "no-answer", FIRST,
             answers={bo: {"digest": encode(BO.answer()), "recording": "withdrawn"}}),
    ]  # fmt: skip
