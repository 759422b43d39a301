"""A hall of live meetings over a real database, real objects and a real media server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock, SystemClock
from assent.media import Media, MediaServer
from assent.media.sources import Source
from assent.meeting import LiveMeeting, MeetingPolicy, MeetingRegistry, Seat, Services, Store
from assent.meeting.views import CloseReason, OfferedSdp
from assent.transparency import LogKey, Notary
from assent_vault.files.space import Space
from assent_vault.formats.suite import digest, encode
from assent_vault.ledger.documents import ServerSigned
from assent_vault.ledger.entry import MeetingCreated
from assent_vault.ledger.note import Signer
from assent_vault.store import log_rows
from assent_vault.store.blobs import Blobs, FolderBlobs
from assent_vault.store.database import Database
from assent_vault.store.models import AccountRow, MeetingRow, NoticeRow, VaultKeyRow
from support import people
from support.hosts import HostHand, certificate_of
from support.introductions import introduction_of
from support.people import NOTICE, NOTICE_DIGEST

HOST_ACCOUNT = "hosthosthosthosthost22"


@dataclass(eq=False)
class Browser:
    """One person's connection, on a wire without a network; remembers what it was told."""

    hall: MeetingRegistry
    live: LiveMeeting
    seat: Seat
    changes: int = 0
    offers: list[int] = field(default_factory=list)
    generations: list[tuple[int, bytes]] = field(default_factory=list)
    asks: int = 0
    republished: int = 0
    goodbyes: list[CloseReason] = field(default_factory=list)
    client: str = ""
    meeting: people.Meeting | None = None
    entered: people.Person | None = None

    def changed(self) -> None:
        self.changes += 1

    def offer(self, generation: int, sdp: str, tracks: Sequence[OfferedSdp]) -> None:
        self.offers.append(generation)

    def layers(self, wanted: Mapping[Source, int]) -> None:
        """How many layers are needed."""

    def publish_again(self) -> None:
        self.republished += 1

    def speaking(self, people: Sequence[str]) -> None:
        pass

    def generation(self, number: int, header: bytes, signature: bytes) -> None:
        self.generations.append((number, header))

    def asked(self) -> None:
        self.asks += 1

    def goodbye(self, reason: CloseReason) -> None:
        self.goodbyes.append(reason)

    async def enter(self, person: people.Person, name: str) -> None:
        """Enrol and ask to be let in, as the client does."""
        said = person.enrol(name)
        self.entered = person
        await self.enrol(person, said)
        await self.live.admission.join(self.live.person(self))

    async def arms(self) -> None:
        """Sign, as the host who has entered here, that it is to be recorded."""
        assert self.entered is not None, "enter first"
        assert self.meeting is not None, "it was opened by a scene"
        hand = HostHand(self.entered, self.meeting.room, self.meeting.host_key)
        said = certificate_of(self.meeting.host_key, self.meeting.room, self.entered)
        await self.live.hosting.certify(said.body, said.signature)
        hand.sequence = self.live.hosting.course.sequence
        await self.performs(hand.signed("arm", recording=True))

    async def enrol(self, person: people.Person, said: people.Signed) -> ServerSigned | None:
        """Send an enrolment, with what belongs to it."""
        return await self.live.admission.enrol(
            self.seat,
            self,
            introduction_of(person, said),
            said.body,
            said.signature,
            client=self.client,
        )

    async def hosts(self, person: people.Person, name: str, meeting: people.Meeting) -> HostHand:
        """Enter as a host, with a certificate."""
        await self.enrol(person, person.enrol(name))
        hand = HostHand(person, meeting.room, meeting.host_key)
        said = certificate_of(meeting.host_key, meeting.room, person)
        await self.live.hosting.certify(said.body, said.signature)
        await self.live.admission.join(self.live.person(self))
        return hand

    async def performs(self, said: people.Signed) -> None:
        """Have something done that was signed."""
        await self.live.hosting.act(self.live.person(self), said.body, said.signature)

    async def says(self, said: people.Signed) -> None:
        await self.live.answers.answer(said.body, said.signature, said.sealed)

    @property
    def capture(self) -> str:
        return self.live.room_view().capture


