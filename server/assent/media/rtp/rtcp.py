"""RTCP in and out (RFC 3550 section 6, RFC 4585, RFC 5104, REMB), as far as the SFU takes part.

Reading is strict about lengths and silent about what it does not know. Packets are bounded by the
datagram they came in; a NACK can name at most 17 packets for each 4 bytes of it, and a report on
the whole transport thousands in two. So what a packet speaks of is counted (:func:`weigh`) before
it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct

from assent.media.rtp import twcc

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
NACK, TRANSPORT = 1, 15  # of RTPFB
PLI, FIR, APPLICATION = 1, 4, 15  # of PSFB

_HEADER = Struct("!BBH")
_WORD = Struct("!L")
_PAIR = Struct("!LL")
_SENDER_INFO = Struct("!LQLLL")
_BLOCK = Struct("!LLLLLL")
_NACK_ITEM = Struct("!HH")

MAX_BLOCKS = 31  # what the five-bit count can say

_PACKET_WEIGHT = 8  # things that reading a packet costs as much as, see weigh()


class Malformed(ValueError):
    """The bytes are not RTCP; nothing in them is believed."""


@dataclass(frozen=True, slots=True)
class Block:
    """One report block: how a receiver got one stream (RFC 3550 section 6.4.1)."""

    ssrc: int
    fraction_lost: int  # of 256
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int  # in 1/65536 s


@dataclass(frozen=True, slots=True)
class SenderReport:
    """Which wall-clock time an RTP timestamp is."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """The blocks of a sender or receiver report."""

    ssrc: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    """Packets of ``media`` that did not arrive (RFC 4585 section 6.2.1)."""

    media: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """A PLI or a FIR; the SFU makes no difference between the two."""

    media: int


@dataclass(frozen=True, slots=True)
class MaximumBitrate:
    """REMB: what a receiver thinks it can take, in bit/s."""

    bitrate: int
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """Which packets of a whole transport arrived, and when (:mod:`assent.media.rtp.twcc`)."""

    arrivals: tuple[twcc.Arrival, ...]


@dataclass(frozen=True, slots=True)
class Bye:
    """Streams that end."""

    ssrcs: tuple[int, ...]


Event = (
    SenderReport
    | ReceiverReport
    | Nack
    | KeyFrameRequest
    | MaximumBitrate
    | TransportFeedback
    | Bye
)


def parse(data: bytes) -> list[Event]:
    """Read a compound or reduced-size packet (RFC 5506); raises Malformed."""
    events: list[Event] = []
    position = 0
    while position < len(data):
        if len(data) - position < 4:
            raise Malformed("a packet shorter than its header")
        first, kind, words = _HEADER.unpack_from(data, position)
        if first >> 6 != 2:
            raise Malformed("the version is not 2")
        end = position + 4 + 4 * words
        if end > len(data):
            raise Malformed("a packet longer than the datagram")
        body = data[position + 4 : end]
        if first & 0x20:
            # Padding is only allowed in the last packet of a compound (RFC 3550 section 6.4.1).
            if end != len(data) or not body or not 0 < body[-1] <= len(body):
                raise Malformed("padding where there can be none")
            body = body[: -body[-1]]
        _read(kind, first & 0x1F, body, events)
        position = end
    return events


def weigh(data: bytes) -> int:
    """Return how many things a packet speaks of, by what it costs to read them.

    A packet that came or did not counts as one, a packet of a compound as eight, a word as two.
    Nothing is made of any of them. What is malformed weighs what can be seen of it.
    """
    weight = 0
    position = 0
    while position + 4 <= len(data):
        first, kind, words = _HEADER.unpack_from(data, position)
        end = position + 4 + 4 * words
        weight += _PACKET_WEIGHT + 2 * words
        form = first & 0x1F
        if kind == RTPFB and form == TRANSPORT and words >= 4:
            weight += int.from_bytes(data[position + 14 : position + 16], "big")
        elif kind == RTPFB and form == NACK:
            items = memoryview(data)[position + 12 : end]
            for place in range(2, len(items) - 1, 4):
                weight += (items[place] << 8 | items[place + 1]).bit_count()
        position = end
    return weight


def _read(kind: int, count: int, body: bytes, events: list[Event]) -> None:
    if kind == SR:
        if len(body) < 24 + 24 * count:
            raise Malformed("a truncated sender report")
        ssrc, ntp, timestamp, packets, octets = _SENDER_INFO.unpack_from(body)
        events.append(SenderReport(ssrc, ntp, timestamp, packets, octets))
        if count:
            events.append(ReceiverReport(ssrc, _blocks(body, 24, count)))
    elif kind == RR:
        if len(body) < 4 + 24 * count:
            raise Malformed("a truncated receiver report")
        events.append(ReceiverReport(_WORD.unpack_from(body)[0], _blocks(body, 4, count)))
    elif kind == BYE:
        if len(body) < 4 * count:
            raise Malformed("a truncated goodbye")
        events.append(Bye(tuple(_WORD.unpack_from(body, 4 * i)[0] for i in range(count))))
    elif kind in (RTPFB, PSFB):
        if len(body) < 8:
            raise Malformed("truncated feedback")
        _read_feedback(kind, count, body, events)


def _blocks(body: bytes, start: int, count: int) -> tuple[Block, ...]:
    blocks = []
    for position in range(start, start + 24 * count, 24):
        ssrc, loss, highest, jitter, last_report, delay = _BLOCK.unpack_from(body, position)
        lost = loss & 0xFFFFFF
        if lost & 0x800000:
            lost -= 0x1000000
        blocks.append(Block(ssrc, loss >> 24, lost, highest, jitter, last_report, delay))
    return tuple(blocks)


def _read_feedback(kind: int, form: int, body: bytes, events: list[Event]) -> None:
    media = _PAIR.unpack_from(body)[1]
    if kind == RTPFB and form == NACK:
        sequences = []
        for position in range(8, len(body) - 3, 4):
            first, mask = _NACK_ITEM.unpack_from(body, position)
            sequences.append(first)
            while mask:
                bit = mask & -mask
                sequences.append((first + bit.bit_length()) & 0xFFFF)
                mask ^= bit
        events.append(Nack(media, tuple(sequences)))
    elif kind == RTPFB and form == TRANSPORT:
        try:
            events.append(TransportFeedback(tuple(twcc.parse(body[8:]))))
        except twcc.MalformedFeedback as error:
            raise Malformed(str(error)) from error
    elif kind == PSFB and form == PLI:
        events.append(KeyFrameRequest(media))
    elif kind == PSFB and form == FIR:
        # The SSRC of a FIR is in its entries, and "the SSRC of media source is not used and SHALL
        # be set to 0" (RFC 5104 section 4.3.1.2).
        events.extend(
            KeyFrameRequest(_WORD.unpack_from(body, position)[0])
            for position in range(8, len(body) - 7, 8)
        )
    elif kind == PSFB and form == APPLICATION and body[8:12] == b"REMB" and len(body) >= 16:
        count = body[12]
        if len(body) < 16 + 4 * count:
            raise Malformed("a truncated REMB")
        mantissa = (body[13] & 0x03) << 16 | body[14] << 8 | body[15]
        ssrcs = tuple(_WORD.unpack_from(body, 16 + 4 * i)[0] for i in range(count))
        events.append(MaximumBitrate(mantissa << (body[13] >> 2), ssrcs))


def _packet(count: int, kind: int, body: bytes) -> bytes:
    assert len(body) % 4 == 0, "RTCP is counted in words"
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def receiver_report(ssrc: int, blocks: Sequence[Block]) -> bytes:
    """Write a receiver report of at most 31 blocks."""
    assert len(blocks) <= MAX_BLOCKS, "the count has five bits"
    body = _WORD.pack(ssrc)
    for block in blocks:
        lost = max(-0x800000, min(block.lost, 0x7FFFFF)) & 0xFFFFFF
        body += _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | lost,
            block.highest & 0xFFFFFFFF,
            min(block.jitter, 0xFFFFFFFF),
            block.last_report,
            block.delay,
        )
    return _packet(len(blocks), RR, body)


def sender_report(report: SenderReport) -> bytes:
    """Write a sender report without blocks."""
    return _packet(
        0,
        SR,
        _SENDER_INFO.pack(
            report.ssrc,
            report.ntp & 0xFFFFFFFFFFFFFFFF,
            report.rtp_timestamp & 0xFFFFFFFF,
            report.packets & 0xFFFFFFFF,
            report.octets & 0xFFFFFFFF,
        ),
    )


def canonical_name(ssrc: int, name: str) -> bytes:
    """Write the SDES packet that a compound needs; ``name`` has at most 255 bytes."""
    text = name.encode("ascii")
    chunk = _WORD.pack(ssrc) + bytes((1, len(text))) + text
    # At least one null octet ends the list of items, and more fill the word (section 6.5).
    return _packet(1, SDES, chunk + bytes(4 - len(chunk) % 4))


def nack(sender: int, media: int, sequences: Iterable[int]) -> bytes:
    """Write a generic NACK for 16-bit sequence numbers in the order they were sent."""
    body = _PAIR.pack(sender, media)
    first, mask = -1, 0
    for sequence in sequences:
        distance = (sequence - first - 1) & 0xFFFF
        if first >= 0 and distance < 16:
            mask |= 1 << distance
            continue
        if first >= 0:
            body += _NACK_ITEM.pack(first, mask)
        first, mask = sequence, 0
    if first >= 0:
        body += _NACK_ITEM.pack(first, mask)
    return _packet(NACK, RTPFB, body)


def transport_feedback(sender: int, media: int, feedback: bytes) -> bytes:
    """Write transport-wide feedback, of which :mod:`assent.media.rtp.twcc` makes the inside."""
    return _packet(TRANSPORT, RTPFB, _PAIR.pack(sender, media) + feedback)


def picture_loss(sender: int, media: int) -> bytes:
    """Write a PLI."""
    return _packet(PLI, PSFB, _PAIR.pack(sender, media))


def maximum_bitrate(sender: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """Write a REMB (draft-alvestrand-rmcat-remb-03) for at most 255 streams."""
    exponent = max(0, bitrate.bit_length() - 18)
    mantissa = bitrate >> exponent
    body = _PAIR.pack(sender, 0) + b"REMB"
    body += bytes((len(ssrcs), exponent << 2 | mantissa >> 16)) + (mantissa & 0xFFFF).to_bytes(
        2, "big"
    )
    return _packet(APPLICATION, PSFB, body + b"".join(map(_WORD.pack, ssrcs)))
