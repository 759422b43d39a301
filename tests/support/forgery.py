"""What somebody writes who may write anywhere: into every table, and over every object.

They have the server's own key and the vault's, which lie on disk. Each lie comes on top of those
before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.generation_closing import GENERATION_CLOSE_TYPE
from assent_vault.formats.generation_header import GENERATION_TYPE
from assent_vault.formats.suite import encode
from support.server import Server

FUTURE = 4_000_000_000_000
EXPORT = "A" * 22

Lie = Callable[[], None]


def lies(server: Server, meeting: str, person: str) -> Iterator[tuple[str, Lie]]:
    """Yield what to do so that a meeting is released although ``person`` does not grant it."""

    def sql(*statements: tuple[Any, ...]) -> Lie:
        def write() -> None:
            for statement, *values in statements:
                server.query(statement, *values)

        return write

    yield (
        "a release by decree",
        sql(
            (
                "INSERT INTO releases (meeting_id, state, evidence, created_at, ready_at,"
                " updated_at) VALUES (?, 'ready', ?, 1, 1, 1)",
                meeting,
                bytes(32),
            )
        ),
    )
    yield (
        "a claim by decree",
        sql(("UPDATE releases SET state = 'claimed', lease_token = 'x', lease_until = 1",)),
    )
    yield (
        "an export by decree",
        sql(
            (
                "INSERT INTO exports (id, state, requested_at, meetings_done, meetings_total)"
                " VALUES (?, 'running', 1, 0, 1)",
                EXPORT,
            ),
            (
                "INSERT INTO export_items (export_id, meeting_id, committed_at) VALUES (?, ?, 1)",
                EXPORT,
                meeting,
            ),
        ),
    )
    yield (
        "an export asked for once more",
        sql(("DELETE FROM export_items",), ("UPDATE exports SET state = 'requested'",)),
    )
    yield (
        "the gate's own words",
        sql(("UPDATE gate_reports SET decision = 'release', reasons = '[]'",)),
    )
    yield "another's answer for theirs", lambda: _answer_for(server, meeting, person, change=False)
    yield (
        "another's answer in their name",
        lambda: _answer_for(server, meeting, person, change=True),
    )
    yield (
        "they were never let in",
        sql(
            ("DELETE FROM statements WHERE person_id = ?", person),
            ("UPDATE participants SET admitted_at = NULL WHERE person_id = ?", person),
        ),
    )
    yield "they never were", sql(("DELETE FROM participants WHERE person_id = ?", person))
    yield "they are in no generation", lambda: _forget(server, meeting, person)
    yield (
        "it was otherwise long ago",
        sql(
            (
                "UPDATE meetings SET ended_at = 1, retain_until = ?, destroyed_at = NULL",
                FUTURE,
            ),
            ("DELETE FROM deletions",),
            ("DELETE FROM releases",),
        ),
    )
    yield "there are no generations", sql(("DELETE FROM generations",))
    yield "the log never knew of them", lambda: _forget_records(server, person)
    yield (
        "the log has been erased",
        sql(("UPDATE log_entries SET salt = NULL, record = NULL, signature = NULL",)),
    )


def _answer_for(server: Server, meeting: str, person: str, *, change: bool) -> None:
    """Put somebody's grant where the person's is missing, with or without another name in it."""
    body, signature, sealed = server.query(
        "SELECT body, signature, sealed_seed FROM statements"
        " WHERE meeting_id = ? AND sealed_seed IS NOT NULL AND person_id <> ?",
        meeting,
        person,
    )[0]
    if change:
        document = json.loads(bytes(body)) | {"person": person}
        body = json.dumps(document, separators=(",", ":")).encode()
    server.query("DELETE FROM statements WHERE person_id = ?", person)
    server.query(
        "INSERT INTO statements (meeting_id, person_id, sequence, body, signature, sealed_seed,"
        " received_at) VALUES (?, ?, 1, ?, ?, ?, 1)",
        *(meeting, person, bytes(body), bytes(signature), bytes(sealed)),
    )


def _forget_records(server: Server, person: str) -> None:
    """Take what the log's entries say of a person away from them."""
    for number, record in server.query("SELECT number, record FROM log_entries"):
        if person.encode() in bytes(record or b""):
            server.query(
                "UPDATE log_entries SET salt = NULL, record = NULL WHERE number = ?", number
            )


def _forget(server: Server, meeting: str, person: str) -> None:
    """Write every generation anew, without the person, and sign it with the server's own key."""
    key = Ed25519PrivateKey.from_private_bytes((server.data / "server/identity.key").read_bytes())
    folder = server.data / "objects" / "meetings" / meeting / "generations"
    previous: str | None = None
    for path in sorted(folder.iterdir()):
        header = json.loads((path / "header.json").read_bytes())
        gone = [one["id"] for one in header["people"]].index(person)
        del header["people"][gone]
        header["previous"] = header["recorded"]["previous"] = previous
        if header["recorded"]["shares"]:
            del header["recorded"]["shares"][gone + 1]  # the vault's is the first
        written = _write(path / "header.json", header)
        previous = encode(suite.digest(written))
        signed = suite.sign(key, GENERATION_TYPE, written)
        (path / "header.sig").write_bytes(signed)

        boxes = b""
        for name in ("boxes", "pairs", "outer"):
            document = json.loads((path / f"{name}.json").read_bytes())
            document["header"] = previous
            document["watch"] = [one for one in document["watch"] if one["id"] != person]
            if name == "pairs" and document["train"] is not None:
                del document["train"]["people"][gone]
            data = _write(path / f"{name}.json", document)
            boxes = suite.digest(data) if name == "boxes" else boxes

        closing = json.loads((path / "close.json").read_bytes())
        closing["header"] = previous
        closing["segments"] = [
            one for one in closing["segments"] if not one["track"].startswith(person)
        ]
        closed = _write(path / "close.json", closing)
        signature = suite.sign(key, GENERATION_CLOSE_TYPE, closed)
        (path / "close.sig").write_bytes(signature)
        server.query(
            "UPDATE generations SET header = ?, signature = ?, boxes = ?, close = ?,"
            " close_signature = ? WHERE meeting_id = ? AND number = ?",
            *(written, signed, boxes, closed, signature, meeting, int(path.name)),
        )


def _write(path: Path, document: dict[str, Any]) -> bytes:
    data = json.dumps(document, separators=(",", ":")).encode()
    path.write_bytes(data)
    return data
