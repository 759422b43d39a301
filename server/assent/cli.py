"""The command ``assent``: arguments to calls, no logic.

Exit codes: 0 done, 1 the server could not start, 2 wrong arguments or settings.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from assent import app, config, logs
from assent.config import Settings
from assent.errors import ConfigError, StartError
from assent.web.health import version
from assent.web.notices import PACKAGED, read_templates
from assent_vault import arenas

EXIT_OK, EXIT_FAILED, EXIT_MISTAKEN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    config_file: Path | None = options.config
    if config_file is None and os.environ.get("ASSENT_CONFIG"):
        config_file = Path(os.environ["ASSENT_CONFIG"])
    try:
        if options.command == "check-config" and options.keys:
            print(config.describe())
            return EXIT_OK
        settings = Settings.load(config_file, os.environ)
        read_templates(settings.notice_dir or PACKAGED)
        if options.command == "check-config":
            print("The settings are in order.")
        elif options.command == "admin-link":
            print(asyncio.run(app.new_administrator_link(settings)))
        else:
            _serve(settings, config_file)
    except ConfigError as error:
        print("The settings cannot be used:", file=sys.stderr)
        for mistake in error.mistakes:
            print(f"  - {mistake}", file=sys.stderr)
        return EXIT_MISTAKEN
    except StartError as error:
        print(f"Assent cannot start. {error}", file=sys.stderr)
        return EXIT_FAILED
    except Exception as error:
        # A traceback would show what was being worked on; its shape is what helps to mend this.
        shape = "\n  ".join(logs.shape(error))
        print(f"Assent has failed by a mistake of its own:\n  {shape}", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _serve(settings: Settings, config_file: Path | None) -> None:
    arenas.share()
    logs.configure(settings.log_level, settings.log_format, sys.stderr)
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
        "admin-link",
        parents=[shared],
        help="print a new one-time link that makes an administrator",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
