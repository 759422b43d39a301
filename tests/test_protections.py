"""Every attack of THREATS.md has a protection that can be taken away, and taking it is noticed.

``make protections`` is what takes all of them; here it is seen that it could, of two that it does,
and that what nobody notices is told.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.removals import ROOT, Change, Copy, Found, Removal, Stale
from support.removed import ROWS

_TABLE = (ROOT / "storage" / "THREATS.md").read_text().partition("## What shows it")[2]
THREATS: list[tuple[str, str]] = re.findall(
    r"^\| (?!attack, or|---)(.+?) \| (.+) \|$", _TABLE, re.MULTILINE
)
REMOVALS = [removal for removals in ROWS.values() for removal in removals]


def rows_of(threat: str) -> list[str]:
    return [row for row in ROWS if threat.startswith(row)]


def test_every_row_is_that_of_one_attack() -> None:
    for threat, _ in THREATS:
        assert len(rows_of(threat)) == 1, threat
        (row,) = rows_of(threat)
        assert ROWS[row], threat
    assert len(ROWS) == len(THREATS)


@pytest.mark.parametrize(("threat", "cell"), THREATS, ids=[threat[:40] for threat, _ in THREATS])
def test_every_test_that_is_named_has_something_to_miss(threat: str, cell: str) -> None:
    named = set(re.findall(r"`([^`]+\.py::\w+)`", cell))
    named |= {
        f'{path} "{title}"' for path, title in re.findall(r'`(client-web/[^`]+)` "([^"]+)"', cell)
    }
    (row,) = rows_of(threat)
    missing = {test.partition("[")[0] for removal in ROWS[row] for test in removal.tests}
    assert missing == named


def test_every_case_of_a_test_that_is_named_is_there() -> None:
    """One that is not would have pytest run none at all; what is named whole is seen above."""
    cases = sorted(
        {f"tests/{test}" for removal in REMOVALS for test in removal.tests if "[" in test}
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *cases],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert cases
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda removal: removal.protection[:50])
def test_what_is_taken_away_is_there(removal: Removal) -> None:
    """Each change fits by itself, all of them fit together, and what is left is Python."""
    changed: dict[str, str] = {}
    for change in removal.changes:
        source = (ROOT / change.path).read_text()
        change.applied(source)
        changed[change.path] = change.applied(changed.get(change.path, source))
    for path, source in changed.items():
        if path.endswith(".py"):
            compile(source, path, "exec", dont_inherit=True)
    assert len(removal.changes) > 1 or not removal.depth


# The way it is done.


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("protections"))


def taken(protection: str) -> Removal:
    """Return the removal of this name."""
    (found,) = (removal for removal in REMOVALS if removal.protection == protection)
    return found


GRANT = taken("an answer names the box of its grant")
GHOST = taken("the browser compares its own enrolment with that in the header")


@pytest.mark.parametrize("removal", [GRANT, GHOST], ids=["python", "client"])
def test_what_is_taken_away_is_missed(copied: Copy, removal: Removal) -> None:
    for finding in copied.run(removal.tests).values():
        assert finding.found is Found.PASSED
    verdict = copied.judge(removal)
    assert verdict.noticed, verdict.why
    # All is as it was.
    for change in removal.changes:
        assert (copied.folder / change.path).read_text() == (ROOT / change.path).read_text()


def instead(text: str) -> tuple[Change, ...]:
    """Return the same change, but for what comes in the place of what is taken."""
    (change,) = GRANT.changes
    return (Change(change.path, change.text, text),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("    if answer.sealed != suite.digest(sealed):\n", "passed", id="nothing"),
        pytest.param("    if no_such_thing:\n", "NameError", id="mistake"),
        pytest.param("    if:\n", "broke", id="no Python"),
    ],
)
def test_what_nobody_misses_is_told(copied: Copy, text: str, why: str) -> None:
    verdict = copied.judge(Removal("nothing", instead(text), GRANT.tests))
    assert not verdict.noticed
    assert why in verdict.why


def test_what_is_missed_by_itself_is_not_deep(copied: Copy) -> None:
    changes = (*GRANT.changes, *GHOST.changes)
    verdict = copied.judge(Removal("two", changes, GRANT.tests, depth="either holds"))
    assert not verdict.noticed
    assert "by one alone" in verdict.why


def test_a_test_that_is_not_there_shows_nothing(copied: Copy) -> None:
    for test in ("test_walk.py::test_none", 'client-web/tests/proof/check.test.ts "none"'):
        verdict = copied.judge(Removal("grant", GRANT.changes, (test,)))
        assert not verdict.noticed


@pytest.mark.parametrize("text", ["no such text", "\n"])
def test_a_text_that_is_not_there_once_is_stale(copied: Copy, text: str) -> None:
    path = "storage/assent_vault/release/gate.py"
    before = (copied.folder / path).read_text()
    with pytest.raises(Stale):
        copied.judge(Removal("stale", (Change(path, text, "x"),), GRANT.tests))
    assert (copied.folder / Path(path)).read_text() == before
