"""What a meeting's people and its vault have said: FORMAT.md sections 4 to 6."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from interop.release.documents import (
    Bad,
    Document,
    b64,
    boolean,
    digest,
    integer,
    only,
    read,
    unb64,
    verify,
)

_BEFORE_YES = {"unanswered", "no", "yes"}
_MAY_FOLLOW = {
    "unanswered": _BEFORE_YES,
    "no": _BEFORE_YES,
    "yes": {"yes", "withdrawn"},
    "withdrawn": {"yes", "withdrawn"},
}


class NotInForce(Exception):
    """It names words that are not of the charter."""


def charter(body: bytes) -> Document:
    found = read(
        body,
        "assent/charter/v2",
        4096,
        "meeting room mode created recording training waiting_room expires retention_days"
        " cooling_off_seconds notice vault server",
    )
    unb64(found["meeting"], 16)
    unb64(found["room"], 32)
    if found["mode"] != "relayed":
        raise Bad("a mode that nobody has yet")
    for key in ("recording", "training", "waiting_room"):
        boolean(found[key])
    if found["training"] and not found["recording"]:
        raise Bad("training without recording")
    integer(found["expires"], integer(found["created"]))
    integer(found["retention_days"], 1, 36_500)
    integer(found["cooling_off_seconds"], 0, 31_622_400)
    notice = only(found["notice"], "version texts")
    integer(notice["version"])
    found["digest"] = digest(body)
    found["notices"] = {unb64(text, 32) for text in notice["texts"].values()}
    found["vault"], found["server"] = unb64(found["vault"], 32), unb64(found["server"], 32)
    return found


def vault_key(body: bytes, signature: bytes, of: Document) -> Document:
    found = read(body, "assent/vault-key/v2", 4096, "suite meeting key created")
    verify(of["vault"], "assent/vault-key/v2", body, signature)
    if found["suite"] != "assent-2" or found["meeting"] != of["meeting"]:
        raise Bad("another suite or meeting")
    integer(found["created"])
    found["key"], found["digest"] = unb64(found["key"], 1216), digest(body)
    return found


def enrolment(body: bytes, signature: bytes, of: Document) -> Document:
    """Read an enrolment under the charter ``of``; ``person`` is whose it is."""
    found = read(
        body,
        "assent/enrol/v2",
        8192,
        "suite meeting charter sign watch train name notice language build at",
    )
    sign = unb64(found["sign"], 32)
    verify(sign, "assent/enrol/v2", body, signature)
    if found["suite"] != "assent-2" or found["meeting"] != of["meeting"]:
        raise Bad("another suite or meeting")
    if unb64(found["charter"], 32) != of["digest"]:
        raise Bad("another charter")
    found["watch"], found["train"] = unb64(found["watch"], 1216), unb64(found["train"], 1216)
    unb64(found["name"], 32)
    unb64(found["build"], 32)
    integer(found["at"])
    _in_force(found["notice"], of)
    meeting = unb64(found["meeting"], 16)
    found["person"] = digest(b"assent/person/v2\0" + meeting + sign)
    found["sign"], found["digest"] = sign, digest(body)
    return found


def answers(rows: list[Any], who: Document, of: Document) -> list[Document]:
    """Read all answers of a person, each of whose rows has ``body`` and ``signature``."""
    found = [_answer(row["body"], row["signature"], who, of) for row in rows]
    said = {"sequence": 0, "digest": who["digest"]} | dict.fromkeys(
        ("recording", "training"), "unanswered"
    )
    for before, answer in pairwise([said, *found]):
        if answer["sequence"] != before["sequence"] + 1:
            raise Bad("a gap")
        if unb64(answer["previous"], 32) != before["digest"]:
            raise Bad("a chain that does not link")
        _follows(before, answer, of)
    return found


def _answer(body: bytes, signature: bytes, who: Document, of: Document) -> Document:
    found = read(
        body,
        "assent/answer/v2",
        4096,
        "suite meeting person sequence previous recording training notice language build sealed"
        " left_out at",
    )
    verify(who["sign"], "assent/answer/v2", body, signature)
    if found["suite"] != "assent-2" or found["meeting"] != of["meeting"]:
        raise Bad("another suite or meeting")
    if found["person"] != b64(who["person"]):
        raise Bad("another person")
    integer(found["sequence"], 1)
    integer(found["at"])
    unb64(found["build"], 32)
    if found["sealed"] is not None:
        found["sealed"] = unb64(found["sealed"], 32)
    if (found["sealed"] is not None) != (found["training"] == "yes"):
        raise Bad("a box without a yes, or a yes without a box")
    if found["training"] == "yes" and found["recording"] != "yes":
        raise Bad("training without recording")
    if found["left_out"] is not None and (found["left_out"] != [] or found["training"] != "yes"):
        raise Bad("passages, which nobody can leave out yet")
    _in_force(found["notice"], of)
    found["digest"] = digest(body)
    return found


def _follows(before: Document, answer: Document, of: Document) -> None:
    for purpose in ("recording", "training"):
        was, will = before[purpose], answer[purpose]
        if will not in _MAY_FOLLOW.get(was, ()):
            raise Bad("a will that cannot follow")
        if purpose == "training" and was == "withdrawn" != will:
            raise Bad("training again")
        if not of[purpose] and will != "unanswered":
            raise Bad("not offered")


def _in_force(notice: Any, of: Document) -> None:
    if unb64(notice, 32) not in of["notices"]:
        raise NotInForce
