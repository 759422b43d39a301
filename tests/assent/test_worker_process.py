"""The child process: started, replaced when it ends, gone when we are."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from assent import worker_process
from assent.clock import SystemClock
from assent.worker_process import WorkerProcess, worker_command
from support.waiting import eventually

# Writes a line when it starts and when it leaves; leaves when its input ends.
OBEDIENT = """
import os, sys
note = open(sys.argv[1], "a", buffering=1)
note.write(f"started {os.getpid()}\\n")
sys.stdin.read()
note.write("left\\n")
"""
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "a").write("started\\n")
while True:
    time.sleep(1)
"""


def child(program: str, note: Path) -> WorkerProcess:
    return WorkerProcess([sys.executable, "-c", program, str(note)], SystemClock())


def lines(note: Path) -> list[str]:
    return note.read_text().splitlines() if note.exists() else []


async def until(note: Path, count: int) -> None:
    await eventually(lambda: len(lines(note)) >= count, f"the child has written {count} lines")


async def test_it_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    note = tmp_path / "note"
    worker = child(OBEDIENT, note)
    worker.start()
    await until(note, 1)
    assert lines(note) == [f"started {worker.pid}"]
    assert worker.problems() == []
    await worker.stop()
    assert worker.problems() == ["worker-not-running"]
    assert lines(note)[-1] == "left"


async def test_one_that_ended_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "FIRST_WAIT", 0.01)
    note = tmp_path / "note"
    worker = child(OBEDIENT, note)
    worker.start()
    await until(note, 1)
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(note, 2)
    assert worker.pid != first
    await worker.stop()
    assert lines(note)[-1] == "left"


async def test_one_that_does_not_leave_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "LEAVE_SECONDS", 0.05)
    note = tmp_path / "note"
    worker = child(STUBBORN, note)
    worker.start()
    await until(note, 1)
    await worker.stop()
    assert not worker.running


async def test_a_program_that_is_not_there_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "FIRST_WAIT", 0.01)
    program = tmp_path / "later"
    note = tmp_path / "note"
    worker = WorkerProcess([str(program), str(note)], SystemClock())
    worker.start()
    await asyncio.sleep(0.05)
    assert worker.problems() == ["worker-not-running"]
    whole = tmp_path / "whole"
    whole.write_text(f"#!{sys.executable}\n{OBEDIENT}")
    whole.chmod(0o700)
    whole.rename(program)
    await until(note, 1)
    await worker.stop()


async def test_stopping_while_waiting_to_start_again(tmp_path: Path) -> None:
    worker = WorkerProcess([str(tmp_path / "missing")], SystemClock())
    worker.start()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        await worker.stop()


def test_the_command_names_the_same_settings(tmp_path: Path) -> None:
    assert worker_command(None)[-2:] == ["worker", "--embedded"]
    assert worker_command(tmp_path)[-2:] == ["--config", str(tmp_path)]
