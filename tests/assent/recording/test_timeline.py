"""One timeline for everything: drift, loss, jitter, wrapping, jumps, and reports that are wrong.

Truth is known here: each simulated frame happens at a moment, and the timeline must find it again,
up to the shortest time a packet takes, which nobody on this side can know.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.recording.timeline import (
    AGREEING,
    EARLY,
    LATE,
    REPORT_VALID,
    LeastOfMinute,
    PeerClock,
    StreamClock,
)

AUDIO, VIDEO = 48_000, 90_000


@dataclass
class Publisher:
    """A stream as its publisher sends it; all times in milliseconds."""

    rate: int
    clock: StreamClock
    first: int = 0  # the timestamp of moment 0
    ticks_drift: float = 0.0  # of the stream's clock against true time
    ntp_drift: float = 0.0  # of the publisher's clock against true time
    ntp: float = 3.9e12
    sequence: int = 65_500

    def stamp(self, moment: float) -> int:
        return round(self.first + moment * self.rate / 1000 * (1 + self.ticks_drift)) & 0xFFFFFFFF

    def send(self, moment: float, delay: float = 20.0) -> float:
        """Return where the frame of that moment is placed."""
        return self.clock.place(self.stamp(moment), moment + delay, self.number())

    def number(self) -> int:
        """Return the sequence number of the next packet."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        return self.sequence

    def report(self, moment: float, delay: float = 20.0, wrong: float = 0.0) -> None:
        """Send a sender report, whose NTP time may be wrong."""
        ntp = self.ntp + moment * (1 + self.ntp_drift) + wrong
        self.clock.report(round(ntp / 1000 * 2**32), self.stamp(moment), moment + delay)


def pair(**both: float) -> tuple[Publisher, Publisher]:
    """Return sound and picture of one person."""
    peer = PeerClock()
    sound = Publisher(AUDIO, StreamClock(AUDIO, peer), first=2**32 - 7)
    picture = Publisher(VIDEO, StreamClock(VIDEO, peer), first=123_456)
    for one in (sound, picture):
        for name, value in both.items():
            setattr(one, name, value)
    return sound, picture


@pytest.mark.parametrize("seed", [1, 2])
def test_an_hour_with_loss_jitter_and_drift(seed: int) -> None:
    """Sound and picture of each person stay within 40 ms, of each other and of other people."""
    chance = random.Random(seed)
    hour = 3_600_000
    people = [pair(ntp_drift=drift) for drift in (80e-6, -120e-6)]
    people[0][0].ticks_drift = 150e-6  # a sound card's own crystal
    people[1][0].ticks_drift = -200e-6
    people[0][1].first = 2**32 - 90_000 * 1000  # wraps on the way
    # A picture takes longer to encode and to send than sound does.
    streams = [
        (stream, least)
        for person in people
        for stream, least in zip(person, (20.0, 75.0), strict=True)
    ]
    worst = 0.0
    worst_between = 0.0
    for moment in range(0, hour, 100):
        if 1_200_000 <= moment < 1_230_000:
            continue  # half a minute lost
        errors = []
        for stream, least in streams:
            if moment % 5000 == 0 and chance.random() >= 0.05:
                stream.report(moment, least + chance.expovariate(1 / 10))
            if chance.random() < 0.05:
                continue
            jitter = chance.expovariate(1 / 15)
            if chance.random() < 0.01:
                jitter += 300  # sent again
            errors.append(stream.send(moment, least + jitter) - moment)
        if moment > 15_000 and errors:
            worst = max(worst, max(errors) - min(errors))
            worst_between = max(worst_between, *(abs(error) for error in errors))
    assert worst < 40
    assert worst_between < 60  # the least delay, and what drift adds in a minute
    assert all(stream.clock.jumps == 0 for stream, _ in streams)


def test_a_gap_is_as_long_as_what_was_lost() -> None:
    sound, _ = pair()
    before = [sound.send(moment) for moment in range(0, 5000, 20)]
    after = [sound.send(moment) for moment in range(17_000, 20_000, 20)]
    assert after[0] - before[-1] == pytest.approx(17_000 - 4980, abs=1)


def test_wrapping_is_nothing() -> None:
    sound, _ = pair(first=2**32 - 48 * 1000)
    placed = [sound.send(moment) for moment in range(0, 3000, 20)]
    assert all(after - before == pytest.approx(20) for before, after in pairwise(placed))


@pytest.mark.parametrize("pause", [60_000.0, 3_600_000.0, 20 * 3_600_000.0])
def test_timestamps_go_on_after_a_long_pause(pause: float) -> None:
    sound, picture = pair()
    for stream in (sound, picture):
        for moment in range(0, 3000, 20):
            stream.send(moment)
        assert stream.send(3000 + pause) == pytest.approx(3020 + pause, abs=1)
        assert stream.clock.jumps == 0


