"""The log over HTTP, receipts, and both checked by an implementation that is not ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assent.meeting import Seat
from assent.transparency import Witnesses
from assent.web import Context
from assent_vault.formats import charter as charters
from assent_vault.formats.document import write as write_document
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import entry as entries
from assent_vault.ledger import proof as proofs
from assent_vault.ledger import tiles
from assent_vault.ledger.checkpoint import Checkpoint
from assent_vault.ledger.documents import ServerSigned, verify_acknowledgement, verify_log
from assent_vault.ledger.entry import Answered, HostArmed
from assent_vault.ledger.note import to_base64
from assent_vault.ledger.witness import parse_witness
from assent_vault.receipt import check
from assent_vault.store import log_rows
from support import interop, migrated
from support.browser import Answer, Browser
from support.introductions import introduction_of
from support.logs import cut_off, records
from support.people import Person
from support.witness import WitnessServer


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """What depends on the database is tested with the vault's part; one kind will do here."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the other implementation."""
    return interop.build(tmp_path_factory.mktemp("interop"))


@dataclass
class Guest:
    """Somebody who has been let into a meeting, and answers over HTTP."""

    browser: Browser
    meeting: str
    person: Person
    notice: bytes

    async def say(self, recording: str, training: str = "unanswered") -> dict[str, Any]:
        said = self.person.answer(recording, training, notice=self.notice)
        answer = await self.browser.post(
            "/api/answers",
            {"statement": encode(said.body), "signature": encode(said.signature), "sealed": None},
        )
        assert answer.status == 200, answer.json
        record: dict[str, Any] = answer.json
        return record

    async def receipt(self) -> Answer:
        request = self.person.receipt_request(at=self.browser.parts.clock.now())
        return await self.browser.post(
            "/api/receipt/file",
            {"request": encode(request.body), "signature": encode(request.signature)},
        )


async def come(browser: Browser, meeting: dict[str, Any]) -> Guest:
    parts = browser.parts
    store = parts.hall._store
    place = meeting["meeting"]["id"]
    charter = charters.parse((await store.meeting(place)).charter)
    person = Person(charter, None, now=parts.clock.now())
    notice = charter.notices["en"]
    said = person.enrol(notice=encode(notice))
    token = digest(person.seed)
    person.enrolment, acknowledged = await store.participants.enrol(
        Seat(token, place, False),
        introduction_of(person, said),
        said.body,
        said.signature,
        charter,
        parts.clock.now(),
    )
    assert acknowledged is not None
    await store.participants.admitted(place, encode(person.id), parts.clock.now(), 9)
    return Guest(browser, place, person, notice)


@pytest.fixture
async def guests(browser: Browser) -> tuple[Guest, Guest]:
    """Give two guests of one meeting."""
    await browser.become("host")
    meeting = await browser.create_meeting(recording=False)
    return await come(browser, meeting), await come(browser, meeting)


async def grow(parts: Context, count: int) -> None:
    async with parts.database.write() as session:
        for _ in range(count):
            record = HostArmed(meeting=bytes(16), act=bytes(32), at=1)
            await log_rows.append(session, record)
    await parts.log.update()


async def save(browser: Browser, folder: Path) -> None:
    """Fetch all that a monitor fetches, and keep it under the paths it is served at."""

    async def fetch(path: str) -> None:
        answer = await browser.get(f"/log/{path}")
        assert answer.status == 200, path
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(answer.body)

    await fetch("checkpoint")
    size = checkpoints.parse((folder / "checkpoint").read_bytes()).head.size
    for level in range(3):
        number = 0
        while width := tiles.width_at(level, number, size):
            await fetch(f"tile/{level}/{tiles.path_of(number, width)}")
            if level == 0:
                await fetch(f"tile/entries/{tiles.path_of(number, width)}")
            number += 1


# Served.


