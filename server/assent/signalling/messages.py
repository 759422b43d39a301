"""Every message of the socket, both directions, once; PROTOCOL.md section 3 in code.

A message is a JSON object whose ``type`` is the name of its class in snake case. msgspec reads and
checks them (types, lengths, ranges, unknown fields); :mod:`assent.signalling.typescript` writes the
client's types from the same classes.

What a client says declares in ``rule`` who may send it, and when (:mod:`assent.signalling.rule`),
and with each field how long it may be; without that the server does not start. What it does is in
:mod:`assent.signalling.handlers`, which mypy holds against :data:`ClientRequest`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from assent.media.sources import BrowserSource, Source
from assent.meeting.views import AdmissionState, CloseReason, ShownCapture
from assent.signalling.rule import (
    ADMITTED,
    ENROLLED,
    FIRST,
    HOST,
    HOST_AT_THE_DOOR,
    NOBODY,
    SEATED,
    Rule,
    must_be_declared,
)
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Actor, Purpose

PROTOCOL = 1
MAX_MESSAGE = 128 * 1024  # bytes; what a browser answers to 100 sections is about 64 KiB
RATE, BURST = 50.0, 200.0  # messages of one socket: a second on average, and at once

Person = Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
Digest = Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
Token = Annotated[str, msgspec.Meta(min_length=22, max_length=64)]
Signature = Annotated[str, msgspec.Meta(min_length=86, max_length=86)]
Document = Annotated[str, msgspec.Meta(max_length=12_000)]
Box = Annotated[str, msgspec.Meta(max_length=4_000)]
Sdp = Annotated[str, msgspec.Meta(max_length=120_000)]
# Typed names may hold 64 graphemes, and a grapheme several code points; the server cuts and checks.
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Mid = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
RequestId = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Ordinal = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
GenerationNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
HeaderProblem = Literal[
    "bad-document", "other-meeting", "broken-chain", "stranger", "missing", "wrong-keys"
]


def _snake(name: str) -> str:
    out = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return out.lstrip("_")


class FromClient(
    msgspec.Struct, frozen=True, tag=_snake, tag_field="type", forbid_unknown_fields=True
):
    """Common parent of what a client says; each says who may send it, and when."""

    rule: ClassVar[Rule] = NOBODY


class Request(FromClient, frozen=True, kw_only=True, tag=_snake, tag_field="type"):
    """A message that an ``ok`` or an ``error`` answers; ``id`` ties the two together."""

    id: RequestId | None = None


class Hello(FromClient, frozen=True):
    """First message: which seat is this.

    ``resume``: the page has two media connections that may still stand, and does not want them to
    be begun anew because the socket was lost.
    """

    rule = FIRST
    protocol: int
    token: Token
    resume: bool = False


class BroughtBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shows other browsers that the link with that ordinal has brought somebody."""

    ordinal: Ordinal
    mac: Digest


class Enrol(Request, frozen=True):
    """The person's keys, signed; once per seat. The name and its salt give the digest in there."""

    rule = SEATED
    name: Name
    salt: Digest
    document: Document
    signature: Signature
    brought: BroughtBy | None


class Answer(Request, frozen=True):
    """The person's whole will, signed, with the sealed training seed where it grants."""

    rule = ENROLLED
    document: Document
    signature: Signature
    sealed: Box | None = None


class Join(Request, frozen=True):
    """Ask to be let in."""

    rule = ENROLLED


class PublishedTrack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which source a media section of the offer carries."""

    mid: Mid
    source: BrowserSource


class Publish(Request, frozen=True):
    """An offer for the publishing connection."""

    rule = ADMITTED
    sdp: Sdp
    tracks: Annotated[list[PublishedTrack], msgspec.Meta(max_length=8)]


class Describe(Request, frozen=True):
    """The answer to the ``subscribe`` of that generation."""

    rule = ADMITTED
    generation: Count
    sdp: Sdp


class SubscribeAgain(Request, frozen=True):
    """The subscribing connection is gone at the browser's end: begin a new one."""

    rule = ADMITTED


