"""What we agree to, in both directions: offers planned and answered, offers made and answers read.

Pure. A description comes in, a plan or a text goes out; whoever called carries the plan out. All of
a connection is one BUNDLE with rtcp-mux; we are ICE-lite and always the DTLS server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent.media import rtp
from assent.media.errors import BadSdp
from assent.media.sdp import Codec as Format
from assent.media.sdp import Description, Section, parse
from assent.media.track import CLOCK_RATES, LAYERED, PICTURES, VIDEO, Codec

MAX_PUBLISHED = 16  # sections in a publisher's offer; there are four sources, some unused
MAX_SUBSCRIBED = 256  # sections in our offer: every source of some sixty people

PROTOCOL = "UDP/TLS/RTP/SAVPF"

MAX_LAYERS = 3  # encodings of one picture; browsers send no more at once

# What we call things where we offer. Answers name them the same (RFC 8829 section 5.3.1).
PAYLOAD_TYPES: Mapping[Codec, tuple[int, int]] = {  # and that of its retransmissions
    "opus": (111, 0),
    "vp8": (96, 97),
    "h264": (98, 99),
    "vp9": (100, 101),
    "av1": (102, 103),
}
MID_ID, LEVEL_ID, TRANSPORT_ID = 1, 2, 3

_NAMES: Mapping[Codec, str] = {"vp8": "VP8", "h264": "H264", "vp9": "VP9", "av1": "AV1"}
_PARAMETERS: Mapping[Codec, str] = {
    "opus": "minptime=10;useinbandfec=1",
    "h264": "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "vp9": "profile-id=0",
}
"""What we say of a codec. RFC 6184 section 8.1, RFC 9628 section 6; AV1 has defaults that suit."""


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

    ``ssrc`` is None where the offer does not name it; it is then learned from the mid, and where
    there are several encodings (``rids``, the lowest first), from the rid as well.
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
    transport_id: int = 0
    rids: tuple[str, ...] = ()
    rid_id: int = 0
    repaired_id: int = 0

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
    pictures: Sequence[Codec]  # what may be sent as video, the preferred first

    def answer(self, local: Local, version: int) -> str:
        """Write the answer: receive what is planned, refuse the rest."""
        planned = {plan.mid: plan for plan in self.plans}
        sections = self.offer.sections
        carried = [section.mid for section in sections if _carried(section, self.pictures)]
        lines = _head(local, version, carried)
        candidates = local.candidates
        for section in sections:
            if not _carried(section, self.pictures):
                lines += [
                    f"m={section.kind} 0 {section.protocol} {' '.join(section.formats)}",
                    "c=IN IP4 0.0.0.0",
                    "a=inactive",
                    *([f"a=mid:{section.mid}"] if section.mid else []),
                ]
                continue
            plan = planned.get(section.mid)
            lines += _answer_section(section, local, plan, candidates, self.pictures)
            candidates = ()
        return "\r\n".join(lines) + "\r\n"


def plan_publication(
    text: str, sources: Mapping[str, str], pictures: Sequence[Codec] = PICTURES
) -> Publication:
    """Check a publisher's offer; ``sources`` maps mid to source. Raises BadSdp.

    ``pictures`` are the video codecs that may be used, the preferred first.
    """
    offer = parse(text, MAX_PUBLISHED)
    sections = {section.mid: section for section in offer.sections if section.mid}
    for mid, source in sources.items():
        if source not in VIDEO:
            raise BadSdp("There is no such source.", field="tracks")
        if mid not in sections:
            raise BadSdp("A track names a media section that is not there.", field="tracks")
    if len(set(sources.values())) != len(sources):
        raise BadSdp("A source is named twice.", field="tracks")
    carried = [section for section in offer.sections if _carried(section, pictures)]
    if not carried:
        raise BadSdp("There is no codec in the description that can be used here.")
    if len(carried) > 1 and not {section.mid for section in carried} <= set(offer.bundle):
        raise BadSdp("The media sections are not bundled.")
    remote = _remote(offer, carried[0], ("actpass", "active"))
    plans = []
    for section in carried:
        if section.mid in sources and section.direction in ("sendrecv", "sendonly"):
            if VIDEO[sources[section.mid]] != (section.kind == "video"):
                raise BadSdp("A source has the wrong kind of media.", field="tracks")
            plans.append(_plan(section, sources[section.mid], pictures))
    named = [ssrc for plan in plans for ssrc in (plan.ssrc, plan.repair_ssrc) if ssrc is not None]
    if len(set(named)) != len(named):
        raise BadSdp("Two tracks have the same SSRC.")
    for section in offer.sections:
        if section.mid in sources and not section.rejected and section not in carried:
            raise BadSdp("A track has no codec that can be used here.", field="tracks")
    return Publication(offer, remote, tuple(plans), tuple(pictures))


def offered_pictures(offer: Description) -> frozenset[Codec]:
    """Return the video codecs that a browser's offer names."""
    return frozenset(
        name
        for section in offer.sections
        if section.kind == "video" and not section.rejected
        for name in PICTURES
        if _find(section, name) is not None
    )


