from __future__ import annotations

from assent.media.forward.rtp_munger import NEVER, RtpMunger

RATE = 90_000
NTP = 1 << 32  # one second


def test_the_first_packet_has_the_numbers_that_were_drawn() -> None:
    row = RtpMunger(500, 7000)
    assert not row.started
    row.start(100_000, 123, 5.0, RATE, None)
    assert row.started
    assert 100_000 + row.sequence_offset == 500
    assert 123 + row.timestamp_offset == 7000


def test_what_comes_after_a_pause_follows_what_was_before() -> None:
    row = RtpMunger(500, 7000)
    row.start(100, 0, 5.0, RATE, None)
    row.pause(120, 9000, 5.1, None)
    assert row.base == NEVER
    row.start(60_000, 777, 6.1, RATE, None)
    assert 60_000 + row.sequence_offset == 521
    assert 777 + row.timestamp_offset == 7000 + 9000 + 1 + RATE  # a second later


def test_between_layers_the_reports_tell_the_time_exactly() -> None:
    row = RtpMunger(0, 0)
    row.start(100, 50_000, 5.0, RATE, (10 * NTP, 50_000))
    row.pause(130, 59_000, 5.2, (10 * NTP, 50_000))  # captured at 10.1
    # The other layer's clock shows 4,000,000,000 at 11 s; its frame was captured at 10.133.
    stamp = 4_000_000_000 - 78_030
    row.start(9, stamp, 5.4, RATE, (11 * NTP, 4_000_000_000))
    assert stamp + row.timestamp_offset == 9000 + 2970


def test_time_never_goes_back() -> None:
    row = RtpMunger(0, 0)
    row.start(100, 50_000, 5.0, RATE, (10 * NTP, 50_000))
    row.pause(130, 59_000, 5.2, (10 * NTP, 50_000))
    # The same picture as the last of the other layer.
    row.start(9, 2_009_000, 5.2, RATE, (10 * NTP, 2_000_000))
    assert 2_009_000 + row.timestamp_offset == 9001


def test_reports_that_contradict_what_arrives_are_not_believed() -> None:
    row = RtpMunger(0, 0)
    row.start(100, 50_000, 5.0, RATE, (10 * NTP, 50_000))
    row.pause(130, 59_000, 5.2, (10 * NTP, 50_000))
    row.start(9, 2_009_000, 5.4, RATE, (90 * NTP, 2_000_000))
    assert abs(2_009_000 + row.timestamp_offset - 9001 - 18_000) < 3
