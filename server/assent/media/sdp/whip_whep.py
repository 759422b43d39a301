"""What other devices offer: to send (WHIP, RFC 9725) and to receive (WHEP); checked, and answered.

Pure. An offer to send is a publisher's like any other, but for who says what it carries. An offer
to receive is the reverse of what we do with browsers: there we offer, and say how things are
called; here payload types and header extensions are those of the device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assent.media.codecs import PICTURES, SOUND, Codec
from assent.media.errors import SdpError
from assent.media.rtp import rtp
from assent.media.sdp.common import (
    PROTOCOL,
    Local,
    Remote,
    answer_parameters,
    codec_lines,
    find_codec,
    head,
    read_remote,
    refusal,
    transport,
)
from assent.media.sdp.publication import DEVICE_ROLES, MAX_PUBLISHED
from assent.media.sdp.sdp import Description, Section, parse
from assent.media.sdp.subscription import Accepted
from assent.media.sources import DeviceSource, Source

MAX_SLOTS = 32  # sections in an offer: a wall of fifteen people and a screen with sound


@dataclass(frozen=True, slots=True)
class MediaSlot:
    """A section that can carry one track at a time, and the form in which it takes it."""

    mid: str
    video: bool
    forms: Mapping[Codec, tuple[int, int]]  # payload types, of the media and of its retransmissions
    accepted: Accepted


@dataclass(frozen=True, slots=True)
class Viewing:
    """A device's offer, checked. ``answer`` writes our answer."""

    offer: Description
    remote: Remote
    slots: tuple[MediaSlot, ...]

    def answer(self, local: Local) -> str:
        """Write the answer: send in every slot, refuse the rest."""
        slots = {slot.mid: slot for slot in self.slots}
        lines = head(local, 1, [slot.mid for slot in self.slots])
        candidates: Sequence[str] = local.candidates
        for section in self.offer.sections:
            slot = slots.get(section.mid)
            if slot is None:
                lines += refusal(section)
                continue
            lines += _answer_section(section, slot, local, candidates, self.remote.setup)
            candidates = ()
        return "\r\n".join(lines) + "\r\n"


_OF_DEVICES: Final[Mapping[str, DeviceSource]] = {
    "audio": "device-microphone",
    "video": "device-camera",
}


def device_sources(text: str) -> dict[str, Source]:
    """Return which sources the sections of an offer to send carry, by mid; raises BadSdp.

    A person's device has one of each kind; the first that sends counts, and others are refused.
    """
    sources: dict[str, Source] = {}
    for section in parse(text, MAX_PUBLISHED).sections:
        source = _OF_DEVICES.get(section.kind)
        sends = section.direction in ("sendonly", "sendrecv") and not section.rejected
        if source is not None and sends and source not in sources.values():
            sources[section.mid] = source
    if not sources:
        raise SdpError("The description sends neither sound nor pictures.")
    return sources


def fragment(local: Local) -> str:
    """Write our end of ICE as a fragment of a description (RFC 8840 section 9)."""
    lines = [f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.password}"]
    lines += [f"a=candidate:{candidate}" for candidate in local.candidates]
    return "\r\n".join([*lines, "a=end-of-candidates", ""])


def plan_viewing(text: str) -> Viewing:
    """Check a device's offer to receive; raises BadSdp."""
    offer = parse(text, MAX_SLOTS)
    slots: list[MediaSlot] = []
    carried: list[Section] = []
    for section in offer.sections:
        slot = _slot(section)
        if slot is not None:
            carried.append(section)
            slots.append(slot)
    if not carried:
        raise SdpError("There is no section in the description that can receive what is sent here.")
    if len(slots) > 1 and not {slot.mid for slot in slots} <= set(offer.bundle):
        raise SdpError("The media sections are not bundled.")
    remote = read_remote(offer, carried, DEVICE_ROLES)
    return Viewing(offer, remote, tuple(slots))


def _slot(section: Section) -> MediaSlot | None:
    if section.rejected or section.protocol != PROTOCOL or not section.rtcp_mux:
        return None
    if section.kind not in ("audio", "video") or section.direction not in ("recvonly", "sendrecv"):
        return None
    video = section.kind == "video"
    names: Sequence[Codec] = PICTURES if video else (SOUND,)
    forms: dict[Codec, tuple[int, int]] = {}
    for name in names:
        codec = find_codec(section, name)
        if codec is not None:
            rtx = section.rtx_of(codec.payload_type) if video else None
            forms[name] = codec.payload_type, rtx.payload_type if rtx else 0
    if not forms:
        return None
    return MediaSlot(
        section.mid,
        video,
        forms,
        Accepted(
            rtx=True,
            mid_id=_one_byte(section.extensions.get(rtp.MID, 0)),
            level_id=0 if video else _one_byte(section.extensions.get(rtp.AUDIO_LEVEL, 0)),
        ),
    )


def _parameters(section: Section, name: Codec, payload_type: int) -> str | None:
    return answer_parameters(name, section.codecs[payload_type])


def _one_byte(identifier: int) -> int:
    """Return an identifier that a one-byte extension can have, else 0 (RFC 8285 section 4.2)."""
    return identifier if identifier <= 14 else 0


def _answer_section(
    section: Section, slot: MediaSlot, local: Local, candidates: Sequence[str], setup: str
) -> list[str]:
    formats = " ".join(str(number) for form in slot.forms.values() for number in form if number)
    accepted = slot.accepted
    return [
        f"m={section.kind} 9 {PROTOCOL} {formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=sendonly",
        *transport(local, setup, candidates),
        "a=rtcp-mux",
        *(["a=rtcp-rsize"] if section.rtcp_reduced_size else []),
        *([f"a=extmap:{accepted.mid_id} {rtp.MID}"] if accepted.mid_id else []),
        *([f"a=extmap:{accepted.level_id} {rtp.AUDIO_LEVEL}"] if accepted.level_id else []),
        *(
            line
            for name, form in slot.forms.items()
            for line in codec_lines(
                name, *form, transport=False, parameters=_parameters(section, name, form[0])
            )
        ),
        # One stream for everything, so that a device that shows one picture plays the sound to it.
        f"a=msid:assent {section.mid}",
    ]
