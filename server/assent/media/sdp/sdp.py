"""Session descriptions, read: RFC 8866 as JSEP (RFC 8829) uses it, no more than we need of it.

Pure, strict and bounded. What is not known is skipped, as the RFC demands; what is known and
malformed raises :class:`SdpError`, which names the rule and never repeats the text. Nothing here
decides what to do with a description; that is :mod:`assent.media.sdp.publication`,
:mod:`assent.media.sdp.subscription` and :mod:`assent.media.sdp.whip_whep`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assent.media.errors import SdpError

MAX_SIZE = 128 * 1024  # characters; the signalling allows less, this is the parser's own bound
MAX_LINE = 1024  # characters
MAX_LINES_PER_SECTION = 400  # Chromium's longest video offer has about 150
MAX_CODECS = 64
MAX_SSRCS = 16
MAX_FINGERPRINTS = 4
MAX_RIDS = 8
MAX_PARAMETERS = 32  # of one codec, and as many kinds of feedback; browsers write up to seven

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_HASH_SIZES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}  # bytes

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]{1,64}")
_MID = re.compile(r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]{1,16}")
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]{1,256}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_MEDIA = re.compile(r"([a-z]{1,16}) ([0-9]{1,5})(?:/[0-9]{1,5})? ([A-Z/]{1,32}) (.{1,512})")


@dataclass(slots=True)
class Codec:
    """One payload type: what ``rtpmap``, ``fmtp`` and ``rtcp-fb`` say of it."""

    payload_type: int
    name: str  # lower case
    clock_rate: int
    channels: int
    parameters: dict[str, str] = field(default_factory=dict)
    feedback: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Section:
    """One media section."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    mid: str = ""
    direction: str = ""
    codecs: dict[int, Codec] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    ssrcs: list[int] = field(default_factory=list)
    rtx_ssrcs: dict[int, int] = field(default_factory=dict)  # SSRC: SSRC of its retransmissions
    rids: list[str] = field(default_factory=list)  # of encodings that are sent (RFC 8851)
    simulcast: tuple[str, ...] = ()  # those of them that are sent at once (RFC 8853)
    ufrag: str = ""
    password: str = ""
    setup: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    rtcp_mux: bool = False
    rtcp_reduced_size: bool = False
    bundle_only: bool = False  # and in a BUNDLE group

    @property
    def rejected(self) -> bool:
        """Whether the section is refused or gone (RFC 3264 section 6).

        Port 0 with ``bundle-only`` is neither: the section is offered, on condition that it has no
        transport of its own (RFC 9143 section 6).
        """
        return self.port == 0 and not self.bundle_only

    def named(self, name: str, clock_rate: int) -> Iterator[Codec]:
        """Yield the codecs of that name and rate, in the order of preference."""
        for text in self.formats:
            codec = self.codecs.get(int(text)) if text.isdigit() else None
            if codec is not None and codec.name == name and codec.clock_rate == clock_rate:
                yield codec

    def rtx_of(self, payload_type: int) -> Codec | None:
        """Return the codec of retransmissions (RFC 4588 section 8.1) of a payload type."""
        for codec in self.codecs.values():
            if (
                codec.name == "rtx"
                and codec.parameters.get("apt") == str(payload_type)
                and str(codec.payload_type) in self.formats
            ):
                return codec
        return None


@dataclass(slots=True)
class Description:
    """A whole description. ``session`` is the id that stays the same for one connection."""

    session: str
    sections: list[Section]
    bundle: tuple[str, ...]
    ice_lite: bool