def _find(section: Section, name: Codec) -> Format | None:
    """Return the payload type of a codec, in a form that we carry and that others can decode."""
    for found in section.named(name, CLOCK_RATES[name]):
        parameters = found.parameters
        if name == "h264" and (
            # Constrained baseline, which RFC 7742 section 6.2 has everybody decode.
            parameters.get("packetization-mode") != "1"
            or not parameters.get("profile-level-id", "").lower().startswith("42e0")
        ):
            continue
        if name == "vp9" and parameters.get("profile-id", "0") != "0":
            continue
        if name == "av1" and parameters.get("profile", "0") != "0":
            continue
        return found
    return None


def _choose(section: Section, pictures: Sequence[Codec]) -> tuple[Codec, Format] | None:
    """Return the codec of a section: the first that may be used and is offered."""
    names: Sequence[Codec] = pictures if section.kind == "video" else ("opus",)
    for name in names:
        found = _find(section, name)
        if found is not None:
            return name, found
    return None


def _carried(section: Section, pictures: Sequence[Codec]) -> bool:
    if section.rejected or section.kind not in ("audio", "video") or section.protocol != PROTOCOL:
        return False
    return section.rtcp_mux and _choose(section, pictures) is not None


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


def _plan(section: Section, source: str, pictures: Sequence[Codec]) -> Plan:
    chosen = _choose(section, pictures)
    assert chosen is not None, "only carried sections are planned"
    name, codec = chosen
    rids = _layers(section, name)
    repair = section.repair_of(codec.payload_type)
    repairs = section.repairs.values()
    ssrc = next((ssrc for ssrc in section.ssrcs if ssrc not in repairs and not rids), None)
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
        transport_id=_transport_id(section, codec),
        rids=rids,
        rid_id=section.extensions.get(rtp.RID, 0) if rids else 0,
        repaired_id=section.extensions.get(rtp.REPAIRED_RID, 0) if rids and repair else 0,
    )


def _transport_id(section: Section, codec: Format) -> int:
    """Return the extension of transport-wide numbers, 0 unless feedback on them is wanted too."""
    return section.extensions.get(rtp.TRANSPORT, 0) if "transport-cc" in codec.feedback else 0


