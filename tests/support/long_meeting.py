"""A long meeting that is over, in a server's data: recorded and logged by the product's own code.

Real VP8 and Opus, a few seconds of each person, sent over and over as RTP on a clock that runs as
fast as the machine does. Nobody was ever online; everything else is as if they had been: enrolments
and answers are signed, logged and acknowledged, the first is a host and has armed it, generations
last five minutes, every segment is sealed to the people's keys. By that clock the meeting ends when
it would have ended, in the future.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import aiohttp
import av
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.meeting.generation_draft import HostsSaid
from assent.meeting.generations import Generations
from assent.meeting.seats import Seat
from assent.meeting.store import Store
from assent.recording import GenerationRecording, Recorder
from assent.transparency import Notary, load_log_key
from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats.host_acts import parse_act
from assent_vault.formats.host_certificate import parse_certificate
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.database import Database
from support.clock import ManualClock
from support.hosts import act_of, certificate_of
from support.introductions import introduction_of
from support.media import COLOURS, Signs, signs
from support.people import Person
from support.publishing import NTP_1900, camera, microphone, packetise_vp8, rtp
from support.rooms import HOST_KEYS, compose
from support.server import Server
from support.waiting import eventually

GENERATION_SECONDS: Final = 300
FPS = Fraction(15)
LOOP = 10  # seconds; each begins with a key frame, as the recorder asks for one so often
WIDTH, HEIGHT = 640, 360
VIDEO_BITS: Final = 400_000
RETENTION_MS: Final = 90 * 24 * 3_600_000
_PASSWORD: Final = "correct horse battery staple"
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
    server: Server,
    *,
    minutes: float,
    people: int,
    generation_seconds: int = GENERATION_SECONDS,
    dark: tuple[float, float] = (0.0, 0.0),
) -> list[Attendee]:
    """Write the meeting into the data of a server that has not run yet, and does not then.

    ``dark``: from when to when nobody sends a picture, in seconds since the meeting began.
    """
    await server.start()
    try:
        charter = await _create(server)
    finally:
        await server.stop()
    clock = ManualClock(charter.created)
    clock.pass_(1)
    database = Database(server.database_url)
    try:
        key = _server_key(server)
        log_key = load_log_key(
            server.data / "server", origin="", named=False, now=clock.now(), first_start=False
        )
        store = Store(database, Notary(key, log_key))
        attendees = await _convene(server, store, charter, clock, people)
        hosts = await _armed(server, store, charter, attendees[0].person, clock)
        present = [attendee.person.id for attendee in attendees]
        # No power will fail: what is not synced is there all the same.
        blobs = FolderBlobs(server.data / "objects", fsync=lambda _: None)
        meeting = encode(charter.meeting)
        recorder = Recorder(
            meeting_id=meeting,
            blobs=blobs,
            clock=clock,
            began=clock.now(),
            server_key=key,
            on_problem=_fail,
            request_key_frames=lambda: None,
            request_key_frame=lambda person, source: None,
        )
        generations = Generations(
            meeting, charter, store.generations, blobs, clock, key, lambda: hosts
        )
        began = clock.monotonic() - _ZERO
        streams = [_Stream(each, (began + dark[0], began + dark[1])) for each in attendees]
        left = minutes * 60
        number = 0
        while left > 0:
            number += 1
            await _open(generations, number, recorder, present)
            recording = generations.recording(number)
            recording.begin()
            await _play(recording, streams, clock, min(left, generation_seconds))
            recording.stop()
            await generations.close(number)
            left -= generation_seconds
            clock.pass_(0.2)
        await store.ended(meeting, clock.now(), clock.now() + 50 * RETENTION_MS)
        await blobs.close()
    finally:
        await database.close()
    return attendees


async def _open(
    generations: Generations, number: int, recorder: Recorder, present: Sequence[bytes]
) -> None:
    opened: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    generations.open(number, recorder, None, present, lambda _, header: opened.set_result(header))
    assert await opened is not None, "the generation is durable"


def _fail(problem: str) -> None:
    raise AssertionError(problem)


def _server_key(server: Server) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes((server.data / "server/identity.key").read_bytes())


async def _create(server: Server) -> charters.Charter:
    """Have the server itself create the meeting, as its host's browser would."""
    link = await eventually(lambda: server.admin_link, "the server prints its link")
    account = {"token": link.partition("#")[2], "name": "Host", "login": "host"}
    wish = {"title": "A long meeting", "recording": True, "training": False, "waiting_room": False}
    async with aiohttp.ClientSession(server.url, headers={"Origin": server.url}) as http:
        path = "/api/invitations/accept"
        async with http.post(path, json=account | {"password": _PASSWORD}) as answer:
            assert answer.status == 200, await answer.text()
            # The cookie is for HTTPS alone, which browsers do not ask of this machine.
            cookie = "; ".join(f"{one.key}={one.value}" for one in answer.cookies.values())
        wish |= {"lifetime_hours": 24}
        async with http.get("/api/meetings/terms", headers={"Cookie": cookie}) as answer:
            assert answer.status == 200, await answer.text()
            body, _ = compose(await answer.json(), wish)
        async with http.post("/api/meetings", json=body, headers={"Cookie": cookie}) as answer:
            assert answer.status == 200, await answer.text()
            meeting = (await answer.json())["meeting"]["id"]
    ((charter,),) = server.query("SELECT charter FROM meetings WHERE id = ?", meeting)
    return charters.parse(bytes(charter))


