"""Answers that are owed: taken back by people, received by the server, and not stored yet.

Theory of operation. A database that is full or away takes no answer, and a withdrawal that the
server could not store must block all the same. So the object store has a *reserve*: a file whose
blocks were written before anything was recorded, and which is written in place, so that it needs no
room. The server puts a withdrawal there, verbatim, when it cannot store it; it takes it out when it
is stored. Whoever decides about a release reads the reserve, and counts who is owed for.

::

    header   4096 bytes: a line that says what it is; byte 64 is 1 where more is owed than is listed
    512 slots of 1024 bytes each:
        state    1 byte: 0 empty, 1 held
        length   u16, of the content
        digest   32 bytes, SHA-256 of the content
        content  u16 length of the answer's document ‖ document ‖ signature (64 bytes)

A slot's state is written last, and synced by itself: one that was half written is empty. What is
held, and cannot be read, could be of anybody: it counts for every meeting.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import FormatError, VaultError
from assent_vault.formats import statement as statements
from assent_vault.formats.statement import Answer, Will
from assent_vault.formats.suite import encode
from assent_vault.store.blobs import Blobs

SLOTS: Final = 512
SLOT_BYTES: Final = 1024
HEADER_BYTES: Final = 4096
SIZE: Final = HEADER_BYTES + SLOTS * SLOT_BYTES  # bytes
_TITLE: Final = b"assent/owed/v1\n"
_MORE_AT: Final = 64  # bytes from the beginning
_EMPTY, _HELD = b"\0", b"\1"
_SIGNATURE_BYTES: Final = 64
_BEFORE_CONTENT: Final = 1 + 2 + 32  # bytes
_MOST_CONTENT: Final = SLOT_BYTES - _BEFORE_CONTENT  # bytes


@dataclass(frozen=True, slots=True)
class OwedAnswer:
    """An answer that takes something back, exactly as it came. ``said`` is not verified."""

    body: bytes
    signature: bytes
    said: Answer

    @property
    def meeting(self) -> str:
        """The meeting that it says it is of."""
        return encode(self.said.meeting)

    @property
    def person(self) -> str:
        """The person whom it says it is of."""
        return encode(self.said.person)


@dataclass(frozen=True, slots=True)
class Owed:
    """What a reserve says. ``unknown`` counts what could be of any meeting."""

    people: Mapping[str, int]
    unknown: int

    def of(self, meeting: str) -> int:
        """Return how many answers of a meeting are owed, or may be."""
        return self.people.get(meeting, 0) + self.unknown


NOTHING: Final = Owed({}, 0)


def takes_back(body: bytes, signature: bytes, sealed: bytes | None) -> OwedAnswer | None:
    """Return an answer as it is held; None where it takes nothing back, or is none at all."""
    try:
        said = statements.parse_answer(body)
    except VaultError:
        return None
    withdraws = Will.WITHDRAWN in (said.recording, said.training)
    if not withdraws or sealed is not None or len(signature) != _SIGNATURE_BYTES:
        return None
    return OwedAnswer(body, signature, said)


def read(content: bytes) -> Owed:
    """Read a reserve; of none at all nothing is owed. Never raises."""
    if not content:
        return NOTHING
    if len(content) != SIZE or not content.startswith(_TITLE):
        return Owed({}, 1)
    unknown = int(content[_MORE_AT : _MORE_AT + 1] != _EMPTY)
    people: Counter[str] = Counter()
    for _, held in _held(content):
        if held is None:
            unknown += 1
        else:
            people[held.meeting] += 1
    return Owed(people, unknown)


def _held(content: bytes) -> Iterator[tuple[int, OwedAnswer | None]]:
    """Yield every slot that is not empty, None for one that cannot be read."""
    for number in range(SLOTS):
        slot = content[_place(number) : _place(number) + SLOT_BYTES]
        if slot[:1] != _EMPTY:
            yield number, _parse(slot)


def _parse(slot: bytes) -> OwedAnswer | None:
    length = int.from_bytes(slot[1:3], "big")
    content = slot[_BEFORE_CONTENT : _BEFORE_CONTENT + length]
    size = int.from_bytes(content[:2], "big")
    intact = (
        slot[:1] == _HELD
        and slot[3:_BEFORE_CONTENT] == hashlib.sha256(content).digest()
        and len(content) == 2 + size + _SIGNATURE_BYTES
    )
    return takes_back(content[2 : 2 + size], content[2 + size :], None) if intact else None


def _place(number: int) -> int:
    return HEADER_BYTES + number * SLOT_BYTES


class Reserve:
    """The reserve, for the one server that writes it. ``open`` it first.

    All methods raise BlobUnavailable where the store cannot be used.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._slots: dict[int, OwedAnswer | None] = {}
        self._more = False  # there is more than is listed
        self._listed = True  # by whoever has opened the reserve here

    async def open(self) -> list[OwedAnswer]:
        """Make the reserve where there is none; return what is held in it."""
        content = await self._blobs.make_reserve(_TITLE.ljust(SIZE, b"\0"))
        if not content.startswith(_TITLE):
            raise FormatError("reserve", "is of another kind")
        self._slots = dict(_held(content))
        self._more = content[_MORE_AT : _MORE_AT + 1] != _EMPTY
        self._listed = not self._more
        return [held for held in self._slots.values() if held is not None]

    @property
    def unreadable(self) -> bool:
        """Whether something is held that nobody can read any more, or more than there is room."""
        return self._more or None in self._slots.values()

    async def hold(self, held: OwedAnswer) -> bool:
        """Hold an answer, durably; False where that could only be said of all meetings alike."""
        if held in self._slots.values():
            return True
        free = next((number for number in range(SLOTS) if number not in self._slots), None)
        content = len(held.body).to_bytes(2, "big") + held.body + held.signature
        if free is None or len(content) > _MOST_CONTENT:
            await self._blobs.write_reserve(_MORE_AT, _HELD)
            self._more = True
            return False
        digest = hashlib.sha256(content).digest()
        slot = len(content).to_bytes(2, "big") + digest + content
        await self._blobs.write_reserve(_place(free) + 1, slot)
        await self._blobs.write_reserve(_place(free), _HELD)
        self._slots[free] = held
        return True

    async def release(self, held: OwedAnswer) -> None:
        """Hold an answer no more: it is stored, or was nobody's."""
        for number, each in list(self._slots.items()):
            if each == held:
                await self._blobs.write_reserve(_place(number), _EMPTY)
                del self._slots[number]

    async def all_stored(self) -> None:
        """Take back that there is more than is listed, where nobody else can have meant more."""
        if self._more and self._listed:
            await self._blobs.write_reserve(_MORE_AT, _EMPTY)
            self._more = False