def _layers(section: Section, name: Codec) -> tuple[str, ...]:
    """Return the encodings that we take of a section, none where it has only one.

    They are told apart by nothing but the header extension (RFC 8852), so it must be there.
    """
    if name not in LAYERED or not {rtp.MID, rtp.RID} <= section.extensions.keys():
        return ()
    rids = tuple(rid for rid in section.simulcast if rid in section.rids)[:MAX_LAYERS]
    return rids if len(rids) > 1 else ()


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
    section: Section,
    local: Local,
    plan: Plan | None,
    candidates: Sequence[str],
    pictures: Sequence[Codec],
) -> list[str]:
    chosen = _choose(section, pictures)
    assert chosen is not None, "only carried sections are answered"
    name, codec = chosen
    transport = _transport_id(section, codec) != 0
    rids = plan.rids if plan else ()
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
        for uri in (
            rtp.MID,
            rtp.AUDIO_LEVEL,
            *((rtp.TRANSPORT,) if transport else ()),
            *((rtp.RID, rtp.REPAIRED_RID) if rids else ()),
        )
        if uri in section.extensions
    ]
    lines += _codec_lines(
        name, codec.payload_type, repair.payload_type if repair else 0, transport=transport
    )
    if rids:
        lines += [f"a=rid:{rid} recv" for rid in rids]
        lines.append(f"a=simulcast:recv {';'.join(rids)}")
    return lines


def _codec_lines(name: Codec, payload_type: int, repair: int, *, transport: bool) -> list[str]:
    parameters = _PARAMETERS.get(name)
    if name == "opus":
        # Audio is asked for again as well. Chromium never offers that, and does it all the same
        # when it is told to here.
        lines = [f"a=rtpmap:{payload_type} opus/48000/2"]
        feedbacks = ["nack"]
    else:
        lines = [f"a=rtpmap:{payload_type} {_NAMES[name]}/90000"]
        # REMB for whoever cannot tell of the whole transport.
        feedbacks = ["goog-remb", "ccm fir", "nack", "nack pli"]
    if transport:
        feedbacks.append("transport-cc")
    lines += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in feedbacks]
    if parameters:
        lines.append(f"a=fmtp:{payload_type} {parameters}")
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
    codec: Codec | None = None  # of the video that is sent; None where nothing is

    @property
    def form(self) -> Codec:
        """The codec that the section offers, be it only to be there."""
        return (self.codec or "vp8") if self.video else "opus"


def write_offer(local: Local, version: int, slots: Sequence[Slot]) -> str:
    """Write our offer to a subscriber."""
    lines = _head(local, version, [slot.mid for slot in slots])
    candidates = local.candidates
    for slot in slots:
        payload_type, repair = PAYLOAD_TYPES[slot.form]
        formats = f"{payload_type} {repair}" if slot.video else str(payload_type)
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
        # Sound carries no transport-wide number: it is sent again as it was, to the byte.
        if slot.video:
            lines.append(f"a=extmap:{TRANSPORT_ID} {rtp.TRANSPORT}")
        else:
            lines.append(f"a=extmap:{LEVEL_ID} {rtp.AUDIO_LEVEL}")
        lines += _codec_lines(slot.form, payload_type, repair, transport=slot.video)
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
    transport_id: int = 0


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
        payload_type, repair_type = PAYLOAD_TYPES[slot.form]
        codec = section.codecs.get(payload_type)
        named = (
            codec is not None and codec.name == slot.form and str(payload_type) in section.formats
        )
        wanted = section.direction in ("recvonly", "sendrecv")
        if slot.stream and wanted and named and codec is not None:
            repair = section.repair_of(payload_type) if slot.video else None
            repaired = repair is not None and repair.payload_type == repair_type
            transport = section.extensions.get(rtp.TRANSPORT) == TRANSPORT_ID
            accepted[slot.mid] = Accepted(
                repair=repaired,
                mid_id=MID_ID if section.extensions.get(rtp.MID) == MID_ID else 0,
                level_id=LEVEL_ID if section.extensions.get(rtp.AUDIO_LEVEL) == LEVEL_ID else 0,
                # What has a number gets another when it is sent again, which needs a stream of its
                # own (RFC 3711 section 9.1).
                transport_id=TRANSPORT_ID
                if slot.video and repaired and transport and "transport-cc" in codec.feedback
                else 0,
            )
    if first is None:
        raise BadSdp("The answer refuses every media section.")
    return Answer(_remote(answer, first, ("active",)), accepted)
