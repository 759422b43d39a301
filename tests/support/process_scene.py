"""Two media processes, and peers on real sockets."""

from __future__ import annotations

from assent.media import MediaProcesses
from assent.media.processes.child import Child
from assent.media.processes.remote_room import RemoteRoom
from support.rtc import Listener, Tape, until
from support.rtc_raw import RawClient, RawTrack
from support.rtc_sockets import SocketNet

AUDIO = b"sound"


class ProcessScene:
    """A plane of two processes, and peers on real sockets."""

    def __init__(self, plane: MediaProcesses) -> None:
        self.plane = plane
        self.net = SocketNet(plane.port)

    def room(self, name: str) -> tuple[RemoteRoom, Listener]:
        listener = Listener()
        return self.plane.open_room(name, listener), listener

    def home(self, room: RemoteRoom) -> Child:
        """Return the process that has a room."""
        return next(child for child in self.plane.children() if room in child.rooms.values())

    def client(self, room: RemoteRoom, listener: Listener, name: str) -> RawClient:
        return RawClient(room, listener, self.net, name, "")

    async def speaker(
        self, room: RemoteRoom, listener: Listener, name: str = "ada", *, allowed: bool = True
    ) -> tuple[RawClient, RawTrack]:
        """Let somebody publish a microphone."""
        client = self.client(room, listener, name)
        track = RawTrack("0", "microphone", 11 if name == "ada" else 33)
        if allowed:
            room.set_forwarding(name, True)
        await client.publish(track)
        await until(lambda: (name, "publish", "connected") in listener.states)
        return client, track


async def heard(client: RawClient, track: RawTrack, tape: Tape, word: bytes) -> None:
    """Say something until it is on the tape."""

    def said() -> bool:
        client.publishing.send(track.packet(word))
        return any(packet.endswith(word) for _, packet, _ in tape.packets)

    await until(said)


def words(tape: Tape) -> set[bytes]:
    """Return the ends of what is on a tape."""
    return {packet[-5:] for _, packet, _ in tape.packets}
