"""``headers.json``, its checks: what a page knows, what header it gets, what it says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from assent_vault.formats import suite
from assent_vault.formats.generation import wrap_secret
from assent_vault.formats.generation_boxes import write_boxes
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    GenerationPerson,
    RemovedPerson,
)
from assent_vault.formats.suite import encode
from assent_vault.ledger.committing import GenerationDraft, MadeGeneration
from vectors.attendance import (
    ADA,
    BO,
    CHARTER,
    CY,
    DEE,
    EVERYONE,
    SERVER,
    VAULT,
    Attendee,
    boxes_for,
    draft,
    in_order,
    make,
    pairs_json,
    pairs_of,
    rebuilt,
    recorded_draft,
    rerecorded,
    signed,
    yes,
)
from vectors.common import MEETING, Json, fixed

# Everything that is known of others, whoever asks; cases take away from it, or add.
PAGES = [each.page(number) for each in EVERYONE for number in (1, 2)]
TWIN = BO.page(1, key=BO.public("watch"))
TWISTED = fixed("a certificate of one person for another's enrolment")
STOP = fixed("act 2")


def act(number: int, what: str, by: Attendee = ADA, **more: Any) -> Json:
    """Return an act of a host, as a page has verified it; ``number`` is its sequence."""
    return {
        "act": {
            "digest": encode(fixed(f"act {number}")),
            "by": encode(by.id),
            "sequence": number,
            "what": what,
        }
        | more
    }


ARMED = act(1, "arm", recording=True)
STOPPED = act(2, "arm", recording=False)
CY_REMOVED = act(2, "remove", person=encode(CY.id))
CY_ADMITTED = act(3, "admit", person=encode(CY.id), enrolment=encode(CY.enrolment))
BO_ADMITTED = act(4, "admit", person=encode(BO.id), enrolment=encode(BO.enrolment))
NEW_LINK = act(5, "link", ordinal=2)


def answered(who: Attendee, number: int, recording: str) -> Json:
    """Return an answer that the page is told of."""
    return {
        "answer": {
            "person": encode(who.id),
            "sequence": number,
            "digest": encode(who.answer(number)),
            "recording": recording,
        }
    }


def accepted(made: MadeGeneration) -> Json:
    """Return a header that the page has accepted."""
    return {"accepted": encode(made.header.body), "secret": encode(made.secret_key)}


FIRST = make(draft())
SECOND = make(draft(generation=2, previous=FIRST.header.digest))
LIVE_PEOPLE = FIRST.header.people
TAPED_PEOPLE = tuple(yes(person) for person in LIVE_PEOPLE)
CY_GONE = CY.person(page=None, present=False)


def after(made: MadeGeneration, **changes: Any) -> GenerationDraft:
    """Return a draft of the generation after another."""
    header = made.header
    return draft(
        **{
            "generation": header.generation + 1,
            "previous": header.digest,
            "people": header.people,
            "removed": header.removed,
        }
        | changes
    )


def taped_after(made: MadeGeneration, number: int = 1, **changes: Any) -> GenerationDraft:
    """Return a draft of a recorded generation after another."""
    last = made.header.recorded
    previous = None if last is None else made.header.digest
    training = changes.pop("training", False)
    people = changes.pop("people", tuple(yes(each) for each in made.header.people))
    drafted = recorded_draft(number, previous, training=training)
    return after(made, people=people, recorded=drafted, **changes)


TAPED = make(taped_after(FIRST))
TAPED_AGAIN = make(taped_after(TAPED, 2, people=TAPED_PEOPLE))
TRAINING = make(taped_after(FIRST, training=True))
WITH_CY = make(after(FIRST, people=in_order([*LIVE_PEOPLE, CY.person()])))


def make_checks() -> Json:
    """What everybody knows, and the cases: each is what Bo's first page says of a header."""
    world = {
        "own": {
            "person": encode(BO.id),
            "page": encode(BO.page().digest),
            "meeting": encode(MEETING),
            "charter": {
                "digest": encode(CHARTER),
                "recording": True,
                "training": False,
                "waiting_room": False,
                "notice_version": 1,
            },
            "vault": None,
            "answer": {"digest": encode(BO.answer()), "recording": "yes"},
        },
        "enrolments": [
            {
                "digest": encode(each.enrolment),
                "meeting": encode(MEETING),
                "charter": encode(CHARTER),
                "person": encode(each.id),
                "sign": encode(each.sign_public),
                "brought": 1,
            }
            for each in (ADA, BO, CY)
        ],
        "pages": [encode(page.body) for page in [*PAGES, TWIN]],
        "certificates": [
            {
                "digest": encode(ADA.certificate),
                "person": encode(ADA.id),
                "enrolment": encode(ADA.enrolment),
            },
            {
                "digest": encode(TWISTED),
                "person": encode(ADA.id),
                "enrolment": encode(BO.enrolment),
            },
        ],
        "answers": [
            {
                "digest": encode(each.answer(number)),
                "person": encode(each.id),
                "recording": recording,
            }
            for each in (ADA, BO, CY)
            for number, recording in ((1, "yes"), (2, "withdrawn"), (3, "yes"))
        ],
    }
    cases = [*_links(), *_people(), *_recordings(), *_secrets()]
    texts: list[str] = []
    for each in cases:
        _intern(each, ("header", "boxes"), texts)
        for step in each["known"]:
            _intern(step, ("accepted", "followed"), texts)
    return {"world": world, "texts": texts, "cases": cases}


