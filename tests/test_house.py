"""What CONTRIBUTING.md says of names: one name, one thing; and the exceptions that it lists."""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Final

from support import tiers

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = sorted(
    path
    for part in ("server/assent", "storage/assent_vault")
    for path in (ROOT / part).rglob("*.py")
)
LINES: Final = 400
"""The most that a module has, but for those that CONTRIBUTING.md lists."""


def exceptions() -> str:
    """Return the end of CONTRIBUTING.md, with what is otherwise than it says, and why."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return text[text.index("**Exceptions") :]


def excepted() -> set[str]:
    """Return the class names that are excepted."""
    return set(re.findall(r"`(\w+)`", exceptions()))


def test_a_class_name_stands_in_one_file_only() -> None:
    places: defaultdict[str, list[Path]] = defaultdict(list)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            # What begins with an underscore is known in its own file only.
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(ROOT))
    assert len(places) > 300
    assert {name for name, found in places.items() if len(found) > 1} == excepted()


def test_a_module_is_one_noun_long() -> None:
    written = [
        *SOURCES,
        *(path for end in ("ts", "tsx") for path in (ROOT / "client-web/src").rglob(f"*.{end}")),
    ]
    assert len(written) > 400
    long = {
        str(path.relative_to(ROOT)) for path in written if path.read_bytes().count(b"\n") > LINES
    }
    assert long == set(re.findall(r"`([\w/.-]+\.(?:py|tsx?))`", exceptions())) - {
        "signalling/messages.py"
    }


def test_what_is_left_to_the_night_or_tried_again_is_there() -> None:
    listed = tiers.read()
    assert all(listed.nightly.values()), "each with its reason"
    assert all(re.match(r"2\d{3}-\d\d-\d\d: .{20}", why) for why in listed.again.values()), (
        "each with the day it was listed, and the reason"
    )
    assert all("::" in name for name in listed.again), "each by its name: no folder, no module"
    assert len(listed.again) < 6, "a list that shrinks"
    lists = (listed.nightly, listed.postgresql, listed.browsers, listed.again, listed.first)
    for name in itertools.chain(*lists):
        path, _, test = name.partition("::")
        assert (tiers.TESTS / path).exists(), name
        if test:
            named = f"def {test.partition('[')[0]}("
            assert named in (tiers.TESTS / path).read_text(), name


def test_what_takes_longest_is_begun_first() -> None:
    """Modules stay whole; of those that are not listed the one with most tests comes first."""
    listed = replace(tiers.read(), first=("b/test_long.py", "test_next.py"))
    nodes = [
        "tests/a/test_one.py::test_x",
        "tests/a/test_many.py::test_x[1]",
        "tests/test_next.py::test_x",
        "tests/a/test_many.py::test_x[2]",
        "tests/b/test_long.py::test_y",
        "tests/b/test_long.py::test_x",
    ]
    assert listed.turns(nodes) == [4, 5, 2, 1, 3, 0]


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT)
        for path in SOURCES
        if "versions" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_who_chooses_a_database_chooses_the_one_that_is_used() -> None:
    """``database`` and ``stage`` rest on ``migrated_url``: one beside it changes nothing."""
    unused = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        functions = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        asked = {argument.arg for each in functions for argument in each.args.args}
        if any(each.name == "database_url" for each in functions) and "database_url" not in asked:
            unused.append(path.relative_to(ROOT).as_posix())
    assert unused == []