@dataclass
class Scene:
    """A meeting that people can come to."""

    hall: MeetingRegistry
    store: Store
    services: Services
    database: Database
    meeting: people.Meeting
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return encode(self.meeting.id)

    async def enters(self, token: str) -> None:
        """Go as far as the door; raises what whoever has the token is told."""
        async with self.hall.entering(self.id, token):
            pass

    async def browser(self, who: str = "", *, host: bool = False, client: str = "") -> Browser:
        """Open the meeting's page; the same ``who`` comes back with the same token."""
        token = self.tokens.get(who)
        if token is None:
            if host:
                seat = await self.hall.host_seat(self.id, HOST_ACCOUNT)
            else:
                seat = await self.hall.seat(self.id, self.meeting.link.door)
            token = str(seat["token"])
            if who:
                self.tokens[who] = token
        async with self.hall.entering(self.id, token) as (live, taken):
            browser = Browser(self.hall, live, taken, client=client, meeting=self.meeting)
            await live.admission.attach(taken, browser, client=client)
            return browser


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come; the guard is against hanging, not a limit on speed."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def fault(text: str, error: BaseException | None) -> None:
    raise AssertionError(text) from error


@asynccontextmanager
async def hall_of(
    database: Database,
    blobs: Blobs | Path,
    meeting: people.Meeting,
    *,
    grace_seconds: float = 15,
    max_participants: int = 50,
    max_people: int = 200,
    clock: Clock | None = None,
    media: Media | None = None,
    space: Space | None = None,
) -> AsyncIterator[Scene]:
    """Run a hall; with an existing database this is the server after a restart.

    ``media`` runs already, and goes on running; without it there is a media server in here.
    """
    clock = clock or SystemClock()
    own = MediaServer("127.0.0.1", 0, ["127.0.0.1"], fault)
    await own.start()
    log_key = LogKey(Signer("test/log", Ed25519PrivateKey.from_private_bytes(bytes(32))), 1)
    store = Store(database, Notary(meeting.server, log_key))
    rules = MeetingPolicy(
        show_names=False,
        grace_seconds=grace_seconds,
        max_participants=max_participants,
        max_people_per_meeting=max_people,
        retention_days=90,
    )
    if isinstance(blobs, Path):
        blobs = FolderBlobs(blobs)
    space = space or Space({}, 0)
    services = Services(store, blobs, media or own, clock, meeting.server, rules, space=space)
    hall = MeetingRegistry(services)
    await hall.start()
    try:
        yield Scene(hall, store, services, database, meeting)
    finally:
        await hall.stop()
        await own.stop()


async def write_meeting(database: Database, meeting: people.Meeting, title: str = "Tea") -> None:
    """Write the rows that creating a meeting writes, and those the worker adds."""
    now = SystemClock().now()
    async with database.write() as session:
        session.add(
            AccountRow(
                id=HOST_ACCOUNT,
                name="Host",
                login="host",
                role="host",
                password_hash="",
                created_at=now,
            )
        )
        session.add(
            NoticeRow(digest=NOTICE_DIGEST, version=1, language="en", text=NOTICE, published_at=now)
        )
        await session.flush()
        session.add(
            MeetingRow(
                id=encode(meeting.id),
                title=title,
                host_account=HOST_ACCOUNT,
                charter=meeting.charter.body,
                room=meeting.room.body,
                door_hash=meeting.link.door_hash,
                link_ordinal=1,
                created_at=now,
                expires_at=now + 3_600_000,
                locked=False,
                armed=False,
                retain_until=now + 10_000_000,
            )
        )
        await session.flush()
        if meeting.vault_key is not None:
            session.add(
                VaultKeyRow(
                    meeting_id=encode(meeting.id),
                    certificate=meeting.vault_key.body,
                    signature=meeting.vault_key.signature,
                    created_at=now,
                )
            )
        charter = meeting.charter
        await log_rows.append(
            session, MeetingCreated(meeting=meeting.id, charter=charter.digest, at=now)
        )
    assert digest(NOTICE.encode()) == NOTICE_DIGEST
