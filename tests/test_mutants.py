"""The mutator changes what it should, brings a mutant to life, and lays it to rest again.

``make mutants`` is what runs all of them against all tests; here some are held against the walk.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from assent.consent import advance, capture
from assent_vault.receipt import course
from assent_vault.release import evidence, gate
from support.mutants import Mutant, alive, mutants
from support.walk_capture import BrokenPromise, walk
from support.walk_gate import judge, remembered


def of(module: ModuleType, text: str) -> Mutant:
    """Return the one mutant that reads like this."""
    (found,) = (mutant for mutant in mutants(module) if str(mutant) == text)
    return found


@pytest.mark.parametrize(
    ("module", "least"), [(gate, 280), (evidence, 50), (capture, 150), (course, 190)]
)
def test_every_condition_of_a_module_is_changed(module: ModuleType, least: int) -> None:
    found = list(mutants(module))
    assert len(found) >= least
    # Every line that decides anything is in it.
    lines = Counter(mutant.line for mutant in found)
    source = Path(module.__file__ or "").read_text().splitlines()
    for number, line in enumerate(source, 1):
        if re.match(r" +(if|elif|except) .*:$| +(self\.block|raise \w+)\(", line):
            assert lines[number], line


def test_a_mutant_lives_only_as_long_as_it_should() -> None:
    mutant = of(gate, "_circumstances: if evidence.ended_at is None  →  if False")
    ends = walk(advance, 1).ends
    with remembered(gate):
        judge(gate.decide, ends)
        with alive(gate, mutant), pytest.raises(AssertionError):
            judge(gate.decide, ends)
        judge(gate.decide, ends)


HEART = [mutant for mutant in mutants(capture) if mutant.function == "may_capture"]
# That a meeting is recordable, and not over, is held by what follows from arming and ending, too.
TWICE = ("→  not state.over and state.armed", "→  state.recordable and state.armed")


@pytest.mark.parametrize("mutant", HEART, ids=str)
def test_the_walk_notices_what_the_heart_of_the_rule_becomes(mutant: Mutant) -> None:
    with alive(capture, mutant):
        if any(reason in str(mutant) for reason in TWICE):
            walk(advance, 1)
        else:
            with pytest.raises(BrokenPromise):
                walk(advance, 2)
