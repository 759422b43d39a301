"""Processes that export beside a vault's worker, as ``assent-vault worker --exports-only`` does.

Each is forked from a server that has loaded everything, so that one which was killed is replaced
in no time; it opens database, folder and objects itself. Its time is the scene's, and goes on.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event

from assent_vault.config import VaultSettings
from assent_vault.worker.worker import Worker
from support.vault import VaultScene


def _steady() -> int:
    return time.monotonic_ns() // 1_000_000


def _main(settings: VaultSettings, ahead: int, begun: Event) -> None:
    """Export until killed; ``ahead`` is what the scene's time is ahead of the machine's."""

    async def export() -> None:
        def now() -> int:
            return _steady() + ahead

        worker = await Worker.open(settings, now, now, "by hand", shares=True)
        worker.exports.listens = False  # what is said in them is not the question
        begun.set()
        await worker.run(asyncio.Event())

    asyncio.run(export())


class Exporters:
    """Some processes that export; close them."""

    def __init__(self, stage: VaultScene, count: int) -> None:
        self._settings = stage.settings
        self._ahead = stage.clock.at - _steady()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["support.exporters", "assent_vault.export.documents"])
        self.count = count
        self._alive = [self._start() for _ in range(count)]
        self.killed = 0

    def _start(self) -> tuple[ForkServerProcess, Event]:
        begun = self._context.Event()
        arguments = (self._settings, self._ahead, begun)
        child = self._context.Process(target=_main, args=arguments, daemon=True)
        child.start()
        return child, begun

    def kill_one(self, random: random.Random) -> None:
        """Kill one of those that work by SIGKILL, wherever it is, and start another."""
        working = [number for number, (_, begun) in enumerate(self._alive) if begun.is_set()]
        if not working:
            return
        number = random.choice(working)
        child, _ = self._alive[number]
        assert child.is_alive(), "none ends by itself"
        child.kill()
        child.join()
        self.killed += 1
        self._alive[number] = self._start()

    def close(self) -> None:
        """Kill them all."""
        for child, _ in self._alive:
            child.kill()
        for child, _ in self._alive:
            child.join()
