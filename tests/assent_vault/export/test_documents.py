"""What stands beside the media of a data set: the same bytes each time, and what it should be."""

from __future__ import annotations

import gzip
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assent_vault.export import consent_archive, documents, metadata, rttm
from assent_vault.export.folder import Folder, partial_of
from assent_vault.formats import suite
from support.data_set import KEY, MEETINGS, WrittenDataSet, write_data_set

FIRST = MEETINGS[0]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenDataSet:
    return write_data_set(tmp_path_factory.mktemp("sets") / "one")


def content(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def test_the_same_gives_the_same_bytes(written: WrittenDataSet, tmp_path: Path) -> None:
    assert content(write_data_set(tmp_path / "two").place) == content(written.place)


def test_written_again_with_fewer_it_is_as_if_they_had_never_been(
    written: WrittenDataSet, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "x")
    folder.begin()
    for path, data in content(written.place).items():
        folder.write(path, [data])
    for name in MEETINGS:
        consent_archive.put_aside(folder, name, {"charter.json": name.encode()})
    folder.remove(f"data/{FIRST}")
    fewer = replace(written.described, meetings=written.described.meetings[1:])
    digest = documents.write(folder, fewer, KEY)
    found = content(partial_of(tmp_path / "x"))
    assert suite.digest(found["MANIFEST.json"]) == digest
    folder.publish()
    found = content(tmp_path / "x")
    readable = {
        path: gzip.decompress(data) if path.endswith(".gz") else data
        for path, data in found.items()
    }
    assert not [path for path, data in readable.items() if FIRST in path or FIRST.encode() in data]
    listed = {each["path"] for each in json.loads(found["MANIFEST.json"])["files"]}
    assert listed | {"MANIFEST.json", "MANIFEST.jws"} == found.keys()


def test_consent_is_an_archive_of_no_time_and_nobody(written: WrittenDataSet) -> None:
    with tarfile.open(written.place / "consent.tar") as archive:
        members = archive.getmembers()
        assert [one.name for one in members] == [
            f"consent/{name}/{path}" for name in MEETINGS for path in ("a/b.sig", "charter.json")
        ]
        for one in members:
            assert (one.mtime, one.uid, one.gid, one.uname, one.gname) == (0, 0, 0, "", "")
            assert one.isfile()
            assert one.mode == 0o600
        found = archive.extractfile(members[1])
        assert found is not None
        assert found.read() == b"{}"


def test_without_proofs_there_are_none(tmp_path: Path) -> None:
    place = write_data_set(tmp_path / "x", proofs=False).place
    assert not (place / "consent.tar").exists()
    for name in ("MANIFEST.json", "croissant.json"):
        assert '"consent.tar"' not in (place / name).read_text()
    assert "digests" in (place / "README.md").read_text()
    assert not list(place.rglob(".aside"))


def test_a_row_for_each_track(written: WrittenDataSet) -> None:
    table = pq.read_table(written.place / "metadata.parquet")
    assert table.schema.equals(metadata.SCHEMA)
    rows = table.to_pylist()
    lines = (written.place / "metadata.jsonl").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert len(rows) == 6
    for row in rows:
        assert (written.place / row["path"]).stat().st_size == row["size"]
        assert (row["use"], row["recipient"], row["purpose"]) == (
            "training",
            "An Institute",
            "research",
        )
        assert row["interrupted"]
    camera, ada, bo = rows[:3]
    assert (camera["kind"], camera["offset"], camera["duration"]) == ("pictures", 0.5, 3.0)
    assert (camera["width"], camera["height"], camera["frame_rate"]) == (96, 64, 10.0)
    assert (camera["rate"], camera["speech"], camera["languages"]) == (None, None, None)
    assert (ada["offset"], ada["duration"], ada["samples"]) == (0.0, 6.0, 288_000)
    assert ada["filled_share"] == pytest.approx(0.5, abs=0.01)
    assert (bo["speech"], bo["overlap_ratio"], ada["overlap_ratio"]) == (2.0, 0.25, 0.1667)
    assert (bo["level"], bo["noise"], bo["annotation"]) == (-12.5, None, "known")


def test_who_spoke_when(written: WrittenDataSet) -> None:
    assert (written.place / "rttm" / f"{FIRST}.rttm").read_text().splitlines() == [
        f"SPEAKER {FIRST} 1 0.000 3.000 <NA> <NA> speaker-ada <NA> <NA>",
        f"SPEAKER {FIRST} 1 2.500 2.000 <NA> <NA> speaker-bo <NA> <NA>",
    ]
    assert (written.place / "uem" / f"{FIRST}.uem").read_text().splitlines() == [
        f"{FIRST} 1 0.000 6.000",
    ]
    segments = json.loads((written.place / "seglst" / f"{FIRST}.seglst.json").read_bytes())
    assert [(one["speaker"], one["start_time"], one["end_time"]) for one in segments] == [
        ("speaker-ada", 0.0, 3.0),
        ("speaker-bo", 2.5, 4.5),
    ]


def test_what_one_says_into_two_microphones_is_one_turn(written: WrittenDataSet) -> None:
    meeting = written.described.meetings[0]
    ada = meeting.tracks[1]
    assert ada.speech is not None
    again = replace(
        ada,
        source="device-microphone",
        speech=replace(ada.speech, turns=((2900, 3200), (5000, 5100))),
    )
    both = replace(meeting, tracks=(*meeting.tracks, again))
    assert [turn for turn in rttm.turns(both) if turn[2] == "speaker-ada"] == [
        (0, 3200, "speaker-ada"),
        (5000, 5100, "speaker-ada"),
    ]
    assert both.overlap(ada) == 0.1667, "nobody speaks over themselves"


def test_nothing_that_somebody_typed_means_anything_in_the_card(tmp_path: Path) -> None:
    place = write_data_set(tmp_path / "x", recipient="a\n---\n# [b](c) <script>").place
    text = (place / "README.md").read_text()
    assert "\n# [" not in text
    assert "<script>" not in text
    assert text.count("\n---\n") == 1