def parse(text: str, max_sections: int) -> Description:
    """Read a description; raises BadSdp."""
    if len(text) > MAX_SIZE:
        raise SdpError("The description is too long.")
    head: list[str] = []
    groups: list[list[str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            continue
        if len(line) > MAX_LINE or len(line) < 2 or line[1] != "=" or not line.isprintable():
            raise SdpError("A line of the description is malformed.")
        if line.startswith("m="):
            if len(groups) == max_sections:
                raise SdpError("The description has too many media sections.")
            groups.append([])
        lines = groups[-1] if groups else head
        if len(lines) == MAX_LINES_PER_SECTION:
            raise SdpError("A section of the description is too long.")
        lines.append(line)
    if not head or head[0] != "v=0":
        raise SdpError("The description does not begin with v=0.")
    description = Description(session=_session(head), sections=[], bundle=(), ice_lite=False)
    common = Section("", 0, "", ())
    for line in head:
        name, value = _attribute(line)
        if name == "group" and value.startswith("BUNDLE"):
            description.bundle = tuple(value.split()[1:])
        elif name == "ice-lite":
            description.ice_lite = True
        else:
            _read_transport(common, name, value)
    for lines in groups:
        description.sections.append(_section(lines, common, description.bundle))
    mids = [section.mid for section in description.sections if section.mid]
    if len(set(mids)) != len(mids):
        raise SdpError("Two media sections have the same mid.")
    return description


def _session(head: list[str]) -> str:
    for line in head:
        if line.startswith("o="):
            parts = line[2:].split(" ")
            if len(parts) != 6 or not parts[1]:
                raise SdpError("The origin line is malformed.")
            return parts[1]
    raise SdpError("The description has no origin line.")


def _attribute(line: str) -> tuple[str, str]:
    if not line.startswith("a="):
        return "", ""
    name, _, value = line[2:].partition(":")
    return name, value


def _number(text: str, most: int) -> int:
    if not _NUMBER.fullmatch(text) or (number := int(text)) > most:
        raise SdpError("A number in the description is malformed.")
    return number


def _section(lines: list[str], common: Section, bundle: tuple[str, ...]) -> Section:
    match = _MEDIA.fullmatch(lines[0][2:])
    if match is None:
        raise SdpError("A media line is malformed.")
    kind, port, protocol, formats = match.groups()
    section = Section(kind, _number(port, 65535), protocol, tuple(formats.split()))
    if len(section.formats) > MAX_CODECS:
        raise SdpError("A media section has too many formats.")
    audiovisual = kind in ("audio", "video")
    if audiovisual:
        for text in section.formats:
            _number(text, 127)
    later: list[tuple[str, str]] = []
    for line in lines[1:]:
        name, value = _attribute(line)
        if not audiovisual and name != "mid":
            continue  # it will be refused, whatever it says
        if name in ("fmtp", "rtcp-fb"):
            later.append((name, value))  # they may come before the rtpmap they belong to
        elif name:
            _read_attribute(section, name, value)
    for name, value in later:
        _read_codec_attribute(section, name, value)
    # It means something with port 0 alone, and for members of a group (RFC 9143 section 6).
    section.bundle_only &= section.port == 0 and section.mid in bundle
    if not section.mid and not section.rejected:
        raise SdpError("A media section has no mid.")
    # What a section does not say itself holds for the session (RFC 8839 section 5.4, RFC 8122).
    section.ufrag = section.ufrag or common.ufrag
    section.password = section.password or common.password
    section.setup = section.setup or common.setup
    section.fingerprints = section.fingerprints or common.fingerprints
    section.direction = section.direction or "sendrecv"
    return section


def _read_attribute(section: Section, name: str, value: str) -> None:
    if name in DIRECTIONS:
        section.direction = name
    elif name == "mid":
        if not _MID.fullmatch(value):
            raise SdpError("A mid is malformed.")
        section.mid = value
    elif name == "rtcp-mux":
        section.rtcp_mux = True
    elif name == "rtcp-rsize":
        section.rtcp_reduced_size = True
    elif name == "bundle-only":
        section.bundle_only = True
    elif name == "rtpmap":
        _read_rtpmap(section, value)
    elif name == "extmap":
        _read_extmap(section, value)
    elif name == "rid":
        _read_rid(section, value)
    elif name == "simulcast":
        _read_simulcast(section, value)
    elif name == "ssrc":
        _add_ssrc(section, _number(value.partition(" ")[0], 0xFFFFFFFF))
    elif name == "ssrc-group":
        semantics, *ssrcs = value.split() or [""]
        if semantics == "FID":
            if len(ssrcs) != 2:
                raise SdpError("A group of SSRCs is malformed.")
            first, second = (_number(text, 0xFFFFFFFF) for text in ssrcs)
            if first == second or len(section.rtx_ssrcs) == MAX_SSRCS:
                raise SdpError("A group of SSRCs is malformed.")
            section.rtx_ssrcs[first] = second
    else:
        _read_transport(section, name, value)


def _read_rid(section: Section, value: str) -> None:
    name, _, rest = value.partition(" ")
    if not _RID.fullmatch(name) or name in section.rids or len(section.rids) == MAX_RIDS:
        raise SdpError("A rid is malformed.")
    if rest.partition(" ")[0] == "send":
        section.rids.append(name)


def _read_simulcast(section: Section, value: str) -> None:
    """Read the streams that are sent: the first of each row of alternatives (section 5.1)."""
    words = value.split()
    if len(words) not in (2, 4) or section.simulcast:
        raise SdpError("A simulcast attribute is malformed.")
    for direction, streams in zip(words[::2], words[1::2], strict=True):
        if direction == "send":
            names = [stream.partition(",")[0].removeprefix("~") for stream in streams.split(";")]
            if len(set(names)) != len(names) or not all(map(_RID.fullmatch, names)):
                raise SdpError("A simulcast attribute is malformed.")
            section.simulcast = tuple(names[:MAX_RIDS])
        elif direction != "recv":
            raise SdpError("A simulcast attribute is malformed.")


def _add_ssrc(section: Section, ssrc: int) -> None:
    if ssrc in section.ssrcs:
        return
    if len(section.ssrcs) == MAX_SSRCS:
        raise SdpError("A media section has too many SSRCs.")
    section.ssrcs.append(ssrc)


def _read_rtpmap(section: Section, value: str) -> None:
    number, _, encoding = value.partition(" ")
    name, *numbers = encoding.split("/")
    if not _TOKEN.fullmatch(name) or not 1 <= len(numbers) <= 2:
        raise SdpError("An rtpmap is malformed.")
    payload_type = _number(number, 127)
    # 64 … 95 look like RTCP on a shared port (RFC 5761 section 4).
    if 64 <= payload_type <= 95 or payload_type in section.codecs:
        raise SdpError("A payload type is not allowed.")
    if len(section.codecs) == MAX_CODECS:
        raise SdpError("A media section has too many codecs.")
    section.codecs[payload_type] = Codec(
        payload_type,
        name.lower(),
        _number(numbers[0], 1_000_000),
        _number(numbers[1], 255) if len(numbers) == 2 else 1,
    )


def _read_extmap(section: Section, value: str) -> None:
    number, _, rest = value.partition(" ")
    identifier = _number(number.partition("/")[0], 255)
    uri = rest.partition(" ")[0]
    if not identifier or not uri:
        raise SdpError("An extmap is malformed.")
    if len(section.extensions) == MAX_CODECS:
        raise SdpError("A media section has too many header extensions.")
    section.extensions.setdefault(uri, identifier)


def _read_codec_attribute(section: Section, name: str, value: str) -> None:
    number, _, rest = value.partition(" ")
    if number == "*" and name == "rtcp-fb":
        codecs = list(section.codecs.values())
    else:
        codec = section.codecs.get(_number(number, 127))
        codecs = [] if codec is None else [codec]
    for codec in codecs:
        if name == "rtcp-fb":
            codec.feedback.add(rest.strip())
            if len(codec.feedback) > MAX_PARAMETERS:
                raise SdpError("A codec has too many kinds of feedback.")
            continue
        for item in rest.split(";"):
            key, _, content = item.strip().partition("=")
            if key:
                codec.parameters[key.lower()] = content
                if len(codec.parameters) > MAX_PARAMETERS:
                    raise SdpError("A codec has too many parameters.")


def _read_transport(section: Section, name: str, value: str) -> None:
    if name == "ice-ufrag":
        if not _ICE_CHARS.fullmatch(value) or len(value) < 4:
            raise SdpError("An ICE user name is malformed.")
        section.ufrag = value
    elif name == "ice-pwd":
        if not _ICE_CHARS.fullmatch(value) or len(value) < 22:
            raise SdpError("An ICE password is malformed.")
        section.password = value
    elif name == "setup":
        if value not in ("active", "passive", "actpass", "holdconn"):
            raise SdpError("A setup attribute is malformed.")
        section.setup = value
    elif name == "fingerprint":
        _read_fingerprint(section, value)


def _read_fingerprint(section: Section, value: str) -> None:
    algorithm, _, digits = value.partition(" ")
    algorithm = algorithm.lower()
    size = _HASH_SIZES.get(algorithm)
    if size is None:
        return  # weaker or unknown hashes count for nothing; at least one known must remain
    try:
        digest = bytes(int(pair, 16) for pair in digits.split(":") if len(pair) == 2)
    except ValueError:
        digest = b""
    if len(digest) != size or len(digits) != 3 * size - 1:
        raise SdpError("A fingerprint is malformed.")
    if len(section.fingerprints) == MAX_FINGERPRINTS:
        raise SdpError("There are too many fingerprints.")
    section.fingerprints.append((algorithm, digest.hex(":").upper()))
