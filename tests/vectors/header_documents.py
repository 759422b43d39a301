"""``headers.json``, its documents: each as it should be, and each way in which it is none."""

from __future__ import annotations

import json
from typing import Any

from assent_vault.formats import acceptance, generation_boxes, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.suite import encode
from vectors.attendance import (
    ADA,
    BO,
    CY,
    SERVER,
    Attendee,
    draft,
    in_order,
    make,
    recorded_draft,
    yes,
)
from vectors.common import Json, fixed

PEOPLE = in_order(
    [yes(ADA.person(host=ADA.certificate)), yes(BO.person()), CY.person(page=None, present=False)]
)
LIVE = make(draft())
TAPED = make(draft(people=PEOPLE, recorded=recorded_draft(training=True)))
RELAYED = make(
    draft(
        people=in_order([yes(each.person(page=None)) for each in (ADA, BO)]),
        committer=None,
        recorded=recorded_draft(),
    )
)


def make_documents() -> Json:
    """Each document of a generation, of three headers: live, recorded, and of a relayed meeting."""
    cases: list[Json] = []
    for reader, header, name, body, field in [*_headers(), *_pages(), *_accepts(), *_boxes()]:
        cases.append(
            {
                "name": f"{reader}: {name}",
                "reader": reader,
                "header": header,
                "document": encode(body),
                "field": field,
            }
        )
    return {
        "headers": {
            name: {"document": encode(made.header.body), "boxes": encode(made.boxes)}
            for name, made in (("live", LIVE), ("recorded", TAPED), ("relayed", RELAYED))
        },
        "parsed": {name: _parsed(made.header) for name, made in (("recorded", TAPED),)},
        "cases": cases,
        "closings": _closings(),
        "acceptances": _acceptances(),
    }


Case = tuple[str, str | None, str, bytes, str | None]


def _written(values: Json) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(header: GenerationHeader) -> Json:
    recorded = header.recorded
    assert recorded is not None
    return {
        "digest": encode(header.digest),
        "place": encode(header.place),
        "generation": header.generation,
        "committer": encode(ADA.id),
        "pages": [encode(person.id) for person in header.pages],
        "watchers": [encode(person.id) for person in header.watchers],
        "shares": [encode(share) for share in recorded.shares],
    }


def _headers() -> list[Case]:
    live, taped, relayed = (json.loads(made.header.body) for made in (LIVE, TAPED, RELAYED))
    people = live["people"]
    nobody = encode(fixed("nobody"))
    away = people[0] | {"present": False}
    cy = encode(CY.id)
    gone = encode(fixed("act 9"))

    def people_with(values: Json, at: int, **changes: Any) -> Json:
        changed = list(values["people"])
        changed[at] = changed[at] | changes
        return values | {"people": changed}

    def taped_with(**changes: Any) -> Json:
        return taped | {"recorded": taped["recorded"] | changes}

    ada = next(at for at, person in enumerate(people) if person["host"] is not None)
    absent = next(at for at, one in enumerate(taped["people"]) if not one["present"])
    host = next(at for at, one in enumerate(taped["people"]) if one["host"] is not None)
    most = 2**24 - 1
    found = [
        ("live", live, None),
        ("recorded", taped, None),
        ("relayed", relayed, None),
        ("the last number", live | {"generation": most}, None),
        ("somebody removed", taped | {"removed": [{"id": cy, "act": gone}]}, None),
        ("number 0", live | {"generation": 0}, "generation"),
        ("a number of 25 bits", live | {"generation": most + 1}, "generation"),
        ("a header before the first", live | {"previous": nobody}, "previous"),
        ("another suite", live | {"suite": "assent-1"}, "suite"),
        ("a field more", live | {"title": "Standup"}, "document"),
        ("nobody", live | {"people": []}, "people"),
        ("another order", live | {"people": people[::-1]}, "people"),
        ("somebody twice", live | {"people": people[:1] + people}, "people"),
        ("a page of somebody away", people_with(live, 0, present=False), "people[0].page"),
        ("all away", relayed | {"people": [away | {"page": None}], "recorded": None}, "people"),
        ("one page of two", people_with(live, 1 - ada, page=live["committer"]), "people"),
        ("pages without a committer", live | {"committer": None}, "people"),
        ("a committer who is nobody's page", live | {"committer": nobody}, "committer"),
        ("an answer of a live one", people_with(live, 0, answer=nobody), "people"),
        ("removed without having come", live | {"removed": [{"id": cy, "act": gone}]}, "removed"),
        ("removed and in", live | {"removed": [{"id": people[0]["id"], "act": gone}]}, "removed"),
        (
            "removed and a host",
            people_with(taped, absent, host=nobody) | {"removed": [{"id": cy, "act": gone}]},
            "removed",
        ),
        ("removed twice", taped | {"removed": [{"id": cy, "act": gone}] * 2}, "removed"),
        ("recorded number 0", taped_with(number=0), "recorded.number"),
        ("a recorded number of 7 digits", taped_with(number=10**6), "recorded.number"),
        ("recorded before the first", taped_with(previous=nobody), "recorded.previous"),
        ("the second after none", taped_with(number=2), "recorded.previous"),
        ("training without a vault", taped_with(vault=None), "recorded.vault"),
        ("a vault without training", taped_with(training=False), "recorded.vault"),
        (
            "a share too few",
            taped_with(shares=taped["recorded"]["shares"][1:]),
            "recorded.shares",
        ),
        ("a share that is none", taped_with(shares=[1, 2, 3, 4]), "recorded.shares[0]"),
        ("training without wraps", taped_with(wraps=None), "recorded.wraps"),
        ("notice 0", taped_with(notice_version=0), "recorded.notice_version"),
        ("a host's certificate cut short", people_with(taped, host, host="AAAA"),
         f"people[{host}].host"),
    ]  # fmt: skip
    return [("generation", None, name, _written(values), field) for name, values, field in found]


