"""Who holds an export's lock, and whose lease is dead: told by files in the vault's folder."""

from __future__ import annotations

import multiprocessing
import signal
from pathlib import Path
from typing import Any

from assent_vault.export.run_lock import FOLDER, RunLocks

EXPORT = "A" * 22


def test_one_has_it_until_it_lets_go(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    first = locks.take(EXPORT)
    assert first is not None
    assert locks.take(EXPORT) is None
    assert locks.take("B" * 22) is not None
    first.close()
    again = locks.take(EXPORT)
    assert again is not None
    assert again.former == frozenset(), "no token was ever written"
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert (tmp_path / FOLDER / EXPORT).stat().st_mode & 0o777 == 0o600


def test_the_tokens_of_the_dead_are_found_and_those_who_ended_leave_none(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    for number in range(9):
        with _taken(locks) as lock:
            assert (f"token {number - 1}" in lock.former) == (number > 0)
            assert len(lock.former) <= 4
            lock.write(f"token {number}")
    with _taken(locks) as lock:
        lock.remove()
        assert not (tmp_path / FOLDER / EXPORT).exists()
    with _taken(locks) as lock:
        assert lock.former == frozenset()


def test_a_line_that_was_not_written_to_its_end_says_nothing(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / EXPORT).write_bytes(b"whole\nhal")
    with _taken(RunLocks(tmp_path)) as lock:
        assert lock.former == {"whole"}


def test_a_process_that_is_killed_has_let_go(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    held = context.Event()
    child = context.Process(target=_hold, args=(tmp_path, held), daemon=True)
    child.start()
    held.wait()
    assert RunLocks(tmp_path).take(EXPORT) is None
    child.kill()
    child.join()
    with _taken(RunLocks(tmp_path)) as lock:
        assert lock.former == {"its own"}


def test_a_file_that_goes_while_it_is_waited_for_is_made_anew(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    with _taken(locks) as lock:
        lock.remove()
        other = locks.take(EXPORT)
        assert other is not None, "another file: this one has ended"
        other.close()


def _taken(locks: RunLocks) -> Any:
    lock = locks.take(EXPORT)
    assert lock is not None
    return lock


def _hold(folder: Path, held: Any) -> None:
    with _taken(RunLocks(folder)) as lock:
        lock.write("its own")
        held.set()
        signal.pause()
