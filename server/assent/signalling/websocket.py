"""The shell of one conversation: bytes in, bytes out, limits, and calls to the meeting.

Everything that goes out goes through one bounded queue and one writer, so a browser that does not
read costs its own connection and nothing else. State (`room`, `speakers`, `layers`) is not queued:
the writer takes the latest when it gets to it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence

import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from assent.clock import Clock
from assent.errors import BadRequest, MeetingOver, RateLimited, Refusal, Removed
from assent.media.sources import Source
from assent.meeting import LiveMeeting, MeetingRegistry, Seat, blame
from assent.meeting.views import AdmissionState, CloseReason, OfferedSdp, SeatView
from assent.signalling import codec
from assent.signalling import messages as m
from assent.signalling.handlers import Caller, handle
from assent.signalling.rule import Stage
from assent.signalling.session import Bucket, check
from assent.signalling.wire import (
    hosts_messages,
    introduction_message,
    named,
    room_message,
    welcome_message,
)
from assent_vault.formats.suite import encode

log = structlog.get_logger(__name__)

HELLO_SECONDS = 5.0
HEARTBEAT_SECONDS = 10.0  # aiohttp pings, and gives up after half as long again without an answer
MAX_QUEUE = 256  # messages; a browser this far behind is as good as gone
INTRODUCED_AT_ONCE = 8  # people in a message: each is about 6 KiB
CLOSE_BAD_MESSAGE = 4400
CLOSE_BAD_TOKEN = 4403
CLOSE_NO_HELLO = 4408
CLOSE_TOO_MANY = 4429

_STAGES = {
    AdmissionState.DOOR: Stage.ENROLLED,
    AdmissionState.WAITING: Stage.WAITING,
    AdmissionState.ADMITTED: Stage.ADMITTED,
}


class WebSocketConnection:
    """One browser's socket; to the meeting a :class:`assent.meeting.views.ClientConnection`."""

    def __init__(
        self,
        hall: MeetingRegistry,
        meeting: str,
        ws: web.WebSocketResponse,
        clock: Clock,
        client: str = "",
    ) -> None:
        self._client = client
        self._hall = hall
        self._meeting_id = meeting
        self._ws = ws
        self._clock = clock
        self._live: LiveMeeting | None = None
        self._seat: Seat | None = None
        self._queue: deque[m.ServerMessage] = deque()
        self._room_due = False
        self._introduced: set[str] = set()
        self._certificates_told = self._acts_told = 0
        self._speakers: m.Speakers | None = None
        self._layers: dict[Source, int] = {}
        self._wake = asyncio.Event()
        self._gone = False
        self._close_code: int = WSCloseCode.OK
        self._bucket = Bucket(m.RATE, m.BURST, clock.monotonic())

    # ---- what the meeting says --------------------------------------------------------------

    def changed(self) -> None:
        """The room looks different; the writer asks for a view when it gets to it."""
        self._room_due = True
        self._wake.set()

    def offer(self, generation: int, sdp: str, tracks: Sequence[OfferedSdp]) -> None:
        """The media plane offers tracks to this person."""
        listed = [m.SubscribedTrack(t.mid, t.person, t.source) for t in tracks]
        self._send(m.Subscribe(generation, sdp, listed))

    def publish_again(self) -> None:
        """Our end of the publishing connection is gone; a new one is to be made."""
        self._send(m.PublishAgain())

    def speaking(self, people: Sequence[str]) -> None:
        """Who speaks, loudest first."""
        self._speakers = m.Speakers(list(people))
        self._wake.set()

    def layers(self, wanted: Mapping[Source, int]) -> None:
        """How many layers of a source are needed."""
        self._layers.update(wanted)
        self._wake.set()

    def generation(self, number: int, header: bytes, signature: bytes) -> None:
        """A recorded generation that this person is in has opened."""
        self._send(m.Generation(number, encode(header), encode(signature)))

    def asked(self) -> None:
        """The host asks everyone again."""
        self._send(m.Asked())

    def goodbye(self, reason: CloseReason) -> None:
        """The conversation is over; the writer says so and closes."""
        self._send(m.Goodbye(reason))
        if reason in (CloseReason.RESTARTING, CloseReason.CROWDED):
            self._close_code = WSCloseCode.GOING_AWAY
        self._gone = True

    def _send(self, message: m.ServerMessage) -> None:
        if self._gone:
            return
        if len(self._queue) >= MAX_QUEUE:
            self._gone = True
            self._queue.clear()
        else:
            self._queue.append(message)
        self._wake.set()

    # ---- the conversation -------------------------------------------------------------------

    async def run(self) -> None:
        """Converse until one side ends it."""
        writer = asyncio.create_task(self._write())
        try:
            if await self._greet():
                await self._converse()
        finally:
            if self._live is not None:
                self._live.admission.detach(self)
            self._gone = True
            self._wake.set()
            await asyncio.wait([writer])
            await self._ws.close()

    async def _greet(self) -> bool:
        """Take the first message; whether the conversation may go on."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                frame = await self._ws.receive()
        except TimeoutError:
            await self._ws.close(code=CLOSE_NO_HELLO)
            return False
        if frame.type is not WSMsgType.TEXT:
            await self._ws.close(code=CLOSE_BAD_MESSAGE)
            return False
        try:
            hello = codec.decode(frame.data)
            check(Stage.NEW, host=False, message=hello)
            assert isinstance(hello, m.Hello), "nothing else passes the check of a new session"
            view = await self._enter(hello)
        except MeetingOver:
            self.goodbye(CloseReason.ENDED)
            return False
        except Removed:
            self.goodbye(CloseReason.REMOVED)
            return False
        except BadRequest as refusal:
            await self._refuse_and_close(refusal, CLOSE_BAD_MESSAGE)
            return False
        except Refusal as refusal:
            known = refusal.retry_after is None
            await self._refuse_and_close(
                refusal, CLOSE_BAD_TOKEN if known else WSCloseCode.TRY_AGAIN_LATER
            )
            return False
        except Exception as error:  # ours; a client comes back by itself
            log.exception("greeting-failed")
            await self._refuse_and_close(blame(error), WSCloseCode.TRY_AGAIN_LATER)
            return False
        self._send(welcome_message(view, self._clock.now(), self._hall.ice_servers()))
        self.changed()
        return True

    async def _enter(self, hello: m.Hello) -> SeatView:
        async with self._hall.entering(self._meeting_id, hello.token) as (live, seat):
            self._live, self._seat = live, seat
            await live.admission.attach(seat, self, resume=hello.resume, client=self._client)
            return live.seat_view(seat, self)

    async def _refuse_and_close(self, refusal: Refusal, code: int) -> None:
        await self._ws.send_str(codec.encode(codec.error(refusal, None)))
        await self._ws.close(code=code)

    async def _converse(self) -> None:
        async for frame in self._ws:
            if self._gone:
                return
            if not self._bucket.take(self._clock.monotonic()):
                await self._refuse_and_close(RateLimited(), CLOSE_TOO_MANY)
                return
            if not await self._take(frame):
                return

    async def _take(self, frame: WSMessage) -> bool:
        """Take one frame; whether the conversation may go on."""
        if frame.type is not WSMsgType.TEXT:
            await self._ws.close(code=CLOSE_BAD_MESSAGE)
            return False
        try:
            message = codec.decode(frame.data)
        except Refusal as refusal:
            self._send(codec.error(refusal, codec.request_id(frame.data)))
            return True
        request = message.id if isinstance(message, m.Request) else None
        try:
            check(self._stage(), self._seat_view().host, message)
            assert not isinstance(message, m.Hello), "a second one does not pass the check"
            acknowledgement = await handle(self._caller(), message)
        except Refusal as refusal:
            self._send(codec.error(refusal, request))
        except Exception as error:  # ours; the person is told so, and nothing more
            log.exception("message-failed", kind=type(message).__name__)
            self._send(codec.error(blame(error), request))
        else:
            self._send(m.Ok(request, acknowledgement))
        return True

    def _caller(self) -> Caller:
        assert self._live is not None, "greeted"
        assert self._seat is not None, "greeted"
        return Caller(self._live, self._seat, self, self._client, self._send)

    def _seat_view(self) -> SeatView:
        assert self._live is not None, "greeted"
        assert self._seat is not None, "greeted"
        return self._live.seat_view(self._seat, self)

    def _stage(self) -> Stage:
        if self._gone:
            return Stage.GONE
        view = self._seat_view()
        return Stage.SEATED if view.person is None else _STAGES[view.state]

    # ---- the writer -------------------------------------------------------------------------

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                # Before what is queued: whoever comes too late with an act knows then of the other.
                for hosts in self._hosts():
                    await self._ws.send_str(codec.encode(hosts))
                while self._queue:
                    await self._ws.send_str(codec.encode(self._queue.popleft()))
                if self._gone:
                    await self._ws.close(code=self._close_code)
                    return
                if self._room_due and self._live is not None:
                    self._room_due = False
                    # Both as they are at one moment: no room is armed that nobody has signed for.
                    said, room = self._hosts(), self._room()
                    for hosts in said:
                        await self._ws.send_str(codec.encode(hosts))
                    for introductions in self._introductions(room):
                        await self._ws.send_str(codec.encode(introductions))
                    await self._ws.send_str(codec.encode(room))
                if self._speakers is not None:
                    speakers, self._speakers = self._speakers, None
                    await self._ws.send_str(codec.encode(speakers))
                if self._layers:
                    wanted, self._layers = self._layers, {}
                    listed = [m.WantedLayers(*one) for one in wanted.items()]
                    await self._ws.send_str(codec.encode(m.Layers(listed)))
        except (ConnectionError, RuntimeError):
            self._gone = True  # the browser went first; the reader notices as well

    def _room(self) -> m.Room:
        assert self._live is not None, "only after the greeting"
        return room_message(self._live.room_view(), self._seat_view())

    def _hosts(self) -> list[m.Hosts]:
        """Return what this browser has not been told of hosts yet; nothing to those outside."""
        live = self._live
        if self._gone or live is None or self._stage() is not Stage.ADMITTED:
            return []
        certificates = live.hosting.certificates[self._certificates_told :]
        acts = live.hosting.acts[self._acts_told :]
        self._certificates_told += len(certificates)
        self._acts_told += len(acts)
        return hosts_messages(certificates, acts)

    def _introductions(self, room: m.Room) -> list[m.Introductions]:
        """Return who those are whom this browser has not been told of yet."""
        assert self._live is not None, "only after the greeting"
        new = [person for person in named(room) if person not in self._introduced]
        self._introduced.update(new)
        views = self._live.introduced(new)
        return [
            introduction_message(views[at : at + INTRODUCED_AT_ONCE])
            for at in range(0, len(views), INTRODUCED_AT_ONCE)
        ]


async def serve(
    hall: MeetingRegistry, clock: Clock, request: web.Request, client: str = ""
) -> web.WebSocketResponse:
    """Handle ``GET /api/meetings/{id}/socket``; the Origin has been checked before.

    ``client`` is where it comes from, as limits count it.
    """
    ws = web.WebSocketResponse(
        heartbeat=HEARTBEAT_SECONDS, max_msg_size=m.MAX_MESSAGE, compress=False
    )
    await ws.prepare(request)
    await WebSocketConnection(hall, request.match_info["id"], ws, clock, client).run()
    return ws
