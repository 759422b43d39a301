"""The process that exports has the vault's keys, and decodes nothing, whatever is asked.

It is run with all codecs cut out of it: the first use of one ends it. What hears is a child.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import signal
import sys
from pathlib import Path

import pytest

from support.commands import EXPORT
from support.sample_media import picture, tone
from support.vault import VaultScene

ROOT = Path(__file__).parents[3]
PATHS = os.pathsep.join(str(ROOT / name) for name in ("storage", "tests"))
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"),
    reason="it is known of these processors what they do not know",
)


async def run(*command: str, **settings: str) -> tuple[int | None, str]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        env={"PYTHONPATH": PATHS, "PATH": os.environ["PATH"], **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate()
    return child.returncode, said.decode()


@pytest.mark.parametrize("more", [(), ("--pcm",)], ids=["originals", "pcm"])
async def test_what_has_the_keys_decodes_nothing(tmp_path: Path, more: tuple[str, ...]) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    home.mkdir()
    stage = VaultScene(home, f"sqlite:///{home / 'assent.db'}")
    await stage.open()
    await stage.released(2, microphone=tone(440, 3000), camera=picture(50, 3000))
    await stage.worker.watch()
    await stage.close()
    code, said = await run(
        *("-m", "support.cut_out", *EXPORT, *more, "--out", str(out)),
        ASSENT_DATA_DIR=str(home),
        ASSENT_DATABASE_URL=stage.settings.database_url,
        ASSENT_COOLING_OFF_SECONDS="0",
    )
    assert code == 0, said
    rows = [json.loads(row) for row in (out / "metadata.jsonl").read_text().splitlines()]
    sounds = [row for row in rows if row["kind"] == "sound"]
    assert len(rows) == 4
    assert [row["annotation"] for row in sounds] == ["webrtcvad"] * 2, "it was listened to"
    assert [row["pcm"] is not None for row in sounds] == [bool(more)] * 2


START = """
import ctypes, av
from assent_vault.hearing import decoder
from support.cut_out import cut_out
ctypes.CDLL(decoder._library())
"""
USES = {
    "decodes": "av.CodecContext.create('opus', 'r').decode(av.Packet(b'\\xf8\\xff\\xfe'))",
    "encodes": """
context = av.CodecContext.create('flac', 'w')
context.sample_rate, context.layout, context.format = 16_000, 'mono', 's16'
frame = av.AudioFrame(format='s16', layout='mono', samples=1152)
frame.sample_rate = 16_000
context.encode(frame)
""",
    "hears": "decoder.Decoder().decode(b'\\xf8\\xff\\xfe')",
}


@pytest.mark.parametrize("what", USES)
async def test_one_that_does_is_noticed(what: str) -> None:
    """What is cut out is what decodes, and encodes."""
    code, said = await run("-c", START + USES[what])
    assert code == 0, said
    code, said = await run("-c", f"{START}cut_out()\n{USES[what]}")
    assert code == -signal.SIGILL, said
