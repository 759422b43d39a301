"""Fuzz one target with atheris: ``python -m fuzz TARGET [libFuzzer options]``.

Ends with code 0 when the runs are over and nothing was found. What is found is written where
``-artifact_prefix`` says, as ``crash-…``; add it to the corpus with the change that mends it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["assent", "assent_vault", "aioice"]):
    from fuzz.targets import TARGETS

HERE = Path(__file__).parent


def main() -> None:
    """Hand over to libFuzzer, which does not return."""
    name, *options = sys.argv[1:]
    dictionary = HERE / f"{name}.dict"
    arguments = [sys.argv[0], *options, "-max_len=8192", "-rss_limit_mb=2048"]
    if dictionary.exists():
        arguments.append(f"-dict={dictionary}")
    atheris.Setup([*arguments, str(HERE / "corpus" / name)], TARGETS[name])
    atheris.Fuzz()


main()
