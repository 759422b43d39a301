"""A real witness on a real port (C2SP tlog-witness): it remembers one head for each log."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import note
from assent_vault.ledger.checkpoint import EMPTY, Checkpoint, Head
from assent_vault.ledger.merkle import verify_consistency
from assent_vault.ledger.note import KeyKind, Signer, Verifier


class WitnessServer:
    """Cosigns what extends what it has cosigned before. ``trusts`` is filled by the test."""

    def __init__(self, name: str = "witness.example/w1") -> None:
        self._signer = Signer(name, Ed25519PrivateKey.generate(), KeyKind.COSIGNATURE)
        self.trusts: dict[str, Verifier] = {}
        self.heads: dict[str, Head] = {}
        self.requests = 0
        self.seen: list[Checkpoint] = []
        self.url = ""
        self.answers_with: int | None = None

    @property
    def vkey(self) -> str:
        """What checks its cosignatures."""
        return self._signer.verifier.vkey

    @property
    def verifier(self) -> Verifier:
        """The same, as an object."""
        return self._signer.verifier

    @property
    def setting(self) -> str:
        """What an operator writes to have it as a witness."""
        return f"{self.url} {self.vkey}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[WitnessServer]:
        """Serve while the block lasts."""
        app = web.Application()
        app.router.add_post("/add-checkpoint", self._add)
        # Whoever still waits for an answer at the end waits for nothing.
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _add(self, request: web.Request) -> web.Response:
        self.requests += 1
        if self.answers_with is not None:
            return web.Response(status=self.answers_with)
        head, _, tail = (await request.read()).partition(b"\n\n")
        lines = head.decode().split("\n")
        old = int(lines[0].removeprefix("old "))
        proof = [note.from_base64(line) for line in lines[1:]]
        checkpoint = checkpoints.parse(tail)
        log = self.trusts.get(checkpoint.origin)
        if log is None:
            return web.Response(status=404)
        try:
            checkpoint.note.verify([log])
        except LogError:
            return web.Response(status=403)
        self.seen.append(checkpoint)
        known = self.heads.get(checkpoint.origin, EMPTY)
        if old > checkpoint.head.size:
            return web.Response(status=400)
        if old != known.size:
            return web.Response(
                status=409,
                body=f"{known.size}\n".encode(),
                headers={"Content-Type": "text/x.tlog.size"},
            )
        if old == checkpoint.head.size and known.root != checkpoint.head.root:
            return web.Response(status=409)
        try:
            verify_consistency(
                known.size, known.root, checkpoint.head.size, checkpoint.head.root, proof
            )
        except LogError:
            return web.Response(status=422)
        self.heads[checkpoint.origin] = checkpoint.head
        signature = self._signer.sign(checkpoint.note.text, int(time.time()))
        return web.Response(text=signature.line)
