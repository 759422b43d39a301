"""The order of packets, with scripted loss, reordering, wrapping and restarts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assent.recording.reorder import HELD, MAX_BEHIND, MAX_JUMP, PATIENCE, Packet, Reorder


def number(packet: bytes) -> int:
    return int.from_bytes(packet, "big")


def numbers(passed: list[Packet]) -> list[int]:
    """Return what was passed on; minus what has a loss right before it."""
    return [-number(packet) if lost else number(packet) for packet, _, lost in passed]


class Line:
    """A stream that says when what arrives, and keeps what is passed on."""

    def __init__(self) -> None:
        self.reorder = Reorder()
        self.passed: list[Packet] = []

    def push(self, *sequences: int, at: float = 0.0) -> list[int]:
        """Hand packets in; return what this made possible."""
        before = len(self.passed)
        for sequence in sequences:
            packet = sequence.to_bytes(4, "big")
            self.passed += self.reorder.push(sequence & 0xFFFF, packet, at)
        return numbers(self.passed[before:])

    def expire(self, at: float) -> list[int]:
        """Let the timer look."""
        return numbers(list(self.reorder.expire(at)))


def begun() -> Line:
    """Return a stream at 100."""
    line = Line()
    assert line.push(99, 100) == [-99, 100]
    return line


def test_what_is_due_is_passed_on_at_once() -> None:
    line = begun()
    assert line.push(101) == [101]
    assert line.push(102) == [102]


def test_reordered_packets_come_out_in_order() -> None:
    line = begun()
    assert line.push(103, 102) == []
    assert line.push(101) == [101, 102, 103]
    assert line.reorder.lost == 0


def test_a_missing_packet_is_waited_for_and_then_given_up() -> None:
    line = begun()
    assert line.push(102, at=1.0) == []
    assert line.push(104, at=1.1) == []
    assert line.expire(1.0 + PATIENCE - 0.01) == []
    assert line.expire(1.01 + PATIENCE) == [-102]
    assert line.expire(1.11 + PATIENCE) == [-104]
    assert line.reorder.lost == 2
    assert line.push(101, 103, at=2.0) == []  # too late
    assert line.reorder.late == 2
    assert line.push(105, at=2.0) == [105]


def test_a_retransmission_in_time_is_in_its_place() -> None:
    line = begun()
    line.push(102, 103, at=1.0)
    assert line.push(101, at=1.0 + PATIENCE - 0.01) == [101, 102, 103]


def test_packets_that_keep_coming_are_enough_to_give_up() -> None:
    line = begun()
    line.push(102, at=1.0)
    assert line.push(103, at=1.01 + PATIENCE) == [-102, 103]


def test_duplicates_are_passed_on_once() -> None:
    line = begun()
    assert line.push(102, 102, 101, 101, 102) == [101, 102]


def test_numbers_wrap() -> None:
    line = Line()
    assert line.push(65_534, 65_535, 65_537, 65_536) == [-65_534, 65_535, 65_536, 65_537]
    for sequence in range(65_538, 65_538 + 200_000, 20_000):
        line.push(*range(sequence, sequence + 20_000))
    assert [number(packet) for packet, _, _ in line.passed] == list(range(65_534, 265_538))
    assert line.reorder.lost == line.reorder.late == 0


def test_no_more_is_held_than_its_bound() -> None:
    line = begun()
    line.push(*range(102, 102 + HELD))
    assert len(line.passed) == 2
    assert line.push(102 + HELD)[:2] == [-102, 103]
    assert line.reorder.lost == 1


def test_a_stream_is_believed_once_two_packets_in_a_row_have_come() -> None:
    line = Line()
    # A retransmission of what was said before, and then what is said now.
    assert line.push(40) == []
    assert line.push(100) == []
    assert line.push(41) == []
    assert line.push(101) == [-100, 101]


def test_a_jump_ahead_is_a_loss() -> None:
    line = begun()
    line.push(103)
    assert line.push(103 + MAX_JUMP) == [-103, -(103 + MAX_JUMP)]
    assert line.push(104 + MAX_JUMP) == [104 + MAX_JUMP]


def test_two_in_a_row_from_far_behind_are_a_new_beginning() -> None:
    line = begun()
    line.push(*range(101, 2000))
    assert line.push(1999 - MAX_BEHIND - 5) == []
    assert line.push(1000, 1001) == [-1001]
    assert line.push(1002) == [1002]


def test_draining_passes_everything_on() -> None:
    line = begun()
    line.push(102, 105, 104)
    assert numbers(list(line.reorder.drain())) == [-102, -104, 105]
    assert line.reorder.lost == 2


@given(st.lists(st.tuples(st.integers(-60, 60), st.booleans(), st.integers(0, 100)), max_size=200))
def test_order_holds_whatever_comes(script: list[tuple[int, bool, int]]) -> None:
    line = begun()
    now = 0.0
    place = 101
    for step, arrives, wait in script:
        now += wait / 1000
        place += 1
        if arrives:
            line.push(place + step + 65_536, at=now)
        line.passed += line.reorder.expire(now)
    line.passed += line.reorder.drain()
    came = [number(packet) & 0xFFFF for packet, _, _ in line.passed]
    assert came == sorted(set(came))  # in order, nothing twice
    # What has no loss before it follows directly.
    for (before, _, _), (after, _, lost) in zip(line.passed, line.passed[1:], strict=False):
        assert lost or (number(after) - number(before)) & 0xFFFF == 1


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_no_numbers_break_it(sequences: list[int]) -> None:
    line = Line()
    for index, sequence in enumerate(sequences):
        line.push(sequence, at=index / 50)
    line.reorder.drain()
    assert len(line.reorder._held) == 0
