"""What all our descriptions are made of, whoever offers, and what we ask of all that we are given.

Pure. Browsers' descriptions are in :mod:`assent.media.sdp.publication` and
:mod:`assent.media.sdp.subscription`, those of other devices in :mod:`assent.media.sdp.whip_whep`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent.media.codecs import CODECS, Codec
from assent.media.errors import SdpError
from assent.media.rtp.codecs import h264
from assent.media.sdp.sdp import Codec as Format
from assent.media.sdp.sdp import Description, Section

PROTOCOL = "UDP/TLS/RTP/SAVPF"

_H264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={}"
_PARAMETERS: Mapping[Codec, str] = {
    "opus": "minptime=10;useinbandfec=1",
    "h264": _H264.format("42e01f"),
    "vp9": "profile-id=0",
}
"""What we say of a codec. RFC 6184 section 8.1, RFC 9628 section 6; AV1 has defaults that suit."""


@dataclass(frozen=True, slots=True)
class Local:
    """Our end of a connection, as descriptions say it."""

    session: int
    ufrag: str
    password: str
    fingerprint: str  # SHA-256
    candidates: tuple[str, ...]  # values of the candidate attribute


@dataclass(frozen=True, slots=True)
class Remote:
    """The browser's end of a connection, as its description says it."""

    session: str
    ufrag: str
    fingerprints: tuple[tuple[str, str], ...]  # algorithm and digest
    waits: bool = False
    """It is ``passive``: in DTLS we are the client, and begin."""

    @property
    def setup(self) -> str:
        """What we answer as our own part in DTLS."""
        return "active" if self.waits else "passive"


def read_remote(
    description: Description, carried: Sequence[Section], roles: Sequence[str]
) -> Remote:
    """Return the other end, as the sections that are carried say it; raises BadSdp.

    Only the first section of a group need say it; those that are ``bundle-only`` do not.
    """
    if description.ice_lite:
        raise SdpError("Two ICE-lite ends cannot connect.")
    tagged = [one for one in description.sections if one.mid in description.bundle[:1]]
    own = [section for section in carried if not section.bundle_only]
    first = (own or tagged or list(carried))[0]
    if not first.ufrag or not first.password:
        raise SdpError("The description has no ICE credentials.")
    if not first.fingerprints:
        raise SdpError("The description has no usable fingerprint.")
    if first.setup not in roles:
        raise SdpError(f"The setup attribute must be {' or '.join(roles)}.")
    waits = first.setup == "passive"
    return Remote(description.session, first.ufrag, tuple(first.fingerprints), waits)


def find_codec(section: Section, name: Codec) -> Format | None:
    """Return the payload type of a codec, in a form that we carry and that others can decode."""
    if name == "h264":
        return _find_h264(section)
    for found in section.named(name, CODECS[name].clock_rate):
        parameters = found.parameters
        if name == "vp9" and parameters.get("profile-id", "0") != "0":
            continue
        if name == "av1" and parameters.get("profile", "0") != "0":
            continue
        return found
    return None


def _find_h264(section: Section) -> Format | None:
    """Return constrained baseline, which RFC 7742 section 6.2 has everybody decode, or baseline."""
    forms: dict[h264.Profile | None, Format] = {}
    for found in section.named("h264", CODECS["h264"].clock_rate):
        if found.parameters.get("packetization-mode") == "1":
            forms.setdefault(h264.profile(_profile_level(found)), found)
    return forms.get(h264.Profile.CONSTRAINED_BASELINE) or forms.get(h264.Profile.BASELINE)


def _profile_level(form: Format) -> str:
    return form.parameters.get("profile-level-id", h264.INFERRED)


def answer_parameters(name: Codec, form: Format) -> str | None:
    """Return the parameters to answer a codec with; None for those that we offer ourselves."""
    if name != "h264":
        return None
    asymmetric = form.parameters.get("level-asymmetry-allowed") == "1"
    return _H264.format(h264.answered(_profile_level(form), asymmetric=asymmetric))


def why_not(section: Section, pictures: Sequence[Codec]) -> str:
    """Say why nothing of a section can be used: a sentence, which repeats nothing of it."""
    if section.protocol != PROTOCOL:
        return f"Media must be offered as {PROTOCOL}."
    if not section.rtcp_mux:
        return "RTP and RTCP must share a port (a=rtcp-mux)."
    if section.kind != "video":
        return "Sound must be offered as opus/48000/2."
    names = ", ".join(CODECS[name].encoding for name in pictures)
    if "h264" not in pictures and _offers_h264(section):
        return f"In this meeting, which may be recorded, pictures are taken as {names} alone."
    if "h264" in pictures and _offers_h264(section):
        return "H.264 is taken with packetization-mode=1, in constrained or plain baseline."
    return f"Pictures are taken as {names} here."


def _offers_h264(section: Section) -> bool:
    return any(section.named("h264", CODECS["h264"].clock_rate))


def find_red(section: Section, primary: int) -> int:
    """Return the payload type of redundant audio (RFC 2198) over that one, 0 where there is none.

    Its parameters name the payload types that its blocks may have; only those that name the one of
    the primary and no other will do.
    """
    for found in section.named("red", CODECS["opus"].clock_rate):
        for key in found.parameters:
            if set(key.split("/")) == {str(primary)}:
                return found.payload_type
    return 0


def red_lines(payload_type: int, primary: int) -> list[str]:
    """Write redundant audio of a section: each packet carries the one before it as well."""
    return [
        f"a=rtpmap:{payload_type} red/48000/2",
        f"a=fmtp:{payload_type} {primary}/{primary}",
    ]


def head(local: Local, version: int, bundle: Sequence[str]) -> list[str]:
    """Write what comes before the sections; ``bundle`` names those on our transport."""
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


def transport(local: Local, setup: str, candidates: Sequence[str]) -> list[str]:
    """Write how a section reaches us; candidates belong into the first one alone."""
    return [
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=setup:{setup}",
        *(f"a=candidate:{candidate}" for candidate in candidates),
        *(["a=end-of-candidates"] if candidates else []),
    ]


def refusal(section: Section) -> list[str]:
    """Write the answer to a section that is not taken."""
    return [
        f"m={section.kind} 0 {section.protocol} {' '.join(section.formats)}",
        "c=IN IP4 0.0.0.0",
        "a=inactive",
        *([f"a=mid:{section.mid}"] if section.mid else []),
    ]


def codec_lines(
    name: Codec,
    payload_type: int,
    rtx: int,
    *,
    transport: bool,
    parameters: str | None = None,
) -> list[str]:
    """Write one codec of a section; ``rtx`` is the payload type of retransmissions, 0 for none.

    ``transport``: whether feedback on transport-wide numbers is agreed to. ``parameters`` are those
    of an answer, where they are not ours.
    """
    parameters = parameters or _PARAMETERS.get(name)
    if name == "opus":
        # Audio is asked for again as well. Chromium never offers that, and does it all the same
        # when it is told to here.
        lines = [f"a=rtpmap:{payload_type} opus/48000/2"]
        feedbacks = ["nack"]
    else:
        lines = [f"a=rtpmap:{payload_type} {CODECS[name].encoding}/{CODECS[name].clock_rate}"]
        # REMB for whoever cannot tell of the whole transport.
        feedbacks = ["goog-remb", "ccm fir", "nack", "nack pli"]
    if transport:
        feedbacks.append("transport-cc")
    lines += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in feedbacks]
    if parameters:
        lines.append(f"a=fmtp:{payload_type} {parameters}")
    if rtx:
        lines += [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={payload_type}"]
    return lines
