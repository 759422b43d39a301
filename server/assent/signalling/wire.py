"""Turns what a meeting shows into messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from assent.meeting.device_tokens import Line
from assent.meeting.relay import RelayServer
from assent.meeting.views import (
    AdmissionState,
    CertificateView,
    IntroductionView,
    PersonView,
    RoomView,
    SeatView,
    SignedView,
)
from assent.signalling import messages as m
from assent_vault.formats.suite import encode
from assent_vault.ledger.documents import ServerSigned

_LINES: Mapping[Line, Literal["whip", "whep"]] = {"device": "whip", "view": "whep"}


def welcome_message(seat: SeatView, now: int, relays: Sequence[RelayServer]) -> m.Welcome:
    """Say what the server knows of a seat; ``now`` in Unix milliseconds."""
    return m.Welcome(
        person=seat.person,
        enrolled=seat.person is not None,
        enrolment=seat.enrolment,
        last_answer=None if seat.last_answer is None else encode(seat.last_answer),
        host=seat.host,
        certified=seat.certified,
        now=now,
        ice_servers=[
            m.IceServer(list(relay.urls), relay.username, relay.credential) for relay in relays
        ],
    )


def signed_message(signed: ServerSigned | None) -> m.Signed | None:
    """Say what the server has acknowledged."""
    if signed is None:
        return None
    return m.Signed(encode(signed.body), encode(signed.signature))


CERTIFICATES_AT_ONCE = 8  # each about 6 KiB, with the enrolment
ACTS_AT_ONCE = 64  # each about 0.5 KiB

# In a smaller meeting the number tells who it is, or comes close to it.
LEAST_COUNTED = 4


def room_message(room: RoomView, seat: SeatView) -> m.Room:
    """Say how the room looks to one person: who is at the door sees no one, guests no door.

    Those outside are not told who or how many have agreed, and those inside not how many where
    there are so few that it names somebody; unless the server shows everybody's answer anyway.
    """
    inside = seat.state is AdmissionState.ADMITTED
    named = any(person.agreed is not None for person in room.people)
    counted = inside and (named or room.present >= LEAST_COUNTED)
    device = None if seat.device is None else [_LINES[line] for line in seat.device]
    return m.Room(
        revision=room.revision,
        title=room.title,
        started_at=room.started_at,
        locked=room.locked,
        capture=room.capture,
        armed=room.armed,
        problem=room.problem,
        disputed_by=room.disputed_by if inside else 0,
        present=room.present if inside else 0,
        agreed=room.agreed if counted else None,
        all_agreed=room.agreed == room.present if inside else None,
        recorder=room.recorder,
        you=m.You(
            seat.person,
            seat.state,
            seat.recording,
            seat.training,
            device,
            [m.Act(act.purpose, act.by, act.at, act.sequence) for act in seat.acts],
        ),
        people=[_person(person) for person in room.people] if inside else [],
        absent_hosts=[_person(person) for person in room.absent_hosts] if inside else [],
        waiting=[m.WaitingPerson(*one) for one in room.waiting] if inside and seat.host else [],
    )


def named(room: m.Room) -> list[str]:
    """Return everybody whom a message has, by name."""
    seen = [one.person for one in (*room.people, *room.absent_hosts)]
    return seen + [one.person for one in room.waiting]


def hosts_messages(
    certificates: Sequence[CertificateView], acts: Sequence[SignedView]
) -> list[m.Hosts]:
    """Say who is a host, and then what hosts have signed, so much in a message."""
    said = [
        m.Hosts([_certified(one) for one in certificates[at : at + CERTIFICATES_AT_ONCE]], [])
        for at in range(0, len(certificates), CERTIFICATES_AT_ONCE)
    ]
    return said + [
        m.Hosts([], [_signed(one) for one in acts[at : at + ACTS_AT_ONCE]])
        for at in range(0, len(acts), ACTS_AT_ONCE)
    ]


def _certified(view: CertificateView) -> m.CertifiedHost:
    return m.CertifiedHost(_signed(view.certificate), _signed(view.enrolment))


def _signed(view: SignedView) -> m.Signed:
    return m.Signed(encode(view.body), encode(view.signature))


def introduction_message(people: Sequence[IntroductionView]) -> m.Introductions:
    """Say who people are."""
    return m.Introductions([_introduction(person) for person in people])


def _introduction(person: IntroductionView) -> m.IntroducedPerson:
    brought = None
    if person.brought is not None:
        ordinal, mac = person.brought
        brought = m.BroughtBy(ordinal, encode(mac))
    return m.IntroducedPerson(
        person=person.person,
        document=encode(person.enrolment),
        signature=encode(person.signature),
        name=person.name,
        salt=encode(person.salt),
        brought=brought,
    )


def _person(person: PersonView) -> m.RoomPerson:
    return m.RoomPerson(
        person=person.person,
        name=person.name,
        host=person.host,
        connected=person.connected,
        muted=list(person.muted),
        silenced=list(person.silenced),
        sources=list(person.sources),
        enrolment=person.enrolment,
        watch=person.watch,
        train=person.train,
        agreed=person.agreed,
    )
