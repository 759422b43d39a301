"""Somebody who has everything that is on disk, and wants to open a recording.

They have the database, the objects, and the vault's folder where they are given it; they know the
formats, and the code that opens is theirs to use. They have no browser's seed. What they try is
everything that could go wrong at once: every key they can find, in every place a key fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assent_vault.errors import FormatError, SealError
from assent_vault.formats import suite
from assent_vault.formats.epoch import Header, Shares, parse_header, parse_shares
from assent_vault.formats.segment import parse_segment
from assent_vault.formats.statement import parse_answer, parse_enrolment
from assent_vault.keys.unsealing import decrypt_segment, open_grant, recover_training_epoch_key

Query = Callable[..., list[tuple[Any, ...]]]

# Texts as long as 32 bytes are in base64, alone or within something else.
_TEXT = re.compile(rb"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Loot:
    """What the attacker took, as it was at that moment: rows, and files with their contents."""

    rows: Mapping[str, list[tuple[Any, ...]]]
    participants: list[tuple[str, bytes]]  # person, enrolment
    statements: list[tuple[str, bytes, bytes | None]]  # person, answer, sealed seed
    objects: Mapping[str, bytes]
    vault: Mapping[str, bytes]

    def without_vault(self) -> Loot:
        """Return what somebody has who got everything but the vault's folder."""
        return Loot(self.rows, self.participants, self.statements, self.objects, {})


def take(query: Query, tables: Iterable[str], meeting: str, objects: Path, vault: Path) -> Loot:
    """Copy the whole database, the objects of a meeting, and the vault's folder."""
    return Loot(
        rows={table: query(f"SELECT * FROM {table}") for table in tables},
        participants=query(
            "SELECT person_id, enrolment FROM participants WHERE meeting_id = ?", meeting
        ),
        statements=query(
            "SELECT person_id, body, sealed_seed FROM statements WHERE meeting_id = ?"
            " ORDER BY person_id, sequence",
            meeting,
        ),
        objects=_contents(objects / "meetings" / meeting),
        vault=_contents(vault),
    )


def open_everything(loot: Loot) -> bytes:
    """Try to open the segments; returns all plaintext that came out, which should be none."""
    keys = list(dict.fromkeys(_keys(loot)))
    grants = _grants(loot, keys)
    found: list[bytes] = []
    for header, shares in _epochs(loot):
        epoch_keys = set(_epoch_keys(header, shares, keys, grants))
        for track, written, ciphertext in _segments(loot, header):
            # Also each key as if it were an epoch's, or a track's.
            for key in epoch_keys | set(keys[:200]):
                for candidate in (suite.track_key(key, header.digest, track), key):
                    with suppress(SealError):
                        found.append(decrypt_segment(written, ciphertext, candidate))
    return b"".join(found)


def _grants(loot: Loot, keys: list[bytes]) -> dict[bytes, bytes]:
    """Open every sealed seed there is with every key: training keys by person."""
    enrolments = {person: parse_enrolment(body) for person, body in loot.participants}
    trains: dict[bytes, bytes] = {}
    for person, body, sealed in loot.statements:
        if sealed is None or person not in enrolments:
            continue
        answer = parse_answer(body)
        for key in keys:
            with suppress(SealError):
                trains[answer.person] = open_grant(sealed, key, enrolments[person], answer)
    return trains


def _epoch_keys(
    header: Header, shares: Shares, keys: list[bytes], grants: Mapping[bytes, bytes]
) -> Iterator[bytes]:
    """Yield every epoch key that any combination gives away."""
    missing = [person.id for person in header.people if person.id not in grants]
    # In the place of each missing key: another's, the vault's, one made of nothing.
    guesses = (*grants.values(), *keys) if missing else (b"",)
    for vault_key in _vault_keys(header, shares, keys):
        for guess in guesses:
            trains = dict(grants) | dict.fromkeys(missing, guess)
            with suppress(SealError):
                yield recover_training_epoch_key(header, shares, vault_key, trains)
    for person, box in shares.watch.items():
        for key in (*keys, *grants.values()):
            with suppress(SealError):
                yield suite.unseal(key, box, suite.watch_info(header.digest, person))
    if shares.training is not None:
        # K is made of all shares; with those that are missing left out it must be another.
        partial = list(_own_shares(header, shares, keys, grants))
        with suppress(SealError, ValueError):  # of no shares at all there is no key
            key = suite.training_key(partial, header.digest)
            yield suite.unwrap(key, header.digest, shares.training.wrapped)


def _own_shares(
    header: Header, shares: Shares, keys: list[bytes], grants: Mapping[bytes, bytes]
) -> Iterator[bytes]:
    """Yield the shares that the attacker can open, the vault's first."""
    assert shares.training is not None, "asked before"
    assert header.vault is not None, "an epoch with training has a vault key"
    for key in _vault_keys(header, shares, keys):
        info = suite.share_info(header.digest, header.vault)
        yield suite.unseal(key, shares.training.vault, info)
    for person, box in zip(header.people, shares.training.people, strict=True):
        if person.id in grants:
            info = suite.share_info(header.digest, person.id)
            yield suite.unseal(grants[person.id], box, info)


def _vault_keys(header: Header, shares: Shares, keys: list[bytes]) -> list[bytes]:
    """Return those keys that open the vault's share: at most the one of the meeting."""
    if shares.training is None or header.vault is None:
        return []
    info = suite.share_info(header.digest, header.vault)
    found = []
    for key in keys:
        with suppress(SealError):
            suite.unseal(key, shares.training.vault, info)
            found.append(key)
    return found


def _epochs(loot: Loot) -> Iterator[tuple[Header, Shares]]:
    for name, data in sorted(loot.objects.items()):
        if name.endswith("/header.json"):
            header = parse_header(data)
            yield header, parse_shares(loot.objects[name.replace("header", "shares")], header)


def _segments(loot: Loot, header: Header) -> Iterator[tuple[str, bytes, bytes]]:
    for name, data in sorted(loot.objects.items()):
        if f"/{header.epoch:06d}/" in f"/{name}" and name.endswith(".segment"):
            with suppress(FormatError):
                found, written, ciphertext = parse_segment(data)
                yield found.track, written, ciphertext


def _keys(loot: Loot) -> Iterator[bytes]:
    """Yield whatever is 32 bytes long, likeliest first: files, columns, texts."""
    for data in loot.vault.values():
        if len(data) == suite.KEY_BYTES:
            yield data
    yield bytes(suite.KEY_BYTES)
    for rows in loot.rows.values():
        for row in rows:
            for value in row:
                yield from _within(value)


def _within(value: Any) -> Iterator[bytes]:
    data = value.encode() if isinstance(value, str) else value
    if not isinstance(data, bytes | memoryview):
        return
    data = bytes(data)
    if len(data) == suite.KEY_BYTES:
        yield data
    for text in _TEXT.findall(data):
        with suppress(FormatError):
            yield suite.decode(text.decode(), suite.KEY_BYTES)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
