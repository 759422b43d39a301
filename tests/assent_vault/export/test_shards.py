"""Shards: unpacked they are the folder, as samples they are whole, and each is written once."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from assent_vault.export import documents
from assent_vault.export.folder import Folder, partial_of
from assent_vault.store.export_order import Options
from support.data_set import KEY, MEETINGS, WrittenDataSet, write_data_set

ONE = 1_000_000  # all of the small data set


def written(
    place: Path, format_: str, size: int = ONE, *, publish: bool = True, **more: Any
) -> WrittenDataSet:
    options = Options(format=format_, shard_bytes=size, **more)  # type: ignore[arg-type]
    return write_data_set(place, options=options, publish=publish)


def members(place: Path) -> list[tuple[str, str, bytes]]:
    found = []
    for shard in sorted(place.glob("shards/*.tar")):
        with tarfile.open(shard) as archive:
            for one in archive:
                content = archive.extractfile(one)
                assert content is not None
                assert (one.mode, one.mtime, one.uid, one.uname) == (0o600, 0, 0, "")
                found.append((f"shards/{shard.name}", one.name, content.read()))
    return found


def manifest(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "MANIFEST.json").read_bytes())
    return found


@pytest.mark.parametrize("size", [1, 60_000, ONE])
@pytest.mark.parametrize("pcm", [False, True])
def test_tars_unpacked_are_the_folder(tmp_path: Path, size: int, pcm: bool) -> None:
    whole = written(tmp_path / "folder", "folder", pcm=pcm).place
    place = written(tmp_path / "tar", "tar", size, pcm=pcm).place
    assert not (place / "data").exists()
    files = {str(one.relative_to(whole)): one.read_bytes() for one in whole.rglob("data/*/*")}
    assert {name: data for _, name, data in members(place)} == files
    shards = {shard for shard, _, _ in members(place)}
    assert len(shards) == (
        len(files) // (2 if pcm else 1) if size == 1 and not pcm else len(shards)
    )
    assert (len(shards) == 1) == (size == ONE)
    described = manifest(place)
    assert [each["path"] for each in described["packed"]] == [name for _, name, _ in members(place)]
    for shard, name, data in members(place):
        (each,) = [one for one in described["packed"] if one["path"] == name]
        assert each["shard"] == shard
        assert (each["size"], each["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    listed = {each["path"] for each in described["files"]}
    assert shards <= listed
    assert listed | {"MANIFEST.json", "MANIFEST.jws"} == {
        str(one.relative_to(place)) for one in place.rglob("*") if one.is_file()
    }
    assert (place / "lhotse").is_dir()


def test_samples_are_whole_and_side_by_side(tmp_path: Path) -> None:
    place = written(tmp_path / "web", "webdataset", 1, pcm=True).place
    samples: list[tuple[str, str]] = []
    kinds: dict[tuple[str, str], dict[str, bytes]] = {}
    for shard, name, data in members(place):
        folder, _, base = name.rpartition("/")
        key, _, suffix = base.partition(".")
        if (shard, f"{folder}/{key}") not in samples[-1:]:
            samples.append((shard, f"{folder}/{key}"))
        kinds.setdefault(samples[-1], {})[suffix] = data
    assert len(samples) == len(set(samples)) == 6, "no sample comes twice, or in two shards"
    assert {tuple(sorted(each)) for each in kinds.values()} == {
        ("json", "webm"), ("flac", "json", "opus"),
    }  # fmt: skip
    rows = [json.loads(line) for line in (place / "metadata.jsonl").read_text().splitlines()]
    by_path = {(row["shard"], row["path"]): row for row in rows}
    for (shard, key), found in kinds.items():
        media = "webm" if "webm" in found else "opus"
        row = json.loads(found["json"])
        assert row == by_path[shard, f"{key}.{media}"]
        assert row["sha256"] == hashlib.sha256(found[media]).hexdigest()
    tracks = [track for meeting in manifest(place)["meetings"] for track in meeting["tracks"]]
    assert {track["path"] for track in tracks} == {row["path"] for row in rows}
    assert not (place / "lhotse").exists()
    assert "webdataset" in (place / "README.md").read_text()


@pytest.mark.parametrize("format_", ["tar", "webdataset"])
def test_the_same_again_is_the_same_bytes(tmp_path: Path, format_: str) -> None:
    first, second = (
        written(tmp_path / name, format_, 1, pcm=True).place for name in ("one", "two")
    )
    names = sorted(str(one.relative_to(first)) for one in first.rglob("*") if one.is_file())
    assert names == sorted(
        str(one.relative_to(second)) for one in second.rglob("*") if one.is_file()
    )
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_shard_that_is_whole_is_not_written_again(tmp_path: Path) -> None:
    described = written(tmp_path / "x", "tar", 1, publish=False).described
    place = partial_of(tmp_path / "x")
    shards = sorted(place.glob("shards/*.tar"))
    assert len(shards) > 2
    before = [(one.stat().st_mtime_ns, one.read_bytes()) for one in shards]
    shards[1].write_bytes(before[1][1][:-600])
    documents.write(Folder(tmp_path / "x"), described, KEY)
    after = [(one.stat().st_mtime_ns, one.read_bytes()) for one in shards]
    assert [data for _, data in after] == [data for _, data in before]
    assert [old[0] == new[0] for old, new in zip(before, after, strict=True)] == [
        number != 1 for number in range(len(shards))
    ]


def test_a_meeting_that_falls_out_is_in_no_shard(tmp_path: Path) -> None:
    from dataclasses import replace

    described = written(tmp_path / "x", "tar", publish=False).described
    folder = Folder(tmp_path / "x")
    folder.remove(f"data/{MEETINGS[0]}")
    documents.write(folder, replace(described, meetings=described.meetings[1:]), KEY)
    folder.publish()
    assert {name.split("/")[1] for _, name, _ in members(tmp_path / "x")} == {MEETINGS[1]}
