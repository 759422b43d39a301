"""What is left to ``make nightly``, what is tried again, what is begun first: tests/tiers.toml."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).resolve().parents[1]
END_TO_END: Final = "end_to_end/"
"""Where the tests are that meet in browsers."""
POSTGRESQL: Final = "[postgresql"
"""How the parameters of a test begin that runs on PostgreSQL, and on SQLite beside."""


@dataclass(frozen=True)
class Tiers:
    """``nightly`` has modules or tests, each with the reason; ``postgresql`` modules or folders.

    ``again`` has tests that get a second try, each with the day it was listed and the reason.
    ``first`` has the modules that take longest, the longest first.
    """

    nightly: Mapping[str, str]
    postgresql: tuple[str, ...]
    browsers: tuple[str, ...]
    again: Mapping[str, str]
    first: tuple[str, ...]

    def is_nightly(self, node: str) -> bool:
        """Tell whether a test is left to the night, by its name from the root (``tests/…``)."""
        name = node.removeprefix("tests/")
        path, _, _ = name.partition("::")
        if path in self.nightly or _names(self.nightly, name):
            return True
        if path.startswith(END_TO_END) and not _names(self.browsers, name):
            return True
        return POSTGRESQL in name and not any(
            path == each or path.startswith(f"{each}/") for each in self.postgresql
        )

    def is_tried_again(self, node: str) -> bool:
        """Tell whether a test that fails is given a second try, by its name from the root."""
        return _names(self.again, node.removeprefix("tests/"))

    def turns(self, nodes: Sequence[str]) -> list[int]:
        """Return the places of these tests in the order in which processes share them.

        Modules stay whole; those that are listed come first, and of the others those with most
        tests.
        """
        modules = [node.removeprefix("tests/").partition("::")[0] for node in nodes]
        ranks = {module: rank for rank, module in enumerate(self.first)}
        count = Counter(modules)
        return sorted(
            range(len(nodes)),
            key=lambda place: (
                ranks.get(modules[place], len(ranks)),
                -count[modules[place]],
                modules[place],
            ),
        )


def _names(listed: Iterable[str], name: str) -> bool:
    """Tell whether a test is listed: as itself, with all its parameters, or where it stands.

    What ends in ``*`` lists all whose names begin like it.
    """
    return any(
        name == each
        or name.startswith((f"{each}[", f"{each}::", f"{each}/"))
        or (each.endswith("*") and name.startswith(each[:-1]))
        for each in listed
    )


def read() -> Tiers:
    """Read the list."""
    listed = tomllib.loads((TESTS / "tiers.toml").read_text())
    return Tiers(
        listed["nightly"],
        tuple(listed["postgresql"]["every_time"]),
        tuple(listed["browsers"]["every_time"]),
        listed["again"],
        tuple(listed["shared"]["first"]),
    )
