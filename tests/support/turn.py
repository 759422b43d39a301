"""A real coturn for tests, as hardened as README.md tells operators to run it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.namespaces import Namespace
from support.waiting import HANG, eventually

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret that only the two of them know"
PORT = 3478


def configuration(address: str, server: str) -> str:
    """Return README.md's configuration, with the addresses and the secret of a test."""
    block = re.search(r"```ini\n(# turnserver\.conf.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert block is not None, "README.md shows a turnserver.conf"
    text = block[1]
    for key, value in {
        "listening-ip": address,
        "relay-ip": address,
        "static-auth-secret": SECRET,
        "allowed-peer-ip": server,
    }.items():
        text, count = re.subn(rf"^{key}=.*$", f"{key}={value}", text, flags=re.M)
        assert count == 1, f"{key} is set once"
    # There is no certificate; everything that concerns TLS goes.
    text = re.sub(r"^(cert|pkey|tls-listening-port)=.*\n", "", text, flags=re.M)
    return text + "no-tls\nno-dtls\n"


@asynccontextmanager
async def coturn(inside: Namespace, address: str, server: str, folder: Path) -> AsyncIterator[Path]:
    """Run one at an address in a namespace, relaying to ``server`` alone; gives its log."""
    settings, log = folder / "turnserver.conf", folder / "turn.log"
    settings.write_text(configuration(address, server))
    program = shutil.which("turnserver")
    assert program is not None, "the test has asked whether coturn is there"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *inside.prefix,
            *(program, "-c", str(settings), "--log-file=stdout", "--verbose"),
            *(f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'turndb'}", "--no-cli"),
            stdout=said,
            stderr=said,
            stdin=asyncio.subprocess.DEVNULL,
        )
    try:

        def listening() -> bool:
            assert process.returncode is None, log.read_text()[-2000:]
            return f"{address}:{PORT}" in inside.run("ss", "-lnu")

        await eventually(listening, "coturn listens")
        yield log
    finally:
        process.terminate()
        async with asyncio.timeout(HANG):
            await process.wait()
