"""What storing costs: two seconds of 25 people as an epoch, and as a relayed generation.

``python -m bench.storing`` (with ``PYTHONPATH=server:storage:tests``) makes the same clusters both
ways, in turn, and prints one line of JSON. Time is that of the process, so that what else runs
counts for nothing; the smallest of the rounds counts. Of a generation each frame is encrypted by
itself, and then the segment once more; of an epoch the segment alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Final

from assent.recording.epoch_stretch import EpochStretch
from assent.recording.generation_stretch import GenerationStretch
from assent.recording.stretch import RecordedStretch
from assent_vault.formats.epoch import build_header, parse_header, seal_epoch
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


def stretches() -> tuple[Callable[[], RecordedStretch], Callable[[], RecordedStretch], list[str]]:
    """Return what makes an epoch and a generation of the same people, and who they are."""
    meeting = make_meeting()
    people = [person_in(meeting) for _ in range(PEOPLE)]
    for person in people:
        person.enrol()
    header = parse_header(
        build_header(
            meeting=meeting.id,
            epoch=1,
            began=CREATED,
            offset=0,
            previous=None,
            charter=meeting.charter,
            vault_key=meeting.vault_key,
            people=[person.in_header() for person in people],
        )
    )

    def epoch() -> RecordedStretch:
        key, _ = seal_epoch(header, meeting.vault_key)
        return EpochStretch(header, key, meeting.server)

    def generation() -> RecordedStretch:
        made = committed(meeting, [(person, True) for person in people], offset=0, at=CREATED)
        return GenerationStretch(made.header, made.keys, meeting.server)

    return epoch, generation, [encode(person.id) for person in people]


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
    """Measure both, in turn."""
    epoch, generation, names = stretches()
    seconds: dict[str, list[float]] = {"epoch": [], "generation": []}
    opening: dict[str, list[float]] = {"epoch": [], "generation": []}
    size: dict[str, int] = {}
    for _ in range(ROUNDS):
        for kind, make in (("epoch", epoch), ("generation", generation)):
            began = time.process_time()
            stretch = make()
            opening[kind].append(time.process_time() - began)
            spent, size[kind] = store(stretch, names)
            seconds[kind].append(spent)
    least = {kind: min(found) for kind, found in seconds.items()}
    opened = {kind: min(found) for kind, found in opening.items()}
    frames = PEOPLE * (len(sound()) + len(pictures()))
    print(
        json.dumps(
            {
                "people": PEOPLE,
                "frames": frames,
                "storing_ms": {kind: round(one * 1000, 2) for kind, one in least.items()},
                "storing_ratio": round(least["generation"] / least["epoch"], 2),
                "share_of_a_core": round(least["generation"] / (SPAN_MS / 1000), 4),
                "us_a_frame_more": round((least["generation"] - least["epoch"]) / frames * 1e6, 2),
                "bytes_ratio": round(size["generation"] / size["epoch"], 3),
                "opening_ms": {kind: round(one * 1000, 2) for kind, one in opened.items()},
                "opening_ratio": round(opened["generation"] / opened["epoch"], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
