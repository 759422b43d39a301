"""A long meeting that is over, straight into a server's data: sealed by the product's own recorder.

Real VP8 and Opus, a few seconds of each person, sent over and over as RTP on a clock that runs as
fast as the machine does. Nobody was ever online; everything else is as if they had been: enrolments
and answers are signed, epochs last five minutes, every segment is sealed to the people's keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from assent.recording import EpochRecording, Recorder
from assent_vault import charter as charters
from assent_vault import suite
from assent_vault.blobs import FolderBlobs
from assent_vault.database import Database
from assent_vault.epoch import build_header
from assent_vault.models import (
    Account,
    Epoch,
    Meeting,
    Notice,
    Participant,
    Statement,
    VaultIdentity,
)
from assent_vault.statement import Will, parse_enrolment
from assent_vault.suite import encode
from support.clock import ManualClock
from support.media import COLOURS, Signs, signs
from support.people import Person
from support.publishing import NTP_1900, camera, microphone, packetise_vp8, rtp
from support.server import Server

EPOCH_SECONDS: Final = 300
FPS: Final = 15
LOOP: Final = 10  # seconds; each begins with a key frame, as the recorder asks for one so often
WIDTH, HEIGHT = 640, 360
VIDEO_BITS: Final = 400_000
RETENTION_MS: Final = 90 * 24 * 3_600_000
_SAMPLES: Final = 960  # of a packet of 20 ms
_ZERO: Final = 1000.0


@dataclass(frozen=True)
class Attendee:
    """Somebody who was there, and what they are recognised by."""

    person: Person
    name: str
    signs: Signs
    link: str

    @property
    def id(self) -> str:
        """The person id, as text."""
        return encode(self.person.id)


async def make(
    server: Server, *, minutes: float, people: int, epoch_seconds: int = EPOCH_SECONDS
) -> list[Attendee]:
    """Write the meeting into the data of a server that has run once and is stopped."""
    database = Database(server.database_url)
    clock = ManualClock()
    try:
        meeting, charter, attendees = await _convene(server, database, clock, people)
        key = _server_key(server)
        # No power will fail: what is not synced is there all the same.
        blobs = FolderBlobs(server.data / "objects", fsync=lambda _: None)
        began = clock.now()
        recorder = Recorder(
            meeting_id=meeting,
            blobs=blobs,
            clock=clock,
            began=began,
            server_key=key,
            on_problem=_fail,
            request_key_frames=lambda: None,
        )
        streams = [_Stream(each) for each in attendees]
        previous: bytes | None = None
        left = minutes * 60
        number = 0
        while left > 0:
            number += 1
            header = build_header(
                meeting=charter.meeting,
                epoch=number,
                began=clock.now(),
                offset=clock.now() - began,
                previous=previous,
                charter=charter,
                vault_key=None,
                people=[each.person.in_header() for each in attendees],
            )
            previous = suite.digest(header)
            opened_at = clock.now()
            recording = await recorder.open(header, None)
            recording.begin()
            await _play(recording, streams, clock, min(left, epoch_seconds))
            recording.stop()
            closing, signature = await recording.finish()
            async with database.write() as session:
                session.add(
                    Epoch(
                        meeting_id=meeting,
                        number=number,
                        header=header,
                        opened_at=opened_at,
                        close=closing,
                        close_signature=signature,
                        closed_at=clock.now(),
                    )
                )
            left -= epoch_seconds
            clock.pass_(0.2)
        async with database.write() as session:
            row = await session.get(Meeting, meeting)
            assert row is not None, "written before"
            row.ended_at = clock.now()
            row.retain_until = clock.now() + 50 * RETENTION_MS
        await blobs.close()
    finally:
        await database.close()
    return attendees


def _fail(problem: str) -> None:
    raise AssertionError(problem)


def _server_key(server: Server) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes((server.data / "server/identity.key").read_bytes())


async def _convene(
    server: Server, database: Database, clock: ManualClock, people: int
) -> tuple[str, charters.Charter, list[Attendee]]:
    """Write down meeting, people and what they said."""
    async with database.read() as session:
        vault = (await session.scalars(select(VaultIdentity.public_key))).one()
        notices = (await session.scalars(select(Notice))).all()
    charter = charters.make(
        meeting=secrets.token_bytes(16),
        created=clock.now(),
        recording=True,
        training=False,
        waiting_room=False,
        notice_version=max(notice.version for notice in notices),
        notices={notice.language: notice.digest for notice in notices},
        vault=vault,
        server=suite.sign_public(_server_key(server)),
    )
    meeting = encode(charter.meeting)
    words = charter.notices["en"]
    attendees: list[Attendee] = []
    async with database.write() as session:
        host = Account(
            id=secrets.token_urlsafe(16),
            name="Host",
            login=secrets.token_urlsafe(8),
            role="host",
            password_hash="",
            created_at=clock.now(),
        )
        session.add(host)
        await session.flush()
        session.add(
            Meeting(
                id=meeting,
                title="A long meeting",
                host_account=host.id,
                charter=charter.body,
                secret_hash=secrets.token_bytes(32),
                created_at=clock.now(),
                expires_at=clock.now() + 24 * 3_600_000,
                started_at=clock.now(),
                locked=False,
                armed=False,
                retain_until=clock.now() + 50 * RETENTION_MS,
            )
        )
        await session.flush()
        for index, sign in zip(range(people), signs(), strict=False):
            person = Person(charter, None, now=clock.now())
            enrolled = person.enrol(notice=encode(words))
            person.enrolment = parse_enrolment(enrolled.body)
            name = ("Ada", "Bo", "Cy", "Dee", "Eli", "Fay")[index]
            session.add(
                Participant(
                    meeting_id=meeting,
                    person_id=encode(person.id),
                    name=name,
                    is_host=index == 0,
                    token_hash=secrets.token_bytes(32),
                    enrolment=enrolled.body,
                    signature=enrolled.signature,
                    enrolled_at=clock.now(),
                    admitted_at=clock.now(),
                )
            )
            said = person.answer(Will.YES, notice=words)
            session.add(
                Statement(
                    meeting_id=meeting,
                    person_id=encode(person.id),
                    sequence=1,
                    body=said.body,
                    signature=said.signature,
                    received_at=clock.now(),
                )
            )
            link = f"{server.url}/r/{meeting}#{encode(person.seed)}"
            attendees.append(Attendee(person, name, sign, link))
    return meeting, charter, attendees


class _Stream:
    """What one person sends, for ever: packets for each moment."""

    def __init__(self, attendee: Attendee) -> None:
        self._microphone = microphone(attendee.id, secrets.randbits(31))
        self._camera = camera(attendee.id, secrets.randbits(31))
        self._sound = _sound(attendee.signs.tone)
        self._pictures = _pictures(attendee.signs.colour)
        self._frame = 0
        self._packet = 0
        self._sequence = 0

    def send(self, recording: EpochRecording, since: float, until: float) -> None:
        """Hand in what is sent from ``since`` to ``until``, in seconds since the meeting began."""
        while self._packet * 0.02 < until:
            moment = self._packet * 0.02
            # A sender report each second, so that sound and picture are placed beside each other.
            if self._packet % 50 == 0:
                ntp = round((NTP_1900 + moment) * 2**32)
                recording.sender_report(
                    self._microphone, ntp, self._packet * _SAMPLES, _ZERO + moment
                )
                recording.sender_report(self._camera, ntp, round(moment * 90_000), _ZERO + moment)
            payload = self._sound[self._packet % len(self._sound)]
            packet = rtp(self._packet, self._packet * _SAMPLES, payload, ssrc=self._microphone.ssrc)
            recording.packet(self._microphone, packet, _ZERO + moment)
            self._packet += 1
        while self._frame / FPS < until:
            moment = self._frame / FPS
            for packet in self._of_frame(moment):
                recording.packet(self._camera, packet, _ZERO + moment)
            self._frame += 1

    def begin_anew(self, moment: float) -> None:
        """Begin the loop of pictures anew, as a sender does who is asked for a key frame."""
        self._packet = max(self._packet, round(moment / 0.02))
        loop = len(self._pictures)
        frame = round(moment * FPS)
        self._shift = -frame % loop
        self._frame = frame

    _shift = 0

    def _of_frame(self, moment: float) -> Iterator[bytes]:
        frame = self._pictures[(self._frame + self._shift) % len(self._pictures)]
        payloads = list(packetise_vp8(frame, self._frame))
        for index, payload in enumerate(payloads):
            yield rtp(
                self._sequence,
                round(moment * 90_000),
                payload,
                marker=index == len(payloads) - 1,
                ssrc=self._camera.ssrc,
            )
            self._sequence += 1


async def _play(
    recording: EpochRecording, streams: list[_Stream], clock: ManualClock, seconds: float
) -> None:
    """Let this much time go by, in steps of a tenth of a second."""
    since = clock.monotonic() - _ZERO
    for stream in streams:
        # A little later: what was sent before an epoch began is not in it.
        stream.begin_anew(since + 0.1)
    for step in range(1, round(seconds * 10) + 1):
        until = since + step / 10
        for stream in streams:
            stream.send(recording, until - 0.1, until)
        clock.pass_(_ZERO + until - clock.monotonic())
        recording.tick()
        # The recorder's own limits on what may wait go by this clock, and the disk does not.
        if step % 5 == 0:
            await recording._sealer.drain()


def _sound(tone: int) -> list[bytes]:
    """Encode two seconds of beeps, half of them silence."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = 48_000
    encoder.format = "s16"
    encoder.layout = "mono"
    encoder.bit_rate = 32_000
    encoder.options = {"application": "voip", "frame_duration": "20"}
    packets: list[bytes] = []
    for number in range(100):
        moment = (np.arange(_SAMPLES) + number * _SAMPLES) / 48_000
        loud = 0.4 if number % 25 < 15 else 0.0
        wave = (loud * 32_767 * np.sin(2 * np.pi * tone * moment)).astype(np.int16)
        frame: Any = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48_000
        frame.pts = number * _SAMPLES
        frame.time_base = Fraction(1, 48_000)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


def _pictures(colour: str) -> list[bytes]:
    """Encode a grainy field of a colour with a square that moves; as many bytes as a camera's."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base = Fraction(1, FPS)
    encoder.framerate = Fraction(FPS, 1)
    encoder.bit_rate = VIDEO_BITS
    encoder.gop_size = 100_000
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "minrate": str(VIDEO_BITS),
        "maxrate": str(VIDEO_BITS),
    }
    grain = np.random.default_rng(1)
    frames: list[bytes] = []
    for number in range(LOOP * FPS):
        pixels = np.full((HEIGHT, WIDTH, 3), COLOURS[colour], np.int16)
        pixels += grain.integers(-12, 13, (HEIGHT, WIDTH, 1), np.int16)
        left = number * 8 % (WIDTH - 64)
        pixels[HEIGHT // 2 - 32 : HEIGHT // 2 + 32, left : left + 64] = 10
        image = pixels.clip(0, 255).astype(np.uint8)
        frame: Any = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        frame.time_base = Fraction(1, FPS)
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return frames
