"""Changes every condition of gate, capture rule and receipts' course; each must be noticed.

Called by ``make mutants``. The tests of the module, and the walk, are loaded once and run in this
process against each mutant until one fails: what noticed one of the last mutants first, then the
quick ones. What no test notices is alive: then a condition is not tested, or the mutant does the
same as the original. For the latter there is :data:`EQUIVALENT`, with the reason; an entry that no
mutant needs any more is an error, too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.runner import runtestprotocol

from assent.consent import advance, capture
from assent_vault.formats import everyone
from assent_vault.receipt import course
from assent_vault.release import evidence, gate
from support.mutants import Mutant, alive, mutants
from support.walk_capture import BrokenPromise, walk
from support.walk_gate import WrongDecision, judge, remembered

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Subject:
    """A module, its tests, and a walk that raises where the module does what it must not."""

    module: ModuleType
    tests: str
    walk: Callable[[], None]


def _walk_gate() -> None:
    with remembered(gate):
        judge(gate.decide, _ENDS)


def _walk_capture() -> None:
    walk(advance, 2)
    walk(advance, 1, recordable=False)


_ENDS = walk(advance, 2).ends
SUBJECTS = (
    Subject(gate, "assent_vault/release/gate", _walk_gate),
    Subject(evidence, "assent_vault/release/test_evidence.py", _walk_gate),
    Subject(everyone, "assent_vault/formats/test_everyone.py", _walk_gate),
    Subject(capture, "assent/consent/test_capture.py", _walk_capture),
    Subject(course, "assent_vault/receipt/test_course.py", lambda: None),
)
_CAUGHT = "what is raised further up is caught by decide(), which blocks for the same reason"
EQUIVALENT: dict[str, str] = {
    "_charter: except VaultError  →  except ()": _CAUGHT,
    **dict.fromkeys(
        (
            "_durable: state.epoch is not None and state.epoch.number == number and "
            "state.epoch.durable  →  state.epoch.number == number and state.epoch.durable",
            "_durable: state.epoch is not None and state.epoch.number == number and "
            "state.epoch.durable  →  state.epoch is not None and state.epoch.durable",
        ),
        "what is durable now was open before, under the same number, and became so just now",
    ),
    "_retention: told is not None and ended is None and (evidence.ended_at is not None)"
    "  →  told is not None and ended is None": (
        "what no column says is over is blocked for the same reason, as a circumstance"
    ),
    "__init__: super().__init__(code)  →  pass": "the text of an exception that never gets out",
    "advance: raise AssertionError('every kind of record has its transition')  →  pass": (
        "what is no kind of record was refused before"
    ),
}


class Runner:
    """A plugin that runs the tests it is given again and again, once for each mutant."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.killed = 0
        self.equivalent: list[str] = []
        self.alive: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the one run there usually is."""
        checks: list[Callable[[], bool]] = [self._walk_fails]
        checks += [partial(self._fails, item) for item in session.items]
        took = {}
        for check in checks:
            began = time.monotonic()
            if check():
                raise pytest.UsageError(f"{check} fails without any mutant")
            took[check] = time.monotonic() - began
        checks.sort(key=lambda check: took[check])
        for mutant in mutants(self._subject.module):
            with alive(self._subject.module, mutant):
                noticed = next((check for check in checks if check()), None)
            if noticed is not None:  # what notices one will notice its neighbours
                checks.remove(noticed)
                checks.insert(0, noticed)
            if str(mutant) in EQUIVALENT:
                self.equivalent.append(str(mutant))
                if noticed is not None:
                    raise pytest.UsageError(f"is noticed after all: {mutant}")
            elif noticed is not None:
                self.killed += 1
            else:
                self.alive.append(mutant)
                print(f"alive: line {mutant.line}, {mutant}", flush=True)
        return True

    def _walk_fails(self) -> bool:
        try:
            self._subject.walk()
        # A promise that is broken, or whatever else a mutant comes to; it would have been seen.
        except (BrokenPromise, WrongDecision, Exception):
            return True
        return False

    @staticmethod
    def _fails(item: pytest.Item) -> bool:
        item._initrequest()  # type: ignore[attr-defined]
        return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def main() -> int:
    """Go through all subjects; the exit status says whether every mutant was noticed."""
    killed, living, equivalent = 0, 0, []
    for subject in SUBJECTS:
        runner = Runner(subject)
        began = time.monotonic()
        status = pytest.main(
            ["-q", "--no-header", "-p", "no:cacheprovider", str(HERE / subject.tests)], [runner]
        )
        if status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
            return int(status)
        print(
            f"{subject.module.__name__}: {runner.killed} killed, {len(runner.alive)} alive, "
            f"{len(runner.equivalent)} equivalent; {time.monotonic() - began:.0f} s",
            flush=True,
        )
        killed += runner.killed
        living += len(runner.alive)
        equivalent += runner.equivalent
    unneeded = EQUIVALENT.keys() - set(equivalent)
    for entry in sorted(unneeded):
        print(f"is no mutant any more: {entry}")
    print(f"{killed} killed, {living} alive, {len(equivalent)} equivalent")
    return 1 if living or unneeded else 0


if __name__ == "__main__":
    sys.exit(main())
