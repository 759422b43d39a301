"""What storage/THREATS.md says is shown by a test is shown by a test that is there."""

from __future__ import annotations

import re

import pytest

from support.claims import ROOT, is_shown, is_there

_TABLE = (ROOT / "storage" / "THREATS.md").read_text().partition("## What shows it")[2]
ROWS = re.findall(r"^\| (?!attack|---)(.+?) \| (.+) \|$", _TABLE, re.MULTILINE)


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 21


@pytest.mark.parametrize(("threat", "tests"), ROWS, ids=[threat[:40] for threat, _ in ROWS])
def test_every_test_that_is_named_exists(threat: str, tests: str) -> None:
    named = re.findall(r"`([^`]+\.py)::(\w+)`", tests)
    browser = re.findall(r'`(client-web/[^`]+\.test\.ts)` "([^"]+)"', tests)
    assert named or browser
    for path, name in named:
        assert is_shown(f"{path}::{name}"), f"{path} has no {name}"
    for path, title in browser:
        assert is_shown(f'{path} "{title}"'), f"{path} has no {title}"
    for target in re.findall(r"make (\w+)", tests):
        assert is_there(f"Makefile:{target}"), target
