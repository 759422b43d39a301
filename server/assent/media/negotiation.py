"""What we agree to, in both directions: offers planned and answered, offers made and answers read.

Pure. A description comes in, a plan or a text goes out; whoever called carries the plan out. All of
a connection is one BUNDLE with rtcp-mux; we are ICE-lite and always the DTLS server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent.media import rtp
from assent.media.errors import BadSdp
from assent.media.sdp import Description, Section, parse
from assent.media.track import CLOCK_RATES, VIDEO, Codec

MAX_PUBLISHED = 16  # sections in a publisher's offer; there are four sources, some unused
MAX_SUBSCRIBED = 256  # sections in our offer: every source of some sixty people

PROTOCOL = "UDP/TLS/RTP/SAVPF"

# What we call things where we offer. Answers name them the same (RFC 8829 section 5.3.1).
OPUS, VP8, RTX = 111, 96, 97
MID_ID, LEVEL_ID = 1, 2

OPUS_PARAMETERS = "minptime=10;useinbandfec=1"


@dataclass(frozen=True, slots=True)
class Local:
    """Our end of a connection, as descriptions say it."""

    session: int
    username: str
    password: str
    fingerprint: str  # SHA-256
    candidates: tuple[str, ...]  # values of the candidate attribute


@dataclass(frozen=True, slots=True)
class Remote:
    """The browser's end of a connection, as its description says it."""

    session: str
    username: str
    fingerprints: tuple[tuple[str, str], ...]  # algorithm and digest


@dataclass(frozen=True, slots=True)
class Plan:
    """One track that a publisher may send, and in which form. Identifiers that are 0 are not used.

    ``ssrc`` is None where the offer does not name it; it is then learned from the mid.
    """

    mid: str
    source: str
    codec: Codec
    payload_type: int
    repair_payload_type: int
    ssrc: int | None
    repair_ssrc: int | None
    mid_id: int
    level_id: int

    @property
    def clock_rate(self) -> int:
        """Rate of RTP timestamps, in Hz."""
        return CLOCK_RATES[self.codec]


@dataclass(frozen=True, slots=True)
class Publication:
    """A publisher's offer, checked: what we take of it. ``answer`` writes our answer."""

    offer: Description
    remote: Remote
    plans: tuple[Plan, ...]

    def answer(self, local: Local, version: int) -> str:
        """Write the answer: receive what is planned, refuse the rest."""
        planned = {plan.mid: plan for plan in self.plans}
        sections = self.offer.sections
        carried = [section.mid for section in sections if _carried(section)]
        lines = _head(local, version, carried)
        candidates = local.candidates
        for section in sections:
            if not _carried(section):
                lines += [
                    f"m={section.kind} 0 {section.protocol} {' '.join(section.formats)}",
                    "c=IN IP4 0.0.0.0",
                    "a=inactive",
                    *([f"a=mid:{section.mid}"] if section.mid else []),
                ]
                continue
            plan = planned.get(section.mid)
            lines += _answer_section(section, local, plan, candidates)
            candidates = ()
        return "\r\n".join(lines) + "\r\n"


def plan_publication(text: str, sources: Mapping[str, str]) -> Publication:
    """Check a publisher's offer; ``sources`` maps mid to source. Raises BadSdp."""
    offer = parse(text, MAX_PUBLISHED)
    sections = {section.mid: section for section in offer.sections if section.mid}
    for mid, source in sources.items():
        if source not in VIDEO:
            raise BadSdp("There is no such source.", field="tracks")
        if mid not in sections:
            raise BadSdp("A track names a media section that is not there.", field="tracks")
    if len(set(sources.values())) != len(sources):
        raise BadSdp("A source is named twice.", field="tracks")
    carried = [section for section in offer.sections if _carried(section)]
    if not carried:
        raise BadSdp("There is no Opus and no VP8 in the description.")
    if len(carried) > 1 and not {section.mid for section in carried} <= set(offer.bundle):
        raise BadSdp("The media sections are not bundled.")
    remote = _remote(offer, carried[0], ("actpass", "active"))
    plans = []
    for section in carried:
        if section.mid in sources and section.direction in ("sendrecv", "sendonly"):
            if VIDEO[sources[section.mid]] != (section.kind == "video"):
                raise BadSdp("A source has the wrong kind of media.", field="tracks")
            plans.append(_plan(section, sources[section.mid]))
    named = [ssrc for plan in plans for ssrc in (plan.ssrc, plan.repair_ssrc) if ssrc is not None]
    if len(set(named)) != len(named):
        raise BadSdp("Two tracks have the same SSRC.")
    for section in offer.sections:
        if section.mid in sources and not section.rejected and section not in carried:
            raise BadSdp("A track has no codec that we carry.", field="tracks")
    return Publication(offer, remote, tuple(plans))


