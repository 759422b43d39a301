"""The vectors that Python and TypeScript share: each is judged as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assent_vault.errors import (
    FormatError,
    LogError,
    NoticeNotInForce,
    SealError,
    SignatureError,
    StaleStatement,
    VaultError,
)
from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats import statement, suite, vault_key
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    parse_generation,
)
from assent_vault.formats.suite import decode, encode
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import merkle, note
from assent_vault.ledger import proof as proofs
from assent_vault.ledger.entry import NOTHING_BEFORE, chain, commit, parse, write
from support.rooms import Link
from vectors.generate import generate

FOLDER = Path(__file__).parent.parent / "vectors"
Json = dict[str, Any]


def load(name: str) -> Json:
    found = json.loads((FOLDER / f"{name}.json").read_bytes())
    assert isinstance(found, dict)
    return found


SUITE, GRANT, STATEMENTS, WATCHED, WATCHING = (
    load(name) for name in ("suite", "grant", "statements", "watched", "watching")
)
LOG = load("log")
ROOMS = load("rooms")
CODES = {
    StaleStatement: "stale-statement",
    NoticeNotInForce: "notice-not-in-force",
    SignatureError: "bad-signature",
    FormatError: "bad-statement",
}


def cases(values: list[Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", values, ids=[case["name"] for case in values])


def test_generator_changes_nothing() -> None:
    for name, content in generate().items():
        assert (FOLDER / name).read_bytes() == content, f"{name} is out of date"


# suite.json


@pytest.mark.parametrize("keys", SUITE["keys"])
def test_keys_follow_from_the_seed(keys: Json) -> None:
    seed, meeting = decode(keys["seed"], 32), decode(keys["meeting"], 16)
    sign = suite.derive_sign(seed, meeting)
    watch, train = suite.derive_watch(seed, meeting), suite.derive_train(seed, meeting)
    assert encode(sign.private_bytes_raw()) == keys["sign_private"]
    assert encode(suite.sign_public(sign)) == keys["sign_public"]
    assert encode(suite.person_id(meeting, suite.sign_public(sign))) == keys["person"]
    assert encode(watch) == keys["watch_private"]
    assert encode(train) == keys["train_private"]
    assert encode(suite.xwing_public(watch)) == keys["watch_public"]
    assert encode(suite.xwing_public(train)) == keys["train_public"]


def test_what_a_link_is_made_of() -> None:
    given = ROOMS["link"]
    link = Link.read(f"#{given['fragment']}")
    assert (encode(link.secret), encode(link.room)) == (given["secret"], given["room"])
    assert (link.door, encode(link.door_hash)) == (given["door"], given["door_hash"])
    assert encode(link.brought) == given["brought"]


@cases(ROOMS["cases"])
def test_charters_that_pages_refuse(case: Json) -> None:
    room = rooms.parse(decode(case["room"]))
    charter = charters.parse(decode(case["charter"]))
    if encode(room.digest) == case["pinned"]:
        assert charters.refused(charter, room) == case["problem"]
    else:
        assert case["problem"] == "other-room"


def test_base64url() -> None:
    for case in SUITE["base64url"]["valid"]:
        assert decode(case["text"]).hex() == case["hex"]
        assert encode(bytes.fromhex(case["hex"])) == case["text"]
    for text in SUITE["base64url"]["invalid"]:
        with pytest.raises(FormatError):
            decode(text)


@cases(SUITE["signatures"])
def test_signature(case: Json) -> None:
    args = (
        decode(case["public"]),
        case["type"],
        decode(case["document"]),
        decode(case["signature"]),
    )
    if case["valid"]:
        suite.verify(*args)
    else:
        with pytest.raises(SignatureError):
            suite.verify(*args)


def test_small_order_vector_passes_the_bare_equation() -> None:
    (case,) = (c for c in SUITE["signatures"] if c["name"] == "a key of small order")
    key = Ed25519PublicKey.from_public_bytes(decode(case["public"]))
    key.verify(decode(case["signature"]), b"assent/answer/v1\0" + decode(case["document"]))


# grant.json


@cases(GRANT["cases"])
def test_grant(case: Json) -> None:
    args = decode(case["private"], 32), decode(case["box"]), decode(case["info"])
    if case["plaintext"] is None:
        with pytest.raises(SealError):
            suite.unseal(*args)
    else:
        assert encode(suite.unseal(*args)) == case["plaintext"]


def test_vault_key_of_the_grant() -> None:
    key = GRANT["vault_key"]
    found = vault_key.verify(
        decode(key["document"]), decode(key["signature"]), decode(GRANT["identity"])
    )
    assert (encode(found.key), encode(found.digest)) == (key["key"], key["digest"])
    assert encode(found.meeting) == GRANT["meeting"]


# statements.json


@cases(STATEMENTS["cases"])
def test_statement(case: Json) -> None:
    charter = charters.parse(decode(STATEMENTS["charters"][case["charter"]]))
    if case["error"] is None:
        judge(case, charter)
        return
    with pytest.raises(VaultError) as caught:
        judge(case, charter)
    assert CODES[type(caught.value)] == case["error"]
    assert getattr(caught.value, "field", None) == case["field"]


def judge(case: Json, charter: charters.Charter) -> None:
    said = decode(case["document"]), decode(case["signature"])
    if case["kind"] == "enrolment":
        statement.verify_enrolment(*said, charter)
        return
    first = STATEMENTS["enrolments"][case["charter"]]
    enrolment = statement.verify_enrolment(
        decode(first["document"]), decode(first["signature"]), charter
    )
    if case["kind"] == "receipt-request":
        statement.verify_receipt_request(*said, enrolment)
        return
    previous = None
    for given in [*case["previous"], case]:
        if given is case:
            assert (previous is None) == (case["previous"] == [])
        previous = statement.verify_answer(
            decode(given["document"]),
            decode(given["signature"]),
            enrolment,
            charter,
            previous,
            None if given["sealed"] is None else decode(given["sealed"]),
        )


# watched.json


@cases(WATCHED["cases"])
def test_watched_header(case: Json) -> None:
    charter = charters.parse(decode(WATCHED["charter"]))
    body, signature = decode(case["header"]), decode(case["signature"])
    try:
        header = parse_generation(body)
        suite.verify(charter.server, GENERATION_TYPE, body, signature)
    except (FormatError, SignatureError):
        assert case["problem"] == "bad-document"
        return
    assert problem_with(header, charter, case["previous"]) == case["problem"]


def problem_with(
    header: GenerationHeader, charter: charters.Charter, previous: str | None
) -> str | None:
    """Do what a browser does with a header that is signed, as README.md says it."""
    recorded = header.recorded
    if recorded is None or header.committer is not None:
        return "bad-document"
    if (
        (header.meeting, header.charter) != (charter.meeting, charter.digest)
        or recorded.training != charter.training
        or (recorded.vault is not None and encode(recorded.vault) != WATCHED["vault_key"])
    ):
        return "other-meeting"
    if header.previous != recorded.previous:
        return "broken-chain"
    if previous is not None and recorded.previous != decode(previous):
        return "broken-chain"
    shown = {person["person"]: person for person in WATCHED["shown"]}
    named = {encode(person.id): person for person in header.people}
    present = {name for name, person in named.items() if person.present}
    if set(shown) - set(named) or set(WATCHED["present"]) - present:
        return "missing"
    mine = named[WATCHED["me"]["person"]]
    if mine.answer is None or encode(mine.answer) not in WATCHED["me"]["agreed"]:
        return "stranger"
    for name, person in named.items():
        if name not in shown:
            if person.present or person.host is not None:
                return "stranger"
        elif encode(person.enrolment) != shown[name]["enrolment"]:
            return "wrong-keys"
    return None


# watching.json


@cases(WATCHING["chunked"]["cases"])
def test_chunks(case: Json) -> None:
    chunked = WATCHING["chunked"]
    base = decode(chunked["sealed"][case["of"]])
    data = bytearray(b"".join(base[start:end] for start, end in case["pieces"]))
    if case["flip"] is not None:
        data[case["flip"]] ^= 1
    decryptor = Cobblestone256Decryptor(
        decode(case.get("key", chunked["key"])), decode(case.get("context", chunked["context"]))
    )
    if case["digest"] is None:
        with pytest.raises(InvalidTag):
            decryptor.update(bytes(data)) + decryptor.finalize()
    else:
        found = decryptor.update(bytes(data)) + decryptor.finalize()
        assert encode(suite.digest(found)) == case["digest"]


# log.json


@pytest.mark.parametrize("size", range(len(LOG["roots"])))
def test_root(size: int) -> None:
    made = [commit(decode(each["salt"]), decode(each["record"])) for each in LOG["entries"][:size]]
    assert [encode(entry) for entry in made] == [each["entry"] for each in LOG["entries"][:size]]
    assert encode(merkle.root_of(map(merkle.leaf_hash, made))) == LOG["roots"][size]


@pytest.mark.parametrize("case", LOG["consistency"])
def test_consistency(case: Json) -> None:
    old, new = case["old"], case["new"]
    proof = [decode(hash_) for hash_ in case["proof"]]
    roots = [decode(root) for root in LOG["roots"]]
    merkle.verify_consistency(old, roots[old], new, roots[new], proof)


@cases(LOG["checkpoints"])
def test_checkpoint(case: Json) -> None:
    with judged(case):
        checkpoints.verify(case["note"].encode(), note.parse_vkey(LOG["vkey"]))


@cases(LOG["proofs"])
def test_proof(case: Json) -> None:
    with judged(case):
        proofs.parse(case["proof"]).verify(decode(case["entry"]), note.parse_vkey(LOG["vkey"]))


def test_cosignature() -> None:
    (cosigned,) = (case for case in LOG["checkpoints"] if case["name"] == "cosigned by a witness")
    witness = note.parse_vkey(LOG["witness"])
    assert note.parse(cosigned["note"].encode()).verify([witness]) == {witness: 1_750_000_000}


@cases(LOG["records"])
def test_record(case: Json) -> None:
    body = decode(case["document"])
    if case["valid"]:
        assert write(parse(body)) == body
        return
    with pytest.raises(FormatError):
        parse(body)


def test_chain() -> None:
    digest = NOTHING_BEFORE
    for index in LOG["chain"]["indices"]:
        digest = chain(digest, index, decode(LOG["entries"][index]["entry"]))
    assert encode(digest) == LOG["chain"]["digest"]


@contextmanager
def judged(case: Json) -> Iterator[None]:
    if case["error"] is None:
        yield
        return
    with pytest.raises(LogError) as caught:
        yield
    assert caught.value.code == case["error"]
