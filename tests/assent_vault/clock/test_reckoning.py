"""What is known of the time, for every way in which clocks go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.clock.reckoning import (
    ALARMING,
    EVENLY,
    HOUR,
    LONGEST,
    MINUTE,
    SLACK,
    Reckoning,
    begin,
    look,
    resume,
)

DAY = 24 * HOUR
NOW = 1_795_000_000_000


@dataclass
class Machine:
    """Two clocks, and what is known by them."""

    true: int = NOW
    wall: int = NOW
    tick: int = 5_000
    state: Reckoning = field(default_factory=lambda: begin(NOW, 5_000))

    def passes(self, milliseconds: int, *, fast: float = 1.0) -> None:
        self.true += milliseconds
        self.tick += milliseconds
        self.wall += round(milliseconds * fast)
        self.state = look(self.state, self.wall, self.tick)

    def runs(self, milliseconds: int, *, fast: float = 1.0) -> None:
        for _ in range(milliseconds // MINUTE):
            self.passes(MINUTE, fast=fast)

    def jumps(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.state = look(self.state, self.wall, self.tick)

    def boots(self, off: int, jump: int = 0) -> None:
        self.true += off
        self.wall += off + jump
        self.tick = 40_000
        self.state = resume(self.state, self.tick, same_boot=False)
        self.state = look(self.state, self.wall, self.tick)

    @property
    def surely(self) -> int:
        return self.state.surely(self.wall)

    @property
    def latest(self) -> int:
        return self.state.latest(self.wall)


def test_a_clock_that_goes_as_time_does_is_believed() -> None:
    machine = Machine()
    for step in (1, 999, 59_999, 60_000, 3 * DAY, 1):
        machine.passes(step)
        assert machine.surely == machine.latest == machine.wall
    assert machine.state.doubt is None


@pytest.mark.parametrize("off", [2 * MINUTE, 9 * MINUTE])
def test_a_restart_and_what_a_time_server_corrects_are_believed(off: int) -> None:
    machine = Machine()
    machine.runs(HOUR)
    machine.boots(off)
    assert machine.state.doubt is None
    machine.runs(40 * HOUR)
    machine.jumps(-off)
    assert machine.surely == machine.latest == machine.wall


def test_small_steps_do_not_add_up() -> None:
    """Nine minutes at a time, once a minute."""
    machine = Machine()
    for _ in range(200):
        machine.passes(MINUTE)
        machine.jumps(9 * MINUTE)
    assert machine.surely - machine.true <= SLACK + machine.true // 10**9


@pytest.mark.parametrize("fast", [2.0, 1.1, 1.01, 100.0])
def test_a_clock_that_runs_too_fast_is_not_followed(fast: float) -> None:
    machine = Machine()
    machine.runs(60 * HOUR, fast=fast)
    assert machine.surely - machine.true <= SLACK + (machine.true - NOW) // 200
    for _ in range(1000):
        machine.passes(7, fast=fast)  # however often it is asked
    assert machine.surely - machine.true <= SLACK + (machine.true - NOW) // 200


def test_a_clock_that_loses_a_second_a_day_never_is_in_doubt() -> None:
    machine = Machine()
    machine.runs(90 * DAY, fast=1 - 1 / 86_400)
    assert machine.state.doubt is None


@pytest.mark.parametrize("jump", [100 * DAY, -3650 * DAY, HOUR, -HOUR])
@pytest.mark.parametrize("at_start", [True, False])
def test_a_jump_is_held(jump: int, at_start: bool) -> None:
    machine = Machine()
    if at_start:
        machine.boots(MINUTE, jump)
    else:
        machine.jumps(jump)
    machine.runs(50 * MINUTE)
    assert machine.surely <= machine.true
    assert machine.latest >= machine.true - MINUTE
    assert machine.state.alarming == (not 0 < jump < ALARMING)


@pytest.mark.parametrize("jump", [100 * DAY, -3650 * DAY, HOUR, -HOUR])
def test_set_right_it_is_believed_at_once(jump: int) -> None:
    machine = Machine()
    machine.boots(MINUTE, jump)
    machine.runs(30 * MINUTE)
    machine.jumps(-jump)
    assert machine.state.doubt is None
    assert machine.surely == machine.latest == machine.true


@pytest.mark.parametrize("jump", [100 * DAY, -3650 * DAY])
def test_it_is_believed_after_three_days(jump: int) -> None:
    machine = Machine()
    machine.boots(MINUTE, jump)
    machine.runs(LONGEST - MINUTE)
    assert machine.state.doubt is not None
    machine.runs(MINUTE)
    assert machine.state.doubt is None
    assert machine.surely == machine.wall


def test_a_machine_that_was_off_is_believed_after_as_long() -> None:
    machine = Machine()
    machine.boots(10 * HOUR)
    assert machine.surely == machine.true - 10 * HOUR
    machine.runs(10 * HOUR - MINUTE)
    assert machine.surely == machine.true - 10 * HOUR
    machine.runs(MINUTE)
    assert machine.surely == machine.true


def test_one_that_is_off_every_night_and_weekend_catches_up() -> None:
    machine = Machine()
    for day in range(21):
        machine.runs(9 * HOUR)
        machine.boots((63 if day % 7 == 4 else 15) * HOUR)
    machine.runs(9 * HOUR)
    assert machine.surely >= machine.true - 8 * DAY


def test_one_that_runs_eight_hours_a_week_catches_up() -> None:
    machine = Machine()
    for _ in range(30):
        machine.boots(6 * DAY)
        machine.runs(8 * HOUR)
    assert machine.surely >= machine.true - 10 * 7 * DAY


def test_time_in_which_nobody_looked_does_not_count_as_run() -> None:
    machine = Machine()
    machine.boots(MINUTE, 100 * DAY)
    machine.passes(LONGEST)
    assert machine.state.doubt is not None
    assert machine.state.doubt.ran == MINUTE


def test_another_jump_is_not_believed_by_what_the_first_has_run() -> None:
    machine = Machine()
    machine.boots(MINUTE, 100 * DAY)
    machine.runs(LONGEST - HOUR)
    machine.jumps(3650 * DAY)
    machine.runs(EVENLY - MINUTE)
    assert machine.state.doubt is not None
    machine.runs(MINUTE)
    assert machine.state.doubt is None


def test_the_same_boot_counts_while_nobody_runs() -> None:
    machine = Machine()
    machine.tick += 30 * DAY
    machine.wall += 30 * DAY
    state = resume(machine.state, machine.tick, same_boot=True)
    assert look(state, machine.wall, machine.tick).doubt is None
    # A steady clock that went back is none of the same boot.
    assert resume(machine.state, 1, same_boot=True).tick == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pass", "jump", "boot"]), st.integers(-(10**12), 10**12), st.booleans()
        ),
        max_size=30,
    )
)
def test_whatever_happens_the_earlier_is_no_later(acts: list[tuple[str, int, bool]]) -> None:
    """And neither of the two is any other than one of the clocks, as long as there is doubt."""
    machine = Machine()
    for act, by, _ in acts:
        if act == "pass":
            machine.passes(abs(by) % (4 * DAY))
        elif act == "jump":
            machine.jumps(by)
        else:
            machine.boots(abs(by) % (4 * DAY), by)
        assert machine.surely <= machine.wall <= machine.latest
        assert machine.surely <= machine.latest
        if machine.state.doubt is None:
            assert machine.surely == machine.latest
        assert 0 <= machine.state.slack <= SLACK
