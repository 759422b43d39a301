"""Well-formed packets whose values are hostile: what somebody can send who has been let in.

Nothing here is malformed, forged or more than a connection may send: each packet is authentic, in
the form that its specification gives it, and says something absurd. :data:`KINDS` has a sender for
each kind of value that the media plane reads; both connections of an :class:`Insider` stand.
"""

from __future__ import annotations

import random
import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aioice import stun

from assent.media.rtp import rtcp, rtp
from assent.media.rtp.twcc import TICK
from assent.media.sdp.subscription import TRANSPORT_ID
from support.rtc_raw import KEY_FRAME, RawPeer, RawTrack

NUMBER_ID = 7  # of the transport-wide number, in what an insider sends
DAY = 86_400.0
YEAR_2100 = (2100 - 1900) * 31_556_952 << 32
SOUND = 109  # payload types, as raw peers offer them
PICTURE = 100
REPAIR = 101
REDUNDANT = 63
WORDS = 0xFFFF


def numbered(description: str) -> str:
    """Return a raw peer's offer or answer that agrees to transport-wide numbers for pictures."""
    for payload_type, identifier in ((PICTURE, NUMBER_ID), (96, TRANSPORT_ID)):
        codec = f"a=rtpmap:{payload_type} VP8/90000"
        lines = f"a=rtcp-fb:{payload_type} transport-cc\r\na=extmap:{identifier} {rtp.TRANSPORT}"
        description = description.replace(codec, f"{codec}\r\n{lines}")
    return description


@dataclass
class Insider:
    """Somebody in a room, with both connections up; ``now`` is the time of their own clock.

    ``heard`` and ``seen`` are SSRCs that are sent to them, ``numbers`` the transport-wide numbers
    that have come, with when. ``show`` tells the room what their page shows.
    """

    publishing: RawPeer
    subscribing: RawPeer
    sound: RawTrack
    picture: RawTrack
    heard: int
    seen: int
    now: Callable[[], float]
    show: Callable[[dict[tuple[str, str], int]], None]
    elsewhere: Callable[[bytes, int], None]  # sends to the port from another address, by number
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    numbers: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=4096))
    reports: int = 0
    transport: int = 0
    ahead_at: int = -400  # when an arrival was said to be days ahead, of its kind

    def got(self, datagram: bytes) -> None:
        """Take note of what was sent to them; header extensions are not encrypted."""
        if datagram[0] >= 128 and not rtp.is_rtcp(datagram):
            start, end = rtp.find_extension(datagram, TRANSPORT_ID)
            if end - start == 2:
                self.numbers.append((int.from_bytes(datagram[start:end], "big"), self.now()))

    def rtp(
        self,
        track: RawTrack,
        payload: bytes,
        *,
        payload_type: int = 0,
        ssrc: int = 0,
        extension: bytes | None = None,
        number: int | None = None,
    ) -> None:
        """Send a packet with the track's numbers, whatever they are."""
        video = track is self.picture
        if extension is None:
            self.transport = self.transport + 1 if number is None else number
            extension = bytes((NUMBER_ID << 4 | 1,)) + (self.transport & WORDS).to_bytes(2, "big")
            extension += b"" if video else bytes((0x50, 0x80 | 20))
            extension += bytes(-len(extension) % 4)
        head = struct.pack(
            "!BBHLLHH",
            0x90,
            payload_type or (PICTURE if video else SOUND),
            track.sequence & WORDS,
            track.timestamp & 0xFFFFFFFF,
            ssrc or track.ssrc,
            rtp.ONE_BYTE,
            len(extension) // 4,
        )
        self.publishing.send(head + extension + payload)

    def next(self, track: RawTrack, sequences: int = 1, ticks: int = 960) -> None:
        """Move the track's numbers on."""
        track.sequence = (track.sequence + sequences) & WORDS
        track.timestamp = (track.timestamp + ticks) & 0xFFFFFFFF

    def tell(self, packet: bytes) -> None:
        """Send RTCP about what comes."""
        self.subscribing.send_feedback(packet)

    def arrivals(self, base: int, arrived: list[float]) -> None:
        """Tell that packets came in a row at these times, which lie close together."""
        ticks = [int(time / TICK) for time in arrived]
        reference = ticks[0] // 256
        at = reference * 256
        deltas = b""
        for tick in ticks:
            deltas += struct.pack("!h", max(-0x8000, min(0x7FFF, tick - at)))
            at = tick
        self.report(base, len(ticks), reference, struct.pack("!H", 2 << 13 | len(ticks)), deltas)

    def truth(self) -> None:
        """Tell of all that has come, as a browser does ten times a second."""
        while self.numbers:
            first, at = self.numbers.popleft()
            times = [at]
            while len(times) < 50 and self.numbers and self.numbers[0][0] == first + len(times):
                times.append(self.numbers.popleft()[1])
            self.arrivals(first, times)

    def report(self, base: int, count: int, reference: int, chunks: bytes, deltas: bytes) -> None:
        """Send transport-wide feedback."""
        self.reports += 1
        body = struct.pack("!HH", base & WORDS, count)
        body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes([self.reports & 0xFF])
        body += chunks + deltas
        self.tell(rtcp.transport_feedback(1, self.seen, body + bytes(-len(body) % 4)))

    def newest(self) -> tuple[int, float]:
        """Return the last number that has come and is not told of, or one that never did."""
        return (
            self.numbers.popleft() if self.numbers else (self.dice.randrange(1 << 16), self.now())
        )


