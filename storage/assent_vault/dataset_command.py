"""The command ``assent-vault check-dataset``: a data set on the disk, and nothing else.

No settings, no vault, no database and no network: it is for whoever received a data set.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from assent_vault.dataset import feed as feeds
from assent_vault.dataset.applying import apply
from assent_vault.dataset.check import Findings, check
from assent_vault.dataset.faults import Flaw, shown
from assent_vault.dataset.feed import Recall
from assent_vault.dataset.signed_manifest import FEED
from assent_vault.files import small_file
from assent_vault.verify_command import public_key

_MOST_OF_A_CODE: Final = 20
_WHY: Final = {
    feeds.WITHDRAWN: "somebody has withdrawn",
    feeds.REVOKED: "it was taken back for somebody",
    feeds.DELETED: "the meeting was deleted",
}


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its arguments."""
    checking = commands.add_parser(
        "check-dataset",
        help="check a data set that was received, offline",
        description="Says whether a data set is whole and signed and, with the feed of recalls, "
        "whether it is still agreed to. Needs no settings, no server and no network. The feed is "
        f"kept as {FEED} in DIR, so that no older one is believed later. The exit code is 0 only "
        "where nothing is wrong.",
    )
    checking.add_argument("folder", type=Path, metavar="DIR", help="the folder with MANIFEST.json")
    checking.add_argument(
        "--identity",
        action="append",
        default=[],
        type=public_key,
        metavar="KEY",
        help="the vault's key, as you know it from whoever runs the server: 64 hexadecimal digits, "
        "with or without spaces, or base64url; again for a vault that has taken over from it",
    )
    checking.add_argument(
        "--feed", type=Path, metavar="FILE", help=f"the feed of its recalls, {FEED}, as it is now"
    )
    checking.add_argument(
        "--apply",
        action="store_true",
        help="take out what was recalled, and write REMAINING.json, the manifest of what is left, "
        "which is not signed; what was signed stays beside it",
    )


def run(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Check a data set and print the report; return what is wrong, as pairs of code and text."""
    given, unreadable = _read(options.feed)
    found = check(options.folder, options.identity, given)
    if unreadable is not None:
        found.add(unreadable)
    if found.signed and found.feed_given:
        _remember(options.folder, found)
    if options.apply:
        found = _apply(options, found)
    return _report(found)


def _apply(options: argparse.Namespace, found: Findings) -> Findings:
    """Take out what was recalled, and check anew."""
    if not found.signed or found.feed is None:
        found.add(Flaw("apply-unsigned"))
        return found
    flaws = apply(options.folder, found)
    # Of the feed that was given, only what kept it from being taken is still to be told.
    told = [each for each in found.faults if each.code.startswith("feed-")]
    found = check(options.folder, options.identity)
    for each in (*told, *flaws):
        found.add(each)
    return found


def _report(found: Findings) -> list[tuple[str, str]]:
    _print(_explain(found))
    counted = Counter(fault.code for fault in found.faults)
    listed: Counter[str] = Counter()
    problems = []
    for fault in found.faults:
        listed[fault.code] += 1
        if listed[fault.code] <= _MOST_OF_A_CODE:
            problems.append((fault.code, _words(fault)))
        elif listed[fault.code] == counted[fault.code]:
            problems.append((fault.code, f"And {counted[fault.code] - _MOST_OF_A_CODE} more."))
    if found.more:
        problems.append(("more", f"And {found.more} more that are not listed."))
    return problems


def _words(fault: Flaw) -> str:
    return fault.words if fault.what is None else f"{shown(fault.what)}: {fault.words}"


def _read(path: Path | None) -> tuple[bytes | None, Flaw | None]:
    if path is None:
        return None, None
    try:
        with path.open("rb") as file:
            return file.read(feeds.MAX_BYTES + 1), None
    except OSError:
        return None, Flaw("feed-missing")


def _remember(root: Path, found: Findings) -> None:
    assert found.feed is not None, "it was given"
    body = found.feed.body
    with suppress(OSError):
        if (root / FEED).is_file() and (root / FEED).read_bytes() == body:
            return
    try:
        small_file.replace(root / FEED, body)
    except OSError:
        found.add(Flaw("cannot-write", FEED))


def _explain(found: Findings) -> Iterator[str]:
    manifest = found.manifest
    if manifest is None:
        yield "THIS IS NO DATA SET."
        return
    yield f"Data set {manifest.export}, {len(manifest.meetings)} meeting(s)."
    key = manifest.vault.hex()
    yield "It names as its vault " + " ".join(key[at : at + 8] for at in range(0, len(key), 8))
    yield "The manifest is signed by the vault." if found.signed else "NOT SIGNED AS IT SHOULD BE."
    yield f"{found.as_signed} file(s), {found.octets} bytes, are as they were signed."
    if found.rewritten or found.removed:
        yield (
            f"{found.removed} file(s) were removed as recalled; {len(found.rewritten)} were written"
            " anew without what was recalled, which the vault has not signed."
        )
    yield from _agreed(found)
    yield "SOMETHING IS WRONG." if found.faults else "It is whole."


def _agreed(found: Findings) -> Iterator[str]:
    if found.feed is None:
        yield "Whether it is still agreed to was not looked at: that takes --feed."
        return
    yield (
        f"The feed has {len(found.feed.recalls)} recall(s)"
        f"{'' if found.feed_given else ', as it was kept here: a newer one may have more'}."
    )
    yield from map(_told, found.recalls)
    if any(fault.code == "recalled" for fault in found.faults):
        yield "IT IS NOT AGREED TO ANY MORE: take out what was recalled, with --apply."
    else:
        yield "What is here is still agreed to, as far as the feed goes."


def _told(recall: Recall) -> str:
    return f"Recalled at {_utc(recall.at)}: meeting {recall.meeting}, {_WHY[recall.reason]}."


def _utc(at: int) -> str:
    try:
        return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{at} ms"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
