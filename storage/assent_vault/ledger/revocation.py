"""What is taken back for somebody by a host, an administrator or the operator. Pure.

Theory of operation. A person takes back with their own key. For whoever has lost their link, and
for a meeting as a whole, others can act, and only toward less:

=============  ====================================================================================
purpose        what it takes back
=============  ====================================================================================
``training``   a person's yes to training
``recording``  a person's yes to recording and to training; what was recorded of them goes
``meeting``    the whole meeting: recording, key, and all that tells who was in it
=============  ====================================================================================

An act is a record of the log, ``revoked``, signed with the server's key, in its entry and in a row
of its own: either is enough. ``sequence`` is how many answers of the person it is about. It stands
for good for what there was by then, and for the release of the meeting; a yes to recording that the
person signs after it is one for what is recorded from then on, as after a withdrawal of theirs.
Nobody's act is ever undone by another's, and none gives anything to anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError, VaultError
from assent_vault.formats import suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Revoked

TRAINING: Final = "training"
RECORDING: Final = "recording"
MEETING: Final = "meeting"

HOST: Final = "host"
ADMINISTRATOR: Final = "administrator"
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A revocation as it stands in a row or in the log: the record's exact bytes, signed."""

    body: bytes
    signature: bytes


def sign(record: Revoked, server: Ed25519PrivateKey) -> Revocation:
    """Sign an act with the server's key."""
    body = entries.write(record)
    return Revocation(body, suite.sign(server, Revoked.TYPE, body))


def verify(act: Revocation, charter: Charter) -> Revoked:
    """Return what an act takes back in this very meeting; raises FormatError, SignatureError."""
    suite.verify(charter.server, Revoked.TYPE, act.body, act.signature)
    record = entries.parse(act.body)
    if not isinstance(record, Revoked):
        raise FormatError("type", "is of no revocation")
    if record.meeting != charter.meeting:
        raise FormatError("meeting", "is another meeting")
    return record


def verified(acts: Iterable[Revocation], charter: Charter) -> tuple[Revoked, ...]:
    """Return those acts that verify, each once, in their order; what does not is nobody's word."""
    found: dict[bytes, Revoked] = {}
    for act in acts:
        try:
            found[act.body] = verify(act, charter)
        except VaultError:
            continue
    return tuple(found.values())


def row_id(record: Revoked) -> str:
    """Return the one id that the row of an act has: the same act again is the same row."""
    person = "" if record.person is None else encode(record.person)
    text = (
        f"assent/revocation/v1\0{encode(record.meeting)}\0{person}\0{record.purpose}"
        f"\0{record.sequence}"
    )
    return encode(hashlib.sha256(text.encode()).digest()[:16])


def covers(done: Revoked, wanted: Revoked) -> bool:
    """Tell whether what is wanted has been done already, by whomever."""
    if done.purpose == MEETING:
        return True
    if done.person != wanted.person:
        return False
    if wanted.purpose == TRAINING:
        return True  # it never comes back
    return done.purpose == wanted.purpose and done.sequence >= wanted.sequence
