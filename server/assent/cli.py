"""The command ``assent``: arguments to calls, no logic.

Exit codes: 0 done, 1 the server could not start or it was not done, 2 wrong arguments or settings.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assent import config, healthcheck
from assent.config import Settings
from assent.errors import ConfigError, Refusal, StartError
from assent.version import version
from assent_vault import malloc
from assent_vault.files import folders

if TYPE_CHECKING:
    from assent.meeting import Purpose

_ACTS: dict[str, tuple[Purpose, str]] = {
    "withdraw": (
        "training",
        "Takes back a person's yes to training, for good: the recording of the meeting will never "
        "be released, and the vault's key of it is destroyed. What was exported stays exported.",
    ),
    "delete-part": (
        "recording",
        "Takes back a person's yes to recording and to training, and deletes what was recorded of "
        "them. What was exported, and copies that people have, stay.",
    ),
    "delete-meeting": (
        "meeting",
        "Deletes a meeting: the recording, its keys, and all that tells who was there. One that "
        "runs is ended. What was exported, and copies that people have, stay.",
    ),
}
EXIT_OK, EXIT_FAILED, EXIT_MISTAKEN = 0, 1, 2
MEETING: Final = "the meeting's id, as in its links"
# Base64url of 16 or 32 bytes, which one time in 64 begins as an option does.
_ID_LIKE_AN_OPTION: Final = re.compile(r"-[A-Za-z0-9_-]{21}(?:[A-Za-z0-9_-]{21})?")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(_with_ids(sys.argv[1:] if arguments is None else arguments))
    os.umask(folders.UMASK)
    config_file: Path | None = options.config
    if config_file is None and os.environ.get("ASSENT_CONFIG"):
        config_file = Path(os.environ["ASSENT_CONFIG"])
    try:
        if options.command == "check-config" and options.keys:
            print(config.describe())
            return EXIT_OK
        settings = Settings.load(config_file, os.environ)
        if options.command == "healthcheck":
            return _healthcheck(settings, ready=options.ready)
        if options.command in _ACTS:
            return asyncio.run(_act(settings, options))
        _run(options, settings, config_file)
    except ConfigError as error:
        print("The settings cannot be used:", file=sys.stderr)
        for mistake in error.mistakes:
            print(f"  - {mistake}", file=sys.stderr)
        return EXIT_MISTAKEN
    except StartError as error:
        print(f"Assent cannot start. {error}", file=sys.stderr)
        return EXIT_FAILED
    except Refusal as error:
        print(f"assent: {error.code}: {error.message}", file=sys.stderr)
        return EXIT_FAILED
    except Exception as error:
        # A traceback would show what was being worked on; its shape is what helps to mend this.
        from assent_vault.logs import shape

        places = "\n  ".join(shape(error))
        print(f"Assent has failed by a mistake of its own:\n  {places}", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _healthcheck(settings: Settings, *, ready: bool) -> int:
    wrong = healthcheck.ask(settings, ready=ready)
    if wrong:
        print(f"Assent: {wrong}.", file=sys.stderr)
    return EXIT_FAILED if wrong else EXIT_OK


def _run(options: argparse.Namespace, settings: Settings, config_file: Path | None) -> None:
    # Here, because it is most of the program: a health check comes often, and does without.
    from assent import offline
    from assent.web.notices import PACKAGED, read_templates

    read_templates(settings.notice_dir or PACKAGED)
    match options.command:
        case "check-config":
            _check_certificate(settings)
            print("The settings are in order.")
        case "admin-link":
            print(asyncio.run(offline.new_administrator_link(settings)))
        case "people":
            asyncio.run(_people(settings, options.meeting))
        case "new-log":
            _begin_new_log(settings, yes=options.yes)
        case "migrate":
            asyncio.run(offline.migrate(settings))
            print("The database is of this version.")
        case _:
            _serve(settings, config_file)


def _check_certificate(settings: Settings) -> None:
    from assent import tls

    errors, warnings = tls.check(settings, time.time())
    for warning in warnings:
        print(f"Warning: {warning}", file=sys.stderr)
    if errors:
        raise ConfigError(errors)


def _begin_new_log(settings: Settings, *, yes: bool) -> None:
    if not yes:
        raise StartError(
            "A new log is one that nobody has seen yet: it cannot show that nothing was taken out"
            " before. Use it only where log.key, log.head or the newest database is lost; to go"
            " on, say --yes."
        )
    from assent import offline

    print(f"A new log has begun: {asyncio.run(offline.begin_new_log(settings))}")


async def _people(settings: Settings, meeting: str) -> None:
    """Print everyone who was ever let in, by name, with what was taken back for them."""
    from assent import offline

    async with offline.acting(settings) as acts:
        for each in await acts.people(meeting):
            done = ", ".join(f"{act.purpose} taken back by {act.by}" for act in each.acts)
            print(f"{each.person}  {each.name}{f'  ({done})' if done else ''}")


async def _act(settings: Settings, options: argparse.Namespace) -> int:
    """Say what it does, ask twice, and do it; it can be done beside a running server."""
    purpose, what = _ACTS[options.command]
    person: str | None = getattr(options, "person", None)
    print(what)
    if not options.yes and not _sure(options.command):
        print("Nothing was done.")
        return EXIT_FAILED
    from assent import offline
    from assent.clock import SystemClock
    from assent.meeting import Actor

    async with offline.acting(settings) as acts:
        now = SystemClock().now()
        operator = Actor("operator", None)
        act = await acts.take_back(options.meeting, person, purpose, operator, now)
    print(f"It holds, and the vault carries it out ({act.purpose}, by {act.by}).")
    return EXIT_OK


def _sure(command: str) -> bool:
    """Ask twice; no answer is a no."""
    try:
        return (
            input("Go on? [y/N] ").strip().lower() in ("y", "yes")
            and input(f'It cannot be undone. Type "{command}" to do it: ').strip() == command
        )
    except EOFError:
        return False


def _serve(settings: Settings, config_file: Path | None) -> None:
    from assent import app, logs

    # None of these may end a meeting; processes that are started inherit it.
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    malloc.share()
    logs.configure(settings.vault.log_level, settings.vault.log_format, sys.stderr)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(app.run(settings, config_file, _say))


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this system; asyncio's own loop does the same, slower
        return None
    return uvloop.Loop


def _say(text: str) -> None:
    # At once, also into a pipe: somebody waits for the link.
    print(text, flush=True)


def _with_ids(arguments: Sequence[str]) -> list[str]:
    """Return arguments of which argparse takes no id for an option: none that begins with a space.

    The space is taken off again where an id is expected.
    """
    return [f" {each}" if _ID_LIKE_AN_OPTION.fullmatch(each) else each for each in arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="assent",
        description="Private meetings that record, and release for training, "
        "only what everyone agreed to.",
    )
    parser.add_argument("--version", action="version", version=f"assent {version()}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings in TOML; ASSENT_CONFIG names it as well, ASSENT_<KEY> overrides a key",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", parents=[shared], help="run the server")
    check = commands.add_parser(
        "check-config", parents=[shared], help="name every mistake in the settings"
    )
    check.add_argument("--keys", action="store_true", help="list every key with its meaning")
    commands.add_parser(
        "migrate", parents=[shared], help="upgrade the database; SQLite is copied first"
    )
    health = commands.add_parser(
        "healthcheck", parents=[shared], help="ask the server of this machine whether it lives"
    )
    health.add_argument("--ready", action="store_true", help="ask whether it is ready as well")
    commands.add_parser(
        "admin-link",
        parents=[shared],
        help="print a new one-time link that makes an administrator",
    )
    new_log = commands.add_parser(
        "new-log",
        parents=[shared],
        help="after a loss: begin another log over the database there is",
    )
    new_log.add_argument("--yes", action="store_true", help="do not ask")
    yes = argparse.ArgumentParser(add_help=False)
    yes.add_argument("--yes", action="store_true", help="do not ask")
    for command, (purpose, what) in _ACTS.items():
        one = commands.add_parser(command, parents=[shared, yes], help=what)
        one.add_argument("meeting", type=str.strip, metavar="MEETING", help=MEETING)
        if purpose != "meeting":
            one.add_argument(
                "person", type=str.strip, metavar="PERSON", help="the id that `people` prints"
            )
    people = commands.add_parser(
        "people", parents=[shared], help="print everyone who was in a meeting, by name"
    )
    people.add_argument("meeting", type=str.strip, metavar="MEETING", help=MEETING)
    return parser


if __name__ == "__main__":
    sys.exit(main())
