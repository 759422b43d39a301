"""What faces the internet has no codec in its memory: not FFmpeg, nor what comes with it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from support.mapped import codecs_mapped
from support.server import ROOT, Server
from support.waiting import HANG, eventually


class Bare(Server):
    """A server whose pages need not have been built."""

    async def _ready(self) -> bool:
        await super()._ready()  # raises where the process has ended
        return bool(self.media_pids()) and bool(self.worker_pid())


async def test_the_web_and_the_media_process_have_no_codec_mapped(tmp_path: Path) -> None:
    server = Bare(tmp_path / "server", settings={"media_processes": 2})
    await server.start()
    try:
        pids = [server.pid, *await eventually(server.media_pids, "media processes run")]
        for pid in pids:
            assert codecs_mapped(pid) == set(), Path(f"/proc/{pid}/cmdline").read_bytes()
    finally:
        await server.close()


async def test_a_process_that_has_them_is_noticed() -> None:
    """The same look at a process that does load them: it can fail."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import aiortc; print(flush=True); input()"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None, "asked for a pipe"
        async with asyncio.timeout(HANG):
            await process.stdout.readline()
        found = " ".join(codecs_mapped(process.pid))
        assert "libavcodec" in found
        assert "libopus" in found
        assert "libvpx" in found
    finally:
        await process.communicate(b"\n")


def test_whoever_wants_all_of_aiortc_afterwards_gets_it() -> None:
    program = (
        "from assent.media.transport.aiortc_dtls import RTCDtlsTransport as alone\n"
        "import sys; assert not {'av', 'aiortc'} & sys.modules.keys()\n"
        "import av, aiortc\nfrom aiortc import rtcdtlstransport\n"
        "av.AudioFrame(format='s16', layout='mono', samples=8)\n"
        "assert aiortc.RTCDtlsTransport is rtcdtlstransport.RTCDtlsTransport is alone\n"
        "print(aiortc.RTCPeerConnection.__name__)\n"
    )
    whole_first = (
        "import aiortc\n"
        "from assent.media.transport.aiortc_dtls import RTCDtlsTransport\n"
        "assert RTCDtlsTransport is aiortc.RTCDtlsTransport\n"
        "print(aiortc.RTCPeerConnection.__name__)\n"
    )
    for text in (program, whole_first):
        said = subprocess.run(
            [sys.executable, "-c", text],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "server"),))},
            capture_output=True,
            check=False,
            text=True,
        )
        assert said.stdout == "RTCPeerConnection\n", said.stderr
