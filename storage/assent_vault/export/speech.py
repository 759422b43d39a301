"""Who speaks when: has a track listened to by a process of its own, while the track is written.

Theory of operation. What people sent is decoded in a child (``hearing``), which gets the opened
packets by a pipe and has no key, no file and no network. It may crash, hang or use up its memory,
and then this track has no annotation, and a code that says why; the export goes on. What it says
decides about nothing, and is held against what can be true.

With ``pcm`` it also gives the track as FLAC, while it is handed over: what comes is taken at once.

It is waited for in two places: when the pipe is full, and for the answer. While it is waited for
whatever else may end the export (``look``) is looked at. A child that takes nothing for STALLED
seconds, or is waited for longer than the sound that it was given allows, is killed.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from assent_vault.export import opus
from assent_vault.export.description import Speech
from assent_vault.export.pcm import PcmFile
from assent_vault.hearing import wire

ANNOTATION: Final = "webrtcvad"
FAILED: Final = "failed-"
"""How the annotation of sound begins that was listened to in vain; a code follows."""

STALLED: Final = 300.0
"""Seconds without a byte taken after which a child is given up; it also starts within these. One
that computes is ended by the kernel long before (``hearing/process.py``); this is for one that does
not, on a machine that is busy with everything else."""
PATIENCE: Final = 600.0
"""Seconds that a child is waited for in all, besides a part of the sound's own time."""
SLOWEST: Final = 4
"""Times real time that it must be at least; it is some hundred times."""

_LOOK: Final = 0.5  # seconds between two looks at what else may end the export
_HELD: Final = 1 << 15  # bytes that are handed over together
_TAKEN: Final = 1 << 16  # and that are taken
_LOOKED_AT: Final = 1 << 20  # that are taken between two looks, as there are where it is waited for
_LONGEST_SILENCE: Final = wire.SILENCE - 1
_PASSED_ON: Final = ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_PASSED_ON_PREFIXES: Final = ("LC_", "PYTHON")
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def command(duration: int, *, pcm: bool = False) -> list[str]:
    """Return the command line of a hearing process for so many milliseconds."""
    # -P: a folder that happens to be the current one is not where its code comes from.
    program = [sys.executable, "-P", "-m", "assent_vault.hearing.process", str(duration)]
    return [*program, "flac"] if pcm else program