class Muted(Request, frozen=True):
    """The sender has muted or unmuted a source of their own, or their system has."""

    rule = ADMITTED
    source: BrowserSource
    muted: bool
    system: bool = False


class KeyFrame(Request, frozen=True):
    """A picture is missing."""

    rule = ADMITTED
    person: Person
    source: Source


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture that the page shows, and the height of its place in pixels."""

    person: Person
    source: Source
    height: Annotated[int, msgspec.Meta(ge=1, le=8192)]


class View(Request, frozen=True):
    """Everything that the page shows; what is not named is not sent to it."""

    rule = ADMITTED
    shown: Annotated[list[Shown], msgspec.Meta(max_length=256)]


class GenerationSeen(Request, frozen=True):
    """What the browser found when it checked a generation's header; no problem: all as shown."""

    rule = ADMITTED
    number: GenerationNumber
    header: Digest
    problem: HeaderProblem | None


class DrawDevice(Request, frozen=True):
    """Ask for a token for another device of one's own; one drawn before ends."""

    rule = ADMITTED


class EndDevice(Request, frozen=True):
    """End that token, and the device."""

    rule = ADMITTED


class Leave(Request, frozen=True):
    """The person leaves."""

    rule = SEATED


class Certify(Request, frozen=True):
    """Host: by the host key of the room, somebody is a host; also before coming in."""

    rule = HOST_AT_THE_DOOR
    document: Document
    signature: Signature


class Perform(Request, frozen=True):
    """Host: an act, signed: to record, to let in, to remove."""

    rule = HOST
    document: Document
    signature: Signature


class Deny(Request, frozen=True):
    """Host: send a waiting person away."""

    rule = HOST
    person: Person


class Lock(Request, frozen=True):
    """Host: close the door, or open it."""

    rule = HOST
    locked: bool


class Disarm(Request, frozen=True):
    """Host: stop the recording; nothing has to be signed for it."""

    rule = HOST


class AskAgain(Request, frozen=True):
    """Host: ask everyone alike once more."""

    rule = HOST


class End(Request, frozen=True):
    """Host: end the meeting for all."""

    rule = HOST


ClientRequest = (
    Enrol
    | Answer
    | Join
    | Publish
    | Describe
    | SubscribeAgain
    | Muted
    | KeyFrame
    | View
    | GenerationSeen
    | DrawDevice
    | EndDevice
    | Leave
    | Certify
    | Perform
    | Deny
    | Lock
    | Disarm
    | AskAgain
    | End
)
ClientMessage = Hello | ClientRequest
must_be_declared(ClientMessage)


class FromServer(msgspec.Struct, frozen=True, tag=_snake, tag_field="type"):
    """Common parent of what the server says."""


class IceServer(msgspec.Struct, frozen=True):
    """A relay the browser may use, with credentials that run out; an ``RTCIceServer``."""

    urls: list[str]
    username: str
    credential: str


class Welcome(FromServer, frozen=True):
    """The seat as the server knows it; follows ``hello``."""

    person: str | None
    enrolled: bool
    enrolment: str | None
    last_answer: str | None
    host: bool
    certified: bool
    now: int
    ice_servers: list[IceServer]


class Signed(msgspec.Struct, frozen=True):
    """A document with the signature over it."""

    document: str
    signature: str


