"""Boxes of a generation: ``E`` for each who gets it, wraps of its slots (FORMAT-2.md section 7).

A *box* is 48 bytes: ``E`` under a key that follows from a pair key. Of a live generation they are
for pages alone, of a recorded one for ``watch`` keys alone: for whom the header says, and nobody
else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.slot_keys import WRAPS_BYTES
from assent_vault.formats.suite import encode

BOXES_TYPE: Final = "assent/boxes/v2"
OUTER_TYPE: Final = "assent/outer/v2"
MAX_BYTES: Final = 512 * 1024
MAX_OUTER_BYTES: Final = 1024 * 1024

Boxes = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class GenerationBoxes:
    """The boxes of a header, by person id; ``wraps`` and ``hashes`` have one of each slot in a row.

    Whether they are those that the header names is for whoever opens them to say.
    """

    header: bytes
    page: Boxes
    watch: Boxes
    wraps: bytes | None
    hashes: bytes | None
    body: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class OuterBoxes:
    """The HPKE boxes of ``O``, which the server seals segments under; by person id."""

    header: bytes
    watch: Boxes
    vault: bytes | None
    body: bytes


def write_boxes(
    header: GenerationHeader, boxes: Boxes, wraps: bytes | None, hashes: bytes | None
) -> bytes:
    """Write the boxes of ``header``, which are for its pages or, recorded, its watchers."""
    listed = _listed(header, boxes)
    body = document.write(
        {
            "type": BOXES_TYPE,
            "header": encode(header.digest),
            "page": listed if header.recorded is None else [],
            "watch": [] if header.recorded is None else listed,
            "wraps": None if wraps is None else encode(wraps),
            "hashes": None if hashes is None else encode(hashes),
        }
    )
    parse_boxes(body, header)  # what cannot be read must not be written
    return body


def parse_boxes(body: bytes, header: GenerationHeader) -> GenerationBoxes:
    """Read the boxes of ``header``: one for each who must have one, and no other.

    Raises FormatError.
    """
    fields = document.read(body, BOXES_TYPE, most=MAX_BYTES).only(
        "type", "header", "page", "watch", "wraps", "hashes"
    )
    if fields.b64("header", suite.DIGEST_BYTES) != header.digest:
        fields.fail("header", "is the digest of another header")
    recorded = header.recorded
    page, watch = (_read(fields, key, suite.WRAPPED_BYTES) for key in ("page", "watch"))
    # "Of a live generation … `watch` is empty", "of a recorded one … `page` is empty".
    if list(page) != ([person.id for person in header.pages] if recorded is None else []):
        fields.fail("page", "are not for those who are in a live generation, in header order")
    if list(watch) != ([] if recorded is None else [person.id for person in header.watchers]):
        fields.fail("watch", "are not for those who may watch a recorded one, in header order")
    wraps = fields.b64_or_null("wraps", WRAPS_BYTES)
    hashes = fields.b64_or_null("hashes", SLOTS * suite.DIGEST_BYTES)
    for key, value in (("wraps", wraps), ("hashes", hashes)):
        if (value is not None) != (recorded is not None and recorded.training):
            fields.fail(key, "must be there exactly where training is offered")
    return GenerationBoxes(
        header=header.digest,
        page=page,
        watch=watch,
        wraps=wraps,
        hashes=hashes,
        body=body,
        digest=suite.digest(body),
    )


def write_outer(header: GenerationHeader, boxes: Boxes, vault: bytes | None) -> bytes:
    """Write the boxes of ``O``, which are for the watchers of ``header`` and the vault."""
    body = document.write(
        {
            "type": OUTER_TYPE,
            "header": encode(header.digest),
            "watch": _listed(header, boxes),
            "vault": None if vault is None else encode(vault),
        }
    )
    parse_outer(body, header)  # what cannot be read must not be written
    return body


def parse_outer(body: bytes, header: GenerationHeader) -> OuterBoxes:
    """Read the boxes of ``O`` of a recorded ``header``; raises FormatError."""
    fields = document.read(body, OUTER_TYPE, most=MAX_OUTER_BYTES).only(
        "type", "header", "watch", "vault"
    )
    if fields.b64("header", suite.DIGEST_BYTES) != header.digest:
        fields.fail("header", "is the digest of another header")
    if header.recorded is None:
        raise FormatError("header", "is of nothing that is stored")
    watch = _read(fields, "watch", suite.BOX_BYTES)
    if list(watch) != [person.id for person in header.watchers]:
        fields.fail("watch", "are not for those who may watch, in header order")
    vault = fields.b64_or_null("vault", suite.BOX_BYTES)
    if (vault is not None) != header.recorded.training:
        fields.fail("vault", "must be there exactly where training is offered")
    return OuterBoxes(header=header.digest, watch=watch, vault=vault, body=body)


def outer_info(header: bytes, owner: bytes) -> bytes:
    """Return the info of a box of ``O``; ``header`` is H, ``owner`` a person id or a digest."""
    if len(header) != suite.DIGEST_BYTES or len(owner) != suite.DIGEST_BYTES:
        raise ValueError("digests are needed")
    return b"assent/outer/v2\0" + header + owner


def _listed(header: GenerationHeader, boxes: Boxes) -> list[dict[str, str]]:
    return [
        {"id": encode(person.id), "box": encode(boxes[person.id])}
        for person in (header.people)
        if person.id in boxes
    ]


def _read(fields: document.Fields, key: str, length: int) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for item in fields.children(key):
        item.only("id", "box")
        person = item.b64("id", suite.DIGEST_BYTES)
        if person in found:
            item.fail("id", "is there twice")
        found[person] = item.b64("box", length)
    return found
