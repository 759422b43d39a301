"""What is fuzzed, and what must hold whatever the bytes are.

A target takes any bytes and returns; what it raises is a find. It calls parsers as the program
does, lets the one exception pass that the parser says it raises, and asserts what callers rely on.
``TARGETS`` names them all; each has a folder of that name in ``corpus/``.
"""

# ruff: noqa: PT017 (these are no tests; what is asserted of a refusal is a find)

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aioice import stun

from assent.errors import Refusal
from assent.media.errors import SdpError
from assent.media.rtp import red, rtcp, rtp
from assent.media.rtp.codecs import av1, h264, vp8, vp9
from assent.media.sdp import common, publication, sdp, subscription, whip_whep
from assent.media.sources import DEVICE
from assent.media.transport import dtls, ice
from assent.recording import opus
from assent.recording import vp8 as frames
from assent.signalling import codec as message_codec
from assent.signalling import messages
from assent.web import bodies
from assent_vault.errors import FormatError
from assent_vault.formats import (
    acceptance,
    charter,
    frame_cipher,
    generation_boxes,
    generation_closing,
    generation_header,
    generation_pairs,
    generation_segment,
    host_acts,
    host_certificate,
    page_document,
    room,
    statement,
    webm,
    webm_reader,
)

LOCAL = common.Local(
    7, "u" * 16, "p" * 32, ":".join(["AA"] * 32), ("1 1 udp 1 192.0.2.1 1 typ host",)
)
SLOTS = (
    subscription.Slot("0", video=False, stream="a", track="b", name="c", ssrc=1),
    subscription.Slot("1", video=True, stream="a", track="d", name="c", ssrc=2, rtx_ssrc=3),
    subscription.Slot("2", video=True),
)


def offers(data: bytes) -> None:
    """A publisher's offer, with sources for its first sections; our answer must parse again."""
    text = data.decode("utf-8", "replace")
    try:
        mids = [section.mid for section in sdp.parse(text, publication.MAX_PUBLISHED).sections]
    except SdpError:
        mids = ["0"]
    sources = dict(zip(mids, ("microphone", "camera"), strict=False))
    try:
        planned = publication.plan_publication(text, sources)
    except SdpError as refusal:
        said = refusal.message
        assert len(said) < 100, "what was sent must not come back"
        return
    assert len({plan.source for plan in planned.plans}) == len(planned.plans)
    answer = sdp.parse(planned.answer(LOCAL, 1), publication.MAX_PUBLISHED)
    assert [s.kind for s in answer.sections] == [s.kind for s in planned.offer.sections]
    assert answer.ice_lite


def answers(data: bytes) -> None:
    """A subscriber's answer."""
    try:
        answer = subscription.read_answer(data.decode("utf-8", "replace"), SLOTS)
    except SdpError:
        return
    assert answer.remote.fingerprints, "without one anybody would do"
    assert set(answer.accepted) <= {"0", "1"}


def viewings(data: bytes) -> None:
    """What another device offers, to send and to receive; our answer must parse again."""
    text = data.decode("utf-8", "replace")
    try:
        sources = whip_whep.device_sources(text)
        planned = publication.plan_publication(text, sources)
        assert {plan.source for plan in planned.plans} <= DEVICE
    except SdpError:
        pass
    try:
        viewing = whip_whep.plan_viewing(text)
    except SdpError:
        return
    assert all(slot.forms for slot in viewing.slots)
    answer = sdp.parse(viewing.answer(LOCAL), whip_whep.MAX_SLOTS)
    sending = {section.mid for section in answer.sections if section.direction == "sendonly"}
    assert sending == {slot.mid for slot in viewing.slots}


def checks(data: bytes) -> None:
    """A connectivity check: as it is, and signed by somebody who has the password."""
    agent = ice.Agent()
    agent.ufrag, agent.password = "ours", "y" * 32  # not what the corpus is signed with
    address = ("192.0.2.1", 1)
    names = ice.ufrags_of(data)
    if names is None:
        return
    assert agent.check(data, names[1], address) is None, "nobody can sign by chance"
    try:
        message = stun.parse_message(data)
        message.attributes.pop("MESSAGE-INTEGRITY", None)
        message.attributes.pop("FINGERPRINT", None)
        message.add_message_integrity(agent.password.encode())
        signed = bytes(message)
    except Exception:  # what aioice cannot read, or not write again; the agent got it all the same
        return
    if len(signed) <= ice.MAX_MESSAGE and ice.ufrags_of(signed) is not None:
        check = agent.check(signed, names[1], address)
        if check is not None:
            assert ice.is_stun(check.response)
            assert len(check.response) <= 200, "an answer must not amplify"


def records(data: bytes) -> None:
    """DTLS: which datagrams are taken for it, and how a flight is cut up."""
    if data:
        kinds = (ice.is_stun(data), dtls.is_dtls(data), 128 <= data[0] <= 191)
        assert sum(kinds) <= 1, "a datagram is one thing"
    cut = dtls.datagrams(data)
    assert b"".join(cut) == data
    assert all(cut)


def packets(data: bytes) -> None:
    """RTP: where things are in a packet, and retransmissions unwrapped."""
    if len(data) < rtp.HEADER_SIZE:
        assert rtp.payload_start(data) == -1
        return
    rtp.is_rtcp(data)
    for identifier in (1, 14, 255):
        start, end = rtp.find_extension(data, identifier)
        assert 0 <= start <= end <= len(data)
        assert len(rtp.audio_level(data, identifier)) == 1
    start = rtp.payload_start(data)
    if start < 0:
        return
    assert rtp.HEADER_SIZE <= start <= len(data)
    end = rtp.payload_end(data, start)
    if end < 0:
        return
    assert start <= end <= len(data)
    if end >= start + 2:
        original = rtp.unwrap_retransmission(data, start, end, 96, b"ssrc")
        again = rtp.payload_start(original)
        assert original[again:] == data[start + 2 : end]


