"""A loudspeaker for a machine that has none: a sound server of our own, which plays to nobody.

Without one Firefox keeps a page silent to itself as well: what goes into a mixer does not come out.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from support.waiting import HANG, eventually

_INSTALL = "The end-to-end tests need PulseAudio. Install it with `apt install pulseaudio`."


class PulseMissing(Exception):
    """PulseAudio was not found; the message says how to install it."""


@contextlib.asynccontextmanager
async def loudspeaker() -> AsyncIterator[dict[str, str]]:
    """Run one; gives the environment by which a program finds it."""
    program = shutil.which("pulseaudio")
    if program is None:
        raise PulseMissing(_INSTALL)
    with tempfile.TemporaryDirectory(prefix="assent-sound-") as name:
        folder = Path(name)
        socket = folder / "native"
        process = await asyncio.create_subprocess_exec(
            *(program, "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
            "--disallow-exit=yes",
            "--load=module-null-sink",
            f"--load=module-native-protocol-unix auth-anonymous=1 socket={socket}",
            env={"HOME": name, "XDG_RUNTIME_DIR": name, "PULSE_STATE_PATH": name},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await eventually(socket.exists, "the sound server is there")
            yield {"PULSE_SERVER": f"unix:{socket}"}
        finally:
            if process.returncode is None:
                process.terminate()
            async with asyncio.timeout(HANG):
                await process.wait()