async def _convene(
    server: Server, store: Store, charter: charters.Charter, clock: ManualClock, people: int
) -> list[Attendee]:
    """Let everybody enrol, say yes to recording, and in."""
    meeting = encode(charter.meeting)
    words = charter.notices["en"]
    attendees: list[Attendee] = []
    for index, sign in zip(range(people), signs(), strict=False):
        person = Person(charter, None, now=clock.now())
        name = ("Ada", "Bo", "Cy", "Dee", "Eli", "Fay")[index]
        seat = Seat(secrets.token_bytes(32), meeting, index == 0)
        said = person.enrol(name, notice=encode(words))
        introduction, signature = introduction_of(person, said), said.signature
        enrolment, _ = await store.participants.enrol(
            seat,
            introduction,
            said.body,
            signature,
            charter,
            clock.now(),
        )
        person.enrolment = enrolment
        said = person.answer(Will.YES, notice=words)
        await store.answers.answer(said.body, said.signature, None, clock.now())
        await store.participants.admitted(meeting, encode(person.id), clock.now(), people)
        link = f"{server.url}/r/{meeting}#{encode(person.seed)}"
        attendees.append(Attendee(person, name, sign, link))
    return attendees


async def _armed(
    server: Server, store: Store, charter: charters.Charter, host: Person, clock: ManualClock
) -> HostsSaid:
    """Have the first be a host, and sign that it is to be recorded."""
    ((body,),) = server.query("SELECT room FROM meetings WHERE id = ?", encode(charter.meeting))
    room = rooms.parse(bytes(body))
    certified = certificate_of(HOST_KEYS[room.digest], room, host, clock.now())
    certificate = parse_certificate(certified.body)
    await store.hosts.certify(certificate, certified.signature, clock.now())
    said = act_of(host, 1, "arm", recording=True, at=clock.now())
    act = parse_act(said.body)
    await store.hosts.act(act, said.signature, clock.now())
    return HostsSaid(arm=act.digest, certificates={host.id: certificate.digest})


class _Stream:
    """What one person sends, for ever: packets for each moment."""

    def __init__(self, attendee: Attendee, dark: tuple[float, float]) -> None:
        self._dark = dark
        self._microphone = microphone(attendee.id, secrets.randbits(31))
        self._camera = camera(attendee.id, secrets.randbits(31))
        self._sound = _sound(attendee.signs.tone)
        self._pictures = _pictures(attendee.signs.colour)
        self._began = 0.0  # this row of pictures, of which the first is a key frame
        self._frame = 0  # the next one of that row
        self._picture = 0
        self._packet = 0
        self._sequence = 0

    def send(self, recording: GenerationRecording, since: float, until: float) -> None:
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
        while (moment := self._began + float(self._frame / FPS)) < until:
            if self._dark[0] <= moment < self._dark[1]:
                self._began, self._frame = self._dark[1], 0
                continue
            for packet in self._of_frame(moment):
                recording.packet(self._camera, packet, _ZERO + moment)
            self._frame += 1

    def begin_anew(self, moment: float) -> None:
        """Begin the loop of pictures anew, as a sender does who is asked for a key frame."""
        self._packet = max(self._packet, round(moment / 0.02))
        self._began, self._frame = moment, 0

    def _of_frame(self, moment: float) -> Iterator[bytes]:
        frame = self._pictures[self._frame % len(self._pictures)]
        payloads = list(packetise_vp8(frame, self._picture))
        self._picture += 1
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
    recording: GenerationRecording, streams: list[_Stream], clock: ManualClock, seconds: float
) -> None:
    """Let this much time go by, in steps of a tenth of a second."""
    since = clock.monotonic() - _ZERO
    for stream in streams:
        # A little later: what was sent before a generation began is not in it.
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
    encoder.time_base = 1 / FPS
    encoder.framerate = FPS
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
    for number in range(round(LOOP * FPS)):
        pixels = np.full((HEIGHT, WIDTH, 3), COLOURS[colour], np.int16)
        pixels += grain.integers(-12, 13, (HEIGHT, WIDTH, 1), np.int16)
        left = number * 8 % (WIDTH - 64)
        pixels[HEIGHT // 2 - 32 : HEIGHT // 2 + 32, left : left + 64] = 10
        image = pixels.clip(0, 255).astype(np.uint8)
        frame: Any = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        frame.time_base = 1 / FPS
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return frames