class TrackListener:
    """Has one track of ``duration`` milliseconds listened to. Close it, however it ends.

    ``look`` raises where the export must not go on. Into ``pcm`` goes the track as FLAC, which is
    whole where ``finish`` tells what was heard. ``program`` is what to run instead, in tests.
    """

    def __init__(
        self,
        duration: int,
        look: Callable[[], None] = lambda: None,
        *,
        pcm: PcmFile | None = None,
        program: Sequence[str] | None = None,
        stalled: float = STALLED,
        patience: float = PATIENCE,
    ) -> None:
        self._duration = duration
        self._look = look
        self._stalled = stalled
        self._patience = patience
        self._waited = 0.0
        self._pcm = pcm
        self._held = bytearray()
        self._said = bytearray()
        self._unlooked = 0
        self._silence = 0
        self.failure: str | None = None
        """The code for why there is no annotation."""
        self._child: subprocess.Popen[bytes] | None = None
        try:
            self._child = self._start(program or command(duration, pcm=pcm is not None))
        except OSError:
            self.failure = "not-started"

    @staticmethod
    def _start(program: Sequence[str]) -> subprocess.Popen[bytes]:
        environment = {
            key: value
            for key, value in os.environ.items()
            if key in _PASSED_ON or key.startswith(_PASSED_ON_PREFIXES)
        }
        child = subprocess.Popen(  # noqa: S603 - nothing of it comes from anybody else
            program,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it might show what is in a packet
            env=environment | _ONE_THREAD,
            start_new_session=True,
        )
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None, "asked for a pipe"
            os.set_blocking(pipe.fileno(), False)
        return child

    def packet(self, data: bytes, samples: int) -> None:
        """Take a packet of so many samples at 48 kHz."""
        self._patience += samples / opus.RATE / SLOWEST
        if self._silence:
            self._end_silence()
        held = self._held
        held += wire.RECORD.pack(len(data))
        held += data
        if len(held) >= _HELD:
            self._hand_over()

    def silence(self, samples: int) -> None:
        """Take so many samples of nothing."""
        self._silence += samples

    def _end_silence(self) -> None:
        while self._silence:
            part = min(self._silence, _LONGEST_SILENCE)
            self._held += wire.RECORD.pack(wire.SILENCE + part)
            self._silence -= part

    def finish(self) -> Speech | None:
        """Return what was heard; None where that is not known, and ``failure`` says why."""
        self._end_silence()
        self._held += wire.END
        self._hand_over()
        answer = self._answer()
        if answer is None:
            return None
        try:
            heard = wire.read(answer, self._duration)
            if self._pcm is not None:
                self._pcm.finish()
        except ValueError:
            self._fail("bad-answer")
            return None
        return Speech(ANNOTATION, heard.turns, heard.level, heard.noise, heard.clipped)

    def _hand_over(self) -> None:
        """Write what is held to the child, as fast as it takes it."""
        data, self._held = memoryview(bytes(self._held)), bytearray()
        if self._child is None:
            return
        assert self._child.stdin is not None, "asked for a pipe"
        pipe = self._child.stdin.fileno()
        try:
            while data and self._wait(pipe):
                with suppress(BlockingIOError):
                    data = data[os.write(pipe, data) :]
        except OSError:
            self._fail("crashed")

    def _answer(self) -> bytes | None:
        """Read all that the child says until it ends, and how it ended."""
        child = self._child
        if child is None:
            return None
        assert child.stdin is not None, "asked for a pipe"
        assert child.stdout is not None, "asked for a pipe"
        child.stdin.close()  # there is no more
        while self._wait(None):
            pass
        if self.failure is not None:
            return None
        if self._end_of(child):
            self._fail("crashed")
            return None
        return bytes(self._said)

    def _take(self) -> bool:
        """Take what the child has said; False where it says no more."""
        assert self._child is not None, "it was just looked at"
        assert self._child.stdout is not None, "asked for a pipe"
        try:
            part = os.read(self._child.stdout.fileno(), _TAKEN)
        except BlockingIOError:
            return True
        if not part:
            return False
        self._unlooked += len(part)
        if self._unlooked > _LOOKED_AT:
            self._unlooked = 0
            self._look()
        try:
            self._said += part if self._pcm is None else self._pcm.take(part)
        except ValueError:
            self._fail("bad-answer")
            return False
        if len(self._said) > wire.largest(self._duration):
            self._fail("bad-answer")
        return True

    def _end_of(self, child: subprocess.Popen[bytes]) -> int:
        """Wait until a child that says no more has ended; return how, 0 for well."""
        until = time.monotonic() + self._stalled
        while time.monotonic() < until:
            with suppress(subprocess.TimeoutExpired):
                return child.wait(_LOOK)
            self._look()
        return -1

    def _wait(self, pipe: int | None) -> bool:
        """Wait until the pipe takes more, or without one until more was said, which is taken.

        False where the child was given up, or says no more.
        """
        began = time.monotonic()
        while self._child is not None:
            assert self._child.stdout is not None, "asked for a pipe"
            speaks = self._child.stdout.fileno()
            poll = select.poll()
            poll.register(speaks, select.POLLIN)
            if pipe is not None:
                poll.register(pipe, select.POLLOUT)
            ready = {found for found, _ in poll.poll(_LOOK * 1000)}
            took = time.monotonic() - began
            if ready:
                self._waited += took
                if speaks in ready and not self._take():
                    return False
                if pipe is None or pipe in ready:
                    return self._child is not None
                began, took = time.monotonic(), 0.0
            else:
                self._look()
            if took >= self._stalled or self._waited + took >= self._patience:
                self._fail("timeout")
        return False

    def _fail(self, code: str) -> None:
        self.failure = code
        self.close()

    def close(self) -> None:
        """End the child, if it has not ended."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() is None:
            with suppress(ProcessLookupError):
                child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None, "asked for a pipe"
            with suppress(OSError):
                pipe.close()