def _intern(values: Json, keys: tuple[str, ...], texts: list[str]) -> None:
    """Put long texts, which many cases have in common, into one list, and their places here."""
    for key in keys:
        if isinstance(values.get(key), str):
            if values[key] not in texts:
                texts.append(values[key])
            values[key] = texts.index(values[key])


def case(
    name: str,
    problem: str | None,
    header: GenerationHeader | MadeGeneration,
    *known: Json,
    made: MadeGeneration | None = None,
    body: bytes | None = None,
    signature: bytes | None = None,
    boxes: bytes | None = None,
    pairs: Json | None = None,
    **changes: Any,
) -> Json:
    """Return one case: a header on top of what is ``known``, ``changes`` of the world."""
    if isinstance(header, MadeGeneration):
        made, header = header, header.header
    if boxes is None:
        if made is None:
            made = FIRST if header.recorded is None else TAPED
        boxes = made.boxes
        if header.digest != made.header.digest:
            boxes = write_boxes(header, boxes_for(header, made), *_rest(made))
    return {
        "name": name,
        "problem": problem,
        "known": list(known),
        "changes": changes,
        "header": encode(body or header.body),
        "signature": encode(signature or signed(header)),
        "boxes": encode(boxes),
        "pairs": pairs or pairs_json(header.committer, BO),
    }


def _rest(made: MadeGeneration) -> tuple[bytes | None, bytes | None]:
    values = json.loads(made.boxes)
    wraps, hashes = (
        None if values[key] is None else suite.decode(values[key]) for key in ("wraps", "hashes")
    )
    return wraps, hashes


def _links() -> list[Json]:
    one, two = accepted(FIRST), accepted(SECOND)
    third = make(after(SECOND))
    own_gone = make(after(FIRST, people=in_order([ADA.person(), BO.person(page=None)])))
    anew = make(draft(generation=7, people=in_order([ADA.person(), BO.person(), CY.person()])))
    with_cy_away = make(draft(people=in_order([*LIVE_PEOPLE, CY_GONE])))
    by_cy = draft(
        generation=2,
        previous=with_cy_away.header.digest,
        committer=CY.page().digest,
        people=in_order([*LIVE_PEOPLE, CY.person()]),
    )
    return [
        case("the first", None, FIRST),
        case("the next", None, SECOND, one),
        case("the first that a page sees", None, third),
        case("one that it has not accepted lies between", "not-linked", third, one),
        case("one that it has followed lies between", None, third, one,
             {"followed": encode(SECOND.header.body)}),
        case("the same once more", "not-linked", SECOND, one, two),
        case("an older one", "not-linked", FIRST, one, two),
        case("another of the same number", "not-linked",
             make(after(FIRST, at=1), "another E"), one, two),
        case("a number that is below, linked", "not-linked",
             rebuilt(third.header, generation=2), one, two),
        case("a chain begun anew while this page is in", "not-linked",
             make(draft(generation=3)), one, two),
        case("a chain begun anew after this page was out", None, anew, one, accepted(own_gone)),
        case("a chain begun anew, with an old number", "not-linked",
             rebuilt(anew.header, generation=2), one, accepted(own_gone), made=anew),
        case("no header", "bad-document", FIRST, body=b"{}"),
        case("another meeting", "bad-document", rebuilt(FIRST.header, meeting=bytes(16))),
        case("another charter", "bad-document", rebuilt(FIRST.header, charter=bytes(32))),
        case("signed by the server", "bad-document",
             make(draft(committer=None, people=in_order(
                 [ADA.person(page=None), BO.person(page=None)])))),
        case("signed by the server for a committer", "bad-signature", FIRST,
             signature=suite.sign(SERVER, GENERATION_TYPE, FIRST.header.body)),
        case("signed by somebody else who is in", "bad-signature", FIRST,
             signature=suite.sign(BO.sign, GENERATION_TYPE, FIRST.header.body)),
        case("signed as something else", "bad-signature", FIRST,
             signature=suite.sign(ADA.sign, "assent/accept/v2", FIRST.header.body)),
        case("by a committer who was away before", "not-in", make(by_cy), accepted(with_cy_away)),
        case("by a committer nobody knows", "bad-signature",
             make(draft(committer=DEE.page().digest,
                        people=in_order([*LIVE_PEOPLE, DEE.person()])))),
    ]  # fmt: skip


