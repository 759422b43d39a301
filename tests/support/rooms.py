"""What the browser that makes a meeting draws and composes: the room, the host key, the link."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent_vault.formats import room as rooms
from assent_vault.formats import suite
from assent_vault.formats.room import Mode, Room
from assent_vault.formats.suite import decode, encode

HOST_KEYS: dict[bytes, Ed25519PrivateKey] = {}
"""What the browser that makes a meeting keeps: by the digest of the room, the host key."""

KEPT: tuple[str, ...] = ("recording", "training", "waiting_room")


@dataclass(frozen=True)
class Link:
    """The link of a meeting: ``secret`` is L of FORMAT.md section 3, ``room`` a digest."""

    secret: bytes
    room: bytes

    @classmethod
    def read(cls, address: str) -> Link:
        """Read the fragment of an address."""
        both = decode(address.partition("#")[2], 64)
        return cls(both[:32], both[32:])

    @property
    def fragment(self) -> str:
        """What stands after ``#``."""
        return encode(self.secret + self.room)

    @property
    def door(self) -> str:
        """What is sent to be let to the door."""
        return encode(self._derive(b"assent/door/v2"))

    @property
    def door_hash(self) -> bytes:
        """What the server keeps."""
        return suite.digest(decode(self.door))

    @property
    def brought(self) -> bytes:
        """The key that shows that the link has brought somebody."""
        return self._derive(b"assent/brought-key/v2")

    def mac(self, meeting: bytes, ordinal: int, enrolment: bytes) -> bytes:
        """Show that the link has brought whoever has the enrolment with that digest."""
        said = b"assent/brought/v2\0" + meeting + ordinal.to_bytes(4, "big") + enrolment
        return hmac.digest(self.brought, said, "sha256")

    def _derive(self, info: bytes) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=self.room, info=info).derive(
            self.secret
        )


def make_room(
    *,
    host: Ed25519PrivateKey | None = None,
    vault: bytes,
    server: bytes,
    random: bytes | None = None,
    **changes: Any,
) -> Room:
    """Compose a room in which everything is offered; ``changes`` are those of what it allows."""
    values: dict[str, Any] = {
        "mode": Mode.RELAYED,
        "recording": True,
        "training": True,
        "waiting_room": False,
        "retention_days": 90,
        "cooling_off_seconds": 0,
    }
    return rooms.make(
        host=suite.sign_public(host or Ed25519PrivateKey.generate()),
        vault=vault,
        server=server,
        random=random or os.urandom(32),
        **(values | changes),
    )


def compose(terms: Mapping[str, Any], wish: Mapping[str, Any]) -> tuple[dict[str, Any], Link]:
    """Return the body of ``POST /api/meetings`` for a ``wish``, and the link of the meeting.

    ``terms`` are those of ``GET /api/meetings/terms``. Of the wish what can be asked goes into the
    room; the rest, such as the title, is for the server.
    """
    host_key = Ed25519PrivateKey.generate()
    room = make_room(
        host=host_key,
        vault=decode(terms["vault"]),
        server=decode(terms["server"]),
        mode=Mode(terms["mode"]),
        retention_days=terms["retention_days"],
        cooling_off_seconds=terms["cooling_off_seconds"],
        **{name: wish[name] for name in KEPT},
    )
    HOST_KEYS[room.digest] = host_key
    link = Link(os.urandom(32), room.digest)
    rest = {name: value for name, value in wish.items() if name not in KEPT}
    return {**rest, "room": encode(room.body), "door": encode(link.door_hash)}, link
