"""What storage/THREATS.md says is shown by a test is shown by a test that is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
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
        tree = ast.parse((ROOT / "tests" / path).read_text())
        functions = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions, f"{path} has no {name}"
    for path, title in browser:
        source = (ROOT / path).read_text()
        assert f'it("{title}"' in source or f'describe("{title}"' in source
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make (\w+)", tests):
        assert f"\n{target}:" in makefile, target
