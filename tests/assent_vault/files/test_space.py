"""Room on the disks, and the floor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assent_vault.files import space as spaces
from assent_vault.files.space import LOW, UNKNOWN, Space


def free(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def test_a_place_that_is_not_made_yet_is_on_the_disk_it_will_be_on(tmp_path: Path) -> None:
    space = Space({"objects": tmp_path / "a" / "b"}, 1)
    assert space.look() is None
    [room] = space.rooms
    assert room.place == "objects"
    assert room.octets > 0


def test_below_the_floor_it_is_low(tmp_path: Path) -> None:
    space = Space({"objects": tmp_path}, free(tmp_path) * 2)
    assert space.look() == LOW
    space.floor = 1
    assert space.look() is None


def test_it_is_well_again_with_a_quarter_more_than_the_floor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    octets = 99
    monkeypatch.setattr(spaces, "_room", lambda place, _: spaces.FreeSpace(place, octets, None))
    space = Space({"objects": tmp_path}, 100)
    assert space.look() == LOW
    octets = 124
    assert space.look() == LOW
    octets = 125
    assert space.look() is None
    octets = 100
    assert space.look() is None


def test_names_for_files_run_out_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = spaces.FLOOR_FILES - 1
    monkeypatch.setattr(spaces, "_room", lambda place, _: spaces.FreeSpace(place, 1 << 40, files))
    assert Space({"objects": tmp_path}, 1).look() == LOW
    files = spaces.FLOOR_FILES
    assert Space({"objects": tmp_path}, 1).look() is None


def test_without_a_floor_nothing_is_low(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "_room", lambda place, _: spaces.FreeSpace(place, 0, 0))
    assert Space({"objects": tmp_path}, 0).look() is None


def test_a_disk_that_cannot_be_looked_at_is_not_recorded_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_place: str, _path: Path) -> None:
        raise OSError

    monkeypatch.setattr(spaces, "_room", fail)
    assert Space({"objects": tmp_path}, 1).look() == UNKNOWN
