"""Commands as an operator runs them: with settings, until they end."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from support.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
EXPORT = ("export", "--recipient", "An Institute", "--purpose", "research")
"""A data set is for somebody, and for something."""


def environment_of(**settings: str) -> dict[str, str]:
    """Return an environment with these settings and nobody else's."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("ASSENT_")},
        "PYTHONPATH": f"{ROOT / 'server'}:{ROOT / 'storage'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings,
    }


async def said_by(folder: Path, module: str, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command in a folder; returns its exit code and what it said on standard error."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=folder,
        env=environment_of(**settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(HANG):
        _, error = await child.communicate()
    assert child.returncode is not None, "communicate waits for the end"
    assert b"Traceback" not in error
    return child.returncode, error.decode()
