"""Making a recorded generation of a relayed meeting, of people in a test."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.generation_header import RemovedPerson
from assent_vault.formats.vault_key import VaultKey
from assent_vault.ledger.committing import GenerationDraft, Random, RecordedDraft
from assent_vault.ledger.relayed_committing import (
    CommittedGeneration,
    OwnedKeys,
    commit_relayed,
)
from support.people import Meeting, Person

ARM = suite.digest(b"a host has said that it is to be recorded")


@dataclass(frozen=True)
class Committing:
    """What of a meeting a generation is made with."""

    charter: Charter
    vault_key: VaultKey | None
    server: Ed25519PrivateKey


def committed(
    meeting: Meeting | Committing,
    people: Iterable[tuple[Person, bool]],
    *,
    number: int = 1,
    previous: bytes | None = None,
    offset: int,
    at: int,
    arm: bytes = ARM,
    hosts: Mapping[bytes, bytes] | None = None,
    removed: Mapping[bytes, bytes] | None = None,
    random: Random = secrets.token_bytes,
) -> CommittedGeneration:
    """Make a generation of these people, each with whether they are present.

    ``hosts`` are digests of certificates, ``removed`` of acts, by person id.
    """
    hosts, removed = hosts or {}, removed or {}
    everyone = sorted(people, key=lambda each: each[0].id)
    owners = {}
    for person, _ in everyone:
        assert person.enrolment is not None, "enrol first"
        owners[person.id] = OwnedKeys(person.enrolment.watch, person.enrolment.train)
    vault = meeting.vault_key
    draft = GenerationDraft(
        meeting=meeting.charter.meeting,
        generation=number,
        previous=previous,
        charter=meeting.charter.digest,
        committer=None,
        people=tuple(
            person.in_generation(present=present, host=hosts.get(person.id))
            for person, present in everyone
        ),
        removed=tuple(RemovedPerson(*each) for each in sorted(removed.items())),
        recorded=RecordedDraft(
            number=number,
            previous=previous,
            offset=offset,
            arm=arm,
            notice_version=meeting.charter.notice_version,
            vault=None if vault is None else vault.digest,
        ),
        at=at,
    )
    return commit_relayed(draft, owners, vault, meeting.server, random)
