"""What is taken back for others: who has signed it, what it is about, and what it covers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError, SignatureError
from assent_vault.ledger import entry as entries
from assent_vault.ledger import revocation
from assent_vault.ledger.entry import Admitted, Revoked
from assent_vault.ledger.revocation import Revocation
from support.people import make_meeting

MEETING = make_meeting()
PERSON = bytes(range(32))


def act(**changes: Any) -> Revoked:
    values: dict[str, Any] = {
        "meeting": MEETING.id,
        "person": PERSON,
        "purpose": "recording",
        "sequence": 2,
        "by": "host",
        "at": 5,
    }
    return Revoked(**(values | changes))


def test_what_the_server_has_signed_is_believed() -> None:
    record = act()
    assert revocation.verify(revocation.sign(record, MEETING.server), MEETING.charter) == record


def test_nobody_else_takes_anything_back() -> None:
    signed = revocation.sign(act(), MEETING.server)
    for other in (MEETING.vault_identity, Ed25519PrivateKey.generate()):
        with pytest.raises(SignatureError):
            revocation.verify(revocation.sign(act(), other), MEETING.charter)
    with pytest.raises(SignatureError):
        revocation.verify(replace(signed, body=entries.write(act(by="operator"))), MEETING.charter)
    elsewhere = revocation.sign(act(meeting=bytes(16)), MEETING.server)
    with pytest.raises(FormatError):
        revocation.verify(elsewhere, MEETING.charter)
    another = Admitted(meeting=MEETING.id, person=PERSON, enrolment=PERSON, at=5)
    body = entries.write(another)
    signature = MEETING.server.sign(Revoked.TYPE.encode() + b"\0" + body)
    with pytest.raises(FormatError):
        revocation.verify(Revocation(body, signature), MEETING.charter)


@pytest.mark.parametrize(
    "changes",
    [
        {"person": None},
        {"purpose": "meeting"},
        {"person": None, "purpose": "meeting"},
        {"purpose": "everything"},
        {"by": "guest"},
        {"sequence": -1},
    ],
)
def test_a_record_that_says_what_it_must_not(changes: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        entries.parse(entries.write(act(**changes)))


def test_the_same_act_again_is_the_same_row() -> None:
    assert revocation.row_id(act()) == revocation.row_id(act(at=9, by="operator"))
    others = [act(sequence=3), act(purpose="training"), act(person=bytes(32))]
    others.append(act(person=None, purpose="meeting", sequence=0))
    assert len({revocation.row_id(each) for each in (act(), *others)}) == 5


def test_of_several_copies_one_counts() -> None:
    good = revocation.sign(act(), MEETING.server)
    forged = revocation.sign(act(sequence=3), MEETING.vault_identity)
    assert revocation.verified([good, forged, good], MEETING.charter) == (act(),)


whole = act(person=None, purpose="meeting", sequence=0)


@pytest.mark.parametrize(
    ("done", "wanted", "covered"),
    [
        (act(), act(), True),
        (act(), act(sequence=1), True),
        (act(), act(sequence=3), False),  # they said yes to it anew
        (act(), act(purpose="training", sequence=3), True),
        (act(purpose="training"), act(purpose="training", sequence=3), True),
        (act(purpose="training"), act(), False),
        (act(), act(person=bytes(32)), False),
        (act(), whole, False),
        (whole, act(), True),
        (whole, whole, True),
    ],
)
def test_what_is_done_already_is_not_done_again(
    done: Revoked, wanted: Revoked, covered: bool
) -> None:
    assert revocation.covers(done, wanted) is covered
