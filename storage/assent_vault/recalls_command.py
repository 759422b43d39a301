"""The command ``assent-vault recalls``: what was taken back of what was exported, as published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from assent_vault.dataset import feed as feeds
from assent_vault.dataset.feed import FeedError
from assent_vault.errors import ExportError
from assent_vault.status import utc
from assent_vault.store.database import Database
from assent_vault.store.models import RecallFeedRow

_DAMAGED: Final = "The feed in the database is damaged; the vault worker mends it at its start."


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    shared: argparse.ArgumentParser,
) -> None:
    """Declare the command and its arguments."""
    recalls = commands.add_parser(
        "recalls", parents=[shared], help="list what was taken back of what was exported"
    )
    recalls.add_argument(
        "--since",
        type=int,
        default=0,
        metavar="N",
        help="only recalls that are numbered above N, in each export",
    )
    recalls.add_argument("--export", metavar="ID", help="only of this export")
    recalls.add_argument(
        "--feed",
        action="store_true",
        help="print the signed feed of --export ID as it is, for who has received it",
    )


async def print_recalls(database: Database, options: argparse.Namespace) -> None:
    """Print what was asked for; raises ExportError ``export-missing`` or ``recalls-damaged``."""
    if options.feed and options.export is None:
        raise ExportError("which-export", "--feed is of one export: say --export ID.")
    wanted = select(RecallFeedRow).order_by(RecallFeedRow.export_id)
    if options.export is not None:
        wanted = wanted.where(RecallFeedRow.export_id == options.export)
    async with database.read() as session:
        rows = (await session.scalars(wanted)).all()
    if options.export is not None and not rows:
        raise ExportError("export-missing", "There is no feed of such an export (yet).")
    for row in rows:
        if options.feed:
            sys.stdout.write(row.body.decode("ascii", "replace"))
        else:
            sys.stdout.writelines(f"{line}\n" for line in _lines(row, options.since))


def _lines(row: RecallFeedRow, since: int) -> Iterator[str]:
    try:
        feed = feeds.parse(row.body)
    except FeedError as error:
        raise ExportError("recalls-damaged", _DAMAGED) from error
    yield f"export {row.export_id}: {len(feed.recalls)} recall(s), feed at /recalls/{row.name}"
    for recall in feed.recalls:
        if recall.sequence > since:
            yield (
                f"{row.export_id} {recall.sequence} {utc(recall.at)} meeting {recall.meeting}"
                f" {recall.reason}"
            )
