"""A vault with its worker, and meetings in its database, made by the same steps as real ones."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from assent.recording.generation_stretch import GenerationStretch
from assent_vault.clock.timekeeper import steady_ms
from assent_vault.config import VaultSettings
from assent_vault.formats import charter as charters
from assent_vault.formats import objects, suite
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.charter import Charter
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.room import Room
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.ledger import revocation
from assent_vault.ledger.entry import (
    Actor,
    Admitted,
    Answered,
    Ended,
    Enrolled,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    Purpose,
    Revoked,
)
from assent_vault.ledger.revocation import Revocation
from assent_vault.store import log_rows
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import (
    AccountRow,
    GenerationRow,
    HostActRow,
    HostCertificateRow,
    MeetingRow,
    NoticeRow,
    ParticipantRow,
    ReleaseRow,
    RevocationRow,
    StatementRow,
    VaultKeyRow,
)
from assent_vault.worker.worker import Worker
from support.hosts import act_of, certificate_of
from support.logs import cut_off
from support.people import CREATED, NOTICE, NOTICE_DIGEST, Person, Signed
from support.recorded_generation import Committing, committed
from support.rooms import make_room
from support.sample_media import Take, plaintexts

HOUR = 3_600_000
COOLING_OFF_SECONDS = 3600


@dataclass
class Clock:
    """Time that a test moves by hand, and a clock on the wall that it sets."""

    at: int = CREATED + 60_000
    off: int = 0
    boot: str | None = "by hand"

    def now(self) -> int:
        """Unix milliseconds, as the wall says."""
        return self.at + self.off

    def steady(self) -> int:
        """Milliseconds that have gone by."""
        return self.at

    def pass_(self, milliseconds: int) -> None:
        """Let time go by."""
        self.at += milliseconds

    def jump(self, milliseconds: int) -> None:
        """Set the wall's clock, ahead or back; no time goes by."""
        self.off += milliseconds


@dataclass
class RealClock(Clock):
    """The machine's time, for a vault that real processes talk to."""

    boot: str | None = None

    def now(self) -> int:
        """Unix milliseconds."""
        return time.time_ns() // 1_000_000

    def steady(self) -> int:
        """Milliseconds since the machine was started."""
        return steady_ms()


