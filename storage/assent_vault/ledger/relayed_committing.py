"""Making a generation where the server is the committer (FORMAT-2.md section 14).

Pair keys are drawn for this generation alone and are forgotten with the call: what is left of them
are their boxes. Whoever records makes all documents durable, stores under the
:class:`~assent_vault.formats.storing_keys.StoringKeys`, and forgets those at the closing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_boxes import outer_info, write_outer
from assent_vault.formats.generation_header import GENERATION_TYPE, GenerationHeader
from assent_vault.formats.generation_pairs import write_pairs
from assent_vault.formats.storing_keys import StoringKeys
from assent_vault.formats.vault_key import VaultKey
from assent_vault.ledger.committing import GenerationDraft, PairKeys, Random, make_generation


@dataclass(frozen=True, slots=True)
class OwnedKeys:
    """The public keys of somebody's enrolment that something is sealed to."""

    watch: bytes
    train: bytes


@dataclass(frozen=True, slots=True)
class CommittedGeneration:
    """A recorded generation: the documents, which can be shown, and the keys, which cannot."""

    header: GenerationHeader
    signature: bytes
    boxes: bytes
    pairs: bytes
    outer: bytes
    keys: StoringKeys


def commit_relayed(
    draft: GenerationDraft,
    owners: Mapping[bytes, OwnedKeys],
    vault_key: VaultKey | None,
    server: Ed25519PrivateKey,
    random: Random = secrets.token_bytes,
) -> CommittedGeneration:
    """Draw every key of a recorded generation and make its documents.

    ``owners`` has the keys of each of the draft's ``people``, by id. ``random`` gives that many
    unpredictable bytes. Raises FormatError where the draft is no header, SealError where a key
    cannot be sealed to, ValueError where the draft is of no relayed recording of this vault key.
    """
    recorded = draft.recorded
    if recorded is None or draft.committer is not None:
        raise ValueError("the server makes recorded generations of relayed meetings, and no others")
    if (None if vault_key is None else vault_key.digest) != recorded.vault:
        raise ValueError("the draft names another vault key")
    if vault_key is not None and vault_key.meeting != draft.meeting:
        raise ValueError("the vault key is another meeting's")
    pairs = PairKeys(draft.meeting, NOBODY, random)

    def sealed(purpose: str, owner: bytes, public: bytes) -> bytes:
        box = pairs.seal(purpose, owner, public)
        assert box is not None, "each owner is sealed to once"
        return box

    watch = {
        person.id: sealed("watch", person.id, owners[person.id].watch)
        for person in draft.people
        if person.present or person.host is not None
    }
    train = None
    if vault_key is not None:
        train = [sealed("train", vault_key.digest, vault_key.key)]
        train += [sealed("train", each.id, owners[each.id].train) for each in draft.people]
    made = make_generation(draft, pairs, random)
    header = made.header
    outer = random(suite.KEY_BYTES)
    boxes = {
        person.id: suite.seal(owners[person.id].watch, outer, outer_info(header.digest, person.id))
        for person in header.watchers
    }
    vault = None
    if vault_key is not None:
        info = outer_info(header.digest, vault_key.digest)
        vault = suite.seal(vault_key.key, outer, info)
    return CommittedGeneration(
        header=header,
        signature=suite.sign(server, GENERATION_TYPE, header.body),
        boxes=made.boxes,
        pairs=write_pairs(header, watch, train),
        outer=write_outer(header, boxes, vault),
        keys=StoringKeys(header, made.secret_key, outer),
    )
