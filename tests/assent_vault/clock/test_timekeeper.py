"""What is known of the time is kept over restarts, and told apart from what others write."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent_vault.clock.reckoning import HOUR
from assent_vault.clock.timekeeper import Timekeeper, boot_id, steady_ms, unix_ms
from assent_vault.store.database import Database
from support.people import CREATED
from support.vault import Clock, VaultScene

DAY = 24 * HOUR


async def keeper(path: Path, database: Database, clock: Clock, boot: str = "a") -> Timekeeper:
    return await Timekeeper.open(path, database, clock.now, clock.steady, boot)


async def test_an_empty_server_believes_its_clock(stage: VaultScene, tmp_path: Path) -> None:
    clock = Clock(at=CREATED + 900 * DAY)
    time = await keeper(tmp_path / "known", stage.database, clock)
    assert time.now() == time.surely() == clock.now()
    assert (time.problem(), time.doubt()) == (None, None)


@pytest.mark.parametrize("boot", ["a", "b"])
async def test_it_is_kept_over_a_restart(stage: VaultScene, tmp_path: Path, boot: str) -> None:
    """In the same boot time is counted while nobody runs; in another it is not known."""
    clock = Clock()
    (await keeper(tmp_path / "known", stage.database, clock)).save()
    clock.pass_(30 * DAY)
    time = await keeper(tmp_path / "known", stage.database, clock, boot)
    if boot == "a":
        assert time.surely() == clock.now()
    else:
        assert time.surely() == clock.now() - 30 * DAY
        assert time.doubt() == {"clock": clock.now(), "reckoned": clock.now() - 30 * DAY}
        assert time.problem() == "clock-unconfirmed"
    assert time.now() == clock.now()


async def test_a_backup_of_it_spares_doubt_on_the_same_machine(
    stage: VaultScene, tmp_path: Path
) -> None:
    """The database that is restored beside it knows as much, but not how long ago that was."""
    clock = Clock()
    await stage.worker.beat()
    (await keeper(tmp_path / "known", stage.database, clock)).save()
    clock.pass_(3 * DAY)
    restored = await keeper(tmp_path / "known", stage.database, clock)
    assert (restored.surely(), restored.problem()) == (clock.now(), None)
    without = await keeper(tmp_path / "none", stage.database, clock)
    assert without.surely() < clock.now() - 2 * DAY
    assert without.problem() == "clock-unconfirmed"


async def test_doubt_is_kept_over_a_restart(stage: VaultScene, tmp_path: Path) -> None:
    clock = Clock()
    (await keeper(tmp_path / "known", stage.database, clock)).save()
    clock.jump(100 * DAY)
    for boot in "abcab":
        clock.pass_(60_000)
        time = await keeper(tmp_path / "known", stage.database, clock, boot)
        assert time.problem() == "clock-unconfirmed"
        assert time.surely() <= clock.at
    clock.jump(-100 * DAY)
    assert time.now() == time.surely() == clock.now()


async def test_time_does_not_go_back_for_what_is_written_down(
    stage: VaultScene, tmp_path: Path
) -> None:
    clock = Clock()
    time = await keeper(tmp_path / "known", stage.database, clock)
    clock.jump(-3650 * DAY)
    clock.pass_(HOUR)
    assert time.now() == clock.at
    assert time.surely() == clock.now()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"known": 1}', b"null", b"\xff", b'{"known": true}']
)
async def test_a_torn_file_is_none(stage: VaultScene, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "known").write_bytes(content)
    clock = Clock()
    time = await keeper(tmp_path / "known", stage.database, clock)
    assert time.now() == time.surely() == clock.now()


async def test_the_machines_clocks_are_clocks() -> None:
    assert unix_ms() > CREATED
    before = steady_ms()
    assert 0 <= before <= steady_ms()
    assert len(boot_id()) in (0, 36)
