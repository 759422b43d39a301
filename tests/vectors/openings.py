"""``openings.json``: recorded generations opened by watchers, and with what everybody granted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives import hashes as algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from assent_vault.formats import suite
from assent_vault.formats.generation import tree_root
from assent_vault.formats.generation_boxes import outer_info, write_boxes
from assent_vault.formats.generation_header import GenerationHeader, RemovedPerson
from assent_vault.formats.short_code import short_code
from assent_vault.formats.slot_keys import slot_secret, slot_wrapping_key, wrap_slot
from assent_vault.formats.slot_tree import shares_below
from assent_vault.formats.suite import encode
from assent_vault.keys.passages_opening import passages_info
from assent_vault.ledger.slot_commitments import wraps_digest
from assent_vault.ledger.slot_grant import OwnedTree, build_bundle
from vectors.attendance import (
    ADA,
    BO,
    CY,
    DEE,
    VAULT,
    VAULT_PRIVATE,
    Attendee,
    boxes_for,
    draft,
    in_order,
    make,
    pairs_of,
    rerecorded,
)
from vectors.common import MEETING, Json, fixed
from vectors.header_documents import TAPED

SLOTS = range(256)
SPOILT = 7
PAIRS = pairs_of(TAPED.header.committer)
OWNERS = [VAULT, *(person.id for person in TAPED.header.people)]
NAMES = {each.id: each.name for each in (ADA, BO, CY)} | {VAULT: "vault"}


def make_openings() -> Json:
    """Everything is of one recorded generation of Ada, Bo and Cy, who has left."""
    return {
        "header": encode(TAPED.header.body),
        "boxes": encode(TAPED.boxes),
        "owners": [encode(owner) for owner in OWNERS],
        "slots": _digest_of(SLOTS),
        "outer": _outer(),
        "watching": _watching(),
        "training": _training(),
        "passages": _passages(),
        "codes": _codes(),
    }


def _secret(slot: int) -> bytes:
    return slot_secret(TAPED.secret_key, TAPED.header.place, slot)


def _digest_of(slots: Iterable[int]) -> str:
    """Return the digest of the S_i of these slots, in a row."""
    return encode(suite.digest(b"".join(map(_secret, slots))))


def _flipped(data: bytes, at: int = -1) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def _outer() -> list[Json]:
    header = TAPED.header.digest
    key = fixed("O")
    box = suite.seal(ADA.public("watch"), key, outer_info(header, ADA.id))

    def case(name: str, code: str | None, **changes: Any) -> Json:
        values = {"private": ADA.private("watch"), "owner": ADA.id, "box": box} | changes
        found = {name_: encode(value) for name_, value in values.items()}
        return {"name": name, **found, "key": encode(key) if code is None else None, "code": code}

    return [
        case("as sealed", None),
        case("another's key", "bad-outer", private=BO.private("watch")),
        case("for another owner", "bad-outer", owner=BO.id),
        case("one bit", "bad-outer", box=_flipped(box)),
    ]


def _watching() -> list[Json]:
    header = TAPED.header
    watch = {who.name: PAIRS.key("watch", who.id) for who in (ADA, BO)}
    lying = rerecorded(header, slots=fixed("other slots"))
    values = json.loads(TAPED.boxes)

    def case(
        name: str,
        code: str | None,
        who: Attendee = ADA,
        pair: bytes | None = None,
        of: GenerationHeader = header,
        boxes: bytes | None = None,
    ) -> Json:
        if boxes is None and of is not header:
            boxes = _boxes(of)
        return {
            "name": name,
            "header": None if of is header else encode(of.body),
            "boxes": None if boxes is None else encode(boxes),
            "person": encode(who.id),
            "pair": encode(pair or watch.get(who.name, bytes(32))),
            "code": code,
        }

    at = next(n for n, each in enumerate(values["watch"]) if each["id"] == encode(ADA.id))
    changed = list(values["watch"])
    changed[at] = changed[at] | {"box": encode(_flipped(suite.decode(changed[at]["box"])))}
    return [
        case("Ada", None),
        case("Bo", None, BO),
        case("somebody who may not", "bad-secret", CY, watch["Ada"]),
        case("another's pair key", "bad-secret", ADA, watch["Bo"]),
        case("the train pair", "bad-secret", ADA, PAIRS.key("train", ADA.id)),
        case(
            "one bit of the box",
            "bad-secret",
            boxes=json.dumps(values | {"watch": changed}, separators=(",", ":")).encode(),
        ),
        case("other slots", "bad-slots", of=lying),
    ]


def _boxes(
    header: GenerationHeader, wraps: bytes | None = None, hashes: bytes | None = None
) -> bytes:
    values = json.loads(TAPED.boxes)
    return write_boxes(
        header,
        boxes_for(header, TAPED),
        wraps or suite.decode(values["wraps"]),
        hashes or suite.decode(values["hashes"]),
    )


def _root(owner: bytes) -> bytes:
    header = TAPED.header
    return tree_root(PAIRS.key("train", owner), owner, header.place, header.secret)


def _ranges(slots: Iterable[int]) -> list[list[int]]:
    """Return slots as `left_out` of an answer has them."""
    found: list[list[int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot - 1:
            found[-1][1] = slot
        else:
            found.append([slot, slot])
    return found


def _training() -> list[Json]:
    header = TAPED.header
    recorded = header.recorded
    assert recorded is not None
    values = json.loads(TAPED.boxes)
    wraps, hashes = suite.decode(values["wraps"]), suite.decode(values["hashes"])

    def whole(owner: bytes) -> Json:
        return {"pair": encode(PAIRS.key("train", owner))}

    def bundle(
        owner: bytes,
        left_out: set[int],
        said: set[int] | None = None,
        of: GenerationHeader = header,
    ) -> Json:
        trees = [OwnedTree(of.digest, _root(owner), frozenset(left_out))]
        return {
            "bundle": encode(build_bundle(trees)),
            "left_out": _ranges(left_out if said is None else said),
        }

    everyone = [whole(owner) for owner in OWNERS]

    def given(**by_name: Json | None) -> list[Json | None]:
        return [by_name.get(NAMES[owner], whole(owner)) for owner in OWNERS]

    def case(
        name: str,
        granted: list[Json | None],
        opened: Iterable[int] | None,
        code: str | None = None,
        *,
        of: GenerationHeader = header,
        boxes: bytes | None = None,
        lost: Iterable[int] = (),
    ) -> Json:
        found = None if opened is None else sorted(opened)
        return {
            "name": name,
            "header": None if of is header else encode(of.body),
            "boxes": None if boxes is None else encode(boxes),
            "granted": granted,
            "opened": None if found is None else _ranges(found),
            "digest": None if found is None else _digest_of(found),
            "lost": _ranges(lost),
            "code": code,
        }

    def cheated(wrap: bytes) -> tuple[GenerationHeader, bytes]:
        """Return a header whose committer wraps something else for one slot, and knows it."""
        size = suite.WRAPPED_BYTES
        spoilt = wraps[: SPOILT * size] + wrap + wraps[(SPOILT + 1) * size :]
        lying = rerecorded(header, wraps=wraps_digest(spoilt))
        return lying, _boxes(lying, spoilt)

    some, others = set(range(10, 20)) | {255}, {0, 19, 20, 200}
    garbage, garbage_boxes = cheated(bytes(suite.WRAPPED_BYTES))
    shares = [shares_below(_root(owner))[SPOILT] for owner in OWNERS]
    key = slot_wrapping_key(shares, header.place, header.secret, SPOILT)
    twofold, twofold_boxes = cheated(wrap_slot(key, header.place, SPOILT, fixed("another S_i")))
    root = fixed("a root of one's own")
    own_tree = {
        "bundle": encode(build_bundle([OwnedTree(header.digest, root, frozenset(some))])),
        "left_out": _ranges(some),
    }
    rest = set(SLOTS) - some - others
    return [
        case("all of everyone's", list(everyone), SLOTS),
        case("all but what Bo leaves out", given(Bo=bundle(BO.id, some)), set(SLOTS) - some),
        case(
            "all but what two leave out",
            given(Bo=bundle(BO.id, some), Ada=bundle(ADA.id, others)),
            rest,
        ),
        case("a bundle that leaves nothing out", given(Cy=bundle(CY.id, set())), SLOTS),
        case("a bundle that leaves everything out", given(Cy=bundle(CY.id, set(SLOTS))), []),
        case("nothing of somebody who left", given(Cy=None), []),
        case("nothing of the vault", given(vault=None), []),
        case("another's pair key", given(Bo=whole(ADA.id)), None, "bad-share"),
        case("the watch pair", given(Bo={"pair": encode(PAIRS.key("watch", BO.id))}), None,
             "bad-share"),
        case("a bundle of another tree", given(Bo=own_tree), None, "bad-bundle"),
        case("a bundle of another's", given(Bo=bundle(ADA.id, some)), None, "bad-bundle"),
        case("a bundle of more than the answer says", given(Bo=bundle(BO.id, some, some | {0})),
             None, "bad-bundle"),
        case("a bundle of less than the answer says", given(Bo=bundle(BO.id, some, {255})),
             None, "bad-bundle"),
        case("a wrap that does not open", list(everyone), set(SLOTS) - {SPOILT},
             of=garbage, boxes=garbage_boxes, lost=[SPOILT]),
        case("a wrap of another S_i", list(everyone), set(SLOTS) - {SPOILT},
             of=twofold, boxes=twofold_boxes, lost=[SPOILT]),
        case("a wrap that does not open, of a slot that is left out",
             given(Bo=bundle(BO.id, {SPOILT}, of=garbage)), set(SLOTS) - {SPOILT},
             of=garbage, boxes=garbage_boxes),
        case("a bundle for another header", given(Bo=bundle(BO.id, some, of=garbage)), None,
             "bad-bundle"),
        case("other wraps than the header's", list(everyone), None, "bad-wraps",
             boxes=_boxes(header, _flipped(wraps))),
        case("other hashes than the header's", list(everyone), None, "bad-wraps",
             boxes=_boxes(header, None, _flipped(hashes))),
    ]  # fmt: skip


def _passages() -> Json:
    notice = fixed("a notice")
    info = passages_info(MEETING, BO.id, notice)
    plaintexts = {
        "short": b"a bundle",
        "a whole chunk": bytes(16 * 1024),
        "two chunks": bytes(range(256)) * 100,
    }
    key, salt = fixed("a key of passages"), fixed("a salt")[:24]
    public = suite.xwing_public(VAULT_PRIVATE)
    box = suite.seal(public, key, info)
    chunked = {name: _chunked(key, suite.digest(info), text, salt)
               for name, text in plaintexts.items()}  # fmt: skip
    good, whole = box + chunked["short"], box + chunked["a whole chunk"]

    def case(name: str, data: bytes, opens: bool, **changes: Any) -> Json:
        values = {"meeting": MEETING, "person": BO.id, "notice": notice} | changes
        return {
            "name": name,
            **{field: encode(value) for field, value in values.items()},
            "sealed": encode(data),
            "digest": encode(suite.digest(plaintexts["short"])) if opens else None,
        }

    return {
        "vault_private": encode(VAULT_PRIVATE),
        "key": encode(key),
        "salt": encode(salt),
        "context": encode(suite.digest(info)),
        "chunked": [
            {"name": name, "plaintext": encode(plaintexts[name]), "sealed": encode(found)}
            for name, found in chunked.items()
        ],
        "cases": [
            case("as sealed", good, True),
            case("of another meeting", good, False, meeting=bytes(16)),
            case("of another person", good, False, person=ADA.id),
            case("under another notice", good, False, notice=bytes(32)),
            case("cut off", good[:-1], False),
            case("without its last chunk, which is empty", whole[:-16], False),
            case("one bit of the box", _flipped(good, 0), False),
            case("one bit of the bundle", _flipped(good), False),
            case("nothing", b"", False),
        ],
    }  # fmt: skip


def _chunked(key: bytes, context: bytes, plaintext: bytes, salt: bytes) -> bytes:
    """Seal as C2SP chunked-encryption says, with a salt that is given."""
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = HKDFExpand(algorithm=algorithms.SHA512(), length=76, info=info).derive(key)
    aes, nonce = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big")
    size = 16 * 1024
    chunks = [
        aes.encrypt((nonce ^ n).to_bytes(12, "big"), plaintext[n * size : (n + 1) * size], None)
        for n in range(len(plaintext) // size + 1)
    ]
    return salt + derived[44:] + b"".join(chunks)


def _codes() -> list[Json]:
    people = in_order([ADA.person(host=ADA.certificate), BO.person(), CY.person()])
    gone = in_order([*people[:2], replace(people[2], page=None, present=False)])
    by = next(person.page for person in gone if person.page is not None)
    removed = (RemovedPerson(people[2].id, fixed("act 2")),)
    out = in_order([*people[:2], replace(people[2], page=None, present=False, host=None)])
    found = [
        ("three people", draft(people=people)),
        ("one of them has left", draft(people=gone, committer=by)),
        ("one of them was removed", draft(people=out, removed=removed, committer=by)),
        ("another enrolment", draft(people=(*people[:2], replace(people[2], enrolment=bytes(32))))),
        ("one more", draft(people=in_order([*people, DEE.person()]))),
        ("another charter", draft(people=people, charter=bytes(32))),
    ]
    headers = [(name, make(given).header) for name, given in found]
    return [
        {"name": name, "header": encode(header.body), "code": list(short_code(header))}
        for name, header in headers
    ]