def _people() -> list[Json]:
    one = accepted(FIRST)
    cy = accepted(WITH_CY)
    gone = make(after(WITH_CY, people=in_order([*LIVE_PEOPLE, CY_GONE])))
    out = make(after(WITH_CY, people=in_order([*LIVE_PEOPLE, CY_GONE]),
                     removed=(RemovedPerson(CY.id, fixed("act 2")),)))  # fmt: skip
    after_out = make(after(out))
    forgotten = make(after(out, removed=()))
    ada, bo = ADA.person(host=ADA.certificate), BO.person()

    def live(*people: GenerationPerson, **changes: Any) -> MadeGeneration:
        return make(draft(people=in_order(list(people)), **changes))

    waiting = {"own": {"charter": {"waiting_room": True}}}
    unbrought = {"brought": {encode(BO.enrolment): 0, encode(CY.enrolment): 0}}
    return [
        case("somebody comes", None, WITH_CY, one),
        case("somebody left out", "people-missing",
             make(after(WITH_CY, people=LIVE_PEOPLE)), one, cy),
        case("another enrolment", "people-missing",
             make(after(WITH_CY, people=in_order(
                 [*LIVE_PEOPLE, replace(CY.person(), enrolment=DEE.enrolment)]))), one, cy),
        case("somebody removed is named no more", "people-missing", forgotten,
             one, cy, ARMED, CY_REMOVED, accepted(out)),
        case("an enrolment nobody knows", "not-brought", live(ada, bo, DEE.person())),
        case("the enrolment of somebody who is away, which nobody knows", "not-brought",
             live(ada, bo, DEE.person(page=None, present=False))),
        case("an enrolment of another person", "not-brought",
             live(ada, bo, replace(CY.person(), enrolment=BO.enrolment))),
        case("somebody not brought by the invitation", "not-brought", WITH_CY, one,
             **unbrought),
        case("the same, who is away and gets nothing", None, live(ada, bo, CY_GONE), **unbrought),
        case("brought by a link that is over", "not-brought", WITH_CY, one, NEW_LINK),
        case("brought by the new link", None, WITH_CY, one, NEW_LINK,
             brought={encode(CY.enrolment): 2}),
        case("met before there was the new link", None, make(after(WITH_CY)), one, cy, NEW_LINK),
        case("only followed before there was the new link", "not-brought",
             make(after(WITH_CY)), one, {"followed": encode(WITH_CY.header.body)}, NEW_LINK),
        case("met before, and away in between", None,
             make(after(gone, people=WITH_CY.header.people)), one, cy, accepted(gone), NEW_LINK),
        case("not let in by a host", "not-admitted", WITH_CY, BO_ADMITTED, **waiting),
        case("let in by a host", None, WITH_CY, CY_ADMITTED, BO_ADMITTED, **waiting),
        case("let in with another enrolment", "not-admitted", WITH_CY, BO_ADMITTED,
             act(5, "admit", person=encode(CY.id), enrolment=encode(bytes(32))), **waiting),
        case("removed", None, out, one, cy, ARMED, CY_REMOVED),
        case("removed, and so it stays", None, after_out, one, cy, ARMED, CY_REMOVED,
             accepted(out)),
        case("removed by nobody", "removed", out, one, cy),
        case("removed by another act", "removed",
             rebuilt(out.header, removed=(RemovedPerson(CY.id, fixed("act 3")),)),
             one, cy, ARMED, CY_REMOVED),
        case("a host has removed somebody who is still in", "removed",
             make(after(WITH_CY)), one, cy, ARMED, CY_REMOVED),
        case("removed at the door, and never in", None, SECOND, one, ARMED, CY_REMOVED),
        case("a page nobody knows", "strange-page",
             live(ada, bo, CY.person(page=fixed("a page")))),
        case("a page of somebody else", "strange-page",
             live(ada, bo, CY.person(page=ADA.page(2).digest))),
        case("a page with another's charter", "strange-page",
             live(ada, bo, CY.person(page=CY.page(1, charter=bytes(32)).digest)),
             pages=[encode(CY.page(1, charter=bytes(32)).body)]),
        case("somebody's next page", None,
             make(after(FIRST, people=in_order([ADA.person(page=ADA.page(2).digest,
                  host=ADA.certificate), bo]), committer=ADA.page(2).digest)), one),
        case("a page that somebody had before", "strange-page",
             live(ada, bo, CY.person(), generation=3),
             accepted(live(ADA.person(), BO.person(page=None),
                           CY.person(page=CY.page(2).digest)))),
        case("another page of the same number", "strange-page",
             make(after(FIRST, people=in_order([ada, BO.person(page=TWIN.digest)]))), one,
             own={"page": encode(TWIN.digest)}),
        case("this person with another page", "strange-page",
             live(ada, BO.person(page=BO.page(2).digest))),
        case("this person without a page", "strange-page", live(ada, BO.person(page=None))),
        case("this person not named", "strange-page", live(ada)),
        case("a host without a certificate", "not-a-host",
             live(ada, BO.person(host=fixed("no certificate")))),
        case("a host with another's certificate", "not-a-host",
             live(ada, BO.person(host=ADA.certificate))),
        case(
            "a host with a certificate of somebody else for this enrolment",
            "not-a-host",
            live(ada, BO.person(host=TWISTED)),
        ),
        case("a host who is away, without a certificate", "not-a-host",
             live(ada, bo, replace(CY_GONE, host=fixed("no certificate")))),
    ]  # fmt: skip