def _codec(section: Section) -> Codec:
    return "vp8" if section.kind == "video" else "opus"


def _carried(section: Section) -> bool:
    if section.rejected or section.kind not in ("audio", "video") or section.protocol != PROTOCOL:
        return False
    name = _codec(section)
    return section.rtcp_mux and section.preferred(name, CLOCK_RATES[name]) is not None


def _remote(description: Description, first: Section, roles: Sequence[str]) -> Remote:
    if description.ice_lite:
        raise BadSdp("Two ICE-lite ends cannot connect.")
    if not first.username or not first.password:
        raise BadSdp("The description has no ICE credentials.")
    if not first.fingerprints:
        raise BadSdp("The description has no usable fingerprint.")
    if first.setup not in roles:
        raise BadSdp("The description has the wrong DTLS role.")
    return Remote(description.session, first.username, tuple(first.fingerprints))


def _plan(section: Section, source: str) -> Plan:
    name = _codec(section)
    codec = section.preferred(name, CLOCK_RATES[name])
    assert codec is not None, "only carried sections are planned"
    repair = section.repair_of(codec.payload_type)
    repairs = section.repairs.values()
    ssrc = next((ssrc for ssrc in section.ssrcs if ssrc not in repairs), None)
    repair_ssrc = section.repairs.get(ssrc) if ssrc is not None else None
    return Plan(
        mid=section.mid,
        source=source,
        codec=name,
        payload_type=codec.payload_type,
        repair_payload_type=repair.payload_type if repair else 0,
        ssrc=ssrc,
        repair_ssrc=repair_ssrc if repair else None,
        mid_id=section.extensions.get(rtp.MID, 0),
        level_id=section.extensions.get(rtp.AUDIO_LEVEL, 0),
    )


def _head(local: Local, version: int, bundle: Sequence[str]) -> list[str]:
    lines = [
        "v=0",
        f"o=- {local.session} {version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        "a=msid-semantic: WMS *",
    ]
    if bundle:
        lines.append(f"a=group:BUNDLE {' '.join(bundle)}")
    return lines


def _transport(local: Local, setup: str, candidates: Sequence[str]) -> list[str]:
    return [
        f"a=ice-ufrag:{local.username}",
        f"a=ice-pwd:{local.password}",
        f"a=setup:{setup}",
        *(f"a=candidate:{candidate}" for candidate in candidates),
        *(["a=end-of-candidates"] if candidates else []),
    ]


def _answer_section(
    section: Section, local: Local, plan: Plan | None, candidates: Sequence[str]
) -> list[str]:
    name = _codec(section)
    codec = section.preferred(name, CLOCK_RATES[name])
    assert codec is not None, "only carried sections are answered"
    repair = section.repair_of(codec.payload_type)
    formats = [codec.payload_type] + ([repair.payload_type] if repair else [])
    lines = [
        f"m={section.kind} 9 {PROTOCOL} {' '.join(map(str, formats))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=recvonly" if plan else "a=inactive",
        *_transport(local, "passive", candidates),
        "a=rtcp-mux",
        *(["a=rtcp-rsize"] if section.rtcp_reduced_size else []),
    ]
    lines += [
        f"a=extmap:{section.extensions[uri]} {uri}"
        for uri in (rtp.MID, rtp.AUDIO_LEVEL)
        if uri in section.extensions
    ]
    return lines + _codec_lines(name, codec.payload_type, repair.payload_type if repair else 0)


