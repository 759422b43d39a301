"""A publisher's offer: checked, planned, and answered.

Pure. A description comes in, a plan or a text goes out; whoever called carries the plan out. All of
a connection is one BUNDLE with rtcp-mux; we are ICE-lite, and the DTLS server but for devices that
will be nothing else. The other direction is :mod:`assent.media.sdp.subscription`.
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
    answer_parameters,
    codec_lines,
    find_codec,
    find_red,
    head,
    read_remote,
    red_lines,
    refusal,
    transport,
    why_not,
)
from assent.media.sdp.sdp import Codec as Format
from assent.media.sdp.sdp import Description, Section, parse
from assent.media.sources import SOURCES, Source

MAX_PUBLISHED = 16  # sections in a publisher's offer; there are four sources, some unused

# What the other end may be in DTLS: browsers are either, as we choose, and no browser insists.
ROLES = ("actpass", "active")
DEVICE_ROLES = ("actpass", "active", "passive")

MAX_LAYERS = 3  # encodings of one picture; browsers send no more at once


@dataclass(frozen=True, slots=True)
class Plan:
    """One track that a publisher may send, and in which form. Identifiers that are 0 are not used.

    ``ssrc`` is None where the offer does not name it; it is then learned from the mid, and where
    there are several encodings (``rids``, the lowest first), from the rid as well.
    """

    mid: str
    source: Source
    codec: Codec
    payload_type: int
    rtx_payload_type: int
    ssrc: int | None
    rtx_ssrc: int | None
    mid_id: int
    level_id: int
    transport_id: int = 0
    rids: tuple[str, ...] = ()
    rid_id: int = 0
    repaired_id: int = 0
    red_payload_type: int = 0

    @property
    def clock_rate(self) -> int:
        """Rate of RTP timestamps, in Hz."""
        return CODECS[self.codec].clock_rate


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
        lines = head(local, version, carried)
        candidates = local.candidates
        for section in sections:
            if not _carried(section, self.pictures):
                lines += refusal(section)
                continue
            plan = planned.get(section.mid)
            lines += _answer_section(
                section, local, plan, candidates, self.pictures, self.remote.setup
            )
            candidates = ()
        return "\r\n".join(lines) + "\r\n"


def plan_publication(
    text: str,
    sources: Mapping[str, Source],
    pictures: Sequence[Codec] = PICTURES,
    roles: Sequence[str] = ROLES,
) -> Publication:
    """Check a publisher's offer; ``sources`` maps mid to source. Raises BadSdp.

    ``pictures`` are the video codecs that may be used, the preferred first; ``roles`` what the
    publisher may be in DTLS.
    """
    offer = parse(text, MAX_PUBLISHED)
    sections = {section.mid: section for section in offer.sections if section.mid}
    for mid, source in sources.items():
        if source not in SOURCES:
            raise SdpError("There is no such source.", field="tracks")
        if mid not in sections:
            raise SdpError("A track names a media section that is not there.", field="tracks")
    if len(set(sources.values())) != len(sources):
        raise SdpError("A source is named twice.", field="tracks")
    carried = [section for section in offer.sections if _carried(section, pictures)]
    if not carried:
        media = [one for one in offer.sections if one.kind in ("audio", "video")]
        wanted = [one for one in media if not one.rejected]
        raise SdpError(
            why_not(wanted[-1], pictures)
            if wanted
            else "There is neither sound nor video in the description."
        )
    if len(carried) > 1 and not {section.mid for section in carried} <= set(offer.bundle):
        raise SdpError("The media sections are not bundled.")
    remote = read_remote(offer, carried, roles)
    plans = []
    for section in carried:
        if section.mid in sources and section.direction in ("sendrecv", "sendonly"):
            if SOURCES[sources[section.mid]].video != (section.kind == "video"):
                raise SdpError("A source has the wrong kind of media.", field="tracks")
            plans.append(_plan(section, sources[section.mid], pictures))
    named = [ssrc for plan in plans for ssrc in (plan.ssrc, plan.rtx_ssrc) if ssrc is not None]
    if len(set(named)) != len(named):
        raise SdpError("Two tracks have the same SSRC.")
    for section in offer.sections:
        if section.mid in sources and not section.rejected and section not in carried:
            raise SdpError(why_not(section, pictures), field="tracks")
    return Publication(offer, remote, tuple(plans), tuple(pictures))


def offered_pictures(offer: Description) -> frozenset[Codec]:
    """Return the video codecs that a browser's offer names."""
    return frozenset(
        name
        for section in offer.sections
        if section.kind == "video" and not section.rejected
        for name in PICTURES
        if find_codec(section, name) is not None
    )