@pytest.mark.parametrize(
    "wrong", [-35 * 3_600_000.0, -10_000.0, -100.0, EARLY + 100, 3_600_000.0, 12 * 3_600_000.0]
)
def test_one_timestamp_that_is_wrong_moves_nothing(wrong: float) -> None:
    sound, _ = pair()
    for moment in range(0, 10_000, 20):
        if moment == 6000:
            odd = sound.clock.place(sound.stamp(moment + wrong), moment + 20.0, sound.number())
            assert odd == pytest.approx(6020, abs=1)
            continue
        assert sound.send(moment) == pytest.approx(moment + 20, abs=1)
    assert sound.clock.odd == 1
    assert sound.clock.jumps == 0


@pytest.mark.parametrize(("at", "ahead"), [(1000, 40), (6000, 40), (1000, 300), (6000, 300)])
def test_one_timestamp_a_little_ahead_of_its_time_moves_nothing(at: int, ahead: int) -> None:
    sound, _ = pair()
    for moment in range(0, 20_000, 20):
        if moment == at:
            sound.clock.place(sound.stamp(moment + ahead), moment + 20.0, sound.number())
            continue
        assert sound.send(moment) == pytest.approx(moment + 20, abs=1)


@pytest.mark.parametrize("jump", [-35 * 3_600_000.0, -1000.0, 5000.0, 3_600_000.0])
def test_a_stream_that_jumps_is_placed_anew_without_a_shift(jump: float) -> None:
    sound, picture = pair()
    for moment in range(0, 20_000, 20):
        if moment % 1000 == 0:
            picture.report(moment)
        placed = picture.send(moment)
        if moment == 10_000:
            sound.first = round(sound.first + jump * 48)
        heard = sound.send(moment)
        assert heard == pytest.approx(moment + 20, abs=1)
        assert placed == pytest.approx(moment + 20, abs=1)
    assert sound.clock.jumps == 1
    assert sound.clock.odd == AGREEING


@pytest.mark.parametrize("held", [500.0, 1900.0, 2100.0, 2600.0, 5000.0, 20_000.0, 45_000.0])
@pytest.mark.parametrize("reports", [True, False])
def test_a_path_that_holds_and_loses_nothing_moves_nothing(held: float, reports: bool) -> None:
    """What comes late has still happened when its timestamp says."""
    sound, picture = pair()
    began = 10_000.0
    for moment in range(0, 80_000, 20):
        # Everything that was to arrive while it held arrives when it lets go, and in order.
        delay = max(20.0, began + held + 20 - moment) if moment >= began else 20.0
        for stream in (sound, picture):
            if reports and moment % 1000 == 0:
                stream.report(moment, delay)
            assert stream.send(moment, delay) == pytest.approx(moment + 20, abs=1)
    assert sound.clock.jumps == picture.clock.jumps == 0
    assert sound.clock.odd == picture.clock.odd == 0


@settings(max_examples=100)
@given(
    # Within the minute in which the least delay is remembered.
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 9000)), max_size=6),
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.booleans(),
)
def test_whatever_the_delays_what_lost_nothing_is_exact(
    holds: list[tuple[int, int]], first: int, reports: bool, video: bool
) -> None:
    """Any row of holds, of any length, one after the other or while the last still drains."""
    stream = pair(first=first)[1 if video else 0]
    moment = 0.0
    free = 0.0  # when the path lets go
    script = [(100, 0), *holds, (20, 0)]
    for count, held in script:
        free = max(free, moment + held)
        for _ in range(count):
            delay = max(20.0, free + 20 - moment)
            if reports and moment % 1000 == 0:
                stream.report(moment, delay)
            assert stream.send(moment, delay) == pytest.approx(moment + 20, abs=1)
            moment += 20
    assert stream.clock.jumps == 0


def test_loss_while_a_path_holds_is_a_gap_and_nothing_else() -> None:
    sound, _ = pair()
    for moment in range(0, 20_000, 20):
        delay = max(20.0, 15_020.0 - moment) if moment >= 10_000 else 20.0
        if 11_000 <= moment < 12_000 or moment % 140 == 0:
            sound.number()
            continue
        assert sound.send(moment, delay) == pytest.approx(moment + 20, abs=1)


@pytest.mark.parametrize("stood", [1500.0, 5000.0, 20_000.0])
def test_a_clock_that_stood_is_known_by_the_next_report(stood: float) -> None:
    """Some senders' timestamps do not count the time in which nothing was sent."""
    sound, _ = pair()
    for moment in range(0, 5000, 20):
        if moment % 1000 == 0:
            sound.report(moment)
        assert sound.send(moment) == pytest.approx(moment + 20, abs=1)
    sound.first = round(sound.first - stood * 48)
    for moment in range(round(5000 + stood), round(15_000 + stood), 20):
        placed = sound.send(moment)
        if moment == 5000 + stood + 200:
            sound.report(moment)
        if moment > 5000 + stood + 200:
            assert placed == pytest.approx(moment + 20, abs=1)
    assert sound.clock.jumps == 1


