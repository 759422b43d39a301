"""Takes protections out of a copy of the product, and sees whether their tests notice.

A *removal* names a protection, the exact text of the source that it is, and what stands in its
place. The tests that watch over it must then fail, each by an assertion of its own or by a refusal
of the product: a module that cannot be imported any more, or a mistake in the changed text, is no
proof of anything. Where two protections do the same, either holds alone; then neither may be
noticed by itself, and both together must be.

Nothing is changed but a copy. What runs there finds its own modules first, in every process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("server", "storage", "tests")  # the folders that modules are found in
# Not part of the product, or made from it; and what would be copied for nothing.
_LEFT = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", ".fuzz", "__pycache__", "node_modules", "dist",
    "data", "exports", "screenshots",
)  # fmt: skip
_IN_BROWSER = re.compile(r'(client-web/\S+\.test\.tsx?) "(.+)"')
# Whatever has hung for so long would hang for ever.
_HANGS_SECONDS = 1800


class Stale(Exception):
    """The text that a removal takes away is not, or not just once, in its file."""


@dataclass(frozen=True)
class Change:
    """What becomes of a file, by its path from the root: ``text`` goes, ``instead`` comes."""

    path: str
    text: str
    instead: str

    def applied(self, source: str) -> str:
        """Return the source of the file with the change made; raises Stale."""
        if source.count(self.text) != 1:
            raise Stale(f"{self.path} has {source.count(self.text)} times: {self.text}")
        changed = source.replace(self.text, self.instead)
        if changed == source:
            raise Stale(f"nothing is changed in {self.path}")
        return changed

    @property
    def module(self) -> str | None:
        """The name of the module that the file is; None for one that is none, or is a script."""
        folder, _, inner = self.path.partition("/")
        if folder not in SOURCES or not inner.endswith(".py") or "/launchers/" in inner:
            return None
        return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Removal:
    """A protection, how it is taken away, and the tests that notice, every one of them.

    ``tests`` are named as in THREATS.md. With ``depth`` there are several changes, of which any one
    alone is not noticed, for the reason that it gives.
    """

    protection: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
    depth: str = ""

    @property
    def in_browsers(self) -> bool:
        """Whether any of its tests drives real browsers."""
        return any(test.startswith("end_to_end/") for test in self.tests)


class Found(StrEnum):
    """What came of a test."""

    PASSED = "passed"
    NOTICED = "noticed"  # failed by an assertion, or a refusal
    BROKE = "broke"  # failed otherwise, or could not be run at all


@dataclass(frozen=True)
class Finding:
    """What came of a test, and for one that broke, how."""

    found: Found
    why: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a removal was noticed; ``why`` says what was not as it should be, else nothing."""

    removal: Removal
    why: str

    @property
    def noticed(self) -> bool:
        """Whether every test failed that must, and for a reason of its own."""
        return not self.why


class Copy:
    """A copy of the product in ``folder``, to run tests in with something taken away."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder / "copy"
        shutil.copytree(root, self.folder, ignore=_LEFT, symlinks=True)
        modules = root / "client-web" / "node_modules"
        if modules.is_dir():
            (self.folder / "client-web" / "node_modules").symlink_to(modules)
        self._report = folder / "outcomes.json"

    @contextmanager
    def without(self, changes: Iterable[Change]) -> Iterator[None]:
        """Have the changes made while the block lasts; raises Stale."""
        before: dict[Path, str] = {}
        try:
            for change in changes:
                path = self.folder / change.path
                source = path.read_text()
                before.setdefault(path, source)
                path.write_text(change.applied(source))
            yield
        finally:
            for path, source in before.items():
                path.write_text(source)

    def judge(self, removal: Removal) -> Verdict:
        """Take a protection away and run its tests."""
        modules = [change.module for change in removal.changes if change.module is not None]
        if removal.depth:
            for change in removal.changes:
                with self.without([change]):
                    for test, finding in self.run(removal.tests, modules).items():
                        if finding.found is not Found.PASSED:
                            return Verdict(
                                removal, f"{test} {finding.found} by one alone. {finding.why}"
                            )
        with self.without(removal.changes):
            findings = self.run(removal.tests, modules)
        wrong = [
            f"{test} {finding.found}{finding.why and f': {finding.why}'}"
            for test, finding in findings.items()
            if finding.found is not Found.NOTICED
        ]
        return Verdict(removal, "; ".join(wrong))

    def run(self, tests: Iterable[str], modules: Iterable[str] = ()) -> dict[str, Finding]:
        """Run tests, named as in THREATS.md, in the copy as it is now."""
        tests = list(dict.fromkeys(tests))
        found: dict[str, Finding] = {}
        in_python = [test for test in tests if _IN_BROWSER.fullmatch(test) is None]
        if in_python:
            found |= self._run_python(in_python, modules)
        for test in tests:
            match = _IN_BROWSER.fullmatch(test)
            if match is not None:
                found[test] = self._run_client(match[1], match[2])
        return {test: found[test] for test in tests}

    def _run_python(self, tests: list[str], modules: Iterable[str]) -> dict[str, Finding]:
        said = self._start(
            *(sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no"),
            *("-p", "no:cacheprovider", "-p", "support.outcomes"),
            # The other kind of database has the same tests; one is enough to see them fail.
            *("-k", "not postgresql", f"--outcomes={self._report}"),
            *(f"--must-import={module}" for module in modules),
            *(f"tests/{test}" for test in tests),
        )
        try:
            outcomes: dict[str, list[str]] = json.loads(self._report.read_bytes())
        except FileNotFoundError:
            return dict.fromkeys(tests, Finding(Found.BROKE, _last_line(said)))
        if not outcomes:  # as where pytest does not find one of them
            return dict.fromkeys(tests, Finding(Found.BROKE, _last_line(said)))
        return {test: _of(f"tests/{test}", outcomes) for test in tests}

    def _run_client(self, path: str, title: str) -> Finding:
        said = self._start(
            *(sys.executable, "hatch_build.py", "npm", "exec", "--", "vitest", "run"),
            *(path.removeprefix("client-web/"), "-t", re.escape(title)),
            *("--reporter=json", f"--outputFile={self._report}"),
        )
        try:
            report = json.loads(self._report.read_bytes())
        except FileNotFoundError:
            return Finding(Found.BROKE, _last_line(said))
        ran = [
            each
            for suite in report["testResults"]
            for each in suite["assertionResults"]
            if each["status"] in ("passed", "failed")
        ]
        messages = [text for each in ran for text in each["failureMessages"]]
        if not ran:
            return Finding(Found.BROKE, "no such test was run")
        if not messages:
            return Finding(Found.PASSED)
        if any(text.startswith("AssertionError") for text in messages):
            return Finding(Found.NOTICED)
        return Finding(Found.BROKE, messages[0].partition("\n")[0])

    def _start(self, *command: str) -> str:
        self._report.unlink(missing_ok=True)
        paths = os.pathsep.join(str(self.folder / source) for source in SOURCES)
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                # Without kept bytecode, which would be taken for that of a source as old and long.
                env=os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_HANGS_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "it hangs"
        return done.stdout


def _of(test: str, outcomes: dict[str, list[str]]) -> Finding:
    """Put together what came of a test with all its parameters: one that notices is enough."""
    mine = [
        outcome for name, outcome in outcomes.items() if name == test or name.startswith(f"{test}[")
    ]
    for wanted in (Found.NOTICED, Found.BROKE, Found.PASSED):
        for found, why in mine:
            if found == wanted:
                return Finding(wanted, why)
    return Finding(Found.BROKE, "no such test was run")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["nothing was said"])[-1]