def _codec_lines(name: Codec, payload_type: int, repair: int) -> list[str]:
    if name == "opus":
        return [
            f"a=rtpmap:{payload_type} opus/48000/2",
            # Audio is asked for again as well. Chromium never offers that, and does it all the
            # same when it is told to here.
            f"a=rtcp-fb:{payload_type} nack",
            f"a=fmtp:{payload_type} {OPUS_PARAMETERS}",
        ]
    lines = [f"a=rtpmap:{payload_type} VP8/90000"]
    lines += [
        f"a=rtcp-fb:{payload_type} {feedback}"
        for feedback in ("goog-remb", "ccm fir", "nack", "nack pli")
    ]
    if repair:
        lines += [f"a=rtpmap:{repair} rtx/90000", f"a=fmtp:{repair} apt={payload_type}"]
    return lines


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
    repair_ssrc: int = 0


def write_offer(local: Local, version: int, slots: Sequence[Slot]) -> str:
    """Write our offer to a subscriber."""
    lines = _head(local, version, [slot.mid for slot in slots])
    candidates = local.candidates
    for slot in slots:
        formats = f"{VP8} {RTX}" if slot.video else str(OPUS)
        lines += [
            f"m={'video' if slot.video else 'audio'} 9 {PROTOCOL} {formats}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{slot.mid}",
            "a=sendonly" if slot.stream else "a=inactive",
            *_transport(local, "actpass", candidates),
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=extmap:{MID_ID} {rtp.MID}",
        ]
        candidates = ()
        if slot.video:
            lines += _codec_lines("vp8", VP8, RTX)
        else:
            lines.append(f"a=extmap:{LEVEL_ID} {rtp.AUDIO_LEVEL}")
            lines += _codec_lines("opus", OPUS, 0)
        if slot.stream:
            lines.append(f"a=msid:{slot.stream} {slot.track}")
            if slot.video:
                lines.append(f"a=ssrc-group:FID {slot.ssrc} {slot.repair_ssrc}")
            lines.append(f"a=ssrc:{slot.ssrc} cname:{slot.name}")
            if slot.video:
                lines.append(f"a=ssrc:{slot.repair_ssrc} cname:{slot.name}")
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a browser takes in a section of our offer. Identifiers that are 0 are not used."""

    repair: bool
    mid_id: int
    level_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A subscriber's answer, checked; ``accepted`` has the sections that it wants to receive."""

    remote: Remote
    accepted: Mapping[str, Accepted]


def read_answer(text: str, slots: Sequence[Slot]) -> Answer:
    """Check the answer to the offer of these slots; raises BadSdp."""
    answer = parse(text, MAX_SUBSCRIBED)
    if len(answer.sections) != len(slots):
        raise BadSdp("The answer has another number of media sections than the offer.")
    accepted: dict[str, Accepted] = {}
    first: Section | None = None
    for slot, section in zip(slots, answer.sections, strict=True):
        if section.kind != ("video" if slot.video else "audio"):
            raise BadSdp("The answer's media sections are not those of the offer.")
        if section.rejected:
            continue
        if section.mid != slot.mid:
            raise BadSdp("The answer's media sections are not those of the offer.")
        if section.mid not in answer.bundle or not section.rtcp_mux:
            raise BadSdp("The answer's media sections are not bundled.")
        first = first or section
        payload_type, rate = (VP8, 90000) if slot.video else (OPUS, 48000)
        codec = section.preferred(_codec(section), rate)
        wanted = section.direction in ("recvonly", "sendrecv")
        if slot.stream and wanted and codec is not None and codec.payload_type == payload_type:
            repair = section.repair_of(VP8) if slot.video else None
            accepted[slot.mid] = Accepted(
                repair=repair is not None and repair.payload_type == RTX,
                mid_id=MID_ID if section.extensions.get(rtp.MID) == MID_ID else 0,
                level_id=LEVEL_ID if section.extensions.get(rtp.AUDIO_LEVEL) == LEVEL_ID else 0,
            )
    if first is None:
        raise BadSdp("The answer refuses every media section.")
    return Answer(_remote(answer, first, ("active",)), accepted)