def test_timestamps_that_stand_still_are_placed_where_they_arrive() -> None:
    sound, _ = pair()
    for moment in range(0, 30_000, 20):
        placed = sound.clock.place(7, moment + 20.0, sound.number())
        assert -LATE - 100 <= placed - (moment + 20) <= 0


def test_reports_bring_sound_and_picture_together() -> None:
    sound, picture = pair()
    apart = []
    for moment in range(0, 20_000, 20):
        if moment % 5000 == 4000:
            sound.report(moment)
            picture.report(moment, 90.0)
        heard = sound.send(moment, 20.0)
        seen = picture.send(moment, 90.0)
        apart.append(seen - heard)
    assert apart[0] == pytest.approx(70)
    assert abs(apart[-1]) < 2
    # Slowly: nobody hears a step.
    assert all(abs(after - before) < 1 for before, after in pairwise(apart))


def test_what_was_learnt_holds_while_reports_are_recent() -> None:
    sound, picture = pair()
    for moment in range(0, 70_000, 20):
        if moment < 10_000 and moment % 1000 == 0:
            sound.report(moment)
            picture.report(moment)
        heard, seen = sound.send(moment, 20.0), picture.send(moment, 90.0)
        if 11_000 < moment < 9000 + REPORT_VALID:
            assert seen - heard == pytest.approx(0, abs=2)


@pytest.mark.parametrize("wrong", [-3_600_000.0, 3_600_000.0, 10_000.0])
def test_reports_that_are_wrong_do_no_harm(wrong: float) -> None:
    sound, picture = pair()
    for moment in range(0, 30_000, 20):
        if moment % 1000 == 0:
            sound.report(moment, wrong=wrong)
            picture.report(moment)
        heard, seen = sound.send(moment), picture.send(moment, 60.0)
        assert heard == pytest.approx(moment + 20, abs=1)
        assert seen == pytest.approx(moment + 40, abs=21)


def test_a_publisher_without_a_clock_says_so_with_zero() -> None:
    sound, _ = pair()
    sound.send(0)
    sound.clock.report(0, 5, 30.0)
    assert sound.send(20) == pytest.approx(40)


def test_a_report_before_the_first_frame_counts() -> None:
    sound, picture = pair()
    sound.report(0)
    picture.report(0)
    assert sound.send(20) == pytest.approx(40, abs=0.1)
    assert picture.send(20, 100.0) == pytest.approx(40, abs=0.1)


def test_a_bad_first_guess_is_corrected_slowly_and_never_by_a_jump() -> None:
    sound, _ = pair()
    placed = [sound.send(moment, 420.0) for moment in range(0, 3000, 20)]
    placed += [sound.send(moment) for moment in range(3000, 60_000, 20)]
    assert placed[0] == pytest.approx(420)
    assert placed[-1] == pytest.approx(59_980 + 20, abs=1)
    assert all(15 < after - before < 25 for before, after in pairwise(placed))


def test_the_least_of_a_minute() -> None:
    least = LeastOfMinute()
    assert least.value == float("inf")
    least.add(-1, 7)  # what has arrived just before a meeting began
    assert least.value == 7
    least.add(0, 5)
    least.add(1, 7)
    assert least.value == 5
    least.add(30_000, 6)
    assert least.value == 5
    least.add(61_000, 8)
    assert least.value == 6
    least.add(60_500, 3)  # a little late
    assert least.value == 3
    least.add(10_000_000, 9)
    assert least.value == 9


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 5000), st.integers(0, 2**64 - 1)),
        max_size=100,
    )
)
def test_no_numbers_break_it(script: list[tuple[int, float, int]]) -> None:
    """Whatever is sent, each frame is placed near its arrival."""
    clock = StreamClock(VIDEO, PeerClock())
    now = 0.0
    for timestamp, wait, ntp in script:
        now += wait
        clock.report(ntp, timestamp, now)
        assert -LATE - 1 <= clock.place(timestamp, now, 7) - now <= EARLY + 1


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 5000)), max_size=100))
def test_no_numbers_in_a_row_make_time_go_on_without_them(script: list[tuple[int, float]]) -> None:
    """Whatever a row of packets claims, it is within the time in which it came."""
    clock = StreamClock(VIDEO, PeerClock())
    now = 0.0
    for number, (timestamp, wait) in enumerate(script):
        now += wait
        assert -EARLY <= clock.place(timestamp, now, number) <= now + EARLY + 1


def test_timestamps_that_creep_are_not_believed() -> None:
    """A tick for each packet is no time of anything: not placed ever further behind."""
    sound, _ = pair()
    for moment in range(0, 30_000, 20):
        placed = sound.clock.place(moment // 20, moment + 20.0, sound.number())
        assert -LATE - 100 <= placed - (moment + 20) <= 0
