"""The log, held against what the vault has seen of it: FORMAT.md sections 11, 12 and 19.1."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from interop.release.documents import Bad, Document, digest, read, verify

_HEAD = re.compile(rb"(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
_FIELDS = {
    "meeting": "charter",
    "enrolled": "person enrolment",
    "admitted": "person enrolment",
    "answered": "person sequence answer",
    "revoked": "person purpose sequence by",
    "host": "person certificate",
    "armed": "act",
    "removed": "person act",
    "generation-opened": "number header committer boxes",
    "generation-closed": "number header closing accepts",
    "ended": "",
}
_OF_VAULT = ("released", "exported", "slot-lost", "withdrawn", "erased", "adopted")


@dataclass
class Log:
    """What there is in the log of each meeting. ``hidden`` entries are nobody knows whose."""

    hidden: int = 0
    records: dict[str, list[bytes]] = field(default_factory=dict)
    counted: dict[str, tuple[int, bytes, int]] = field(default_factory=dict)
    own: dict[str, tuple[int, bytes, int]] = field(default_factory=dict)

    def whole(self, meeting: str) -> bool:
        """Whether the records of a meeting are all there are."""
        return self.hidden == 0 and self.own.get(meeting, _NONE) == self.counted.get(meeting, _NONE)


_NONE = (0, bytes(32), 0)


def root(entries: Iterable[bytes]) -> bytes:
    """Return the root over entries, RFC 6962 section 2.1."""
    peaks: list[tuple[int, bytes]] = []
    for entry in entries:
        size, node = 1, digest(b"\0" + entry)
        while peaks and peaks[-1][0] == size:
            node = digest(b"\1" + peaks.pop()[1] + node)
            size *= 2
        peaks.append((size, node))
    if not peaks:
        return digest(b"")
    _, node = peaks.pop()
    while peaks:
        node = digest(b"\1" + peaks.pop()[1] + node)
    return node


def follow(rows: list[Any], head: bytes, identities: list[bytes]) -> Log:
    """Read all entries, in order; ``head`` is what ``log.head`` holds."""
    found = _HEAD.fullmatch(head)
    if found is None:
        raise Bad("log.head is damaged")
    size = int(found[1])
    if [row["number"] for row in rows] != list(range(len(rows))) or len(rows) < size:
        raise Bad("an entry is missing")
    if root(row["entry"] for row in rows[:size]) != base64.b64decode(found[2]):
        raise Bad("log-rolled-back")
    log = Log()
    for row in rows:
        _take(log, row, identities)
    return log


def _take(log: Log, row: Any, identities: list[bytes]) -> None:
    salt, record = row["salt"], row["record"]
    if salt is None or record is None or len(salt) != 32 or digest(salt + record) != row["entry"]:
        log.hidden += 1
        _count(log.counted, row["meeting_id"] or "", row, hidden=1)
        return
    said = json.loads(record)
    meeting = said.get("meeting")
    if meeting is None:
        return  # words that were published
    if said["type"] == "assent/entry/destroyed/v1":
        _settle(log, said, row, identities)
        return
    _count(log.counted, meeting, row)
    if row["meeting_id"] == meeting:
        _count(log.own, meeting, row)
        log.records.setdefault(meeting, []).append(record)


def _count(
    accounts: dict[str, tuple[int, bytes, int]], meeting: str, row: Any, hidden: int = 0
) -> None:
    entries, bound, unopened = accounts.get(meeting, _NONE)
    bound = digest(bound + row["number"].to_bytes(8, "big") + row["entry"])
    accounts[meeting] = (entries + 1, bound, unopened + hidden)


def _settle(log: Log, said: Document, row: Any, identities: list[bytes]) -> None:
    for identity in identities:
        try:
            verify(identity, said["type"], row["record"], row["signature"])
        except Bad:
            continue
        entries, bound, unopened = log.counted.get(said["meeting"], _NONE)
        expected = base64.urlsafe_b64decode(said["digest"] + "=")
        if (entries, bound) == (said["entries"], expected):
            log.counted.pop(said["meeting"], None)
            log.hidden -= unopened
        return


def of_server(records: Iterable[bytes]) -> list[Document]:
    """Return the server's records of a meeting; raises Bad where there is anything else."""
    found = []
    for record in records:
        type_ = str(json.loads(record).get("type"))
        kind = type_.removeprefix("assent/entry/").rpartition("/v")[0]
        if kind in _OF_VAULT:
            continue
        if kind not in _FIELDS:
            raise Bad("a record of another kind")
        said = read(record, type_, 4096, f"meeting {_FIELDS[kind]} at")
        found.append(said | {"kind": kind})
    return found