async def test_checkpoint_and_its_headers(browser: Browser) -> None:
    await grow(browser.parts, 3)
    answer = await browser.get("/log/checkpoint")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    found = checkpoints.verify(answer.body, browser.parts.notary.verifier)
    assert found == browser.parts.log.shown


async def test_tiles_and_their_headers(browser: Browser) -> None:
    await grow(browser.parts, 600)
    size = browser.parts.log.shown.head.size
    for path, length in (
        ("0/000", 8192),
        ("0/001", 8192),
        (f"0/002.p/{size - 512}", 32 * (size - 512)),
        ("0/000.p/7", 32 * 7),
        ("1/000.p/2", 64),
        ("entries/000", 256 * 34),
        ("entries/002.p/5", 5 * 34),
    ):
        answer = await browser.get(f"/log/tile/{path}")
        assert (answer.status, len(answer.body)) == (200, length), path
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_what_is_not_under_the_head_is_not_there(browser: Browser) -> None:
    await grow(browser.parts, 600)
    for path in (
        "0/002", "0/002.p/255", "0/003", "1/000", "1/000.p/3", "2/000.p/1", "8/000", "00/000",
        "x/000", "entries/002", "entries/003.p/1", "0/0", "0/000.p/0", "0/000.p/256", "0/000/000",
        "-1/000", "0/x000/000",
    ):  # fmt: skip
        assert (await browser.get(f"/log/tile/{path}")).code == "not-found", path


async def test_what_was_appended_since_is_not_shown_yet(browser: Browser) -> None:
    parts = browser.parts
    await grow(parts, 3)
    size = parts.log.shown.head.size
    async with parts.database.write() as session:
        await log_rows.append(session, HostArmed(meeting=bytes(16), act=bytes(32), at=1))
    assert (await browser.get(f"/log/tile/0/000.p/{size}")).status == 200
    assert (await browser.get(f"/log/tile/0/000.p/{size + 1}")).status == 404
    assert (await browser.get(f"/log/tile/entries/000.p/{size + 1}")).status == 404


async def test_only_administrators_see_how_it_stands(browser: Browser) -> None:
    assert (await browser.get("/api/admin/log")).code == "not-signed-in"
    await browser.become("host")
    assert (await browser.get("/api/admin/log")).code == "forbidden"
    other = browser.another()
    async with other:
        await other.become("administrator")
        found = (await other.get("/api/admin/log")).json
    shown = browser.parts.log.shown
    assert found == {
        "origin": "log",
        "vkey": browser.parts.notary.verifier.vkey,
        "size": shown.head.size,
        "root": to_base64(shown.head.root),
        "shown_at": browser.parts.log.shown_at,
        "problem": None,
        "witnesses": [],
    }


# What is appended, where it happens.


async def test_everything_is_logged_where_it_happens(guests: tuple[Guest, Guest]) -> None:
    ada, bo = guests
    await ada.say("unanswered")
    await bo.say("unanswered")
    found = await records(ada.browser.parts.database)
    assert [type(record).__name__ for record in found] == [
        *["NoticePublished"] * 3,  # for each kind of meeting
        "MeetingCreated",
        "Enrolled",
        "Admitted",
        "Enrolled",
        "Admitted",
        "Answered",
        "Answered",
    ]
    said = found[8]
    assert isinstance(said, Answered)
    assert ada.person.last is not None
    assert (said.person, said.sequence, said.answer) == (
        ada.person.id,
        1,
        ada.person.last.digest,
    )


async def test_nothing_of_anybody_is_in_what_is_served(
    guests: tuple[Guest, Guest], tmp_path: Path
) -> None:
    ada, _ = guests
    await ada.say("unanswered")
    await ada.browser.parts.log.update()
    folder = tmp_path / "served"
    await save(ada.browser, folder)
    served = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (ada.person.id, ada.person.charter.meeting, ada.person.charter.digest):
        assert secret not in served
        assert encode(secret).encode() not in served


# Receipts.


def signed(value: dict[str, str]) -> ServerSigned:
    return ServerSigned(decode(value["document"]), decode(value["signature"]))


