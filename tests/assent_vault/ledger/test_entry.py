"""Records, and the entries that commit to them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from assent_vault.errors import FormatError
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    KINDS,
    Admitted,
    Adopted,
    Answered,
    Destroyed,
    Ended,
    Enrolled,
    Erased,
    Exported,
    ExportedFor,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    NoticePublished,
    PersonRemoved,
    Record,
    Released,
    Revoked,
    SlotsLost,
    Withdrawn,
    chain,
    commit,
    parse,
    type_of,
    write,
)

M, P, D, E, R = bytes(16), b"\1" * 32, b"\2" * 32, b"\3" * 32, b"\4" * 32
ALL: list[Record] = [
    NoticePublished(version=1, texts={"de": D, "en": E}, at=1),
    MeetingCreated(meeting=M, charter=D, at=2),
    Enrolled(meeting=M, person=P, enrolment=D, at=3),
    Admitted(meeting=M, person=P, enrolment=D, at=4),
    Answered(meeting=M, person=P, sequence=1, answer=D, at=5),
    Revoked(meeting=M, person=P, purpose="training", sequence=1, by="host", at=5),
    Revoked(meeting=M, person=None, purpose="meeting", sequence=0, by="operator", at=5),
    HostCertified(meeting=M, person=P, certificate=D, at=5),
    HostArmed(meeting=M, act=D, at=5),
    PersonRemoved(meeting=M, person=P, act=E, at=5),
    GenerationOpened(meeting=M, number=1, header=D, committer=None, boxes=E, at=6),
    GenerationOpened(meeting=M, number=2, header=D, committer=P, boxes=E, at=6),
    GenerationClosed(meeting=M, number=1, header=D, closing=E, accepts=None, at=7),
    GenerationClosed(meeting=M, number=2, header=D, closing=E, accepts=R, at=7),
    Ended(meeting=M, at=7),
    Released(meeting=M, evidence=D, ready_at=9, size=7, root=R, at=8),
    Exported(meeting=M, export=M, manifest=D, evidence=E, size=8, root=R, at=9),
    ExportedFor(
        meeting=M,
        export=M,
        manifest=D,
        evidence=E,
        size=8,
        root=R,
        recipient="An Institute",
        purpose="„Sprache“",
        at=9,
    ),
    ExportedFor(
        meeting=M,
        export=M,
        manifest=D,
        evidence=E,
        size=8,
        root=R,
        recipient=None,
        purpose=None,
        at=9,
    ),
    SlotsLost(meeting=M, header=D, slots=((0, 0), (2, 255)), at=9),
    Withdrawn(meeting=M, person=P, sequence=2, answer=D, at=10),
    Erased(meeting=M, person=P, at=11),
    Erased(meeting=M, person=None, at=12),
    Destroyed(meeting=M, reason="retention", entries=11, digest=D, at=13),
    Adopted(meeting=M, vault=D, at=14),
]


def test_every_kind_is_here() -> None:
    assert {type(record) for record in ALL} == set(KINDS.values())


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.TYPE)
def test_what_is_written_is_read(record: Record) -> None:
    body = write(record)
    assert body.startswith(b'{"type":"' + record.TYPE.encode() + b'",')
    assert body.endswith(b'"at":%d}' % record.at)
    assert type_of(body) == record.TYPE
    assert parse(body) == record
    assert record.of == (None if isinstance(record, NoticePublished) else M)


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.TYPE)
def test_each_field_counts(record: Record) -> None:
    values: dict[str, Any] = json.loads(write(record))
    for key in values:
        for changed in (
            {name: value for name, value in values.items() if name != key},
            values | {key: ["no"]},
            values | {"more": 1},
        ):
            with pytest.raises(FormatError):
                parse(json.dumps(changed, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"type":"assent/entry/other/v1","at":1}',
        b'{"at":1,"type":"assent/entry/erased/v1","meeting":"AAAAAAAAAAAAAAAAAAAAAA","person":null}',
        b'{"type":"assent/entry/destroyed/v1","meeting":"AAAAAAAAAAAAAAAAAAAAAA","reason":"other",'
        b'"entries":1,"digest":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","at":1}',
    ],
)
def test_what_is_no_record(body: bytes) -> None:
    with pytest.raises(FormatError):
        parse(body)


def test_what_an_entry_says() -> None:
    salt = bytes(range(32))
    assert commit(salt, b"record") == hashlib.sha256(salt + b"record").digest()
    with pytest.raises(ValueError, match="salt"):
        entries.commit(bytes(31), b"record")


def test_a_chain_binds_order_and_place() -> None:
    first, second = b"\5" * 32, b"\6" * 32
    one = chain(chain(entries.NOTHING_BEFORE, 4, first), 9, second)
    assert one != chain(chain(entries.NOTHING_BEFORE, 4, first), 8, second)
    assert one != chain(chain(entries.NOTHING_BEFORE, 9, second), 4, first)
