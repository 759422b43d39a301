"""Hosts: who certifies one, and what they sign; with the product's own writers of the bytes."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats.host_acts import (
    Admitting,
    Arming,
    HostAct,
    Linking,
    Removing,
    sign_act,
)
from assent_vault.formats.host_certificate import build_certificate, sign_certificate
from assent_vault.formats.room import Room
from assent_vault.formats.suite import encode
from support.people import Person, Signed
from support.rooms import HOST_KEYS

KINDS: dict[str, type[HostAct]] = {
    "arm": Arming,
    "admit": Admitting,
    "remove": Removing,
    "link": Linking,
}
AT = 1_700_000_000_000


def certificate_of(host_key: Ed25519PrivateKey, room: Room, person: Person, at: int = AT) -> Signed:
    """Have the host key of a room say that somebody who has enrolled is a host."""
    assert person.enrolment is not None, "enrol first"
    body = build_certificate(room, person.enrolment, at)
    return Signed(body, sign_certificate(host_key, body))


def act_of(person: Person, sequence: int, what: str, /, at: int = AT, **values: Any) -> Signed:
    """Have somebody sign an act, whether they are a host or not."""
    meeting = person.charter.meeting
    act = KINDS[what](meeting=meeting, by=person.id, sequence=sequence, at=at, **values)
    return Signed(act.body, sign_act(person.sign, act))


class HostHand:
    """The one host of a meeting, who signs one act after the other, as a page does."""

    def __init__(
        self, person: Person, room: Room, host_key: Ed25519PrivateKey | None = None
    ) -> None:
        """Without ``host_key`` it is the one that this browser has kept of the room."""
        self._person = person
        self._room = room
        self._key = host_key or HOST_KEYS[room.digest]
        self.sequence = 0

    def certificate(self) -> dict[str, str]:
        """Return what is sent with ``certify``, of the host themself."""
        return sent(certificate_of(self._key, self._room, self._person))

    def signed(self, what: str, /, **values: Any) -> Signed:
        """Sign the next act."""
        self.sequence += 1
        return act_of(self._person, self.sequence, what, **values)

    def act(self, what: str, /, **values: Any) -> dict[str, str]:
        """Return what is sent with ``perform``."""
        return sent(self.signed(what, **values))

    def admit(self, person: Person) -> dict[str, str]:
        """Return the act that lets somebody in."""
        assert person.enrolment is not None, "enrol first"
        return self.act("admit", person=person.id, enrolment=person.enrolment.digest)


def sent(said: Signed) -> dict[str, str]:
    """Return it as it goes over the wire."""
    return {"document": encode(said.body), "signature": encode(said.signature)}