def _pages() -> list[Case]:
    page = json.loads(ADA.page().body)
    # A key with a number of 12 bits above 3,328, and one whose X25519 half gives zeroes.
    key = ADA.public("page")
    unsealable = encode(b"\xff\xff\xff" + key[3:])
    flat = encode(key[:-32] + bytes(32))
    found = [
        ("as it should be", page, None),
        ("sequence 0", page | {"sequence": 0}, "sequence"),
        ("a key cut short", page | {"key": encode(key[1:])}, "key"),
        ("a key that cannot be sealed to", page | {"key": unsealable}, "key"),
        ("a key of small order", page | {"key": flat}, "key"),
        ("another suite", page | {"suite": "assent-1"}, "suite"),
    ]
    return [("page", None, name, _written(values), field) for name, values, field in found]


def _accepts() -> list[Case]:
    header = TAPED.header
    accepted = acceptance.write_acceptance(header, ADA.id)
    refused = acceptance.write_acceptance(header, BO.id, "no-answer")
    one = json.loads(accepted)
    both = {each.id: acceptance.sign_acceptance(each.sign, header, each.id) for each in (ADA, BO)}
    stored = json.loads(acceptance.write_acceptances(header, both))
    cy = {"id": encode(CY.id), "signature": stored["accepts"][0]["signature"]}
    return [
        ("accept", None, "as it should be", accepted, None),
        ("accept", None, "with a problem", refused, None),
        (
            "accept",
            None,
            "a problem that there is not",
            _written(one | {"problem": "bad"}),
            "problem",
        ),
        ("accepts", "recorded", "of both", _written(stored), None),
        ("accepts", "recorded", "of one", _written(stored | {"accepts": stored["accepts"][1:]}),
         None),
        ("accepts", "recorded", "of none", _written(stored | {"accepts": []}), None),
        ("accepts", "live", "of another header", _written(stored), "header"),
        ("accepts", "recorded", "another order",
         _written(stored | {"accepts": stored["accepts"][::-1]}), "accepts"),
        ("accepts", "recorded", "one twice",
         _written(stored | {"accepts": stored["accepts"][:1] * 2}), "accepts"),
        ("accepts", "recorded", "of somebody without a page",
         _written(stored | {"accepts": [cy]}), "accepts"),
    ]  # fmt: skip