class VaultScene:
    """A vault: settings, a running worker that does nothing by itself, its database and objects."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.clock: Clock = Clock()
        self.settings = VaultSettings(
            data_dir=folder,
            database_url=database_url,
            objects_url=str(folder / "objects"),
            vault_dir=folder / "vault",
            exports_dir=folder / "exports",
            cooling_off_seconds=COOLING_OFF_SECONDS,
            retention_days=None,
            poll_interval_ms=20,
            free_space_floor_mb=0,
        )
        self.server = Ed25519PrivateKey.generate()
        self.listens = False
        """Whether sound is listened to that is exported by the scene's own workers: a process for
        each track, which is most of what an export of some frames costs. Tests that look at what
        was heard, or at who hears, ask for it; a data set with FLAC has it in any case."""
        self._worker: Worker | None = None

    @property
    def worker(self) -> Worker:
        """The worker that has the vault's folder."""
        assert self._worker is not None, "open it first"
        return self._worker

    @property
    def database(self) -> Database:
        """The worker's own database, for what the server would do."""
        return self.worker._database

    @property
    def blobs(self) -> Blobs:
        """The worker's object store."""
        return self.worker._blobs

    @property
    def exports(self) -> Path:
        """Where the worker writes data sets."""
        return self.settings.exports_dir

    async def open(self) -> None:
        """Start a worker."""
        self._worker = await Worker.open(
            self.settings, self.clock.now, self.clock.steady, self.clock.boot
        )
        self._worker.exports.listens = self.listens

    async def close(self) -> None:
        """Stop the worker; what it has is as if it had been killed."""
        if self._worker is not None:
            await self._worker.close()
            self._worker = None

    async def restart(self) -> None:
        """Have another worker take over."""
        await self.close()
        await self.open()

    async def meeting(
        self,
        *,
        recording: bool = True,
        training: bool = True,
        retention_days: int = 36_500,
        cooling_off_seconds: int = 0,
        expires: int = CREATED + 12 * HOUR,
        **changes: Any,
    ) -> StagedMeeting:
        """Create a meeting as the server does, and have the worker make its key.

        Its time is far off: some tests start real processes, which go by the real time.
        """
        vault, server = self.worker._keyring.identity_public, suite.sign_public(self.server)
        host = Ed25519PrivateKey.generate()
        room = make_room(
            host=host,
            vault=vault,
            server=server,
            recording=recording,
            training=training,
            retention_days=retention_days,
            cooling_off_seconds=cooling_off_seconds,
        )
        charter = charters.make(
            meeting=secrets.token_bytes(16),
            room=room.digest,
            created=CREATED,
            recording=recording,
            training=training,
            waiting_room=False,
            expires=expires,
            retention_days=retention_days,
            cooling_off_seconds=cooling_off_seconds,
            notice_version=1,
            notices={"en": NOTICE_DIGEST},
            vault=vault,
            server=server,
        )
        async with self.database.write() as session:
            if await session.get(AccountRow, "host") is None:
                session.add(
                    AccountRow(
                        id="host",
                        name="",
                        login="host",
                        role="host",
                        password_hash="",
                        created_at=1,
                    )
                )
                session.add(
                    NoticeRow(
                        digest=NOTICE_DIGEST, version=1, language="en", text=NOTICE, published_at=1
                    )
                )
                await session.flush()
            values: dict[str, Any] = {
                "id": encode(charter.meeting),
                "title": "A meeting",
                "host_account": "host",
                "charter": charter.body,
                "room": room.body,
                "door_hash": secrets.token_bytes(32),
                "link_ordinal": 1,
                "created_at": CREATED,
                "expires_at": CREATED + 12 * HOUR,
                "started_at": CREATED + 1000,
                "retain_until": charter.kept_until(),
            }
            session.add(MeetingRow(**(values | changes)))
            await log_rows.append(
                session,
                MeetingCreated(meeting=charter.meeting, charter=charter.digest, at=CREATED),
            )
        await self.worker.make_keys()
        return StagedMeeting(self, charter, await self._key(charter), room, host)

    async def _key(self, charter: Charter) -> vault_keys.VaultKey | None:
        async with self.database.read() as session:
            row = await session.get(VaultKeyRow, encode(charter.meeting))
        if row is None:
            return None
        return vault_keys.verify(row.certificate, row.signature, charter.vault)

    async def released(self, people: int = 2, **takes: Take) -> StagedMeeting:
        """Return a meeting that is over, with a generation, to whose training everyone said yes."""
        meeting = await self.meeting()
        for _ in range(people):
            person = await meeting.comes()
            await meeting.says(person, Will.YES, Will.YES)
        await meeting.record([(person, takes) for person in meeting.people])
        await meeting.end()
        return meeting

    async def log_size(self) -> int:
        """Return how many entries the log has."""
        async with self.database.read() as session:
            return await log_rows.size(session)

    async def take_back_log(self, size: int) -> None:
        """Have the log, and what the vault knows of it, be as when it had so many entries."""
        await cut_off(self.database, size)
        (self.settings.vault_dir / "log.head").unlink()
        follower = self.worker.follower
        identity = self.worker._keyring.identity_public
        follower.__init__(self.database, self.settings.vault_dir, identity)  # type: ignore[misc]
        await follower.start()

    async def state(self, meeting: StagedMeeting) -> str | None:
        """Return where a meeting's release stands."""
        async with self.database.read() as session:
            return await session.scalar(
                select(ReleaseRow.state).where(ReleaseRow.meeting_id == meeting.id)
            )

    async def cool_off(self) -> None:
        """Let the cooling-off time go by, and the worker see it."""
        await self.worker.watch()
        self.clock.pass_(COOLING_OFF_SECONDS * 1000 + HOUR)
        await self.worker.watch()


