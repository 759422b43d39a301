"""What is kept of a test that fails: its text, and what its pages looked like when it did."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "test-results"
"""One folder for each try that has failed."""

REPORT: Final = pytest.StashKey[pytest.TestReport]()
"""How the test itself went, for fixtures that end after it."""

_MOST_SHOWN: Final = 6000  # characters of one failure


def folder_of(node: pytest.Item) -> Path | None:
    """Return where to keep what there is to see of a test that has failed, None if it has not."""
    report = node.stash.get(REPORT, None)
    if report is None or report.passed or report.skipped:
        return None
    name = re.sub(r"[^\w.-]+", "-", node.nodeid.removeprefix("tests/")).strip("-")
    tries = len(list(FOLDER.glob(f"{name}-try-*")))
    folder = FOLDER / f"{name}-try-{tries + 1}"
    folder.mkdir(parents=True)
    (folder / "failure.txt").write_text(f"{report.longreprtext}\n{report.capstdout}")
    return folder


def tell(reports: list[pytest.TestReport]) -> list[tuple[str, str]]:
    """Return, for each test that was tried again, its name and the end of what it said first."""
    return [(report.nodeid, report.longreprtext[-_MOST_SHOWN:]) for report in reports]