async def test_an_answer_is_acknowledged_at_once(guests: tuple[Guest, Guest]) -> None:
    ada, _ = guests
    record = await ada.say("unanswered")
    charter = ada.person.charter
    told = verify_acknowledgement(signed(record["answers"][-1]["acknowledgement"]), charter.server)
    assert ada.person.last is not None
    assert (told.person, told.statement) == (ada.person.id, ada.person.last.digest)
    assert told.origin == ada.browser.parts.notary.origin
    first = verify_acknowledgement(signed(record["enrolment"]["acknowledgement"]), charter.server)
    assert first.index < told.index
    # The same bytes once more get the same acknowledgement.
    answer = await ada.browser.post(
        "/api/answers",
        {
            "statement": record["answers"][-1]["document"],
            "signature": record["answers"][-1]["signature"],
            "sealed": None,
        },
    )
    assert answer.json["answers"] == record["answers"]


async def test_a_receipt_holds_all_that_concerns_a_person_and_nobody_else(
    guests: tuple[Guest, Guest], checker: Path, tmp_path: Path
) -> None:
    ada, bo = guests
    for _ in range(2):
        await ada.say("unanswered")
    await bo.say("unanswered")
    await grow(ada.browser.parts, 300)
    answer = await ada.receipt()
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{ada.meeting}.assent-receipt.json"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    receipt = answer.json
    assert list(receipt) == [
        "type", "charter", "vault_key", "log", "notices", "statements", "entries",
    ]  # fmt: skip
    assert write_document(receipt) == answer.body
    charter = charters.parse(decode(receipt["charter"]))
    log = verify_log(signed(receipt["log"]), charter.server).log
    assert {
        notice["language"]: digest(notice["text"].encode()) for notice in receipt["notices"]
    } == (dict(charter.notices))
    everything = [said["entry"] for said in receipt["statements"]] + receipt["entries"]
    kinds = []
    for entry in everything:
        committed = entries.commit(decode(entry["salt"]), decode(entry["record"]))
        proof = proofs.parse(entry["proof"])
        proof.verify(committed, log)
        assert proof.index == entry["index"]
        record = entries.parse(decode(entry["record"]))
        kinds.append(type(record).__name__)
        assert getattr(record, "person", ada.person.id) == ada.person.id
        # By the other implementation as well.
        file = tmp_path / "a.tlog-proof"
        file.write_text(entry["proof"])
        said = interop.check(checker, "proof", log.vkey, str(file), committed.hex())
        assert said == f"{entry['index']} of {proof.checkpoint.head.size}"
        assert interop.check(checker, "proof", log.vkey, str(file), bytes(32).hex()) is None
    assert kinds == [
        "Enrolled", "Answered", "Answered", "NoticePublished", "MeetingCreated", "Admitted",
    ]  # fmt: skip
    for said in receipt["statements"]:
        told = verify_acknowledgement(signed(said["acknowledgement"]), charter.server)
        assert (told.index, told.statement) == (
            said["entry"]["index"],
            digest(decode(said["document"])),
        )
    assert encode(bo.person.id) not in json.dumps(receipt)


async def test_a_receipt_can_be_had_right_after_the_answer(guests: tuple[Guest, Guest]) -> None:
    ada, _ = guests
    await ada.say("unanswered")
    receipt = (await ada.receipt()).json
    assert len(receipt["statements"]) == 2


@pytest.mark.parametrize("later", [False, True])
async def test_a_receipt_has_all_that_is_under_its_head_and_nothing_else(
    guests: tuple[Guest, Guest], monkeypatch: pytest.MonkeyPatch, later: bool
) -> None:
    """Whatever is said while it is written: two receipts could not be compared otherwise."""
    ada, _ = guests
    parts = ada.browser.parts
    covering = parts.log.covering

    async def meanwhile(index: int) -> Checkpoint:
        found = await covering(index)
        await ada.say("unanswered")
        if later:
            return found
        await parts.log.update()
        return await covering(index)

    with monkeypatch.context() as patched:
        patched.setattr(parts.log, "covering", meanwhile)
        answer = await ada.receipt()
    verdict = check(answer.body)
    assert verdict.believed is not None, verdict.failures
    assert len(verdict.believed.answers) == (0 if later else 1)
    verdict = check((await ada.receipt()).body)
    assert verdict.believed is not None
    assert len(verdict.believed.answers) == 1


