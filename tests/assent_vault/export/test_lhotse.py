"""Lhotse's manifests, read as the JSON they are: channels, turns, and the same bytes each time."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assent_vault.export import lhotse
from assent_vault.export.description import DataSet, MeetingEntry
from assent_vault.export.sound import Sound
from support.data_set import DURATION, MEETINGS, SAID, write_data_set


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return write_data_set(Path(tmp_path_factory.mktemp("lhotse")) / "x").described


def lines(described: DataSet, name: str) -> list[dict[str, Any]]:
    found = dict(lhotse.files(described))
    data = gzip.decompress(b"".join(found[f"lhotse/{name}.jsonl.gz"]))
    return [json.loads(line) for line in data.splitlines()]


def stereo(meeting: MeetingEntry) -> MeetingEntry:
    """Return the meeting with its first track of sound in two channels."""
    first, *_ = [track for track, _ in meeting.sounds]
    assert isinstance(first.media, Sound)
    changed = replace(first, media=replace(first.media, channels=2))
    return replace(
        meeting, tracks=tuple(changed if one is first else one for one in meeting.tracks)
    )


def test_a_recording_has_a_source_for_each_track_of_sound(described: DataSet) -> None:
    for found, meeting in zip(lines(described, "recordings"), MEETINGS, strict=True):
        assert found["id"] == meeting
        assert [source["channels"] for source in found["sources"]] == [[0], [1]]
        assert all(source["source"].endswith(".opus") for source in found["sources"])
        assert found["num_samples"] == DURATION * 48
        assert found["duration"] == DURATION / 1000


def test_channels_are_told_apart_where_one_track_is_stereo(described: DataSet) -> None:
    meeting = stereo(described.meetings[0])
    assert [own for _, _, own in lhotse.channels(meeting)] == [[0, 1], [2]]
    assert lhotse.recording(meeting)["channel_ids"] == [0, 1, 2]
    assert [one["channel"] for one in lhotse.supervisions(meeting)] == [[0, 1], 2]


def test_supervisions_are_the_turns(described: DataSet) -> None:
    found = lines(described, "supervisions")
    assert len(found) == 2 * len(SAID)
    for one in found:
        start, end = SAID[one["speaker"]]
        assert (one["start"], one["duration"]) == (start / 1000, (end - start) / 1000)
    assert len({one["id"] for one in found}) == len(found)
    (cut, _) = lines(described, "cuts")
    assert cut["supervisions"] == found[: len(SAID)]
    assert cut["channel"] == [0, 1]


def test_an_utterance_is_a_cut_of_its_own_track(described: DataSet) -> None:
    for one in lines(described, "utterances"):
        (said,) = one["supervisions"]
        assert one["recording"]["channel_ids"] == [0]
        assert said["speaker"] in one["recording"]["sources"][0]["source"]
        assert (said["start"], said["duration"]) == (0, one["duration"])


def test_what_nobody_has_listened_to_has_no_supervision(described: DataSet) -> None:
    meeting = described.meetings[0]
    deaf = replace(meeting, tracks=tuple(replace(one, speech=None) for one in meeting.tracks))
    assert list(lhotse.supervisions(deaf)) == []
    assert list(lhotse.utterances(deaf)) == []
    assert lhotse.cut(deaf)["channel"] == [0, 1]


def test_a_meeting_without_sound_is_in_none(described: DataSet) -> None:
    meeting = described.meetings[0]
    silent = replace(
        meeting, tracks=tuple(one for one in meeting.tracks if not isinstance(one.media, Sound))
    )
    for _, data in lhotse.files(replace(described, meetings=(silent,))):
        assert gzip.decompress(b"".join(data)) == b""


def test_the_same_gives_the_same_bytes(described: DataSet) -> None:
    first, again = (
        [(path, b"".join(data)) for path, data in lhotse.files(described)] for _ in range(2)
    )
    assert first == again
    assert all(data[4:8] == bytes(4) for _, data in first), "no time in the head of a gzip"