def _recordings() -> list[Json]:
    one = accepted(FIRST)
    header = TAPED.header

    def answers(**of: bytes | None) -> GenerationHeader:
        people = tuple(
            replace(person, answer=of[each.name])
            if (each := next(who for who in EVERYONE if who.id == person.id)).name in of
            else person
            for person in header.people
        )
        return rebuilt(header, people=people)

    later = make(after(TAPED, people=LIVE_PEOPLE))
    third = make(taped_after(later, people=TAPED_PEOPLE))
    jumped = make(
        draft(
            generation=3,
            previous=header.digest,
            people=TAPED_PEOPLE,
            recorded=recorded_draft(3, header.digest),
        )
    )
    elsewhere = make(
        draft(
            generation=3,
            previous=header.digest,
            people=TAPED_PEOPLE,
            recorded=recorded_draft(2, fixed("another header")),
        )
    )
    no_more = {"own": {"answer": {"digest": encode(BO.answer(2)), "recording": "withdrawn"}}}
    newer = {"own": {"answer": {"digest": encode(BO.answer(3)), "recording": "yes"}}}
    return [
        case("recorded", None, TAPED, ARMED, one),
        case("recorded once more", None, TAPED_AGAIN, ARMED, one, accepted(TAPED)),
        case("live again", None, later, ARMED, one, accepted(TAPED)),
        case("the second recorded one first again", "not-linked", third, ARMED, one,
             accepted(TAPED), accepted(later)),
        case("a recorded one is missing", "not-linked", jumped, ARMED, one, accepted(TAPED)),
        case("after another recorded one", "not-linked", elsewhere, ARMED, one,
             accepted(TAPED)),
        case("a charter without recording", "not-armed", TAPED, ARMED, one,
             own={"charter": {"recording": False}}),
        case("another notice", "bad-document", TAPED, ARMED, one,
             own={"charter": {"notice_version": 2}}),
        case(
            "no training though it is offered",
            "bad-document",
            TAPED,
            ARMED,
            one,
            own={"charter": {"training": True}},
        ),
        case("training that is not offered", "bad-document", TRAINING, ARMED, one),
        case("armed by nobody", "not-armed", TAPED, one),
        case("stopped since", "not-armed", TAPED, ARMED, one, STOPPED),
        case("armed by an older act", "not-armed", TAPED, ARMED, one,
             act(2, "arm", recording=True)),
        case("stopped, and said to be armed by that", "not-armed",
             rerecorded(header, arm=STOP), ARMED, STOPPED, one),
        case("present without an answer", "no-answer", answers(Ada=None), ARMED, one),
        case("an answer nobody knows", "no-answer", answers(Ada=fixed("?")), ARMED, one),
        case("another's answer", "no-answer", answers(Ada=BO.answer()), ARMED, one),
        case("an answer that is no yes", "no-answer", answers(Ada=ADA.answer(2)), ARMED, one),
        case("a yes that was taken back since", "no-answer", TAPED, ARMED, one,
             answered(ADA, 2, "withdrawn")),
        case("a yes that was given anew since", None, TAPED, ARMED, one,
             answered(ADA, 2, "withdrawn"), answered(ADA, 3, "yes")),
        case("this person has taken back", "against-my-will", TAPED, ARMED, one, **no_more),
        case("this person has said yes anew", "against-my-will", TAPED, ARMED, one, **newer),
        case(
            "this person's answer is no yes by their own account",
            "against-my-will",
            TAPED,
            ARMED,
            one,
            own={"answer": {"digest": encode(BO.answer()), "recording": "withdrawn"}},
        ),
        case("this person has said nothing", "against-my-will", TAPED, ARMED, one,
             own={"answer": None}),
    ]  # fmt: skip