def _choose(section: Section, pictures: Sequence[Codec]) -> tuple[Codec, Format] | None:
    """Return the codec of a section: the first that may be used and is offered."""
    names: Sequence[Codec] = pictures if section.kind == "video" else (SOUND,)
    for name in names:
        found = find_codec(section, name)
        if found is not None:
            return name, found
    return None


def _carried(section: Section, pictures: Sequence[Codec]) -> bool:
    if section.rejected or section.kind not in ("audio", "video") or section.protocol != PROTOCOL:
        return False
    return section.rtcp_mux and _choose(section, pictures) is not None


def _plan(section: Section, source: Source, pictures: Sequence[Codec]) -> Plan:
    chosen = _choose(section, pictures)
    assert chosen is not None, "only carried sections are planned"
    name, codec = chosen
    rids = _layers(section, name)
    rtx = section.rtx_of(codec.payload_type)
    rtx_ssrcs = section.rtx_ssrcs.values()
    ssrc = next((ssrc for ssrc in section.ssrcs if ssrc not in rtx_ssrcs and not rids), None)
    rtx_ssrc = section.rtx_ssrcs.get(ssrc) if ssrc is not None else None
    return Plan(
        mid=section.mid,
        source=source,
        codec=name,
        payload_type=codec.payload_type,
        rtx_payload_type=rtx.payload_type if rtx else 0,
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc if rtx else None,
        mid_id=section.extensions.get(rtp.MID, 0),
        level_id=section.extensions.get(rtp.AUDIO_LEVEL, 0),
        transport_id=_transport_id(section, codec),
        rids=rids,
        rid_id=section.extensions.get(rtp.RID, 0) if rids else 0,
        repaired_id=section.extensions.get(rtp.REPAIRED_RID, 0) if rids and rtx else 0,
        red_payload_type=_red_payload_type(section, name, codec),
    )


def _red_payload_type(section: Section, name: Codec, codec: Format) -> int:
    """Return the payload type of redundant audio, 0 where there is none that we take.

    With a format of retransmissions there is none: it repeats one payload type, and not this one.
    """
    if name != "opus" or section.rtx_of(codec.payload_type) is not None:
        return 0
    return find_red(section, codec.payload_type)


def _transport_id(section: Section, codec: Format) -> int:
    """Return the extension of transport-wide numbers, 0 unless feedback on them is wanted too."""
    return section.extensions.get(rtp.TRANSPORT, 0) if "transport-cc" in codec.feedback else 0


def _layers(section: Section, name: Codec) -> tuple[str, ...]:
    """Return the encodings that we take of a section, none where it has only one.

    They are told apart by nothing but the header extension (RFC 8852), so it must be there.
    """
    if not CODECS[name].layered or not {rtp.MID, rtp.RID} <= section.extensions.keys():
        return ()
    rids = tuple(rid for rid in section.simulcast if rid in section.rids)[:MAX_LAYERS]
    return rids if len(rids) > 1 else ()


def _answer_section(
    section: Section,
    local: Local,
    plan: Plan | None,
    candidates: Sequence[str],
    pictures: Sequence[Codec],
    setup: str,
) -> list[str]:
    chosen = _choose(section, pictures)
    assert chosen is not None, "only carried sections are answered"
    name, codec = chosen
    numbered = _transport_id(section, codec) != 0
    rids = plan.rids if plan else ()
    rtx = section.rtx_of(codec.payload_type)
    formats = [codec.payload_type] + ([rtx.payload_type] if rtx else [])
    red = _red_payload_type(section, name, codec)
    if red:
        # In the order of the offer, which is the sender's choice: redundant audio is sent where it
        # stands before what it repeats.
        formats = sorted([red, *formats], key=lambda one: section.formats.index(str(one)))
    lines = [
        f"m={section.kind} 9 {PROTOCOL} {' '.join(map(str, formats))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=recvonly" if plan else "a=inactive",
        *transport(local, setup, candidates),
        "a=rtcp-mux",
        *(["a=rtcp-rsize"] if section.rtcp_reduced_size else []),
    ]
    lines += [
        f"a=extmap:{section.extensions[uri]} {uri}"
        for uri in (
            rtp.MID,
            rtp.AUDIO_LEVEL,
            *((rtp.TRANSPORT,) if numbered else ()),
            *((rtp.RID, rtp.REPAIRED_RID) if rids else ()),
        )
        if uri in section.extensions
    ]
    lines += codec_lines(
        name,
        codec.payload_type,
        rtx.payload_type if rtx else 0,
        transport=numbered,
        parameters=answer_parameters(name, codec),
    )
    if red:
        lines += red_lines(red, codec.payload_type)
    if rids:
        lines += [f"a=rid:{rid} recv" for rid in rids]
        lines.append(f"a=simulcast:recv {';'.join(rids)}")
    return lines
