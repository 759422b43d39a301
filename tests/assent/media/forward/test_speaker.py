from __future__ import annotations

from assent.media.forward.speaker import SpeakerDetector


def rounds(speakers: SpeakerDetector, count: int, **levels: int) -> list[list[str]]:
    told = []
    for _ in range(count):
        for _ in range(10):
            for peer, level in levels.items():
                speakers.observe(peer, level)
        changed = speakers.update()
        if changed is not None:
            told.append(changed)
    return told


def test_tells_who_begins_and_who_ends() -> None:
    speakers = SpeakerDetector()
    assert rounds(speakers, 10, alice=0x80 | 20, bob=127) == [["alice"]]
    assert rounds(speakers, 20, alice=127, bob=0x80 | 20) == [["bob", "alice"], ["bob"]]
    assert rounds(speakers, 20) == [[]]


def test_the_loudest_is_first() -> None:
    speakers = SpeakerDetector()
    assert rounds(speakers, 10, alice=30, bob=10)[-1] == ["bob", "alice"]
    assert rounds(speakers, 10, alice=5, bob=30)[-1] == ["alice", "bob"]


def test_a_click_is_not_a_speaker() -> None:
    speakers = SpeakerDetector()
    speakers.observe("alice", 0)
    for _ in range(9):
        speakers.observe("alice", 127)
    assert speakers.update() is None


def test_a_breath_does_not_end_a_turn() -> None:
    speakers = SpeakerDetector()
    rounds(speakers, 10, alice=20)
    assert rounds(speakers, 1, alice=127) == []


def test_noise_near_the_threshold_does_not_flicker() -> None:
    speakers = SpeakerDetector()
    assert rounds(speakers, 20, alice=40) == [["alice"]]
    for _ in range(10):
        assert rounds(speakers, 1, alice=44) == []
        assert rounds(speakers, 1, alice=53) == []


def test_who_is_forgotten_stops_at_the_next_round() -> None:
    speakers = SpeakerDetector()
    rounds(speakers, 10, alice=20)
    speakers.forget("alice")
    assert speakers.update() == []
    speakers.forget("nobody")
