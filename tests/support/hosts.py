"""Hosts: who certifies one, and what they sign; with the product's own writers of the bytes."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats.host_acts import (
    AdmitAct,
    ArmAct,
    HostAct,
    LinkAct,
    RemoveAct,
    sign_act,
)
from assent_vault.formats.host_certificate import build_certificate, sign_certificate
from assent_vault.formats.room import Room
from assent_vault.formats.suite import encode
from support.people import Person, Signed

KINDS: dict[str, type[HostAct]] = {
    "arm": ArmAct,
    "admit": AdmitAct,
    "remove": RemoveAct,
    "link": LinkAct,
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


def sent(said: Signed) -> dict[str, str]:
    """Return it as it goes over the wire."""
    return {"document": encode(said.body), "signature": encode(said.signature)}
