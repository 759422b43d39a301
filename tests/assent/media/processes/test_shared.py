"""Connected sockets beside the front: every datagram finds the process whose peer has sent it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from assent.media import MediaServer, Room
from assent.media.processes import shared
from assent.media.processes.misrouted import Misrouted
from assent.media.processes.port_dispatcher import PortDispatcher, TcpDispatcher, bind_dispatcher
from assent.media.processes.shared import SharedUdp
from assent.media.transport import connection as connections
from support.ports import BOTH, free_port
from support.rtc import Listener, no_fault, until
from support.rtc_raw import DELTA_FRAME, KEY_FRAME, RawClient, RawPeer, RawTrack
from support.rtc_sockets import SocketNet
from support.rtc_tcp import tcp_wire


@dataclass
class Share:
    """What a media process has of the port, here in this process."""

    server: MediaServer
    udp: SharedUdp
    room: Room
    listener: Listener
    misrouted: Misrouted

    def client(self, net: SocketNet, name: str) -> RawClient:
        return RawClient(self.room, self.listener, net, name, "")


@dataclass
class Port:
    front: PortDispatcher
    net: SocketNet
    tcp: bool = False
    shares: list[Share] = field(default_factory=list)

    async def share(self) -> Share:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        misrouted = Misrouted(
            ours, Counter(), lambda datagram, address, own: self.front.take(datagram, address, 0.0)
        )
        made: list[SharedUdp] = []

        def named(ufrag: str, mine: bool) -> None:
            if mine:
                self.front.claim(ufrag, misrouted)
            else:
                del self.front.names[ufrag]

        def open_udp(
            counters: Counter[str], on_fault: Callable[[str, BaseException | None], None]
        ) -> SharedUdp:
            duplicate = socket.socket(fileno=os.dup(self.front.socket.fileno()))
            made.append(SharedUdp(duplicate, theirs, counters, on_fault, named, server.adopt))
            return made[0]

        server = MediaServer(
            "127.0.0.1", 0, ["127.0.0.1"], no_fault, tcp=self.tcp, open_udp=open_udp
        )
        await server.start()
        listener = Listener()
        share = Share(server, made[0], server.open_room("room", listener), listener, misrouted)
        self.shares.append(share)
        return share


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[Port]:
    try:
        bound = await bind_dispatcher(request.param, free_port(*BOTH))
    except OSError:
        pytest.skip("this machine has no IPv6")
    front = PortDispatcher(bound, Counter())
    port = Port(front, SocketNet(front.port))
    yield port
    for share in port.shares:
        await share.server.stop()
        share.misrouted.close()
    port.net.close()
    front.close()


async def call(share: Share, net: SocketNet, ssrc: int) -> tuple[RawClient, RawClient, RawTrack]:
    ada, ben = share.client(net, "ada"), share.client(net, "ben")
    track = RawTrack("0", "camera", ssrc, ssrc + 1)
    share.room.set_forwarding("ada", True)
    await ada.publish(track)
    await share.listener.state("ada", "publish", "connected")
    await ben.subscribe()
    return ada, ben, track


async def pictures(ada: RawClient, ben: RawClient, track: RawTrack, count: int = 20) -> None:
    """Send a row of pictures; all of them arrive."""
    start = len(ben.received("ada", "camera"))
    for number in range(count):
        # Until the first has come: a subscriber begins with a key frame, whenever it is ready.
        ada.publishing.send(track.packet(KEY_FRAME if number == 0 else DELTA_FRAME, marker=True))
    await until(lambda: len(ben.received("ada", "camera")) >= start + count)


async def test_two_processes_carry_calls_on_one_port(port: Port) -> None:
    one, two = await port.share(), await port.share()
    calls = [await call(one, port.net, 11), await call(two, port.net, 21)]
    for _ in range(3):
        for each in calls:
            await pictures(*each)
    for share in (one, two):
        assert len(share.udp._paths) == 2  # each of its peers, and nobody else's
        assert not [name for name in share.server.counters() if name.startswith("drop")]
    assert not [name for name in port.front.counters if name == "drop-stranger"]


async def test_many_who_come_at_once_all_get_in(port: Port) -> None:
    shares = [await port.share() for _ in range(3)]
    clients = [shares[number % 3].client(port.net, f"p{number}") for number in range(30)]
    await asyncio.gather(
        *(
            client.publish(RawTrack("0", "camera", 100 + 2 * number, 101 + 2 * number))
            for number, client in enumerate(clients)
        )
    )
    assert [len(share.udp._paths) for share in shares] == [10, 10, 10]


async def test_a_peer_that_moves_is_found_again(port: Port) -> None:
    share = await port.share()
    ada, ben, track = await call(share, port.net, 11)
    await pictures(ada, ben, track)
    before = len(share.udp._paths)
    for _ in range(3):
        port.net.place(ada.publishing)  # another network: another address
        await ada.publishing.prove()
        await pictures(ada, ben, track)
    assert len(share.udp._paths) == before + 1  # the address before is kept, those before are not


async def test_an_address_in_use_cannot_be_taken_by_another_process(port: Port) -> None:
    one, two = await port.share(), await port.share()
    ada, ben, track = await call(one, port.net, 11)
    forger = RawPeer()
    forger.use(
        await two.room.publish("eve", forger.offer([RawTrack("0", "camera", 5)]), {"0": "camera"})
    )
    # Who forges Ada's address proves it to the other process, if nobody minds.
    for _ in range(5):
        ada.publishing.transmit(bytes(forger.check()))
    await until(lambda: one.server.counters().get("drop-taken") == 5)
    await pictures(ada, ben, track)
    assert not two.udp._paths


async def test_an_address_that_is_not_in_use_is_handed_over(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await port.share(), await port.share()
    ada, _, _ = await call(one, port.net, 11)
    peer = RawPeer()
    peer.use(
        await two.room.publish("eve", peer.offer([RawTrack("0", "camera", 5)]), {"0": "camera"})
    )
    monkeypatch.setattr(connections, "BUSY", 0.0)
    ada.publishing.transmit(bytes(peer.check()))
    await until(lambda: two.udp._paths)
    assert len(one.udp._paths) == 1  # Ben's


async def test_who_leaves_takes_the_sockets_along(port: Port) -> None:
    share = await port.share()
    await call(share, port.net, 11)
    names = len(port.front.names)
    assert names >= 2
    share.room.remove("ada")
    share.room.remove("ben")
    assert not share.udp._paths
    assert not share.udp._senders
    assert not share.udp.by_address
    assert not port.front.names


async def test_what_comes_for_a_closed_path_is_no_ones(port: Port) -> None:
    share = await port.share()
    ada, _, track = await call(share, port.net, 11)
    share.room.remove("ada")
    ada.publishing.send(track.packet(KEY_FRAME))
    await until(lambda: port.front.counters["drop-stranger"])


async def test_what_comes_before_a_socket_is_connected_is_not_lost(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await port.share(), await port.share()
    first, late, peer = RawPeer(), RawPeer(), RawPeer()
    for share, who, name in ((one, first, "eve"), (one, late, "ada"), (two, peer, "ben")):
        offer = who.offer([RawTrack("0", "camera", 5)])
        who.use(await share.room.publish(name, offer, {"0": "camera"}))
        port.net.place(who)
    await first.prove()  # Linux heeds the filter until one of the sockets is connected
    bind = shared.bind

    def bind_slowly(*arguments: Any) -> socket.socket:
        path = bind(*arguments)
        late.transmit(bytes(late.check()))  # once, and it is not sent again
        return path

    monkeypatch.setattr(shared, "bind", bind_slowly)
    await peer.prove()
    await until(lambda: late.mapped)


async def test_a_socket_that_cannot_be_had_leaves_the_peer_where_it_was(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = await port.share()
    ada, ben, track = await call(share, port.net, 11)
    faults: list[str] = []
    share.udp._on_fault = lambda text, error: faults.append(text)

    def refuse(address: object) -> socket.socket:
        raise OSError("no more descriptors")

    monkeypatch.setattr(share.udp, "_connect", refuse)
    other = RawPeer()
    other.use(
        await share.room.publish("eve", other.offer([RawTrack("0", "camera", 5)]), {"0": "camera"})
    )
    port.net.place(other)
    other.transmit(bytes(other.check()))
    await until(lambda: faults)
    await pictures(ada, ben, track)  # nobody else is harmed


async def test_a_peer_on_tcp_is_given_to_its_process(port: Port) -> None:
    port.tcp = True
    listening = TcpDispatcher(port.front)
    await listening.start("127.0.0.1", port.front.port)
    one, two = await port.share(), await port.share()
    await pictures(*await call(one, port.net, 11))
    ben = two.client(port.net, "ben")
    ada = RawPeer()
    track = RawTrack("0", "camera", 21, 22)
    two.room.set_forwarding("ada", True)
    async with tcp_wire(port.front.port, ada):
        answer = await two.room.publish("ada", ada.offer([track]), {"0": "camera"})
        assert " tcptype passive" in answer
        await ada.connect(answer)
        await two.listener.state("ada", "publish", "connected")
        await ben.subscribe()
        for number in range(20):
            ada.send(track.packet(KEY_FRAME if number == 0 else DELTA_FRAME, marker=True))
        await until(lambda: len(ben.received("ada", "camera")) == 20)
        assert len(two.udp.links) == 1
        assert not one.udp.links
        assert not listening._links
    await until(lambda: not two.udp.links)
    await listening.close()