def reports(data: bytes) -> None:
    """RTCP, as it is after it has been decrypted."""
    try:
        events = rtcp.parse(data)
    except rtcp.Malformed:
        return
    named = sum(len(event.sequences) for event in events if isinstance(event, rtcp.Nack))
    assert named <= 17 * len(data) // 4, "a NACK cannot name more than its bytes can"
    assert len(events) <= 2 * (len(data) // 4)


def payloads(data: bytes) -> None:
    """Payloads: the descriptor of VP8, whole frames of it, the frames of an Opus packet."""
    for codec in (vp8, h264, vp9, av1):
        codec.starts_key_frame(data)
    vp8.height(data)
    vp8.shift(1, 1)(data)
    assert -1 <= frames.descriptor(data) < max(1, len(data))
    width, height = frames.dimensions(data)
    assert (width == 0) == (height == 0)
    frames.whole(data)
    assert 0 <= opus.duration(data) <= opus.MAX_DURATION
    assembler = frames.Assembler()
    # The bytes as a row of payloads, each as long as its first byte says.
    position = number = 0
    while position < len(data):
        size = data[position]
        payload = data[position + 1 : position + 1 + size]
        frame = assembler.push(payload, bool(size & 1), number // 3, number / 50, number)
        assert frame is None or frames.whole(frame.data)
        position += 1 + size
        number += 1


def redundant(data: bytes) -> None:
    """Redundant audio: every byte is in one header or one block, or all of it is refused."""
    blocks = red.split(data, 111)
    if not blocks:
        return
    count = len(blocks) - 1
    assert count <= red.MAX_REDUNDANT
    offsets = [offset for offset, _, _ in blocks]
    assert offsets == sorted(set(offsets), reverse=True), "no time comes twice"
    assert offsets[-1] == 0 <= offsets[0] <= red.MAX_OFFSET
    position = 4 * count + 1
    for _, start, end in blocks:
        assert start == position <= end
        position = end
    assert blocks[-1][1] < position == len(data)
    other = red.renamed(data, count, 109)
    assert red.split(other, 109) == blocks
    assert red.renamed(other, count, 111) == data


def signalling(data: bytes) -> None:
    """A message of the socket, and the bodies of the HTTP routes."""
    text = data.decode("utf-8", "replace")
    message_codec.request_id(text)
    try:
        message = message_codec.decode(text)
    except Refusal as refusal:
        assert refusal.to_wire()["code"] in ("bad-request", "too-large")
    else:
        assert isinstance(message, messages.FromClient)
    for kind in (bodies.SignIn, bodies.CreateMeeting, bodies.AnswerBody, bodies.Nothing):
        try:
            bodies.parse(data, kind)
        except Refusal as refusal:
            assert refusal.to_wire()["code"] == "bad-request"


def documents(data: bytes) -> None:
    """Signed documents: statements, charters, and what stands beside segments."""
    parsers: tuple[Callable[[bytes], object], ...] = (
        statement.parse_enrolment,
        statement.parse_answer,
        statement.parse_receipt_request,
        charter.parse,
        room.parse,
        host_certificate.parse_certificate,
        host_acts.parse_act,
        generation_header.parse_generation,
        generation_closing.parse_generation_closing,
        generation_segment.parse_generation_segment,
        generation_segment.parse_generation_segment_header,
        page_document.parse_page,
        acceptance.parse_acceptance,
    )
    for parse in parsers:
        try:
            parse(data)
        except FormatError as error:
            assert len(str(error)) < 300, "what was sent must not come back"


RELAYED: Final = generation_header.parse_generation(
    (Path(__file__).parent / "corpus" / "documents" / "generation").read_bytes()
)
"""The header that the boxes of the corpus are of."""


def boxes(data: bytes) -> None:
    """What stands beside a header: boxes for everyone who must have one, and nobody else."""
    parsers: tuple[Callable[[bytes, generation_header.GenerationHeader], object], ...] = (
        generation_boxes.parse_boxes,
        generation_boxes.parse_outer,
        generation_pairs.parse_pairs,
        acceptance.parse_acceptances,
    )
    for parse in parsers:
        try:
            parse(data, RELAYED)
        except FormatError as error:
            assert len(str(error)) < 300, "what was sent must not come back"


def clusters(data: bytes) -> None:
    """Clusters of a recording: what is read is what was written, and a frame says whose it is."""
    try:
        found = list(webm_reader.read_clusters(data))
    except FormatError:
        return
    for blocks in found:
        for _, _, frame, _ in blocks:
            assert frame
            for codec in frame_cipher.CODECS:
                try:
                    sealed = frame_cipher.parse_frame(codec, frame)
                except FormatError:
                    continue
                assert sealed.prefix + sealed.ciphertext == frame
        times = [time for time, _, _, _ in blocks]
        # Only what goes forward, and not further than a cluster reaches, can be written again.
        goes_on = times == sorted(times) and min(times, default=-1) >= 0
        if goes_on and times[-1] - times[0] <= webm.MAX_RELATIVE:
            assert list(webm_reader.read_clusters(webm.cluster(blocks))) == [blocks]


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = MappingProxyType(
    {
        target.__name__: target
        for target in (
            offers,
            answers,
            viewings,
            checks,
            records,
            packets,
            reports,
            payloads,
            redundant,
            signalling,
            documents,
            boxes,
            clusters,
        )
    }
)
