"""What trainers load a data set with: each library by the lines that its card has."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from assent_vault.export import card
from assent_vault.store.export_order import Options
from support.data_set import WrittenDataSet, write_data_set
from support.loaders import load

ROOT = Path(__file__).resolve().parents[2]
# What is shown after the lines of the card.
THEN = {
    "datasets": """
assert tracks.num_rows == 6, tracks.num_rows
assert list(datasets.load_dataset(DIR)) == ["train"]
assert {row["kind"] for row in tracks} == {"sound", "pictures"}
assert tracks[1]["path"].endswith("speaker-ada.microphone.opus")
""",
    "lhotse": """
import numpy
from lhotse import RecordingSet, SupervisionSet
from lhotse.qa import validate_recordings_and_supervisions
cut = cuts[0]
assert type(cut).__name__ == "MultiCut" and cut.duration == 6.0
assert sound.shape == (2, 6 * 48000), sound.shape
for channel, tone in ((0, 440), (1, 880)):
    (supervision,) = [one for one in cut.supervisions if one.channel == channel]
    begin, end = int(supervision.start * 48000), int(supervision.end * 48000)
    part = sound[channel, begin + 4800 : end - 4800]
    found = numpy.argmax(numpy.abs(numpy.fft.rfft(part))) * 48000 / len(part)
    assert abs(found - tone) < 3, (channel, found)
    assert numpy.abs(sound[channel, : max(0, begin - 480)]).max(initial=0) < 1e-3
    assert numpy.abs(sound[channel, end + 960 :]).max(initial=0) < 1e-3
recordings = RecordingSet.from_file(f"{DIR}/lhotse/recordings.jsonl.gz")
supervisions = SupervisionSet.from_file(f"{DIR}/lhotse/supervisions.jsonl.gz")
validate_recordings_and_supervisions(recordings.with_path_prefix(DIR), supervisions)
utterances = CutSet.from_file(f"{DIR}/lhotse/utterances.jsonl.gz").with_recording_path_prefix(DIR)
assert [one.load_audio().shape for one in utterances][:2] == [(1, 144000), (1, 96000)]
""",
    "soundfile": """
assert rate == 48000 and sound.shape == (6 * 48000,), (rate, sound.shape)
""",
    "torchcodec": """
found = sound.get_all_samples()
assert found.sample_rate == 48000 and found.data.shape == (1, 6 * 48000), found.data.shape
""",
    "mlcroissant": """
assert not described.metadata.ctx.issues.errors, described.metadata.ctx.issues.report()
assert row["tracks/path"].decode().endswith("speaker-ada.camera.webm"), row
assert len(list(described.records("tracks"))) == 6
""",
    "nemo": """
import json, numpy, soundfile
lines = [json.loads(line) for line in open(f"{DIR}/nemo.jsonl", encoding="utf-8")]
assert len(lines) == 4 and {line["text"] for line in lines} == {""}, lines
for line, tone in zip(lines, (440, 880, 440, 880)):
    rate = soundfile.info(f"{DIR}/{line['audio_filepath']}").samplerate
    begin, frames = round(line["offset"] * rate), round(line["duration"] * rate)
    part, _ = soundfile.read(f"{DIR}/{line['audio_filepath']}", start=begin, frames=frames)
    part = part[rate // 10 : -rate // 10]
    found = numpy.argmax(numpy.abs(numpy.fft.rfft(part))) * rate / len(part)
    assert abs(found - tone) < 3, (line, found)
""",
    "meeteval": """
import meeteval, glob
for kind in ("rttm", "seglst.json"):
    (path,) = glob.glob(f"{DIR}/{kind.split('.')[0]}/AAA*.{kind}")
    said = meeteval.io.load(path).to_seglst()
    found = [(one["speaker"], float(one["start_time"]), float(one["end_time"])) for one in said]
    assert found == [("speaker-ada", 0.0, 3.0), ("speaker-bo", 2.5, 4.5)], found
(path,) = glob.glob(f"{DIR}/uem/AAA*.uem")
assert len(meeteval.io.load(path).lines) == 1
""",
}

FIRST_BATCH = """
assert sound.shape == (4, 48000) and lengths == [48000, 32000] * 2, (sound.shape, lengths)
assert speakers == ["speaker-ada", "speaker-bo"] * 2
for row, length, tone in zip(sound, lengths, (440, 880, 440, 880)):
    part = row[1600 : length - 1600]
    found = numpy.argmax(numpy.abs(numpy.fft.rfft(part))) * 16000 / len(part)
    assert abs(found - tone) < 3 and not row[length:].any(), (found, tone)
"""

THEN_SHARDED = {
    "webdataset": """
import io, json, soundfile
assert sample["__key__"].endswith("/speaker-ada-camera") and "webm" in sample, sample["__key__"]
every = list(samples)
assert len(every) == 6 and len({one["__key__"] for one in every}) == 6
sounds = [one for one in every if "opus" in one]
assert len(sounds) == 4
for one in sounds:
    row = json.loads(one["json"])
    assert one["__key__"] == f"{row['meeting']}/{row['speaker']}-{row['source']}"
    for kind, expected in (("flac", 16000), ("opus", 48000)):
        sound, rate = soundfile.read(io.BytesIO(one[kind]))
        assert rate == expected and sound.shape == (6 * rate,), (kind, rate, sound.shape)
""",
    "datasets": """
assert tracks.num_rows == 6, tracks.num_rows
assert {row["shard"] for row in tracks} == {f"shards/00000{n}.tar" for n in range(6)}
""",
    "mlcroissant": """
assert not described.metadata.ctx.issues.errors, described.metadata.ctx.issues.report()
assert len(list(described.records("tracks"))) == 6
""",
}


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenDataSet:
    return write_data_set(tmp_path_factory.mktemp("sets") / "one")


@pytest.mark.parametrize("library", THEN)
def test_it_loads_by_the_lines_of_its_card(
    loaders: Path, written: WrittenDataSet, library: str, tmp_path: Path
) -> None:
    load(loaders, written.place, card.LOADING.get(library, ""), THEN[library], tmp_path)


@pytest.mark.parametrize("library", THEN_SHARDED)
def test_shards_load_by_the_lines_of_their_card(
    loaders: Path, library: str, tmp_path: Path
) -> None:
    options = Options(format="webdataset", shard_bytes=1, pcm=True)
    place = write_data_set(tmp_path / "set", options=options).place
    load(loaders, place, card.SHARDED[library], THEN_SHARDED[library], tmp_path)


@pytest.mark.parametrize("library", ["soundfile", "lhotse", "nemo"])
def test_tars_that_were_unpacked_load_as_the_folder(
    loaders: Path, library: str, tmp_path: Path
) -> None:
    options = Options(format="tar", shard_bytes=1, pcm=True)
    place = write_data_set(tmp_path / "set", options=options).place
    for shard in sorted(place.glob("shards/*.tar")):
        subprocess.run(["tar", "-xf", str(shard)], cwd=place, check=True)
    load(loaders, place, card.LOADING.get(library, ""), THEN[library], tmp_path)


def test_a_first_batch_comes_by_the_lines_for_those_who_train(
    loaders: Path, written: WrittenDataSet, tmp_path: Path
) -> None:
    text = (ROOT / "storage" / "TRAINING.md").read_text()
    (lines,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(lines.strip().splitlines()) <= 10
    load(loaders, written.place, "", f"{lines}\n{FIRST_BATCH}", tmp_path)
