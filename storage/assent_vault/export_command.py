"""``assent-vault export``: what it can be told, what it asks, and what it shows meanwhile.

For people there is a line on a terminal, written over and over, or one for each meeting where
standard error is none. For programs (``--json``) standard output has a JSON object in each line:
``event`` is ``progress``, ``forecast``, ``done`` or ``failed``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from assent_vault import export_values as values
from assent_vault.clock.timekeeper import unix_ms
from assent_vault.config import VaultSettings
from assent_vault.errors import ExportError, KeyringError
from assent_vault.export import ExportOrder, Outcome, Progress, filters
from assent_vault.export.command_orders import CommandOrders
from assent_vault.export.folder import MANIFEST
from assent_vault.export.run import MOST_MEETINGS
from assent_vault.export.selection import Forecast, forecast
from assent_vault.export_request import ask
from assent_vault.formats import document
from assent_vault.ledger.entry import MOST_PURPOSE, MOST_RECIPIENT
from assent_vault.store import export_filters
from assent_vault.store import export_order as asked
from assent_vault.store.database import Database
from assent_vault.store.export_order import Options
from assent_vault.worker.problems import is_taken
from assent_vault.worker.worker import Worker

_HOUR_MS: Final = 3_600_000
_MEGABYTE: Final = 1_000_000


def add_command(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand to a parser."""
    export = commands.add_parser(
        "export", parents=[shared], help="write what is released into a new folder"
    )
    export.add_argument("--out", type=Path, metavar="DIR", help="the new folder")
    export.add_argument(
        "--recipient",
        type=values.line(MOST_RECIPIENT),
        metavar="NAME",
        help="to whom it is given; in the manifest, in the log, and shown to everyone in it",
    )
    export.add_argument(
        "--purpose", type=values.line(MOST_PURPOSE), metavar="TEXT", help="for what; shown likewise"
    )
    export.add_argument(
        "--since",
        type=values.day,
        metavar="DATE",
        help="meetings that began on this day (UTC) or later",
    )
    export.add_argument(
        "--until",
        type=values.day,
        metavar="DATE",
        help="meetings that began on this day or earlier",
    )
    export.add_argument(
        "--meeting",
        type=values.meeting,
        action="append",
        default=[],
        metavar="ID",
        help="this meeting; may be given several times",
    )
    export.add_argument("--audio-only", action="store_true", help="leave pictures out")
    export.add_argument(
        "--language",
        type=values.language,
        action="append",
        default=[],
        metavar="TAG",
        help="meetings in which everybody read what they agreed to in this language, as their"
        " signed answers say (which one they speak is not known); may be given several times",
    )
    export.add_argument(
        "--least-seconds",
        type=values.seconds,
        metavar="N",
        help="meetings that are at least so long",
    )
    export.add_argument(
        "--most-filled",
        type=values.share,
        metavar="SHARE",
        help="leave out tracks of sound of which more than this share, from 0 to 1, is silence"
        " that was laid where nothing arrived",
    )
    export.add_argument(
        "--most-clipped",
        type=values.share,
        metavar="SHARE",
        help="leave out tracks of sound of which more than this share of samples is clipped, or of"
        " which that is not known",
    )
    export.add_argument(
        "--format",
        choices=("folder", "tar", "webdataset"),
        default="folder",
        help="media as files, or in shards: tars to be unpacked, or samples of WebDataset",
    )
    export.add_argument(
        "--shard-size",
        type=values.size,
        default=asked.SHARD_BYTES,
        metavar="SIZE",
        help="bytes of a shard, about, as in 500M or 2G; 1G where it is not said",
    )
    export.add_argument(
        "--pcm", action="store_true", help="each sound as FLAC, 16 kHz, one channel, as well"
    )
    export.add_argument(
        "--no-proofs", action="store_true", help="leave consent.tar out; its digests stay"
    )
    export.add_argument(
        "--replaces",
        type=values.replaced,
        metavar="DIR|DIGEST",
        help="the data set of which it is the next version, or the SHA-256 of its MANIFEST.json;"
        " in the manifest and the card",
    )
    export.add_argument(
        "--again",
        type=values.export,
        metavar="EXPORT",
        help="the next version of this data set: those of its meetings that are still agreed to",
    )
    export.add_argument(
        "--include-exported",
        action="store_true",
        help="also what is in a data set already; otherwise only what is in none",
    )
    export.add_argument(
        "--dry-run",
        action="store_true",
        help="only tell how many meetings, hours and bytes it would be",
    )
    export.add_argument(
        "--anew", action="store_true", help="do not go on with one that was interrupted there"
    )
    export.add_argument("--json", action="store_true", help="tell everything in lines of JSON")


def mistake(options: argparse.Namespace) -> str | None:
    """Ask for what is missing where somebody sits at the terminal; return what is wrong, if any."""
    if len(options.meeting) > asked.MOST_MEETINGS:
        return f"No more than {asked.MOST_MEETINGS} meetings can be named."
    try:
        export_filters.languages(options.language)
    except ExportError as error:
        return str(error)
    if options.since and options.until and options.until < options.since:
        return "--until is before --since."
    if options.again is not None and (options.include_exported or options.replaces is not None):
        return "--again has the meetings of one data set, and replaces it: it stands alone."
    if options.dry_run:
        return None
    if options.out is None:
        return "--out says where the data set goes."
    for name, words, most in (
        ("recipient", "To whom is it given? ", MOST_RECIPIENT),
        ("purpose", "For what? ", MOST_PURPOSE),
    ):
        given = getattr(options, name)
        if given is None and sys.stdin.isatty():
            print(words, end="", file=sys.stderr, flush=True)
            given = sys.stdin.readline().strip()
            setattr(options, name, given)
        if given is None or not document.is_line(given, most):
            return "--recipient and --purpose say to whom it is given, and for what."
    return None


