"""The libraries that trainers load a data set with, in a virtual environment of their own.

It is made of requirements-loaders.txt, for one of them brings a torch; ``ASSENT_LOADERS`` names one
that is there already.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def loaders_in(place: Path) -> Path:
    """Return the Python of an environment that has the loaders; made in this folder if need be."""
    given = os.environ.get("ASSENT_LOADERS")
    if given is not None:
        return Path(given) / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*install, "-r", str(ROOT / "requirements-loaders.txt")], check=True)
    return python


def load(loaders: Path, place: Path, lines: str, then: str, tmp_path: Path) -> None:
    """Run lines that the card of a data set has, and then what is to be shown."""
    assert lines in (place / "README.md").read_text()
    program = f"DIR = {json.dumps(str(place))}\n{lines}\n{then}"
    environment = os.environ | {
        "HF_HOME": str(tmp_path),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
    }
    done = subprocess.run(
        [str(loaders), "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