Send = Callable[[Insider, int], None]
"""Sends one packet of a kind; the number counts from 0."""


def _items(count: int, first: int, step: int = 17) -> bytes:
    return b"".join(
        struct.pack("!HH", (first + step * place) & WORDS, 0xFFFF) for place in range(count)
    )


# -- what whoever watches can say ------------------------------------------------------------------


def days_ahead_once(insider: Insider, count: int) -> None:
    """One arrival five days ahead, and then the truth."""
    due = bool(insider.numbers) and not 0 <= count - insider.ahead_at < 400
    number, at = insider.newest()
    if due:
        insider.ahead_at = count
        at += 5 * DAY
    insider.arrivals(number, [at])


def days_ahead_always(insider: Insider, count: int) -> None:
    number, at = insider.newest()
    insider.arrivals(number, [at + 5 * DAY * (count + 1)])


def backward(insider: Insider, count: int) -> None:
    number, at = insider.newest()
    insider.arrivals(number, [max(1.0, at - 3.0 * count)])


def frozen(insider: Insider, count: int) -> None:
    insider.arrivals(insider.newest()[0], [1.0])


def anywhere(insider: Insider, count: int) -> None:
    insider.arrivals(insider.newest()[0], [insider.dice.random() * 4_000_000])


def never_sent(insider: Insider, count: int) -> None:
    insider.arrivals(insider.dice.randrange(1 << 16), [insider.now()] * 30)


def all_lost(insider: Insider, count: int) -> None:
    """As many as one report can speak of, in two bytes."""
    chunk = struct.pack("!H", 4096)
    insider.report(insider.newest()[0] - 4095, 4096, 77, chunk, b"")


def missing_everything(insider: Insider, count: int) -> None:
    body = struct.pack("!LL", 1, insider.seen) + _items(40, 680 * count)
    insider.tell(rtcp._packet(rtcp.NACK, rtcp.RTPFB, body))


def missing_much_at_once(insider: Insider, count: int) -> None:
    body = struct.pack("!LL", 1, insider.seen) + _items(300, count, 1)
    insider.tell(rtcp._packet(rtcp.NACK, rtcp.RTPFB, body))


def missing_sound(insider: Insider, count: int) -> None:
    body = struct.pack("!LL", 1, insider.heard) + _items(40, 680 * count)
    insider.tell(rtcp._packet(rtcp.NACK, rtcp.RTPFB, body))


def key_frames_wanted(insider: Insider, count: int) -> None:
    insider.tell(rtcp.picture_loss(1, insider.seen))


def key_frames_wanted_at_once(insider: Insider, count: int) -> None:
    entries = b"".join(struct.pack("!LBxxx", insider.seen, count & 0xFF) for _ in range(150))
    insider.tell(rtcp._packet(rtcp.FIR, rtcp.PSFB, struct.pack("!LL", 1, 0) + entries))


def nothing_carried(insider: Insider, count: int) -> None:
    insider.tell(rtcp.maximum_bitrate(1, 0, [insider.seen] * 255))


def everything_carried(insider: Insider, count: int) -> None:
    body = struct.pack("!LL", 1, 0) + b"REMB" + bytes((1, 0xFF, 0xFF, 0xFF))
    body += struct.pack("!L", insider.seen)
    insider.tell(rtcp._packet(rtcp.APPLICATION, rtcp.PSFB, body))


def _blocks(insider: Insider, ssrc: int) -> list[rtcp.Block]:
    dice = insider.dice
    return [
        rtcp.Block(ssrc, 255, -0x800000, 0xFFFFFFFF, dice.getrandbits(32), 0xFFFFFFFF, 0xFFFFFFFF)
    ] * rtcp.MAX_BLOCKS


def much_lost(insider: Insider, count: int) -> None:
    ssrc = (insider.seen, insider.heard, count)[count % 3]
    insider.tell(rtcp.receiver_report(1, _blocks(insider, ssrc)))


def nothing_said(insider: Insider, count: int) -> None:
    """A compound of as many packets as fit, all empty."""
    insider.tell(rtcp.receiver_report(1, []) + struct.pack("!BBH", 0x80, rtcp.BYE, 0) * 300)


def many_reporters(insider: Insider, count: int) -> None:
    insider.tell(rtcp.receiver_report(100 + count, []))


def pictures_shown(insider: Insider, count: int) -> None:
    """What a page shows: another height each time, and people that there are not."""
    shown = {(f"nobody-{count}-{place}", "camera"): 8192 for place in range(255)}
    insider.show(shown | {("alice", "camera"): (1, 8192)[count % 2]})


# -- what whoever publishes can send ---------------------------------------------------------------


def half_the_range(insider: Insider, count: int) -> None:
    insider.next(insider.picture, 0x7FFF)
    insider.rtp(insider.picture, KEY_FRAME)


