"""The lines that NeMo reads: each turn of each sound, and no word that nobody has written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assent_vault.store.export_order import Options
from support.data_set import MEETINGS, SAID, write_data_set


@pytest.mark.parametrize("pcm", [False, True])
def test_each_turn_is_a_line(tmp_path: Path, pcm: bool) -> None:
    place = write_data_set(tmp_path / "x", options=Options(pcm=pcm)).place
    lines = [json.loads(line) for line in (place / "nemo.jsonl").read_text().splitlines()]
    assert [(each["session_id"], each["speaker"]) for each in lines] == [
        (meeting, speaker) for meeting in MEETINGS for speaker in SAID
    ]
    for each in lines:
        start, end = SAID[each["speaker"]]
        assert (each["offset"], each["duration"]) == (start / 1000, (end - start) / 1000)
        assert each["text"] == ""
        assert each["audio_filepath"].endswith(".flac" if pcm else ".opus")
        assert (place / each["audio_filepath"]).is_file()