def _secrets() -> list[Json]:
    one = accepted(FIRST)
    header = SECOND.header
    values = json.loads(SECOND.boxes)
    pairs = pairs_json(header.committer, BO)
    foreign = wrap_secret(
        pairs_of(header.committer).key("page", BO.id), "page", BO.id, header.digest, fixed("E'")
    )

    def boxes(of: Json, **changes: Any) -> bytes:
        return json.dumps(of | changes, separators=(",", ":")).encode()

    def box_of_bo(box: bytes) -> list[Json]:
        return [
            each | ({"box": encode(box)} if each["id"] == encode(BO.id) else {})
            for each in values["page"]
        ]

    own = next(each["box"] for each in values["page"] if each["id"] == encode(BO.id))
    flipped = bytes([suite.decode(own)[0] ^ 1]) + suite.decode(own)[1:]
    training = {"own": {"charter": {"training": True}, "vault": encode(VAULT)}}
    taped = TRAINING.header
    recorded = taped.recorded
    assert recorded is not None
    mine = 1 + [person.id for person in taped.people].index(BO.id)
    shares = list(recorded.shares)
    shares[mine] = fixed("another tree")
    others = list(recorded.shares)
    others[3 - mine] = fixed("another tree")
    wraps, hashes = _rest(TRAINING)
    assert wraps is not None
    assert hashes is not None
    changed = write_boxes(
        taped, boxes_for(taped, TRAINING), bytes([wraps[0] ^ 1]) + wraps[1:], hashes
    )
    unhashed = write_boxes(
        taped, boxes_for(taped, TRAINING), wraps, hashes[:-1] + bytes([hashes[-1] ^ 1])
    )
    slots = fixed("other slots")
    known = (ARMED, one)
    return [
        case("no boxes", "bad-secret", SECOND, one, boxes=b"{}"),
        case("boxes of another header", "bad-secret", SECOND, one, boxes=FIRST.boxes),
        case("no box", "bad-secret", SECOND, one, boxes=boxes(values, page=values["page"][:1])),
        case("one bit of the box", "bad-secret", SECOND, one,
             boxes=boxes(values, page=box_of_bo(flipped))),
        case("another secret in a box that opens", "bad-secret", SECOND, one,
             boxes=boxes(values, page=box_of_bo(foreign))),
        case("another tag", "bad-secret", rebuilt(header, secret=fixed("tag")), one),
        case("no pair key", "bad-secret", SECOND, one, pairs=pairs | {"page": None}),
        case("the watch pair of a live one", "bad-secret", SECOND, one,
             pairs=pairs | {"page": pairs["watch"]}),
        case("the page pair of a recorded one", "bad-secret", TAPED, *known,
             pairs=pairs | {"watch": pairs["page"]}),
        case("a secret that came with another header", "bad-secret", SECOND,
             one | {"secret": encode(SECOND.secret_key)}),
        case("training", None, TRAINING, *known, **training),
        case("training for another vault", "bad-document", TRAINING, *known,
             own={"charter": {"training": True}, "vault": encode(bytes(32))}),
        case("other shares of one's own", "bad-share", rerecorded(taped, shares=tuple(shares)),
             *known, made=TRAINING, **training),
        case("other shares of somebody else, which one cannot tell", None,
             rerecorded(taped, shares=tuple(others)), *known, made=TRAINING, **training),
        case("no train pair", "bad-share", TRAINING, *known, pairs=pairs | {"train": None},
             **training),
        case("other slots", "bad-share", rerecorded(taped, slots=slots), *known, made=TRAINING,
             **training),
        case("other slots without training", "bad-share", rerecorded(TAPED.header, slots=slots),
             *known),
        case("other wraps", "bad-share", TRAINING, *known, boxes=changed, **training),
        case("other hashes", "bad-share", TRAINING, *known, boxes=unhashed, **training),
    ]  # fmt: skip
