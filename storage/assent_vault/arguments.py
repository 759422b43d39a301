"""The command line of ``assent-vault``: its subcommands, and what each can be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from assent_vault import dataset_command, export_command, recalls_command, verify_command


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``assent-vault`` and its subcommands."""
    whole = argparse.ArgumentParser(
        prog="assent-vault",
        description="Keeps the keys of recordings, and exports what everyone has released.",
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings in TOML; ASSENT_CONFIG names it as well, ASSENT_<KEY> overrides a key",
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    worker = commands.add_parser("worker", parents=[shared], help="run the vault worker")
    worker.add_argument(
        "--embedded", action="store_true", help="leave when standard input ends; for the server"
    )
    worker.add_argument(
        "--exports-only",
        action="store_true",
        help="export beside the worker that has the vault's folder; there may be any number",
    )
    export_command.add_command(commands, shared)
    commands.add_parser(
        "status", parents=[shared], help="count meetings, releases, exports and deletions"
    )
    commands.add_parser(
        "keys", parents=[shared], help="list the vault's fingerprint and the meetings' keys"
    )
    sweeping = commands.add_parser(
        "sweep-orphans", parents=[shared], help="find what no row knows, and take it away"
    )
    sweeping.add_argument("--yes", action="store_true", help="do not ask")
    sweeping.add_argument(
        "--database-is-right",
        action="store_true",
        help="although the database is empty, or another vault's",
    )
    confirming = commands.add_parser(
        "confirm-clock", parents=[shared], help="say that this machine's clock is right"
    )
    confirming.add_argument("--yes", action="store_true", help="do not ask")
    adopting = commands.add_parser(
        "adopt",
        parents=[shared],
        help="after a loss: take over meetings that can never be released any more",
    )
    adopting.add_argument("--yes", action="store_true", help="do not ask")
    migrate = commands.add_parser(
        "migrate", parents=[shared], help="upgrade the database; SQLite is copied first"
    )
    for role in ("server", "vault"):
        migrate.add_argument(
            f"--{role}-role",
            metavar="ROLE",
            help=f"PostgreSQL: give this role the rights that the {role} needs, and no others",
        )
    commands.add_parser(
        "healthcheck", parents=[shared], help="tell whether the vault worker lives and works"
    )
    verify_command.add_command(commands)
    dataset_command.add_command(commands)
    recalls_command.add_command(commands, shared)
    return whole
