"""A loudspeaker for a machine that has none: a sound server of our own, which plays to nobody.

Without one Firefox keeps a page silent to itself as well: what goes into a mixer does not come out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from support.waiting import HANG, eventually

_INSTALL = "The end-to-end tests need PulseAudio. Install it with `apt install pulseaudio`."


class PulseMissing(Exception):
    """PulseAudio was not found; the message says how to install it."""


@contextlib.asynccontextmanager
async def loudspeaker(microphones: Sequence[str] = ()) -> AsyncIterator[dict[str, str]]:
    """Run one, with microphones of these names; gives the environment by which it is found."""
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
            *[part for name in microphones for part in _microphone(name)],
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


def _microphone(name: str) -> tuple[str, str]:
    """Return how to load a microphone: it hears a loudspeaker that nobody plays to."""
    source = name.lower()
    return (
        f"--load=module-null-sink sink_name=behind-{source}",
        f"--load=module-remap-source source_name={source} master=behind-{source}.monitor"
        f" source_properties=device.description={name}",
    )


async def control(environment: Mapping[str, str], *command: str) -> None:
    """Have the sound server do something, as ``pactl`` does; or ``unplug`` a microphone."""
    if command[0] == "unplug":
        modules = await _pactl(environment, "list", "short", "modules")
        (line,) = [line for line in modules.splitlines() if f"source_name={command[1]} " in line]
        command = ("unload-module", line.split()[0])
    await _pactl(environment, *command)


async def _pactl(environment: Mapping[str, str], *command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "pactl",
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(HANG):
        said, failed = await process.communicate()
    assert process.returncode == 0, failed.decode()
    return said.decode()
