"""A media process's part of the port: one connected socket for each address that was proved.

What a connected socket gives: the kernel finds the process, a datagram of anybody else never comes
this way, and sending needs no look for a route. There is one for each proved address (a browser has
two), made before the check that proved it is answered, and gone with the address.

All of them are watched through one epoll object, so that a turn of the loop still reads what has
come to any of them and sends what comes of it at its end. Kernels before 6.13 look at the connected
sockets of a port one by one to find the right one, about 10 ns each; newer ones do not.
"""

from __future__ import annotations

import select
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from time import monotonic

from assent.media.processes.misrouted import Misrouted
from assent.media.transport import ice
from assent.media.transport.endpoint import Endpoint
from assent.media.transport.ice import Address
from assent.media.transport.udp import BATCH, MAX_DATAGRAM, MAX_WAITING, Fault, Udp, bind

MAX_MISROUTED = 64  # taken from a new socket, of what came to it before it was connected


class SharedUdp(Udp):
    """See the module. ``front`` is the web process's socket: sent through, and never read.

    ``on_name`` is told which user names are ours from now on, and which no longer; ``on_link`` gets
    TCP connections that are for us, and what has been read from them.
    """

    def __init__(
        self,
        front: socket.socket,
        misrouted: socket.socket,
        counters: Counter[str],
        on_fault: Fault,
        on_name: Callable[[str, bool], None],
        on_link: Callable[[socket.socket, bytes], None],
    ) -> None:
        self._epoll = select.epoll()
        self._paths: dict[Address, socket.socket] = {}
        self._senders: dict[int, tuple[socket.socket, Address]] = {}  # by descriptor
        self._on_name = on_name
        self._on_link = on_link
        super().__init__("", 0, counters, on_fault, front)
        self._misrouted = Misrouted(misrouted, counters, self._take_misrouted)

    def _listen(self) -> None:
        self._loop.add_reader(self._epoll.fileno(), self._readable)

    def _listen_no_more(self) -> None:
        for address in tuple(self._paths):
            self.unroute(address)
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
        self._misrouted.close()

    # -- datagrams ---------------------------------------------------------------------------

    def _readable(self) -> None:
        left = BATCH
        senders = self._senders
        while left > 0 and self.waiting < MAX_WAITING:
            # One of each socket in turn: nobody waits for who sends much.
            ready = self._epoll.poll(0, left)
            if not ready:
                break
            left -= len(ready)
            now = monotonic()
            for descriptor, _ in ready:
                sender = senders.get(descriptor)
                if sender is None:  # closed by what came a moment ago
                    continue
                path, address = sender
                try:
                    datagram = path.recv(MAX_DATAGRAM)
                except BlockingIOError:
                    continue
                except OSError:  # the network says that nobody is there
                    self.counters["receive-error"] += 1
                    continue
                try:
                    self._take(datagram, address, now)
                except Exception as error:
                    self.fault("a datagram could not be handled", error)
        self.flush()

    def _receive_check(self, datagram: bytes, address: Address, now: float) -> None:
        names = ice.ufrags_of(datagram)
        if names is not None and names[0] not in self.names and address in self._paths:
            self._hand_over(datagram, address, now)
        else:
            super()._receive_check(datagram, address, now)

    def _hand_over(self, datagram: bytes, address: Address, now: float) -> None:
        """Give up an address to another process, if whoever was there has not been heard lately.

        The same rule as among the connections of one process: nobody takes over an address that is
        in use by forging it.
        """
        holder = self.by_address[address]
        if holder.busy(now):
            self.counters["drop-taken"] += 1
            return
        holder.lose(address)
        self.unroute(address)
        self._misrouted.send(datagram, address)

    def _take_misrouted(self, datagram: bytes, address: Address, own: socket.socket | None) -> None:
        if own is not None:
            self._on_link(own, datagram)
        elif datagram and ice.is_stun(datagram):
            self.received += 1
            self.received_octets += len(datagram)
            try:
                super()._receive_check(datagram, address, monotonic())
            except Exception as error:
                self.fault("a datagram could not be handled", error)
            self.flush()

    def send(self, datagram: bytes, address: Address) -> None:
        """Send now or not at all."""
        path = self._paths.get(address)
        if path is None:
            super().send(datagram, address)
            return
        try:
            path.send(datagram)
        except OSError:
            self.counters["send-failed"] += 1

    def _transmit(
        self, packets: Sequence[bytes], ancillary: list[tuple[int, int, bytes]], address: Address
    ) -> None:
        path = self._paths.get(address)
        if path is None:
            super()._transmit(packets, ancillary, address)
        else:
            path.sendmsg(packets, ancillary)

    # -- who is where ------------------------------------------------------------------------

    def name(self, ufrag: str, connection: Endpoint, agent: ice.Agent) -> None:
        """Take checks for that user name from now on."""
        super().name(ufrag, connection, agent)
        self._on_name(ufrag, True)

    def unname(self, ufrag: str) -> None:
        """Take no more checks for it; unknown names are ignored."""
        if ufrag in self.names:
            super().unname(ufrag)
            self._on_name(ufrag, False)

    def route(self, address: Address, connection: Endpoint) -> bool:
        """Take what comes from a proved address; False where that cannot be done."""
        if address not in self._paths and len(address) != 3:  # a TCP connection is a path itself
            try:
                path = self._connect(address)
            except OSError as error:
                self.fault("an address could not be connected to", error)
                return False
            self._paths[address] = path
            self._senders[path.fileno()] = (path, address)
            self._epoll.register(path.fileno(), select.EPOLLIN)
        return super().route(address, connection)

    def unroute(self, address: Address) -> None:
        """Take no more from that address; unknown ones are ignored."""
        super().unroute(address)
        path = self._paths.pop(address, None)
        if path is not None:
            del self._senders[path.fileno()]
            path.close()  # which takes it out of the epoll object as well

    def _connect(self, address: Address) -> socket.socket:
        host, port = self._socket.getsockname()[:2]
        path = bind(host, port, _share)
        try:
            path.connect(address)
            # What came in between is from anybody. Checks go to where they should have gone;
            # whoever sent anything else had no right to yet.
            for _ in range(MAX_MISROUTED):
                try:
                    datagram, sender = path.recvfrom(MAX_DATAGRAM)
                except BlockingIOError:
                    break
                if sender == address:
                    self._loop.call_soon(self.receive, datagram, address, monotonic())
                elif datagram and ice.is_stun(datagram):
                    self._misrouted.send(datagram, sender)
        except BaseException:
            path.close()
            raise
        return path


def _share(unbound: socket.socket) -> None:
    unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
