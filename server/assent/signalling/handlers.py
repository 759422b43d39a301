"""What each message of a client's does: calls to the meeting, made for whoever has sent it.

Whether it may come now was asked before (:mod:`assent.signalling.session`). A message that has no
handler here is a mistake that mypy finds, and is not carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from assent.errors import BadRequest
from assent.media.sources import Source
from assent.meeting import LiveMeeting, Seat
from assent.meeting.introduction import Brought, Introduction
from assent.meeting.person import Person
from assent.meeting.views import ClientConnection, CloseReason
from assent.signalling import messages as m
from assent.signalling.wire import signed_message
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode
from assent_vault.ledger.documents import ServerSigned


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose message it is. ``client`` is where they come from, as limits count it."""

    live: LiveMeeting
    seat: Seat
    connection: ClientConnection
    client: str
    send: Callable[[m.ServerMessage], None]

    @property
    def person(self) -> Person:
        """Who it is; raises NotEnrolled where they have not said so."""
        return self.live.person(self.connection)


async def handle(caller: Caller, message: m.ClientRequest) -> m.Signed | None:
    """Do what a message asks for; return the acknowledgement of what was stored, if it was."""
    live = caller.live
    match message:
        case m.Enrol():
            return signed_message(await _enrol(caller, message))
        case m.Answer():
            return signed_message(await _answer(caller, message))
        case m.Join():
            await live.admission.join(caller.person)
            caller.connection.changed()
        case m.Publish():
            sources: dict[str, Source] = {track.mid: track.source for track in message.tracks}
            sdp = await live.media.publish(caller.person, message.sdp, sources)
            caller.send(m.Published(sdp))
        case m.Describe():
            await live.media.describe(caller.person, message.generation, message.sdp)
        case m.SubscribeAgain():
            live.media.subscribe(caller.person)
        case m.Muted(source=source, muted=muted, system=system):
            live.mute(caller.person, source, muted=muted, system=system)
        case m.KeyFrame():
            live.media.key_frame(caller.person, message.person, message.source)
        case m.View():
            shown: dict[tuple[str, str], int] = {
                (place.person, place.source): place.height for place in message.shown
            }
            live.media.view(caller.person, shown)
        case m.GenerationSeen(number=number, header=header, problem=problem):
            live.generation_seen(caller.connection, number, header, problem)
        case m.DrawDevice():
            token, expires_at = live.devices.draw(caller.person)
            whip, whep = (f"/{kind}/{live.id}" for kind in ("whip", "whep"))
            caller.send(m.Device(token, whip, whep, expires_at))
        case m.EndDevice():
            live.devices.end(caller.person.id)
        case m.Leave():
            await _leave(caller)
        case m.Certify(document=document, signature=signature):
            await live.hosting.certify(decode_field(document), decode_field(signature))
        case m.Perform(document=document, signature=signature):
            signed = decode_field(document), decode_field(signature)
            await live.hosting.act(caller.person, *signed)
        case m.Deny():
            await live.admission.deny(message.person)
        case m.Lock():
            await live.lock(message.locked)
        case m.Disarm():
            await live.hosting.disarm()
        case m.AskAgain():
            live.ask_again()
        case m.End():
            await live.end()
        case _:
            assert_never(message)
    return None


async def _enrol(caller: Caller, message: m.Enrol) -> ServerSigned | None:
    body, signature = decode_field(message.document), decode_field(message.signature)
    said = message.brought
    introduction = Introduction(
        message.name,
        decode_field(message.salt),
        None if said is None else Brought(said.ordinal, decode_field(said.mac)),
    )
    taken = await caller.live.admission.enrol(
        caller.seat, caller.connection, introduction, body, signature, client=caller.client
    )
    caller.connection.changed()
    return taken


async def _answer(caller: Caller, message: m.Answer) -> ServerSigned | None:
    sealed = None if message.sealed is None else decode_field(message.sealed)
    body = decode_field(message.document)
    # Only a person's own answers come over their connection.
    if not caller.live.answers.signed_by(caller.person, body):
        raise BadRequest("This answer is not yours.", field="document")
    taken = await caller.live.answers.answer(body, decode_field(message.signature), sealed)
    caller.connection.changed()
    return taken


async def _leave(caller: Caller) -> None:
    if caller.live.seat_view(caller.seat, caller.connection).person is None:
        caller.connection.goodbye(CloseReason.LEFT)
    else:
        await caller.live.admission.leave(caller.person)


def decode_field(text: str) -> bytes:
    """Read unpadded base64url of a message; raises BadRequest."""
    try:
        return decode(text)
    except FormatError as error:
        raise BadRequest("A field is not unpadded base64url.") from error