class Ok(FromServer, frozen=True):
    """The request with that id was carried out. What was signed is acknowledged, with its index."""

    id: int | None
    acknowledgement: Signed | None = None


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request was not carried out: a stable code and a text for people."""

    code: str
    message: str
    field: str | None = None


class Error(FromServer, frozen=True):
    """The request with that id was not carried out, and changed nothing."""

    id: int | None
    error: Failure


class Act(msgspec.Struct, frozen=True):
    """What somebody else took back for a person, with the number of the answer it was after."""

    purpose: Purpose
    by: Actor
    at: int
    sequence: int


class You(msgspec.Struct, frozen=True):
    """What the server knows of the one it talks to.

    ``device``: what their other device does now, nothing while it has not come; None where no
    token is drawn. ``revoked``: what others took back for them.
    """

    person: str | None
    state: AdmissionState
    recording: Will
    training: Will
    device: list[Literal["whip", "whep"]] | None
    revoked: list[Act]


class RoomPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A present person as everyone sees them."""

    person: str
    name: str
    host: bool
    connected: bool
    muted: list[BrowserSource]
    silenced: list[BrowserSource]
    sources: list[Source]
    enrolment: str
    watch: str
    train: str
    agreed: bool | None = None


class IntroducedPerson(msgspec.Struct, frozen=True):
    """An enrolment as it was signed, the name that it has a digest of, and who has brought them."""

    person: str
    document: str
    signature: str
    name: str
    salt: str
    brought: BroughtBy | None


class Introductions(FromServer, frozen=True):
    """Who they are: before the first ``room`` that has them, once per socket."""

    people: list[IntroducedPerson]


class CertifiedHost(msgspec.Struct, frozen=True):
    """What shows that somebody is a host, and the enrolment that they sign their acts under."""

    certificate: Signed
    enrolment: Signed


class Hosts(FromServer, frozen=True):
    """Who is a host, and what hosts have signed: before the first ``room`` after it, in order."""

    certificates: list[CertifiedHost]
    acts: list[Signed]


class WaitingPerson(msgspec.Struct, frozen=True):
    """A person at the door, as hosts see them."""

    person: str
    name: str


class Room(FromServer, frozen=True):
    """The whole state; the latest replaces the former."""

    revision: int
    title: str
    started_at: int | None
    locked: bool
    capture: ShownCapture
    armed: bool
    problem: str | None
    disputed_by: int
    present: int
    agreed: int | None
    all_agreed: bool | None
    recorder: bool
    you: You
    people: list[RoomPerson]
    absent_hosts: list[RoomPerson]
    waiting: list[WaitingPerson]


class Published(FromServer, frozen=True):
    """The answer to ``publish``."""

    sdp: str


class SubscribedTrack(msgspec.Struct, frozen=True):
    """What a media section of the server's offer carries."""

    mid: str
    person: str
    source: Source


class Subscribe(FromServer, frozen=True):
    """The server's offer for the subscribing connection."""

    generation: int
    sdp: str
    tracks: list[SubscribedTrack]


class PublishAgain(FromServer, frozen=True):
    """The publishing connection is gone at this end: make a new one."""


class Speakers(FromServer, frozen=True):
    """Who speaks, loudest first."""

    people: list[str]


class WantedLayers(msgspec.Struct, frozen=True):
    """How many layers of a source, counted from the lowest, reach anybody."""

    source: Source
    layers: int


class Layers(FromServer, frozen=True):
    """What need not be sent; a source that is not named is as it was."""

    wanted: list[WantedLayers]


class Generation(FromServer, frozen=True):
    """A recorded generation that the person is in has opened; the signature is its header's."""

    number: int
    header: str
    signature: str


class Asked(FromServer, frozen=True):
    """The host asks again, everyone alike."""


class Device(FromServer, frozen=True):
    """What another device of the person needs; the token is told this once."""

    token: str
    whip: str
    whep: str
    expires_at: int


class Goodbye(FromServer, frozen=True):
    """The server closes after this."""

    reason: CloseReason


ServerMessage = (
    Welcome
    | Ok
    | Error
    | Introductions
    | Hosts
    | Room
    | Published
    | Subscribe
    | PublishAgain
    | Speakers
    | Layers
    | Generation
    | Asked
    | Device
    | Goodbye
)
