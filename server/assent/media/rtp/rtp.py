"""Where things are in an RTP packet (RFC 3550 section 5.1, RFC 8285), not what they mean.

Pure functions over bytes, because a packet is never turned into an object: the forwarding path
reads the few bytes it needs and copies the rest.
"""

from __future__ import annotations

from struct import Struct

HEADER = Struct("!BBHLL")
HEADER_SIZE = 12  # bytes
SEQUENCE_AND_TIMESTAMP = Struct("!HL")  # at offset 2
_PROFILE_AND_LENGTH = Struct("!HH")

MARKER = 0x80
PADDING = 0x20
EXTENSION = 0x10

ONE_BYTE = 0xBEDE
TWO_BYTE = 0x1000  # the low four bits are up to the application (RFC 8285 section 4.3)

MAX_EXTENSION = 64
"""Bytes of an extension in which an element is looked for. All that is negotiated here, with the
longest names there can be, has 56; padding could fill a packet, and is walked byte by byte."""

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
TRANSPORT = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

SILENCE = b"\x7f"  # the level of digital silence, 127 -dBov (RFC 6464 section 3)


def is_rtcp(datagram: bytes) -> bool:
    """Tell RTCP from RTP on a shared port (RFC 5761 section 4); needs two bytes."""
    return 192 <= datagram[1] <= 223


def payload_start(packet: bytes) -> int:
    """Return where the payload begins, or -1 if the header does not fit into the packet."""
    if len(packet) < HEADER_SIZE:
        return -1
    first = packet[0]
    start = HEADER_SIZE + 4 * (first & 0x0F)
    if first & EXTENSION:
        if len(packet) < start + 4:
            return -1
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    return start if start <= len(packet) else -1


def payload_end(packet: bytes, start: int) -> int:
    """Return where the payload ends and padding begins, or -1 if the padding does not fit.

    "The last octet of the padding contains a count of how many padding octets should be ignored,
    including itself" (RFC 3550 section 5.1), so zero is malformed.
    """
    end = len(packet)
    if packet[0] & PADDING:
        padding = packet[-1]
        end -= padding
        if padding == 0 or end < start:
            return -1
    return end


def find_extension(packet: bytes, wanted: int) -> tuple[int, int]:
    """Return start and end of the extension element ``wanted``, or (0, 0) where it is not there.

    Elements that run over the end of the extension end the search, and so does MAX_EXTENSION;
    nothing is raised.
    """
    if not packet[0] & EXTENSION:
        return 0, 0
    position = HEADER_SIZE + 4 * (packet[0] & 0x0F)
    if len(packet) < position + 4:
        return 0, 0
    profile, words = _PROFILE_AND_LENGTH.unpack_from(packet, position)
    position += 4
    end = position + 4 * words
    if end > len(packet):
        return 0, 0
    if words > MAX_EXTENSION // 4:
        end = position + MAX_EXTENSION
    if profile == ONE_BYTE:
        while position < end:
            head = packet[position]
            position += 1
            if head == 0:  # padding
                continue
            if head >> 4 == 15:
                # "If the ID value 15 is used, its length field should be ignored, processing of
                # the entire extension should terminate at that point" (RFC 8285 section 4.2).
                break
            size = (head & 0x0F) + 1
            if position + size > end:
                break
            if head >> 4 == wanted:
                return position, position + size
            position += size
    elif profile & 0xFFF0 == TWO_BYTE:
        while position + 1 < end:
            identifier = packet[position]
            position += 1
            if identifier == 0:
                continue
            size = packet[position]
            position += 1
            if position + size > end:
                break
            if identifier == wanted:
                return position, position + size
            position += size
    return 0, 0


def audio_level(packet: bytes, identifier: int) -> bytes:
    """Return the byte of the audio level (voice flag and -dBov), or silence where there is none."""
    start, end = find_extension(packet, identifier)
    return packet[start:end] if end - start == 1 else SILENCE


def extension_block(elements: list[tuple[int, bytes]], room: bool) -> bytes:
    """Return a whole one-byte extension block (RFC 8285 section 4.2).

    Its last byte is the last byte of the last element or, with ``room``, padding: so a caller can
    write an element of one byte anew for each packet, or leave it alone, in the same way.
    Identifiers are 1 … 14, values 1 … 16 bytes.
    """
    body = b""
    for identifier, value in elements:
        assert 1 <= identifier <= 14, "one-byte identifiers only"
        assert 1 <= len(value) <= 16, "one-byte lengths only"
        body += bytes([identifier << 4 | len(value) - 1]) + value
    if room:
        body += bytes(4 - len(body) % 4)
    else:
        body = bytes(-len(body) % 4) + body
    return _PROFILE_AND_LENGTH.pack(ONE_BYTE, len(body) // 4) + body


def with_payload(packet: bytes, start: int, payload_type: int, payload: bytes) -> bytes:
    """Return a packet with another payload type and payload, without padding.

    ``start`` is where the payload begins.
    """
    return b"".join(
        (
            bytes((packet[0] & ~PADDING, packet[1] & MARKER | payload_type)),
            packet[2:start],
            payload,
        )
    )


def unwrap_retransmission(
    packet: bytes, start: int, end: int, payload_type: int, ssrc: bytes
) -> bytes:
    """Return the original of a retransmission (RFC 4588 section 4), without padding.

    ``start`` and ``end`` enclose the payload, of which the first two bytes are the original
    sequence number.
    """
    return b"".join(
        (
            bytes((packet[0] & ~PADDING, packet[1] & MARKER | payload_type)),
            packet[start : start + 2],
            packet[4:8],
            ssrc,
            packet[12:start],
            packet[start + 2 : end],
        )
    )
