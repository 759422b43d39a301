"""The load: WebRTC peers that shake hands in Python and then send and receive in C (load.c)."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from aioice import stun

from assent.media.rtp import rtp
from assent.media.transport.gcm import derive
from bench.streams import NUMBER_ID, Loop
from support.rtc_raw import RawPeer

OPTIONS = ("-O2", "-Wall", "-Wno-deprecated-declarations", "-shared", "-fPIC")
SOURCE = Path(__file__).with_name("load.c")
PROFILES = {
    b"SRTP_AES128_CM_SHA1_80": (1, 16, 14),
    b"SRTP_AEAD_AES_128_GCM": (7, 16, 12),
    b"SRTP_AEAD_AES_256_GCM": (8, 32, 12),
}
BUFFER = 4 << 20
STREAMS = 256  # of one peer, as in load.c
TRANSPORT_CODECS = ("100 VP8/90000", "109 opus/48000/2")  # as RawPeer offers them
BINDING_REQUEST, BINDING_INDICATION = b"\x00\x01", b"\x00\x11"


def own_address() -> str:
    """Return an address of this machine that is not the loopback's, which Janus does not use.

    What goes from one address of a machine to another one of it never leaves its loopback.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.connect(("198.51.100.1", 9))  # sends nothing: it only looks for a way
        except OSError:
            return "127.0.0.1"
        host: str = trial.getsockname()[0]
        return host


class Missing(Exception):
    """Something that the machine lacks; the message says what."""