async def test_nobody_else_gets_a_receipt(guests: tuple[Guest, Guest]) -> None:
    ada, bo = guests
    request = ada.person.receipt_request(at=ada.browser.parts.clock.now())
    wrong = bo.person.receipt_request(at=ada.browser.parts.clock.now())
    answer = await ada.browser.post(
        "/api/receipt/file",
        {"request": encode(request.body), "signature": encode(wrong.signature)},
    )
    assert (answer.status, answer.code) == (422, "bad-signature")


async def test_what_is_erased_gives_no_receipt(guests: tuple[Guest, Guest]) -> None:
    ada, _ = guests
    parts = ada.browser.parts
    async with parts.database.write() as session:
        found = await log_rows.of_meeting(session, ada.meeting)
        await log_rows.erase(session, [row.number for row in found])
    answer = await ada.receipt()
    assert (answer.status, answer.code) == (410, "receipt-erased")


async def test_a_log_that_was_taken_back_gives_no_receipt(guests: tuple[Guest, Guest]) -> None:
    ada, _ = guests
    parts = ada.browser.parts
    await grow(parts, 5)
    await cut_off(parts.database, parts.log.shown.head.size - 3)
    await grow_unseen(parts, 9)
    answer = await ada.receipt()
    assert (answer.status, answer.code) == (503, "log-unavailable")
    assert "log-rolled-back" in (await ada.browser.get("/readyz")).json["reasons"]


async def grow_unseen(parts: Context, count: int) -> None:
    async with parts.database.write() as session:
        for _ in range(count):
            record = HostArmed(meeting=bytes(16), act=bytes(32), at=1)
            await log_rows.append(session, record)


# Checked by golang.org/x/mod/sumdb.


@pytest.mark.parametrize("count", [0, 1, 255, 256, 700])
async def test_another_implementation_reads_the_whole_log(
    browser: Browser, checker: Path, tmp_path: Path, count: int
) -> None:
    parts = browser.parts
    await grow(parts, count)
    await save(browser, tmp_path / "log")
    vkey = (await browser.get("/api/info")).json["log"]["vkey"]
    head = parts.log.shown.head
    said = interop.check(checker, "tiles", vkey, str(tmp_path / "log"))
    assert said == f"{head.size} {to_base64(head.root)}"
    # And it can say no.
    last = sorted((tmp_path / "log" / "tile" / "entries").iterdir())[0]
    first = last if last.is_file() else next(last.iterdir())
    whole = first.read_bytes()
    first.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert interop.check(checker, "tiles", vkey, str(tmp_path / "log")) is None


async def test_another_implementation_reads_a_cosigned_checkpoint(
    browser: Browser, checker: Path, tmp_path: Path
) -> None:
    parts = browser.parts
    witness = WitnessServer("witness.example/w1")
    witness.trusts[parts.notary.origin] = parts.notary.verifier
    async with witness.running():
        parts.log._witnesses = Witnesses([parse_witness(witness.setting)], parts.database)
        await grow(parts, 4)
    file = tmp_path / "checkpoint"
    file.write_bytes((await browser.get("/log/checkpoint")).body)
    vkey = parts.notary.verifier.vkey
    assert interop.check(checker, "cosigned", vkey, str(file), "witness.example/w1")
    assert interop.check(checker, "cosigned", vkey, str(file), "witness.example/w2") is None
    assert interop.check(checker, "checkpoint", witness.vkey, str(file)) is None
