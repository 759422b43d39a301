"""A short run of every fuzz target; ``make fuzz`` gives them longer.

Where atheris has no wheel, what it has found and what hypothesis draws must do: the tests say so.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fuzz.targets import TARGETS

HERE = Path(__file__).parent
RUNS = 20_000
ATHERIS = importlib.util.find_spec("atheris") is not None


def corpus(name: str) -> list[Path]:
    """Return the inputs kept for a target."""
    return sorted((HERE / "corpus" / name).iterdir())


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_kept_small_and_passes(name: str) -> None:
    inputs = corpus(name)
    assert inputs, "a target without a corpus starts from nothing"
    assert sum(file.stat().st_size for file in inputs) < 100_000
    for file in inputs:
        TARGETS[name](file.read_bytes())


@pytest.mark.skipif(not ATHERIS, reason="NOT RUN: atheris has no wheel for this Python or machine")
@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run_finds_nothing(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "fuzz", name),
            *(f"-runs={RUNS}", "-seed=1", f"-artifact_prefix={tmp_path}/", "-verbosity=0"),
            str(tmp_path),  # where new inputs go, and not into the corpus
        ],
        cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.skipif(ATHERIS, reason="atheris does better")
@pytest.mark.parametrize("name", TARGETS)
def test_what_hypothesis_draws_finds_nothing(name: str) -> None:
    seeds = [file.read_bytes() for file in corpus(name)]

    @given(st.sampled_from(seeds), st.binary(max_size=40), st.integers(0, 2000), st.integers(0, 40))
    @example(b"", b"", 0, 0)
    def draw(seed: bytes, piece: bytes, place: int, cut: int) -> None:
        TARGETS[name](seed[:place] + piece + seed[place + cut :])

    draw()