def build() -> Path:
    """Compile load.c, once for each state of it; raises Missing without compiler or OpenSSL."""
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Missing("the load generator needs a C compiler (Debian: gcc libc6-dev libssl-dev)")
    folder = Path(tempfile.gettempdir()) / f"assent-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Missing(f"{folder} belongs to somebody else")
    state = SOURCE.stat()
    library = folder / f"load-{state.st_mtime_ns}-{state.st_size}.so"
    if not library.exists():
        fresh = library.with_suffix(f".{os.getpid()}")
        made = subprocess.run(
            [compiler, *OPTIONS, "-o", str(fresh), str(SOURCE), "-lcrypto"],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise Missing(
                "the load generator could not be compiled (Debian: gcc libc6-dev libssl-dev)\n"
                + made.stderr
            )
        fresh.rename(library)
    return library


class Peer(RawPeer):
    """One connection of a browser over a UDP socket of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.socket.bind((own_address(), 0))
        self._reading = False

    @property
    def candidate(self) -> str:
        """Our only candidate, as descriptions write it."""
        host, port = self.socket.getsockname()
        return f"a=candidate:1 1 udp 2130706431 {host} {port} typ host"

    def offer_text(self, tracks: Sequence[Any], *, numbered: bool = False) -> str:
        """Describe what is published, with the candidate; ``numbered`` transport-wide."""
        text = self.offer(tracks)
        for codec in TRANSPORT_CODECS if numbered else ():
            lines = f"a=rtcp-fb:{codec[:3]} transport-cc\r\na=extmap:{NUMBER_ID} {rtp.TRANSPORT}"
            text = text.replace(f"a=rtpmap:{codec}", f"a=rtpmap:{codec}\r\n{lines}")
        return self._with_candidate(text)

    def answer_text(self, offer: str, *, reports: bool = False) -> str:
        """Describe that all of an offer is wanted, in the offer's own formats.

        ``reports`` says that the load tells what has arrived (:meth:`Load.add_peer`).
        """
        _, *sections = re.split(r"(?m)^(?=m=)", offer.replace("\r\n", "\n"))
        mids = [re.findall(r"(?m)^a=mid:(\S+)", section)[0] for section in sections]
        lines = self._head(mids)
        for section, mid in zip(sections, mids, strict=True):
            kind = section[2:7]
            wanted = "recvonly" if re.search(r"(?m)^a=sendonly", section) else "inactive"
            lines.append(section.partition("\n")[0])
            lines += self._section(kind, mid, wanted, "active")
            kept = re.findall(r"(?m)^a=(?:rtpmap|fmtp|rtcp-fb|extmap):.*$", section)
            # Who agrees to transport-wide feedback has to give it, or is taken to receive nothing.
            lines += [line for line in kept if reports or "transport" not in line]
        return self._with_candidate("\r\n".join(lines) + "\r\n")

    def _with_candidate(self, text: str) -> str:
        return re.sub(r"(?m)^(a=setup:\w+)", rf"\1\r\n{self.candidate}", text)

    async def join(self, description: str) -> None:
        """Connect to whom a description describes."""
        host, port = re.findall(
            r"(?mi)^a=candidate:\S+ 1 udp \d+ (\d+\.\S+) (\d+) typ host", description
        )[0]
        self.socket.connect((host, int(port)))
        loop = asyncio.get_running_loop()
        loop.add_reader(self.socket.fileno(), self._readable)
        self._reading = True
        self.transmit = self._transmit
        await self.connect(description)

    def _transmit(self, datagram: bytes) -> None:
        try:
            self.socket.send(datagram)
        except OSError:
            return  # the handshake sends again

    def _readable(self) -> None:
        for _ in range(64):
            try:
                datagram = self.socket.recv(2048)
            except OSError:
                return
            if not datagram or datagram[0] >= 64:
                continue
            if datagram[:2] == BINDING_REQUEST:
                self._answer_check(datagram)
            elif datagram[:2] != BINDING_INDICATION:
                self.receive(datagram)

    def _answer_check(self, datagram: bytes) -> None:
        """Answer a check of the other end; Janus makes them although it says that it is lite."""
        request = stun.parse_message(datagram)
        if not request.check_message_integrity(self.password.encode()):
            return
        response = stun.Message(
            stun.Method.BINDING,
            stun.Class.RESPONSE,
            request.transaction_id,
            {"XOR-MAPPED-ADDRESS": self.socket.getpeername()},
        )
        response.add_message_integrity(self.password.encode())
        self._transmit(bytes(response))

    def leave_to_load(self) -> None:
        """Read no more: the load does."""
        if self._reading:
            asyncio.get_running_loop().remove_reader(self.socket.fileno())
            self._reading = False

    def _secrets(self, side: int) -> tuple[int, bytes, bytes]:
        """Return profile, master key and salt; we are the client, which sends with the first."""
        assert self.dtls is not None, "connected"
        ssl: Any = self.dtls._ssl
        number, key_size, salt_size = PROFILES[ssl.get_selected_srtp_profile()]
        material = ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key_size + salt_size))
        salts = material[2 * key_size :]
        return number, material[side * key_size :][:key_size], salts[side * salt_size :][:salt_size]

    def keys(self) -> tuple[int, tuple[bytes, bytes, bytes], tuple[bytes, bytes, bytes]]:
        """Return profile, and key, salt and authentication key for sending and for receiving."""
        both = []
        for side in (0, 1):
            number, key, salt = self._secrets(side)
            both.append(
                (
                    derive(key, salt, 0, len(key)),
                    derive(key, salt, 2, len(salt)),
                    derive(key, salt, 1, 20),
                )
            )
        return number, both[0], both[1]

    def report_keys(self) -> tuple[bytes, bytes]:
        """Return key and salt for sending RTCP."""
        _, key, salt = self._secrets(0)
        return derive(key, salt, 3, len(key)), derive(key, salt, 5, len(salt))

    @property
    def profile(self) -> str:
        """What was negotiated."""
        assert self.dtls is not None, "connected"
        ssl: Any = self.dtls._ssl
        return str(ssl.get_selected_srtp_profile().decode())

    async def end(self) -> None:
        """Say goodbye and close the socket."""
        self.leave_to_load()
        if self.dtls is not None:
            await self.dtls.stop()
        self.socket.close()


@dataclass(frozen=True, slots=True)
class Totals:
    """What has been sent and has arrived since the last reset."""

    sent: int
    arrived: int
    octets: int
    sampled: int
    forged: int
    send_errors: int
    late: float  # milliseconds that the sender was late at worst
    delays: np.ndarray[Any, np.dtype[np.float32]]  # microseconds, of the samples


@dataclass(frozen=True, slots=True)
class Got:
    """What a peer has got of one stream since the last reset."""

    payload_type: int
    arrived: int
    expected: int  # by its sequence numbers
    octets: int


class Load:
    """The peers and tracks of one load.

    ``sample``: one packet in so many is unprotected.
    """

    def __init__(self, peers: int, tracks: int, sample: int = 16) -> None:
        library = ctypes.CDLL(str(build()))
        spin = len(os.sched_getaffinity(0)) < (os.cpu_count() or 1)  # a core of its own
        library.load_new.restype = ctypes.c_void_p
        library.load_delays.restype = ctypes.POINTER(ctypes.c_float)
        library.load_arrived.restype = ctypes.c_uint64
        library.load_run.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_double]
        self._library = library
        self._load = ctypes.c_void_p(library.load_new(peers, tracks, sample, int(spin)))
        self._kept: list[Any] = []  # what C points to

    def add_peer(self, peer: Peer, transport_id: int = 0) -> int:
        """Take over a connected peer; returns its number.

        With ``transport_id``, that of the transport-wide number in what it gets, it reports as a
        browser does; else it sends no RTCP.
        """
        peer.leave_to_load()
        profile, outgoing, incoming = peer.keys()
        check = bytes(peer.check())
        number: int = self._library.load_peer(
            self._load, peer.socket.fileno(), profile, *outgoing, *incoming, check, len(check)
        )
        assert number >= 0, "a socket can be waited for"
        if transport_id:
            failed = self._library.load_reports(
                self._load, number, transport_id, *peer.report_keys()
            )
            assert failed == 0, "reports are protected with AES-GCM"
        return number

    def add_track(
        self, peer: int, ssrc: int, loop: Loop, phase: float, report_every: float = 0.0
    ) -> None:
        """Let a peer send a loop, beginning ``phase`` seconds from now.

        ``report_every`` is the time between sender reports in seconds, for who reports at all.
        """
        data = b"".join(loop.packets)
        sizes = np.cumsum([0, *map(len, loop.packets)]).astype(np.int32)
        due = np.asarray(loop.due, np.int64)
        timestamps = np.asarray(loop.timestamps, np.uint32)
        self._kept.append((data, sizes, due, timestamps))
        self._library.load_track(
            self._load,
            peer,
            len(loop.packets),
            data,
            sizes.ctypes.data_as(ctypes.POINTER(ctypes.c_int)),
            due.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)),
            timestamps.ctypes.data_as(ctypes.POINTER(ctypes.c_uint32)),
            ctypes.c_int64(loop.period),
            ctypes.c_uint32(loop.period_timestamp),
            ctypes.c_uint32(ssrc),
            ctypes.c_int64(round(phase * 1e9)),
            loop.number_at,
            ctypes.c_int64(round(report_every * 1e9)),
        )

    async def run(self, seconds: float, drain: float = 0.3) -> None:
        """Send for that long, and receive for a moment longer."""
        failed = await asyncio.to_thread(self._library.load_run, self._load, seconds, drain)
        assert failed == 0, "the load could not wait for its sockets"

    def reset(self) -> None:
        """Begin to count anew."""
        self._library.load_reset(self._load)

    def totals(self) -> Totals:
        """Return what has been counted."""
        numbers = (ctypes.c_uint64 * 8)()
        self._library.load_totals(self._load, numbers)
        sent, arrived, octets, sampled, forged, send_errors, late, samples = numbers
        delays = self._library.load_delays(self._load)
        copied = np.array(np.ctypeslib.as_array(delays, (max(1, samples),))[:samples])
        return Totals(sent, arrived, octets, sampled, forged, send_errors, late / 1e6, copied)

    def arrived(self, peer: int) -> int:
        """Return how many packets one peer has got."""
        return int(self._library.load_arrived(self._load, peer))

    def streams(self, peer: int) -> list[Got]:
        """Return what one peer has got, stream by stream."""
        numbers = (ctypes.c_uint64 * (4 * STREAMS))()
        count = self._library.load_streams(self._load, peer, numbers)
        return [Got(*numbers[4 * place : 4 * place + 4]) for place in range(count)]

    def free(self) -> None:
        """Give everything back; the sockets stay with their peers."""
        self._library.load_free(self._load)
        self._kept = []
