"""The reserve for answers that cannot be stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent_vault.errors import BlobUnavailable, FormatError
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.owed import (
    HEADER_BYTES,
    NOTHING,
    SIZE,
    SLOT_BYTES,
    SLOTS,
    OwedAnswer,
    Reserve,
    read,
    takes_back,
)
from support.people import Meeting, Person, make_meeting, person_in

YES, WITHDRAWN = Will.YES, Will.WITHDRAWN


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting()


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "objects")


def withdrawal(person: Person) -> OwedAnswer:
    person.enrol()
    person.answer(YES, YES)
    said = person.answer(WITHDRAWN, WITHDRAWN)
    held = takes_back(said.body, said.signature, said.sealed)
    assert held is not None
    return held


def test_only_what_takes_something_back_is_held(meeting: Meeting) -> None:
    ada = person_in(meeting)
    ada.enrol()
    for said in (ada.answer(Will.NO), ada.answer(YES), ada.answer(YES, YES)):
        assert takes_back(said.body, said.signature, said.sealed) is None
    said = ada.answer(YES, WITHDRAWN)
    assert takes_back(said.body, said.signature, said.sealed) is not None
    assert takes_back(b"{}", said.signature, None) is None
    assert takes_back(said.body, b"short", None) is None


async def test_what_is_held_is_found_again(blobs: FolderBlobs, meeting: Meeting) -> None:
    held = withdrawal(person_in(meeting))
    reserve = Reserve(blobs)
    assert await reserve.open() == []
    assert await reserve.hold(held)
    assert await reserve.hold(held), "twice is once"
    found = read(await blobs.read_reserve())
    assert found.of(encode(meeting.id)) == 1
    assert found.of(encode(bytes(16))) == 0
    again = Reserve(blobs)
    assert await again.open() == [held]
    await again.release(held)
    assert read(await blobs.read_reserve()) == NOTHING
    assert await Reserve(blobs).open() == []


async def test_it_takes_no_room(blobs: FolderBlobs, meeting: Meeting, tmp_path: Path) -> None:
    reserve = Reserve(blobs)
    await reserve.open()
    file = tmp_path / "objects" / ".reserve"
    before = file.stat()
    assert before.st_size == SIZE
    assert before.st_blocks * 512 >= SIZE, "every block of it is there in advance"
    for _ in range(20):
        await reserve.hold(withdrawal(person_in(meeting)))
    after = file.stat()
    assert (after.st_ino, after.st_size, after.st_blocks) == (
        before.st_ino,
        before.st_size,
        before.st_blocks,
    )


async def test_more_than_there_is_room_for_blocks_every_meeting(
    blobs: FolderBlobs, meeting: Meeting
) -> None:
    reserve = Reserve(blobs)
    await reserve.open()
    held = withdrawal(person_in(meeting))
    reserve._slots = dict.fromkeys(range(SLOTS), held)
    another = withdrawal(person_in(meeting))
    assert not await reserve.hold(another)
    assert reserve.unreadable
    assert read(await blobs.read_reserve()).of(encode(bytes(16))) == 1
    # Who has opened it with that in it does not know what it was.
    other = Reserve(blobs)
    await other.open()
    await other.all_stored()
    assert other.unreadable
    await reserve.all_stored()
    assert not reserve.unreadable
    assert read(await blobs.read_reserve()).unknown == 0


async def test_what_cannot_be_read_could_be_anybodys(blobs: FolderBlobs, meeting: Meeting) -> None:
    reserve = Reserve(blobs)
    await reserve.open()
    held = withdrawal(person_in(meeting))
    await reserve.hold(held)
    whole = await blobs.read_reserve()
    length = int.from_bytes(whole[HEADER_BYTES + 1 : HEADER_BYTES + 3], "big")
    other = encode(bytes(16))
    for place in range(HEADER_BYTES + 1, HEADER_BYTES + 35 + length):
        changed = bytearray(whole)
        changed[place] ^= 1
        assert read(bytes(changed)).of(other) == 1, place
    # One that was being written when the power went: nobody was told that it is held.
    torn = bytearray(whole)
    torn[HEADER_BYTES] = 0
    assert read(bytes(torn)) == NOTHING
    for wrong in (whole[:-1], whole + b"\0", b"x" + whole[1:]):
        assert read(wrong).of(other) == 1
    assert read(b"") == NOTHING


async def test_one_of_another_kind_is_not_written(blobs: FolderBlobs) -> None:
    await blobs.make_reserve(bytes(SIZE))
    with pytest.raises(FormatError):
        await Reserve(blobs).open()


async def test_nothing_is_written_outside_of_it(blobs: FolderBlobs) -> None:
    with pytest.raises(BlobUnavailable):
        await blobs.write_reserve(0, b"x")
    await blobs.make_reserve(bytes(SLOT_BYTES))
    for offset in (-1, SLOT_BYTES):
        with pytest.raises(ValueError, match="outside"):
            await blobs.write_reserve(offset, b"x")
    assert [each async for each in blobs.list("")] == [], "it is no object"