def _boxes() -> list[Case]:
    live, taped = json.loads(LIVE.boxes), json.loads(TAPED.boxes)
    relayed = json.loads(RELAYED.boxes)
    cases: list[tuple[str, str, Json, str | None]] = [
        ("live", "for pages", live, None),
        ("recorded", "for watchers", taped, None),
        ("relayed", "for who is present", relayed, None),
        ("recorded", "of another header", live, "header"),
        ("live", "one too few", live | {"page": live["page"][:1]}, "page"),
        ("live", "another order", live | {"page": live["page"][::-1]}, "page"),
        ("live", "one twice", live | {"page": live["page"] + live["page"][:1]}, "page[2].id"),
        ("live", "watchers of a live one", live | {"watch": live["page"]}, "watch"),
        ("recorded", "pages of a recorded one", taped | {"page": taped["watch"]}, "page"),
        (
            "recorded",
            "a watcher who is neither in nor a host",
            taped
            | {
                "watch": sorted(
                    [*taped["watch"], {"id": encode(CY.id), "box": taped["watch"][0]["box"]}],
                    key=lambda each: suite.decode(each["id"]),
                )
            },
            "watch",
        ),
        ("recorded", "no wraps", taped | {"wraps": None}, "wraps"),
        ("recorded", "wraps cut short", taped | {"wraps": taped["wraps"][4:]}, "wraps"),
        ("recorded", "no hashes", taped | {"hashes": None}, "hashes"),
        ("live", "wraps of a live one", live | {"wraps": taped["wraps"]}, "wraps"),
    ]
    outer = {each.id: bytes(suite.BOX_BYTES) for each in (ADA, BO)}
    sealed = json.loads(generation_boxes.write_outer(TAPED.header, outer, bytes(suite.BOX_BYTES)))
    outers: list[tuple[str, str, Json, str | None]] = [
        ("recorded", "as it should be", sealed, None),
        ("recorded", "without the vault", sealed | {"vault": None}, "vault"),
        ("recorded", "one too few", sealed | {"watch": sealed["watch"][1:]}, "watch"),
        ("recorded", "of another header", sealed | {"header": encode(bytes(32))}, "header"),
        ("live", "of a live one", sealed | {"header": encode(LIVE.header.digest)}, "header"),
    ]
    return [
        (reader, header, name, _written(values), field)
        for reader, found in (("boxes", cases), ("outer", outers))
        for header, name, values, field in found
    ]


def _acceptances() -> list[Json]:
    """Signatures alone: whose, and whether they are of the header."""
    header = TAPED.header
    good = acceptance.sign_acceptance(ADA.sign, header, ADA.id)

    def case(name: str, who: Attendee, signature: bytes, valid: bool) -> Json:
        return {
            "name": name,
            "header": "recorded",
            "person": encode(who.id),
            "sign": encode(who.sign_public),
            "signature": encode(signature),
            "valid": valid,
        }

    refusal = acceptance.sign_acceptance(ADA.sign, header, ADA.id, "no-answer")
    elsewhere = acceptance.sign_acceptance(ADA.sign, LIVE.header, ADA.id)
    return [
        case("as it should be", ADA, good, True),
        case("somebody else's", BO, good, False),
        case("of another header", ADA, elsewhere, False),
        case("a refusal", ADA, refusal, False),
        case("one bit", ADA, good[:-1] + bytes([good[-1] ^ 1]), False),
    ]


def _closings() -> Json:
    """Closings, of the recorded and of the relayed header; ``accepted`` is who had."""
    cases = []
    signatures = {
        each.id: acceptance.sign_acceptance(each.sign, TAPED.header, each.id) for each in (ADA, BO)
    }
    both = acceptance.write_acceptances(TAPED.header, signatures)
    ada = acceptance.write_acceptances(TAPED.header, {ADA.id: signatures[ADA.id]})

    def entries(*people: Attendee) -> list[SegmentEntry]:
        return [
            SegmentEntry(f"{encode(who.id)}.microphone", 0, fixed("segment"), 100, 1_000, 1_000)
            for who in people
        ]

    def case(
        name: str,
        made: GenerationHeader,
        accepts: bytes | None,
        people: list[Attendee],
        field: str | None,
        *,
        named: bytes | None = None,
        changes: Json | None = None,
        resigned: bool = True,
    ) -> None:
        of = named if named is not None else accepts
        body = build_generation_closing(
            header=made,
            accepts=None if of is None else suite.digest(of),
            ended=2_000,
            interrupted=False,
            segments=entries(*people),
        )
        signature = sign_generation_closing(SERVER, body)
        if changes is not None:
            body = _written(json.loads(body) | changes)
            signature = sign_generation_closing(SERVER, body) if resigned else signature
        cases.append(
            {
                "name": name,
                "header": "relayed" if made.committer is None else "recorded",
                "accepts": None if accepts is None else encode(accepts),
                "document": encode(body),
                "signature": encode(signature),
                "field": field,
            }
        )

    header, relayed = TAPED.header, RELAYED.header
    case("as it should be", header, both, [ADA, BO], None)
    case("nothing", header, both, [], None)
    case("relayed, without acceptances", relayed, None, [ADA, BO], None)
    case("of somebody without an acceptance", header, ada, [ADA, BO], "segments")
    case("of somebody who was not there", header, both, [CY], "segments")
    case("with other acceptances", header, ada, [ADA], "accepts", named=both)
    case("without acceptances", header, both, [ADA], "accepts", changes={"accepts": None})
    case("of another header", header, both, [], "header", changes={"header": encode(bytes(32))})
    case("of another meeting", header, both, [], "meeting", changes={"meeting": encode(bytes(16))})
    case("of another number", header, both, [], "generation", changes={"generation": 2})
    case("changed", header, both, [], "signature", changes={"ended": 3_000}, resigned=False)
    return {"server": encode(suite.sign_public(SERVER)), "cases": cases}