def _asked(options: argparse.Namespace) -> ExportOrder:
    """Return what was asked for on the command line."""
    return ExportOrder(
        options.recipient,
        options.purpose,
        Options(
            since=None if options.since is None else asked.midnight(options.since),
            until=None if options.until is None else asked.midnight(options.until, after=True),
            meetings=tuple(sorted(set(options.meeting))),
            audio_only=options.audio_only,
            proofs=not options.no_proofs,
            format=options.format,
            shard_bytes=options.shard_size,
            pcm=options.pcm,
            replaces=options.replaces,
            languages=export_filters.languages(options.language),
            least_duration=None if options.least_seconds is None else options.least_seconds * 1000,
            most_filled=options.most_filled,
            most_clipped=options.most_clipped,
            again=options.again,
            include_exported=options.include_exported,
        ),
    )


async def look(settings: VaultSettings, options: argparse.Namespace) -> None:
    """Tell what it would be; nothing is claimed, opened or written."""
    database = Database(settings.database_url)
    try:
        await database.require_current()
        found = await forecast(database, _asked(options).options, unix_ms(), MOST_MEETINGS)
    finally:
        await database.close()
    if options.json:
        _tell_program("forecast", **_figures(found))
        return
    print(
        f"{found.meetings} meeting(s), {found.duration / _HOUR_MS:.2f} hours,"
        f" about {found.octets / _MEGABYTE:.1f} MB"
    )
    if found.left and options.include_exported:
        print(f"{found.left} more have no room: one data set has up to {MOST_MEETINGS}. Name some.")
    elif found.left:
        print(f"{found.left} more are for the next data set: one has up to {MOST_MEETINGS}.")
    for code, count in found.refused.items():
        print(f"{count} exported before cannot be once more: {code}")


def _figures(found: Forecast) -> dict[str, Any]:
    return {
        "meetings": found.meetings,
        "hours": round(found.duration / _HOUR_MS, 4),
        "bytes": found.octets,
        "left": found.left,
        "refused": dict(found.refused),
    }


async def export(settings: VaultSettings, options: argparse.Namespace) -> Outcome:
    """Write the data set, or have the worker do it that has the vault's folder."""
    out: Path = options.out.absolute()
    if await asyncio.to_thread(os.path.lexists, out):
        raise ExportError("folder-exists", "There is something at that place already.")
    shown = _Shown(as_json=options.json)
    worker, orders = None, None
    # A vault's folder that is not here is not made: it is another machine's.
    if await asyncio.to_thread((settings.vault_dir / "identity.key").exists):
        try:
            worker = await Worker.open(settings, migrate=False)
        except KeyringError as error:
            if not is_taken(error):
                raise
            orders = CommandOrders(settings.vault_dir)
    try:
        if worker is not None:
            try:
                return await worker.export_to(out, shown, _asked(options), anew=options.anew)
            finally:
                await worker.close()
        database = Database(settings.database_url)
        try:
            await database.require_current()
            return await ask(database, out, unix_ms, shown, _asked(options), orders)
        finally:
            await database.close()
    finally:
        shown.end()


def tell(outcome: Outcome, options: argparse.Namespace) -> None:
    """Say what has come of it; what went wrong is told elsewhere."""
    if options.json:
        _tell_program(
            "failed" if outcome.folder is None else "done",
            export=outcome.export_id,
            folder=None if outcome.folder is None else str(outcome.folder),
            meetings=outcome.meetings,
            failed=outcome.failed,
            tracks_left_out=_tracks_left_out(outcome.folder),
            error=outcome.error,
        )
    elif outcome.folder is not None:
        print(f"Exported {outcome.meetings} meeting(s) to {outcome.folder}")
        left_out = _tracks_left_out(outcome.folder)
        if left_out:
            print(f"{left_out} track(s) of these are not in it, for what they are like.")


def _tracks_left_out(folder: Path | None) -> int:
    """Return of how many tracks the manifest says that they were left out for what they are."""
    if folder is None:
        return 0
    found = json.loads((folder / MANIFEST).read_bytes())
    codes = [one["code"] for each in found["meetings"] for one in each["missing"]]
    return sum(code in filters.CODES for code in codes)


def _tell_program(event: str, **values: Any) -> None:
    print(json.dumps({"event": event, **values}, ensure_ascii=False), flush=True)


class _Shown:
    """Shows how far it has come."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._over = sys.stderr.isatty()
        self._last = Progress()

    def __call__(self, now: Progress) -> None:
        if self._as_json:
            _tell_program(
                "progress",
                meetings=now.meetings,
                meetings_total=now.meetings_total,
                bytes=now.octets,
                bytes_total=now.octets_total,
            )
        elif self._over:
            # The last of it is left standing, for what is logged then.
            end = "\n" if now.meetings == now.meetings_total else ""
            print(f"\r\x1b[K{_words(now)}", end=end, file=sys.stderr, flush=True)
        elif replace(now, octets=0) != replace(self._last, octets=0):
            print(_words(now), file=sys.stderr, flush=True)
        self._last = now

    def end(self) -> None:
        """Leave the line that was written over."""
        unfinished = self._last.meetings < self._last.meetings_total
        if self._over and not self._as_json and unfinished:
            print(file=sys.stderr, flush=True)


def _words(now: Progress) -> str:
    share = 100 * now.octets // now.octets_total if now.octets_total else 0
    return (
        f"{now.meetings} of {now.meetings_total} meetings written,"
        f" {now.octets / _MEGABYTE:.1f} of {now.octets_total / _MEGABYTE:.1f} MB ({share} %)"
    )
