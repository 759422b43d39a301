"""One's own boxes of a recorded generation, out of the documents that have everybody's.

Who may watch is handed what was sealed to them and nothing that was sealed to others: neither their
boxes nor a share of training. The documents are the server's own; whoever watches checks what comes
of them against the signed header, and so only what is looked for is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec


class _Box(msgspec.Struct):
    id: str
    box: str


class _Boxes(msgspec.Struct):
    watch: list[_Box]


@dataclass(frozen=True, slots=True)
class OwnBoxes:
    """In base64url: the box of the pair key, of E under it, and of O."""

    pair: str
    secret: str
    outer: str


def own_boxes(person: str, *, boxes: bytes, pairs: bytes, outer: bytes) -> OwnBoxes | None:
    """Return what was sealed to ``person``, an id in base64url; None where any of it is missing.

    Takes some milliseconds for hundreds of people: call it in a thread.
    """
    found = [_own(person, document) for document in (pairs, boxes, outer)]
    pair, secret, sealed = found
    if pair is None or secret is None or sealed is None:
        return None
    return OwnBoxes(pair=pair, secret=secret, outer=sealed)


def _own(person: str, document: bytes) -> str | None:
    listed: Sequence[_Box] = msgspec.json.decode(document, type=_Boxes).watch
    return next((one.box for one in listed if one.id == person), None)