@dataclass(eq=False)
class StagedMeeting:
    """A meeting in the database of a stage."""

    stage: VaultScene
    charter: Charter
    vault_key: vault_keys.VaultKey | None
    room: Room
    host_key: Ed25519PrivateKey
    people: list[Person] = field(default_factory=list)
    headers: list[GenerationHeader] = field(default_factory=list)
    hosts: dict[bytes, bytes] = field(default_factory=dict)  # digests of certificates
    _arm: bytes | None = None

    @property
    def signing(self) -> Committing:
        """What a generation is made with."""
        return Committing(self.charter, self.vault_key, self.stage.server)

    @property
    def id(self) -> str:
        """The meeting id, as in the database."""
        return encode(self.charter.meeting)

    async def comes(self, *, admitted: bool = True) -> Person:
        """Let somebody enrol, and in."""
        person = Person(self.charter, self.vault_key)
        said = person.enrol()
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.id)
            session.add(
                ParticipantRow(
                    meeting_id=self.id,
                    person_id=encode(person.id),
                    name="Somebody",
                    token_hash=secrets.token_bytes(32),
                    enrolment=said.body,
                    signature=said.signature,
                    enrolled_at=self.stage.clock.now(),
                    admitted_at=self.stage.clock.now() if admitted else None,
                )
            )
            about: dict[str, Any] = {
                "meeting": self.charter.meeting,
                "person": person.id,
                "enrolment": suite.digest(said.body),
                "at": self.stage.clock.now(),
            }
            await log_rows.append(session, Enrolled(**about))
            if admitted:
                await log_rows.append(session, Admitted(**about))
        self.people.append(person)
        return person

    async def says(self, person: Person, recording: Will, training: Will) -> None:
        """Store an answer as the server does: with the meeting's row locked."""
        await self.hears(person, person.answer(recording, training))

    async def is_acted_for(
        self, person: Person | None, purpose: Purpose, by: Actor = revocation.HOST
    ) -> Revocation:
        """Take something back for a person, or delete the meeting, as the server does."""
        last = None if person is None else person.last
        record = Revoked(
            meeting=self.charter.meeting,
            person=None if person is None else person.id,
            purpose=purpose,
            sequence=0 if last is None else last.sequence,
            by=by,
            at=self.stage.clock.now(),
        )
        act = revocation.sign(record, self.stage.server)
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.id)
            session.add(
                RevocationRow(
                    id=revocation.row_id(record),
                    meeting_id=self.id,
                    person_id=None if person is None else encode(person.id),
                    body=act.body,
                    signature=act.signature,
                    at=record.at,
                )
            )
            await log_rows.append(session, record, self.stage.server)
        return act

    async def hears(self, person: Person, said: Signed) -> None:
        """Store what a person has said last."""
        assert person.last is not None, "it has just answered"
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.id)
            session.add(
                StatementRow(
                    meeting_id=self.id,
                    person_id=encode(person.id),
                    sequence=person.last.sequence,
                    body=said.body,
                    signature=said.signature,
                    sealed_seed=said.sealed,
                    received_at=self.stage.clock.now(),
                )
            )
            await log_rows.append(
                session,
                Answered(
                    meeting=self.charter.meeting,
                    person=person.id,
                    sequence=person.last.sequence,
                    answer=suite.digest(said.body),
                    at=self.stage.clock.now(),
                ),
            )

    async def record(
        self,
        takes: Sequence[tuple[Person, Mapping[str, Take]]],
        *,
        offset: int = 10_000,
        delays: Mapping[str, int] | None = None,
        close: bool = True,
    ) -> GenerationHeader:
        """Record a generation of the people of ``takes``, each with some tracks.

        Tracks are named by source with ``_`` for ``-``. ``delays`` has them begin later.
        """
        number = len(self.headers) + 1
        present = {person.id for person, _ in takes}
        made = committed(
            self.signing,
            [(person, person.id in present) for person in self.people],
            number=number,
            previous=self.headers[-1].digest if self.headers else None,
            offset=offset,
            at=CREATED + 1000 + offset,
            arm=await self.arm(),
            hosts=self.hosts,
        )
        header, boxes = made.header, suite.digest(made.boxes)
        self.headers.append(header)
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.id)
            session.add(
                GenerationRow(
                    meeting_id=self.id,
                    number=number,
                    header=header.body,
                    signature=made.signature,
                    boxes=boxes,
                    opened_at=header.at,
                )
            )
            await log_rows.append(
                session,
                GenerationOpened(
                    meeting=header.meeting,
                    number=number,
                    header=header.digest,
                    committer=None,
                    boxes=boxes,
                    at=header.at,
                ),
            )
        blobs = self.stage.blobs
        await blobs.put(objects.generation_header_key(self.id, number), header.body)
        await blobs.put(objects.generation_signature_key(self.id, number), made.signature)
        await blobs.put(objects.generation_boxes_key(self.id, number), made.boxes)
        await blobs.put(objects.generation_pairs_key(self.id, number), made.pairs)
        await blobs.put(objects.generation_outer_key(self.id, number), made.outer)
        stretch = GenerationStretch(header, made.keys, self.stage.server)
        entries = []
        for person, tracks in takes:
            for source, take in tracks.items():
                at = offset + (delays or {}).get(source, 0)
                track = Track(person.id, source.replace("_", "-"))
                entries += await self._put(stretch, track, take, at)
        if close:
            await self.close(header, entries)
        return header

    async def _put(
        self, stretch: GenerationStretch, track: Track, take: Take, at: int
    ) -> list[SegmentEntry]:
        entries = []
        name = str(track)
        make = stretch.cluster_maker(encode(track.person), track.source, take.codec)
        key = stretch.lane_key(name)
        for sequence, (start, end, plaintext) in enumerate(plaintexts(take, at, make)):
            data = stretch.seal(name, take.codec, sequence, start, end, plaintext, key)
            await self.stage.blobs.put(stretch.segment_key(name, sequence), data)
            entries.append(SegmentEntry(name, sequence, suite.digest(data), len(data), start, end))
        return entries

    async def close(
        self,
        header: GenerationHeader,
        entries: Sequence[SegmentEntry],
        *,
        interrupted: bool = False,
    ) -> None:
        """Sign and store how a generation ended."""
        assert header.recorded is not None, "it was recorded"
        number = header.recorded.number
        body = build_generation_closing(
            header=header,
            accepts=None,
            ended=header.at + 60_000,
            interrupted=interrupted,
            segments=entries,
        )
        signature = sign_generation_closing(self.stage.server, body)
        await self.stage.blobs.put(objects.generation_closing_key(self.id, number), body)
        await self.stage.blobs.put(
            objects.generation_closing_signature_key(self.id, number), signature
        )
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.id)
            row = await session.get(GenerationRow, (self.id, number))
            assert row is not None, "it was opened"
            row.close, row.close_signature = body, signature
            row.closed_at = self.stage.clock.now()
            await log_rows.append(
                session,
                GenerationClosed(
                    meeting=header.meeting,
                    number=number,
                    header=header.digest,
                    closing=suite.digest(body),
                    accepts=None,
                    at=row.closed_at,
                ),
            )

    async def arm(self) -> bytes:
        """Have the first who came, who is the host, say that it is to be recorded; once."""
        if self._arm is None:
            host, now = self.people[0], self.stage.clock.now()
            said = certificate_of(self.host_key, self.room, host)
            self.hosts[host.id] = suite.digest(said.body)
            act = act_of(host, 1, "arm", recording=True)
            self._arm = suite.digest(act.body)
            async with self.stage.database.write() as session:
                await lock_meeting(session, self.id)
                session.add(
                    HostCertificateRow(
                        meeting_id=self.id,
                        person_id=encode(host.id),
                        body=said.body,
                        signature=said.signature,
                        received_at=now,
                    )
                )
                session.add(
                    HostActRow(
                        meeting_id=self.id,
                        sequence=1,
                        body=act.body,
                        signature=act.signature,
                        received_at=now,
                    )
                )
                meeting = self.charter.meeting
                certificate = suite.digest(said.body)
                await log_rows.append(
                    session,
                    HostCertified(meeting=meeting, person=host.id, certificate=certificate, at=now),
                )
                await log_rows.append(session, HostArmed(meeting=meeting, act=self._arm, at=now))
        return self._arm

    async def end(self) -> None:
        """End the meeting."""
        async with self.stage.database.write() as session:
            row = await lock_meeting(session, self.id)
            assert row is not None, "it was created"
            row.ended_at = self.stage.clock.now()
            await log_rows.append(session, Ended(meeting=self.charter.meeting, at=row.ended_at))

    async def change(self, **values: Any) -> None:
        """Change the meeting's row."""
        async with self.stage.database.write() as session:
            row = await lock_meeting(session, self.id)
            assert row is not None, "it was created"
            for name, value in values.items():
                setattr(row, name, value)
