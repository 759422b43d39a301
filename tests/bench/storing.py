"""What storing costs: two seconds of 25 people in a relayed generation.

``python -m bench.storing`` (with ``PYTHONPATH=server:storage:tests``) makes the clusters, and
prints one line of JSON. Time is that of the process, so that what else runs counts for nothing; the
smallest of the rounds counts. Each frame is encrypted by itself, and then the segment once more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Final

from assent.recording.generation_stretch import GenerationStretch
from assent.recording.stretch import RecordedStretch
from assent_vault.formats.suite import digest, encode
from assent_vault.formats.webm import Block
from support.people import CREATED, make_meeting, person_in
from support.recorded_generation import committed

PEOPLE: Final = 25
ROUNDS: Final = 5
SPAN_MS: Final = 1_900
SOUND_BYTES: Final = 80  # 32 kbit/s
PICTURE_BYTES: Final = 3_000  # 600 kbit/s
KEY_FRAME_BYTES: Final = 30_000


def sound() -> list[Block]:
    """Return packets of 20 ms."""
    return [(at, True, b"\xf8" + bytes(SOUND_BYTES - 1), 0) for at in range(0, SPAN_MS, 20)]


def pictures() -> list[Block]:
    """Return 25 frames a second, the first a key frame."""
    key = bytes.fromhex("1002009d012a40010001") + bytes(KEY_FRAME_BYTES - 10)
    other = bytes.fromhex("310100") + bytes(PICTURE_BYTES - 3)
    return [(at, at == 0, key if at == 0 else other, 40) for at in range(0, SPAN_MS, 40)]


def stretches() -> tuple[Callable[[], RecordedStretch], list[str]]:
    """Return what makes a generation of some people, and who they are."""
    meeting = make_meeting()
    people = [person_in(meeting) for _ in range(PEOPLE)]
    for person in people:
        person.enrol()

    def generation() -> RecordedStretch:
        made = committed(meeting, [(person, True) for person in people], offset=0, at=CREATED)
        return GenerationStretch(made.header, made.keys, meeting.server)

    return generation, [encode(person.id) for person in people]


def store(stretch: RecordedStretch, names: Sequence[str]) -> tuple[float, int]:
    """Make the objects of one cluster of everybody; return seconds, and bytes."""
    size = 0
    kinds = (("microphone", "opus", sound()), ("camera", "vp8", pictures()))
    makers = [
        (f"{name}.{source}", codec, stretch.cluster_maker(name, source, codec), blocks)
        for name in names
        for source, codec, blocks in kinds
    ]
    began = time.process_time()
    for track, codec, make, blocks in makers:
        key = stretch.lane_key(track)
        data = stretch.seal(track, codec, 1, 0, SPAN_MS, make(blocks), key)
        digest(data)
        size += len(data)
    return time.process_time() - began, size


def main() -> None:
    """Measure, and take the least of some rounds."""
    generation, names = stretches()
    opening, seconds, size = [], [], 0
    for _ in range(ROUNDS):
        began = time.process_time()
        stretch = generation()
        opening.append(time.process_time() - began)
        spent, size = store(stretch, names)
        seconds.append(spent)
    print(
        json.dumps(
            {
                "people": PEOPLE,
                "frames": PEOPLE * (len(sound()) + len(pictures())),
                "storing_ms": round(min(seconds) * 1000, 2),
                "share_of_a_core": round(min(seconds) / (SPAN_MS / 1000), 4),
                "bytes": size,
                "opening_ms": round(min(opening) * 1000, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
