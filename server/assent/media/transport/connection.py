"""One connection of one browser: proved by ICE, secured by DTLS, media in and out as SRTP.

Life::

    waiting ──valid check──▶ checked ──fingerprint known──▶ handshake ─keys─▶ connected
       └────────────────────────┴───────── 30 s, or a failure ────┴───────────────▶ ended

An ended connection is out of the socket's tables at once, and its owner is told unless it was the
owner who ended it.

What a packet costs on its way in: 0.5 µs here, for its rate and to find who takes it, and about
1.5 µs to unprotect it (:mod:`assent.media.transport.gcm`).
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from assent.media.rate_window import RateWindow
from assent.media.room_events import State
from assent.media.rtp import rtcp, rtp
from assent.media.sdp.common import Local, Remote
from assent.media.transport import ice
from assent.media.transport.dtls import DtlsCertificate, Handshake
from assent.media.transport.ice import Address, Agent
from assent.media.transport.owner import NOBODY, Owner, Route
from assent.media.transport.srtp import MAX_PACKET, Srtp, SrtpError
from assent.media.transport.udp import Udp

TIMEOUT = 30.0
"""Seconds without a valid check until the peer is gone: consent to send to it has expired
(RFC 7675 section 5.1)."""

BUSY = 10.0
"""Seconds for which an address that a connection has proved cannot be taken over by another.
Somebody who forges a victim's address in checks of their own would otherwise get the victim's
datagrams."""

STALE = 8.0
"""Seconds without a check from where the peer was, after which any valid check shows where it is.
Browsers that nominate only once do not say so again when their network gives them a new address;
they check every 5 seconds or more often."""

MAX_PACKETS = 1500  # a second; screen and camera at their best are about 900
MAX_OCTETS = 1_500_000  # a second; browsers send key frames at several times their bit rate
MAX_REPORTS = 1000  # RTCP packets a second: what one sends who misses something of fifty tracks
MAX_REPORT_OCTETS = 100_000  # a second
MAX_TOLD = 20_000
"""Things in a second that RTCP may speak of: packets that came or did not, blocks, requests. A few
bytes can speak of thousands; feedback on the fastest path that there is (50 Mbit/s) of 5,000."""
MAX_CHECKS = 60  # a second; browsers send up to 20 while they connect
MAX_DTLS = 100  # datagrams a second
MAX_EARLY = 4  # datagrams: a ClientHello may come before the answer that says whose it is
MAX_REPORTERS = 32  # SSRCs that may sign RTCP on one connection


class Connection:
    """See the module.

    ``by_ssrc`` maps the four bytes of each expected SSRC to who takes it. ``queue`` holds what
    leaves at the end of this turn of the loop; whoever fills it sees to that (:class:`Udp`).
    """

    __slots__ = (
        "_agents",
        "_certificate",
        "_checked_at",
        "_checked_here_at",
        "_checks",
        "_checks_elsewhere",
        "_created_at",
        "_datagrams",
        "_early",
        "_ended",
        "_handshake",
        "_lost",
        "_media",
        "_owner",
        "_previous",
        "_remote",
        "_reporters",
        "_reports",
        "_session",
        "_told",
        "address",
        "by_ssrc",
        "counters",
        "queue",
        "srtp",
        "udp",
    )

    def __init__(
        self, udp: Udp, certificate: DtlsCertificate, session: int, owner: Owner, now: float
    ) -> None:
        self.udp = udp
        self.counters = udp.counters
        self.address: Address = ()  # empty until one is proved
        self.srtp: Srtp | None = None
        self.by_ssrc: dict[bytes, Route] = {}
        self.queue: list[bytes] = []
        self._certificate = certificate
        self._session = session
        self._owner: Owner = owner
        self._remote: Remote | None = None
        self._handshake: Handshake | None = None
        self._previous: Address = ()
        self._reporters: set[bytes] = set()
        self._ended = False
        self._lost = False
        self._early: list[bytes] = []
        self._created_at = self._checked_at = self._checked_here_at = now
        self._media = RateWindow(MAX_PACKETS, MAX_OCTETS)
        self._reports = RateWindow(MAX_REPORTS, MAX_REPORT_OCTETS)
        self._told = RateWindow(MAX_REPORTS, MAX_TOLD)
        self._checks = RateWindow(MAX_CHECKS, MAX_CHECKS * ice.MAX_MESSAGE)
        self._checks_elsewhere = RateWindow(MAX_CHECKS, MAX_CHECKS * ice.MAX_MESSAGE)
        self._datagrams = RateWindow(MAX_DTLS, MAX_DTLS * 1500)
        self._agents: list[Agent] = []  # the current one first, then one that is being replaced
        self._add_agent()

    def _add_agent(self) -> None:
        agent = Agent()
        self._agents.insert(0, agent)
        self.udp.name(agent.ufrag, self, agent)
        for former in self._agents[2:]:
            self.udp.unname(former.ufrag)
        del self._agents[2:]

    @property
    def remote(self) -> Remote | None:
        """The other end as last described."""
        return self._remote

    def local(self, candidates: tuple[str, ...]) -> Local:
        """Return our end, to be described."""
        agent = self._agents[0]
        return Local(
            self._session,
            agent.ufrag,
            agent.password,
            self._certificate.fingerprint,
            candidates,
        )

    def set_remote(self, remote: Remote) -> None:
        """Learn or change the other end's description. The fingerprints never change.

        A new user name is an ICE restart (RFC 8445 section 9): we take a new name as well, and
        the old ones hold until the first check with the new ones.
        """
        if self._remote is not None and remote.ufrag != self._remote.ufrag:
            self._add_agent()
        self._remote = remote
        self._agents[0].remote_ufrag = remote.ufrag
        self._start_handshake()

    def restart(self, ufrag: str, candidates: tuple[str, ...]) -> Local:
        """Restart ICE with the other end's new user name, in all else as described."""
        assert self._remote is not None, "what was never described cannot be restarted"
        self.set_remote(replace(self._remote, ufrag=ufrag))
        return self.local(candidates)

    # -- datagrams ---------------------------------------------------------------------------

    def receive_check(
        self, agent: Agent, datagram: bytes, theirs: str, address: Address, now: float
    ) -> None:
        """Take a connectivity check that has our user name."""
        # Our user name is seen by whoever can listen: a flood of it from anywhere else must not
        # use up what the peer's own checks need.
        window = self._checks if address == self.address else self._checks_elsewhere
        if not window.spend(len(datagram), now):
            self.counters["drop-flood"] += 1
            return
        check = agent.check(datagram, theirs, address)
        if check is None:
            self.counters["drop-unproved"] += 1
            return
        if check.proved:
            self._prove(agent, check, address, now)
        # Last: what the answer calls forth must find its way already.
        self.udp.send(check.response, address)

    def _prove(self, agent: Agent, check: ice.CheckResult, address: Address, now: float) -> None:
        self._checked_at = now
        if agent is self._agents[0] and len(self._agents) > 1:
            self.udp.unname(self._agents.pop().ufrag)
        if address == self.address and not self._lost:
            self._checked_here_at = now
        elif check.nominated or not self.address or now - self._checked_here_at > STALE:
            self._move(address, now)

    def _move(self, address: Address, now: float) -> None:
        holder = self.udp.by_address.get(address)
        if holder is not None and holder is not self:
            if holder.busy(now):
                self.counters["drop-taken"] += 1
                return
            holder.lose(address)
        if not self.udp.route(address, self):
            return
        # What is under way from the former address is still welcome, one move back.
        if self._previous and self._previous != address:
            self.udp.unroute(self._previous)
        self._previous = () if self._lost else self.address
        self._lost = False
        self._checked_here_at = now
        self.address = address
        self._start_handshake()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._ended

    def busy(self, now: float) -> bool:
        """Tell whether its address is its own: a check has come a moment ago."""
        return now - self._checked_at < BUSY

    def lose(self, address: Address) -> None:
        """Learn that somebody else is at that address now.

        What is still sent there is noise to them, and we are heard again from the next check on.
        """
        if self._previous == address:
            self._previous = ()
        else:
            self._lost = True

    def vanished(self, address: Address) -> None:
        """Nobody is at that address any more: nothing is sent until the next check says where."""
        if self._previous == address:
            self._previous = ()
        elif self.address == address:
            self.address = ()

    def receive_dtls(self, datagram: bytes, now: float) -> None:
        """Take a datagram of the handshake, or what follows it."""
        if not self._datagrams.spend(len(datagram), now):
            self.counters["drop-flood"] += 1
        elif self._handshake is not None:
            if not self._handshake.put(datagram):
                self.counters["drop-flood"] += 1
        elif len(self._early) < MAX_EARLY:
            self._early.append(datagram)
        else:
            self.counters["drop-early"] += 1

    def receive_media(self, datagram: bytes, now: float) -> None:
        """Take SRTP or SRTCP. The per-packet path begins here."""
        size = len(datagram)
        srtp = self.srtp
        if srtp is None or not rtp.HEADER_SIZE <= size <= MAX_PACKET:
            self.counters["drop-size" if srtp else "drop-early"] += 1
            return
        if rtp.is_rtcp(datagram):
            self._receive_rtcp(srtp, datagram, now)
            return
        if not self._media.spend(size, now):
            self.counters["drop-flood"] += 1
            return
        # By SSRC before it is unprotected: a state is kept for each authentic one.
        ssrc = datagram[8:12]
        route = self.by_ssrc.get(ssrc) or self._owner.learn(datagram)
        if route is None:
            self.counters["drop-ssrc"] += 1
            return
        try:
            packet = srtp.unprotect(datagram)
        except SrtpError:
            self.counters["drop-srtp"] += 1
            return
        route(packet, now)

    def _receive_rtcp(self, srtp: Srtp, datagram: bytes, now: float) -> None:
        if not self._reports.spend(len(datagram), now):
            self.counters["drop-flood"] += 1
            return
        reporter = datagram[4:8]
        if reporter not in self._reporters and len(self._reporters) == MAX_REPORTERS:
            self.counters["drop-ssrc"] += 1
            return
        try:
            packet = srtp.unprotect_rtcp(datagram)
        except SrtpError:
            self.counters["drop-srtp"] += 1
            return
        self._reporters.add(reporter)
        if not self._told.spend(rtcp.weigh(packet), now):
            self.counters["drop-told"] += 1
            return
        try:
            events = rtcp.parse(packet)
        except rtcp.Malformed:
            self.counters["drop-rtcp"] += 1
            return
        self._owner.feedback(events, now)

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send RTCP, if there is a way to."""
        if self.srtp is None or not self.address:
            return
        try:
            datagram = self.srtp.protect_rtcp(packet)
        except SrtpError:
            self.counters["drop-protect"] += 1
            return
        self.udp.send(datagram, self.address)

    def _send_dtls(self, datagram: bytes) -> None:
        if self.address:
            self.udp.send(datagram, self.address)

    # -- life --------------------------------------------------------------------------------

    def _start_handshake(self) -> None:
        if self._handshake is None and self.address and self._remote is not None:
            self._handshake = Handshake(
                self._certificate,
                self._send_dtls,
                lambda: self._end("closed"),
                begins=self._remote.waits,
            )
            for datagram in self._early:
                self._handshake.put(datagram)
            self._early = []
            self.udp.spawn(self._run(self._handshake, self._remote))

    async def _run(self, handshake: Handshake, remote: Remote) -> None:
        srtp = await handshake.run(remote.fingerprints)
        if self._ended:
            return
        if srtp is None:
            self._end("failed")
            return
        self.srtp = srtp
        self._owner.connected(monotonic())

    def tick(self, now: float) -> None:
        """End the connection when its time is over; call about once a second."""
        started = self.srtp is not None
        if now - (self._checked_at if started else self._created_at) > TIMEOUT:
            self._end("failed")

    def _end(self, state: State) -> None:
        if not self._ended:
            owner = self._owner
            self.close()
            owner.ended(state)

    def close(self) -> None:
        """Leave the socket's tables at once, and say goodbye to the browser.

        Of the objects that know each other none is left that knows another: Python looks for such
        rings seldom, the more seldom the larger the process, and does not count what OpenSSL holds.
        """
        if self._ended:
            return
        self._ended = True
        self._owner = NOBODY
        for agent in self._agents:
            self.udp.unname(agent.ufrag)
        for address in (self.address, self._previous):
            if self.udp.by_address.get(address) is self:
                self.udp.unroute(address)
        self._previous = ()
        self.srtp = None
        self.by_ssrc = {}
        self.queue.clear()
        if self._handshake is None:
            self.address = ()
        else:
            self.udp.spawn(self._leave(self._handshake))

    async def _leave(self, handshake: Handshake) -> None:
        await handshake.stop()  # its goodbye still needs the address
        self.address = ()
        self._handshake = None
