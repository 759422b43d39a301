"""Boxes of pair keys of a relayed generation, which the server draws for it alone (format 2).

In a meeting that is end to end a committer's page seals a pair key once to each key of each owner,
and each box is an object by itself. Where the server is the committer there is no page that would
tell one run of it from the next: pair keys are drawn anew for each generation, and their boxes are
one document (FORMAT-2.md section 14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.suite import encode

PAIRS_TYPE: Final = "assent/pairs/v2"
MAX_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrainPairs:
    """The boxes of the pair keys of purpose ``train``: the vault's, and everyone's in order."""

    vault: bytes
    people: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RelayedPairs:
    """The boxes of a header's pair keys; ``watch`` by person id. ``train`` if it is offered."""

    header: bytes
    watch: Mapping[bytes, bytes]
    train: TrainPairs | None
    body: bytes


def write_pairs(
    header: GenerationHeader, watch: Mapping[bytes, bytes], train: Sequence[bytes] | None
) -> bytes:
    """Write the boxes; ``train`` has the vault's first, then those of ``people``, in order."""
    body = document.write(
        {
            "type": PAIRS_TYPE,
            "header": encode(header.digest),
            "watch": [
                {"id": encode(person.id), "box": encode(watch[person.id])}
                for person in header.watchers
            ],
            "train": None
            if train is None
            else {"vault": encode(train[0]), "people": [encode(box) for box in train[1:]]},
        }
    )
    parse_pairs(body, header)  # what cannot be read must not be written
    return body


def parse_pairs(body: bytes, header: GenerationHeader) -> RelayedPairs:
    """Read the boxes of ``header``, a recorded one of a relayed meeting; raises FormatError."""
    fields = document.read(body, PAIRS_TYPE, most=MAX_BYTES).only(
        "type", "header", "watch", "train"
    )
    if fields.b64("header", suite.DIGEST_BYTES) != header.digest:
        fields.fail("header", "is the digest of another header")
    if header.recorded is None or header.committer is not None:
        raise FormatError("header", "is of no generation that the server has made")
    watch = []
    for item in fields.children("watch"):
        item.only("id", "box")
        watch.append((item.b64("id", suite.DIGEST_BYTES), item.b64("box", suite.BOX_BYTES)))
    if [person for person, _ in watch] != [person.id for person in header.watchers]:
        fields.fail("watch", "are not for those who may watch, in header order")
    train = fields.child_or_null("train")
    if (train is not None) != header.recorded.training:
        fields.fail("train", "must be there exactly where training is offered")
    return RelayedPairs(
        header=header.digest,
        watch=dict(watch),
        train=None if train is None else _parse_train(train, len(header.people)),
        body=body,
    )


def _parse_train(fields: document.Fields, people: int) -> TrainPairs:
    fields.only("vault", "people")
    boxes = fields.b64_list("people", suite.BOX_BYTES)
    if len(boxes) != people:
        fields.fail("people", "are not one for each of the header's people")
    return TrainPairs(vault=fields.b64("vault", suite.BOX_BYTES), people=boxes)
