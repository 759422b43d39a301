"""Every body a client may send over HTTP, once; PROTOCOL.md section 2 in code.

msgspec reads and checks them (types, lengths, ranges, unknown fields). What is checked here is
form alone; what it means is checked where it is used.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal, TypeVar

import msgspec
from aiohttp import web

from assent.errors import BadRequest, TooLarge
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode

MAX_BODY = 64 * 1024
# A body that small arrives at once; who sends it slower is not a browser.
BODY_SECONDS = 15.0
# A meeting's link can be made to work for at most a year.
MAX_LIFETIME_HOURS = 366 * 24

Role = Literal["host", "administrator"]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
ResetToken = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Typed = Annotated[str, msgspec.Meta(max_length=1024)]
ExportId = Annotated[str, msgspec.Meta(min_length=22, max_length=22)]
Day = Annotated[str, msgspec.Meta(min_length=10, max_length=10)]
Encoded = Annotated[str, msgspec.Meta(max_length=16 * 1024)]
GenerationNumber = Annotated[int, msgspec.Meta(ge=1, lt=10**6)]
OwnWords = Annotated[
    dict[Annotated[str, msgspec.Meta(max_length=35)], str], msgspec.Meta(max_length=16)
]
Lifetime = Annotated[int, msgspec.Meta(ge=1, le=MAX_LIFETIME_HOURS)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Common parent of all bodies."""


class Nothing(Body, frozen=True):
    """For routes that take no input: no body at all, or an empty object."""


class SignIn(Body, frozen=True):
    """Login and password."""

    login: Typed
    password: Typed


class Invite(Body, frozen=True):
    """What the invited account may do."""

    role: Role


class Inspect(Body, frozen=True):
    """Look at an invitation without using it."""

    token: Secret


class Accept(Body, frozen=True):
    """Make the account an invitation is for."""

    token: Secret
    name: Typed
    login: Typed
    password: Typed


class Disable(Body, frozen=True):
    """Whether an account is shut out."""

    disabled: bool


class InspectReset(Body, frozen=True):
    """Look at a link that sets a password, without using it."""

    token: ResetToken


class SetPassword(Body, frozen=True):
    """The password that such a link sets."""

    token: ResetToken
    password: Typed


class CreateMeeting(Body, frozen=True):
    """A new meeting: the room that its link pins, and the digest of what opens its door."""

    title: Typed
    room: Encoded
    door: Secret
    lifetime_hours: Lifetime


class NewLink(Body, frozen=True):
    """The digest of what opens the door from now on."""

    door: Secret


class DraftNotice(Body, frozen=True):
    """An administrator's own words for the notice, by language."""

    words: OwnWords


class PublishNotice(Body, frozen=True):
    """The same, to be published as the version that they were seen as."""

    words: OwnWords
    version: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class Revoke(Body, frozen=True):
    """What to take back for a person; without a person, the whole meeting."""

    person: Annotated[str, msgspec.Meta(min_length=43, max_length=43)] | None
    purpose: Literal["training", "recording", "meeting"]


class ExportChoice(Body, frozen=True):
    """What goes into an export; days as in 2026-01-31, in UTC.

    ``again`` is a data set of which it is the next version. What else each may say is checked by
    ``assent.web.export_wishes``.
    """

    since: Day | None = None
    until: Day | None = None
    audio_only: bool = False
    again: ExportId | None = None
    include_exported: bool = False
    languages: Annotated[tuple[Typed, ...], msgspec.Meta(max_length=1000)] = ()
    least_seconds: int | None = None
    most_filled: float | None = None
    most_clipped: float | None = None


class AskForExport(ExportChoice, frozen=True, kw_only=True):
    """To whom an export is given, for what, and what goes in."""

    recipient: Typed
    purpose: Typed


class AskForDownload(Body, frozen=True):
    """The key that a data set is sealed to, whose private half stays in the page."""

    key: Encoded


class TakenChunk(Body, frozen=True):
    """Which chunk a page has written down."""

    number: Annotated[int, msgspec.Meta(ge=0, lt=10**6)]


class TakeSeat(Body, frozen=True):
    """What a browser derives from the link, and sends to be let to the door."""

    door: Secret


class AnswerBody(Body, frozen=True):
    """A signed answer, with the sealed training seed where it grants."""

    statement: Encoded
    signature: Encoded
    sealed: Encoded | None


class ReceiptBody(Body, frozen=True):
    """A signed request for one's own record."""

    request: Encoded
    signature: Encoded


class WatchGeneration(Body, frozen=True):
    """Which generation's documents; the closing is the large one of them."""

    number: GenerationNumber
    closing: bool


class WatchPart(Body, frozen=True):
    """A stretch of a track: segments in a row, both ends included."""

    track: Annotated[str, msgspec.Meta(max_length=64)]
    first: Annotated[int, msgspec.Meta(ge=0, lt=10**6)]
    last: Annotated[int, msgspec.Meta(ge=0, lt=10**6)]


class WatchSegments(Body, frozen=True):
    """Parts of the tracks of one generation."""

    number: GenerationNumber
    parts: Annotated[list[WatchPart], msgspec.Meta(min_length=1, max_length=256)]


Kind = TypeVar("Kind", bound=Body)


async def read(request: web.Request, kind: type[Kind]) -> Kind:
    """Read and check a request's body; raises BadRequest that names the field, or TooLarge."""
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise TooLarge
    try:
        async with asyncio.timeout(BODY_SECONDS):
            data = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge from error
    except TimeoutError as error:
        raise BadRequest("The body did not arrive in time.") from error
    if not data and kind is Nothing:
        return kind()
    if request.content_type != "application/json":
        raise BadRequest("The body must be application/json.")
    return parse(data, kind)


def parse(data: bytes, kind: type[Kind]) -> Kind:
    """Check the bytes of a body; raises BadRequest that names the field, never its value."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise BadRequest(field=_blamed(str(error))) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadRequest("The body is not JSON.") from error


def _blamed(message: str) -> str | None:
    """Find the field in a message of msgspec: "… - at `$.field`", or "… field `name`"."""
    _, _, place = message.rpartition(" - at `$.")
    if place.endswith("`") and " " not in place:
        return place[:-1]
    if message.startswith("Object missing required field"):
        return message.split("`")[1]
    # An unknown field's name is whatever the client wrote; it is not repeated.
    return None


def decode_field(text: str, field: str) -> bytes:
    """Read a field of unpadded base64url; raises BadRequest."""
    try:
        return decode(text)
    except FormatError as error:
        raise BadRequest("The field is not unpadded base64url.", field=field) from error
