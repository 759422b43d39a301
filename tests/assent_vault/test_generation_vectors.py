"""``headers.json`` and ``openings.json``: each case is judged as it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from assent_vault.errors import FormatError, GenerationError, SealError, SignatureError
from assent_vault.formats import acceptance, suite
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_closing import verify_generation_closing
from assent_vault.formats.generation_header import GenerationHeader, parse_generation
from assent_vault.formats.page_document import parse_page
from assent_vault.formats.short_code import short_code
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, encode
from assent_vault.keys import generation_opening as opening
from assent_vault.keys.passages_opening import open_passages, passages_info
from assent_vault.ledger.generation_chain import (
    ArmAct,
    ChainEvidence,
    EnrolledSigner,
    GivenAnswer,
    MeetingTerms,
    check_recorded,
)
from assent_vault.ledger.slot_grant import ExpectedTree, open_bundle

FOLDER = Path(__file__).parent.parent / "vectors"
Json = dict[str, Any]
HEADERS, OPENINGS = (
    json.loads((FOLDER / f"{name}.json").read_bytes()) for name in ("headers", "openings")
)
DOCUMENTS, READINGS = HEADERS["documents"], HEADERS["readings"]


def cases(values: list[Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", values, ids=[case["name"] for case in values])


# Documents.


def header_named(name: str | None) -> GenerationHeader:
    return parse_generation(decode(DOCUMENTS["headers"][name or "live"]["document"]))


READERS: Mapping[str, Callable[[bytes, GenerationHeader], object]] = {
    "generation": lambda body, _: parse_generation(body),
    "page": lambda body, _: parse_page(body),
    "accept": lambda body, _: acceptance.parse_acceptance(body),
    "accepts": acceptance.parse_acceptances,
    "boxes": parse_boxes,
    "outer": parse_outer,
}


@cases(DOCUMENTS["cases"])
def test_document(case: Json) -> None:
    args = decode(case["document"]), header_named(case["header"])
    if case["field"] is None:
        READERS[case["reader"]](*args)
    else:
        with pytest.raises(FormatError) as caught:
            READERS[case["reader"]](*args)
        assert caught.value.field == case["field"]


def test_what_a_header_says() -> None:
    header, parsed = header_named("recorded"), DOCUMENTS["parsed"]["recorded"]
    assert header.recorded is not None
    assert header.committer_person is not None
    assert parsed == {
        "digest": encode(header.digest),
        "place": encode(header.place),
        "generation": header.generation,
        "committer": encode(header.committer_person.id),
        "pages": [encode(person.id) for person in header.pages],
        "watchers": [encode(person.id) for person in header.watchers],
        "shares": [encode(share) for share in header.recorded.shares],
    }


@cases(DOCUMENTS["acceptances"])
def test_acceptance_of_which_the_signature_travels(case: Json) -> None:
    args = (
        header_named(case["header"]),
        *(decode(case[key]) for key in ("person", "sign", "signature")),
    )
    if case["valid"]:
        acceptance.verify_acceptance(*args)
    else:
        with pytest.raises(SignatureError):
            acceptance.verify_acceptance(*args)


@cases(DOCUMENTS["closings"]["cases"])
def test_closing(case: Json) -> None:
    header = header_named(case["header"])
    accepts = None
    if case["accepts"] is not None:
        accepts = acceptance.parse_acceptances(decode(case["accepts"]), header)
    server = decode(DOCUMENTS["closings"]["server"])
    args = decode(case["document"]), decode(case["signature"]), server, header, accepts
    if case["field"] is None:
        verify_generation_closing(*args)
    elif case["field"] == "signature":
        with pytest.raises(SignatureError):
            verify_generation_closing(*args)
    else:
        with pytest.raises(FormatError) as caught:
            verify_generation_closing(*args)
        assert caught.value.field == case["field"]


# What a reader thinks of recorded headers.


def changed(world: Json, changes: Json) -> Json:
    found = dict(world)
    for key, value in changes.items():
        merge = isinstance(value, dict) and value
        found[key] = world[key] | value if merge else value
    return found


@cases(READINGS["cases"])
def test_reading(case: Json) -> None:
    world = changed(READINGS["world"], case["changes"])
    terms = world["terms"]
    evidence = ChainEvidence(
        enrolments={
            decode(of): EnrolledSigner(decode(each["person"]), decode(each["sign"]))
            for of, each in world["enrolments"].items()
        },
        hosts=[decode(host) for host in world["hosts"]],
        arms={
            decode(of): ArmAct(decode(each["by"]), each["recording"], each["logged"])
            for of, each in world["arms"].items()
        },
        answers={
            decode(of): GivenAnswer(decode(each["digest"]), Will(each["recording"]))
            for of, each in world["answers"].items()
            if each is not None
        },
        admitted=[decode(person) for person in world["admitted"]],
    )
    args = (
        decode(case["header"]),
        decode(case["signature"]),
        None if case["before"] is None else parse_generation(decode(case["before"])),
        MeetingTerms(
            meeting=decode(terms["meeting"]),
            charter=decode(terms["charter"]),
            relayed=terms["mode"] == "relayed",
            recording=terms["recording"],
            training=terms["training"],
            notice_version=terms["notice_version"],
            vault=None if terms["vault"] is None else decode(terms["vault"]),
            server=decode(terms["server"]),
        ),
        evidence,
    )
    if case["code"] is None:
        assert check_recorded(*args).body == decode(case["header"])
    else:
        with pytest.raises(GenerationError) as caught:
            check_recorded(*args)
        assert caught.value.code == case["code"]


# Opening.


def given(case: Json) -> tuple[GenerationHeader, Any]:
    header = parse_generation(decode(case["header"] or OPENINGS["header"]))
    return header, parse_boxes(decode(case["boxes"] or OPENINGS["boxes"]), header)


def refused(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(GenerationError) as caught:
        call()
    assert caught.value.code == code


@cases(OPENINGS["outer"])
def test_outer_key(case: Json) -> None:
    header = parse_generation(decode(OPENINGS["header"]))
    args = decode(case["private"]), decode(case["box"]), header, decode(case["owner"])
    if case["code"] is None:
        assert encode(opening.open_outer(*args)) == case["key"]
    else:
        refused(case["code"], lambda: opening.open_outer(*args))


@cases(OPENINGS["watching"])
def test_watching(case: Json) -> None:
    header, boxes = given(case)
    args = header, boxes, decode(case["person"]), decode(case["pair"])
    if case["code"] is None:
        slots = opening.open_for_watching(*args)
        assert encode(suite.digest(b"".join(slots))) == OPENINGS["slots"]
    else:
        refused(case["code"], lambda: opening.open_for_watching(*args))


def ranges(values: list[list[int]]) -> frozenset[int]:
    return frozenset(slot for first, last in values for slot in range(first, last + 1))


def open_for_training(case: Json) -> opening.OpenedSlots:
    """Open with what was granted, as the vault does."""
    header, boxes = given(case)
    shares = {}
    for owner, granted in zip(map(decode, OPENINGS["owners"]), case["granted"], strict=True):
        if granted is None:
            continue
        if "pair" in granted:
            shares[owner] = opening.open_tree(header, boxes, owner, decode(granted["pair"]))
            continue
        committed = opening.commitment_of(header, owner)
        expected = ExpectedTree(header.digest, committed, ranges(granted["left_out"]))
        try:
            (shares[owner],) = open_bundle(decode(granted["bundle"]), [expected])
        except (FormatError, SealError) as error:
            raise GenerationError("bad-bundle", "It is not what was granted.") from error
    return opening.open_slots(header, boxes, shares)


@cases(OPENINGS["training"])
def test_training(case: Json) -> None:
    if case["code"] is not None:
        refused(case["code"], lambda: open_for_training(case))
        return
    found = open_for_training(case)
    assert set(found.secrets) == ranges(case["opened"])
    assert found.lost == ranges(case["lost"])
    joined = b"".join(found.secrets[slot] for slot in sorted(found.secrets))
    assert encode(suite.digest(joined)) == case["digest"]


@cases(OPENINGS["passages"]["cases"])
def test_passages(case: Json) -> None:
    info = passages_info(*(decode(case[key]) for key in ("meeting", "person", "notice")))
    args = decode(case["sealed"]), decode(OPENINGS["passages"]["vault_private"]), info
    if case["digest"] is None:
        refused("bad-bundle", lambda: open_passages(*args))
    else:
        assert encode(suite.digest(open_passages(*args))) == case["digest"]


def test_a_bundle_has_a_bound() -> None:
    private = decode(OPENINGS["passages"]["vault_private"])
    refused("bad-bundle", lambda: open_passages(bytes(5 * 1024 * 1024), private, b""))


@cases(OPENINGS["codes"])
def test_short_code(case: Json) -> None:
    assert list(short_code(parse_generation(decode(case["header"])))) == case["code"]


def test_the_code_changes_when_people_or_keys_do() -> None:
    codes = {case["name"]: tuple(case["code"]) for case in OPENINGS["codes"]}
    assert codes["three people"] == codes["one of them has left"]
    assert len(set(codes.values())) == len(codes) - 1
