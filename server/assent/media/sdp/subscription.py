"""Our offer to a subscriber, written; and the answer to it, checked.

Pure. Slots come in, a text goes out; an answer comes in, and what of the slots is wanted goes out.
The other direction is :mod:`assent.media.sdp.publication`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent.media.codecs import CODECS, PICTURES, SOUND, Codec
from assent.media.errors import SdpError
from assent.media.rtp import rtp
from assent.media.sdp.common import (
    PROTOCOL,
    Local,
    Remote,
    codec_lines,
    find_red,
    head,
    read_remote,
    red_lines,
    transport,
)
from assent.media.sdp.sdp import Section, parse

MAX_SUBSCRIBED = 256  # sections in our offer: every source of some sixty people

PAYLOAD_TYPES: Mapping[Codec, tuple[int, int]] = {  # and that of its retransmissions
    name: (each.payload_type, each.rtx) for name, each in CODECS.items()
}
RED = 63  # redundant audio; Chromium calls it so as well
MID_ID, LEVEL_ID, TRANSPORT_ID = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Slot:
    """One section of our offer. ``stream`` is empty where nothing is sent in it.

    Streams group what a browser plays in step: one for a person, one for a person's screen.
    """

    mid: str
    video: bool
    stream: str = ""
    track: str = ""
    name: str = ""  # canonical name
    ssrc: int = 0
    rtx_ssrc: int = 0
    codec: Codec | None = None  # of the video that is sent; None where nothing is

    @property
    def form(self) -> Codec:
        """The codec that the section offers, be it only to be there."""
        return (self.codec or PICTURES[0]) if self.video else SOUND


def write_offer(local: Local, version: int, slots: Sequence[Slot]) -> str:
    """Write our offer to a subscriber."""
    lines = head(local, version, [slot.mid for slot in slots])
    candidates = local.candidates
    for slot in slots:
        payload_type, rtx = PAYLOAD_TYPES[slot.form]
        formats = f"{payload_type} {rtx if slot.video else RED}"
        lines += [
            f"m={'video' if slot.video else 'audio'} 9 {PROTOCOL} {formats}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{slot.mid}",
            "a=sendonly" if slot.stream else "a=inactive",
            *transport(local, "actpass", candidates),
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=extmap:{MID_ID} {rtp.MID}",
        ]
        candidates = ()
        # Sound carries no transport-wide number: it is sent again as it was, to the byte.
        if slot.video:
            lines.append(f"a=extmap:{TRANSPORT_ID} {rtp.TRANSPORT}")
        else:
            lines.append(f"a=extmap:{LEVEL_ID} {rtp.AUDIO_LEVEL}")
        lines += codec_lines(slot.form, payload_type, rtx, transport=slot.video)
        if not slot.video:
            lines += red_lines(RED, payload_type)
        if slot.stream:
            lines.append(f"a=msid:{slot.stream} {slot.track}")
            if slot.video:
                lines.append(f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}")
            lines.append(f"a=ssrc:{slot.ssrc} cname:{slot.name}")
            if slot.video:
                lines.append(f"a=ssrc:{slot.rtx_ssrc} cname:{slot.name}")
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a browser takes in a section of our offer. Identifiers that are 0 are not used."""

    rtx: bool
    mid_id: int
    level_id: int
    transport_id: int = 0
    red_payload_type: int = 0


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """A subscriber's answer, checked; ``accepted`` has the sections that it wants to receive."""

    remote: Remote
    accepted: Mapping[str, Accepted]


def read_answer(text: str, slots: Sequence[Slot]) -> CheckedAnswer:
    """Check the answer to the offer of these slots; raises BadSdp."""
    answer = parse(text, MAX_SUBSCRIBED)
    if len(answer.sections) != len(slots):
        raise SdpError("The answer has another number of media sections than the offer.")
    accepted: dict[str, Accepted] = {}
    taken: list[Section] = []
    for slot, section in zip(slots, answer.sections, strict=True):
        if section.kind != ("video" if slot.video else "audio"):
            raise SdpError("The answer's media sections are not those of the offer.")
        if section.port == 0:
            continue  # only offers may say "bundle-only"
        if section.mid != slot.mid:
            raise SdpError("The answer's media sections are not those of the offer.")
        if section.mid not in answer.bundle or not section.rtcp_mux:
            raise SdpError("The answer's media sections are not bundled.")
        taken.append(section)
        payload_type, rtx_type = PAYLOAD_TYPES[slot.form]
        codec = section.codecs.get(payload_type)
        named = (
            codec is not None and codec.name == slot.form and str(payload_type) in section.formats
        )
        wanted = section.direction in ("recvonly", "sendrecv")
        if slot.stream and wanted and named and codec is not None:
            rtx = section.rtx_of(payload_type) if slot.video else None
            has_rtx = rtx is not None and rtx.payload_type == rtx_type
            numbered = section.extensions.get(rtp.TRANSPORT) == TRANSPORT_ID
            accepted[slot.mid] = Accepted(
                rtx=has_rtx,
                mid_id=MID_ID if section.extensions.get(rtp.MID) == MID_ID else 0,
                level_id=LEVEL_ID if section.extensions.get(rtp.AUDIO_LEVEL) == LEVEL_ID else 0,
                # What has a number gets another when it is sent again, which needs a stream of its
                # own (RFC 3711 section 9.1).
                transport_id=TRANSPORT_ID
                if slot.video and has_rtx and numbered and "transport-cc" in codec.feedback
                else 0,
                red_payload_type=RED
                if not slot.video and find_red(section, payload_type) == RED
                else 0,
            )
    if not taken:
        raise SdpError("The answer refuses every media section.")
    return CheckedAnswer(read_remote(answer, taken, ("active",)), accepted)