def gap_after_gap(insider: Insider, count: int) -> None:
    """Gaps as long as are still asked for."""
    insider.next(insider.picture, 250)
    insider.rtp(insider.picture, KEY_FRAME)


def sound_gap_after_gap(insider: Insider, count: int) -> None:
    insider.next(insider.sound, 48)
    insider.rtp(insider.sound, b"sound")


def numbers_backward(insider: Insider, count: int) -> None:
    insider.next(insider.picture, (5, -3)[count % 2])
    insider.rtp(insider.picture, KEY_FRAME)


def absurd_times(insider: Insider, count: int) -> None:
    insider.next(insider.picture, 1, insider.dice.getrandbits(32))
    insider.rtp(insider.picture, KEY_FRAME)


def transport_numbers(insider: Insider, count: int) -> None:
    """Numbers of a transport that lie far apart."""
    insider.next(insider.picture)
    insider.rtp(insider.picture, KEY_FRAME, number=9001 * count)


def long_extensions(insider: Insider, count: int) -> None:
    insider.next(insider.picture)
    insider.rtp(insider.picture, KEY_FRAME, extension=bytes(1100))


def long_extensions_of_sound(insider: Insider, count: int) -> None:
    insider.next(insider.sound)
    insider.rtp(insider.sound, b"sound", extension=bytes(1100))


def sender_reports(insider: Insider, count: int) -> None:
    """Reports by a clock that is anywhere, many of them at once."""
    ntp = (YEAR_2100, 0, insider.dice.getrandbits(64))[count % 3]
    report = rtcp.SenderReport(
        (insider.picture.ssrc, insider.sound.ssrc)[count % 2],
        ntp,
        insider.dice.getrandbits(32),
        0xFFFFFFFF,
        0,
    )
    insider.publishing.send_feedback(rtcp.sender_report(report) * 6)


def redundant(insider: Insider, count: int) -> None:
    """Sound that carries along what was never sent, as much as is taken, and is taken for two."""
    if count % 2:
        return
    insider.next(insider.sound, 2, insider.dice.randrange(1, 20_000))
    heads = b"".join(
        struct.pack("!BL", 0x80 | SOUND, offset << 10 | 200)[:1]
        + (offset << 10 | 200).to_bytes(3, "big")
        for offset in (16383, 8000, 4000, 1 + count % 100)
    )
    insider.rtp(insider.sound, heads + bytes([SOUND]) + bytes(4 * 200 + 80), payload_type=REDUNDANT)


def retransmissions(insider: Insider, count: int) -> None:
    """What was never asked for, sent again."""
    track = RawTrack("1", "camera", insider.picture.rtx_ssrc, sequence=count)
    insider.rtp(
        track, struct.pack("!H", insider.dice.randrange(1 << 16)) + KEY_FRAME, payload_type=REPAIR
    )


def key_frames_sent(insider: Insider, count: int) -> None:
    """Nothing but key frames, each as large as the format can say."""
    insider.next(insider.picture)
    size = struct.pack("<HH", 0x3FFF, (1, 0x3FFF)[count % 2])
    insider.rtp(insider.picture, b"\x10\x00\x00\x00\x9d\x01\x2a" + size + bytes(40))


def strange_streams(insider: Insider, count: int) -> None:
    insider.rtp(insider.sound, b"sound", ssrc=0x10000 + count)


# -- what either can send to the port --------------------------------------------------------------


def tokens(insider: Insider, count: int) -> None:
    """Records of DTLS that are none of the handshake."""
    insider.subscribing.transmit(b"\x17\xfe\xfd\x00\x01" + insider.dice.randbytes(40))


def checks(insider: Insider, count: int) -> None:
    """Valid checks, each of which wants to be reached somewhere else."""
    insider.elsewhere(bytes(insider.subscribing.check(nominate=True)), count)


def roles(insider: Insider, count: int) -> None:
    insider.elsewhere(bytes(insider.subscribing.check(controlled=True)), count)


def attributes(insider: Insider, count: int) -> None:
    """A request of nothing but empty attributes, such as a stranger can send too."""
    body = struct.pack("!HH", 0xFFFE, 0) * 245
    head = struct.pack("!HHL", 1, len(body), stun.COOKIE) + insider.dice.randbytes(12)
    insider.elsewhere(head + body, count)


KINDS: Mapping[str, Send] = {
    one.__name__: one
    for one in (
        days_ahead_once,
        days_ahead_always,
        backward,
        frozen,
        anywhere,
        never_sent,
        all_lost,
        missing_everything,
        missing_much_at_once,
        missing_sound,
        key_frames_wanted,
        key_frames_wanted_at_once,
        nothing_carried,
        everything_carried,
        much_lost,
        nothing_said,
        many_reporters,
        pictures_shown,
        half_the_range,
        gap_after_gap,
        sound_gap_after_gap,
        numbers_backward,
        absurd_times,
        transport_numbers,
        long_extensions,
        long_extensions_of_sound,
        sender_reports,
        redundant,
        retransmissions,
        key_frames_sent,
        strange_streams,
        tokens,
        checks,
        roles,
        attributes,
    )
}
