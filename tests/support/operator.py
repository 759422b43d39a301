"""Somebody who runs the server, and reads all that it reads, has, keeps in mind and says.

They do not have the vault: it may run elsewhere, and its keys are its own.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.generation import NOBODY, unwrap_secret
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.slot_keys import slot_secret
from assent_vault.formats.storing_keys import outer_track_key
from assent_vault.keys.generation_opening import PairBox, open_outer, open_pair
from assent_vault.store.models import Base
from support.attack import Loot, take
from support.data_folder import files, spellings
from support.person import Person
from support.recordings import Recording
from support.server import Server

_CHUNK: Final = 8 * 1024 * 1024


class Operator:
    """Make one before the server starts, which must have the watcher ``hearing``."""

    def __init__(self, server: Server, hears: Path) -> None:
        self._server = server
        self._hears = hears
        server.environment["HEAR_INTO"] = str(hears)

    def heard(self) -> list[bytes]:
        """Return everything the server was told, by whatever way; in base64 and out of it."""
        lines = self._hears.read_text().splitlines()
        told = [base64.b64decode(json.loads(line)["data"]) for line in lines]
        return [found for one in told for found in (one, *_decodings(one))]

    def has_heard(self, needles: Iterable[bytes]) -> bool:
        """Whether the server was told any of these, or something that has it in it."""
        everything = b"\n".join(self.heard())
        return any(needle in everything for needle in needles)

    def takes(self, meeting: str) -> Loot:
        """Copy all there is now, and the vault's folder, which is to be left out or not."""
        server = self._server
        loot = take(
            server.query,
            sorted(Base.metadata.tables),
            meeting,
            server.data / "objects",
            server.vault,
        )
        beside = [path for path in files(server.folder) if self._is_beside(path)]
        rows: dict[str, list[tuple[Any, ...]]] = {
            **loot.rows,
            "files": [(path.read_bytes(),) for path in beside],
            "settings": [(value,) for value in server.environment.values()],
            "heard": [(one,) for one in self.heard()],
        }
        return Loot(rows, loot.participants, loot.statements, loot.objects, loot.vault)

    def _is_beside(self, path: Path) -> bool:
        """Whether a file is none of the database's, nor an object, nor the vault's."""
        server = self._server
        within = (server.data / "objects", server.vault)
        database = path.parent == server.data and path.name.startswith("assent.db")
        return not database and not any(path.is_relative_to(folder) for folder in within)

    def holds(self, needles: Sequence[bytes]) -> bool:
        """Whether any of these is in the memory of the server, or of a process that it has.

        The vault's worker is not one of them.
        """
        pids = (self._server.pid, *self._server.media_pids())
        return any(needle in chunk for pid in pids for chunk in _memory(pid) for needle in needles)


def secrets_of(people: Iterable[Person]) -> list[bytes]:
    """Return each person's seed, and all that is derived from it."""
    found = []
    for person in people:
        meeting = suite.decode(person.meeting)
        sign: Ed25519PrivateKey = suite.derive_sign(person.seed, meeting)
        found += [
            person.seed,
            sign.private_bytes_raw(),
            suite.derive_watch(person.seed, meeting),
            suite.derive_train(person.seed, meeting),
        ]
    return found


def keys_of(recording: Recording, watcher: Person, people: Iterable[Person]) -> list[bytes]:
    """Return the keys of every generation, of its slots, and of each person's tracks in it."""
    found: list[bytes] = []
    private = suite.derive_watch(watcher.seed, suite.decode(watcher.meeting))
    who = suite.decode(watcher.id)
    for each in recording.generations:
        header, folder = each.header, each.folder
        boxes = parse_boxes((folder / "boxes.json").read_bytes(), header)
        pairs = parse_pairs((folder / "pairs.json").read_bytes(), header)
        outer = parse_outer((folder / "outer.json").read_bytes(), header)
        pair = open_pair(private, pairs.watch[who], PairBox("watch", header.meeting, NOBODY, who))
        secret = unwrap_secret(
            pair,
            "watch",
            who,
            header.digest,
            boxes.watch[who],
            place=header.place,
            tag=header.secret,
        )
        key = open_outer(private, outer.watch[who], header, who)
        tracks = [f"{one.id}.{source}" for one in people for source in ("camera", "microphone")]
        found += [pair, secret, key]
        found += [slot_secret(secret, header.place, slot) for slot in range(SLOTS)]
        found += [outer_track_key(key, header.digest, track) for track in tracks]
    return found


def spelt(secrets: Iterable[bytes]) -> list[bytes]:
    """Return secrets in every spelling in which a careless program might have them."""
    return [spelling for secret in secrets for spelling in spellings(secret)]


def _decodings(data: bytes) -> list[bytes]:
    """Return what is in base64 within something that was said."""
    found = []
    for text in re.findall(rb"[A-Za-z0-9_-]{40,}", data):
        with suppress(FormatError):
            found.append(suite.decode(text.decode()))
    return found


def _memory(pid: int) -> Iterator[bytes]:
    """Yield what a process has in memory that it may write to, in chunks that overlap."""
    overlap = 256  # more than any needle
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            bounds, rights, *_ = line.split()
            start, end = (int(bound, 16) for bound in bounds.split("-"))
            if not rights.startswith("rw"):
                continue
            at = start
            while at < end:
                try:
                    memory.seek(at)
                    chunk = memory.read(min(_CHUNK, end - at))
                except OSError:
                    break  # given back meanwhile
                if not chunk:
                    break
                yield chunk
                at += max(1, len(chunk) - overlap) if at + len(chunk) < end else len(chunk)
