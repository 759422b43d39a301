from __future__ import annotations

from assent.media.congestion.sent_packets import OVERHEAD, SIZE, SentPacketHistory
from assent.media.rtp.twcc import LOST, TICK


def test_feedback_is_matched_with_what_was_sent() -> None:
    departures = SentPacketHistory()
    numbers = [departures.twcc_sequence(size) for size in (100, 200, 300)]
    assert numbers[1] == numbers[0] + 1
    found = departures.match([(numbers[0], 400), (numbers[1], LOST), (numbers[2], 440)])
    assert [packet.size for packet in found] == [100 + OVERHEAD, 200 + OVERHEAD, 300 + OVERHEAD]
    assert [packet.arrived for packet in found] == [400 * TICK, None, 440 * TICK]
    assert found[0].sent <= found[1].sent <= found[2].sent
    assert departures.octets == 600 + 3 * OVERHEAD


def test_what_is_told_twice_counts_once() -> None:
    departures = SentPacketHistory()
    number = departures.twcc_sequence(100)
    assert len(departures.match([(number, LOST), (number, 400)])) == 1
    assert departures.match([(number, 400)]) == []


def test_what_was_never_sent_or_is_long_gone_is_ignored() -> None:
    departures = SentPacketHistory()
    first = departures.twcc_sequence(1)
    assert departures.match([(first + 1, 400), (first - 1 & 0xFFFF, 400)]) == []
    for _ in range(SIZE):
        departures.twcc_sequence(1)
    assert departures.match([(first, 400)]) == []


def test_numbers_and_times_wrap() -> None:
    departures = SentPacketHistory()
    numbers = [departures.twcc_sequence(1) for _ in range(70_000)]
    assert max(numbers) == 65535
    before = departures.match([(numbers[-2], 0xFFFFFFFF)])
    after = departures.match([(numbers[-1], 3)])
    first, second = before[0].arrived, after[0].arrived
    assert first is not None
    assert second is not None
    assert round((second - first) / TICK) == 4
