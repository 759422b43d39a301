"""What was recalled is taken out, all of it and nothing else; killed anywhere it ends the same."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from assent_vault import jws
from assent_vault.dataset import applying, rewriting, signed_manifest
from assent_vault.dataset.check import Findings, check
from assent_vault.dataset.faults import Flaw
from assent_vault.dataset.tree import HeldFolder
from assent_vault.formats import suite
from assent_vault.store.export_order import Options
from support.data_set import KEY, MEETINGS, write_data_set
from support.recalls import opened, recalling

VAULT = suite.sign_public(KEY)
GONE, KEPT = MEETINGS


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data_set(tmp_path_factory.mktemp("sets") / "one").place


@pytest.fixture
def place(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "copy")


def take_out(place: Path, *meetings: str) -> list[Flaw]:
    found = check(place, [VAULT], recalling(opened(place), *meetings))
    return applying.apply(place, found)


def codes(found: Findings) -> set[str]:
    return {fault.code for fault in found.faults}


def content(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def readable(place: Path) -> dict[str, bytes]:
    """Return all that is left but what was signed and the feed, unpacked."""
    return {
        path: gzip.decompress(data) if path.endswith(".gz") else data
        for path, data in content(place).items()
        if path not in ("MANIFEST.json", "REMAINING.json", "revoked.jsonl")
    }


def test_all_of_it_goes_and_nothing_else(place: Path, written: Path) -> None:
    assert take_out(place, GONE) == []
    found = check(place, [VAULT])
    assert found.faults == []
    assert found.removed == 6
    for path, data in readable(place).items():
        assert GONE not in path
        assert GONE.encode() not in data, path
    before = content(written)
    after = content(place)
    # What is of the other meeting alone is what it was, and what was signed still verifies.
    for path, data in before.items():
        if KEPT in path or path.startswith("MANIFEST"):
            assert after[path] == data
    rows = pq.read_table(place / "metadata.parquet").to_pylist()
    assert rows == [json.loads(line) for line in after["metadata.jsonl"].splitlines()]
    assert [row["meeting"] for row in rows] == [KEPT] * 3
    for name, count in (("recordings", 1), ("cuts", 1), ("supervisions", 2), ("utterances", 2)):
        data = gzip.decompress(after[f"lhotse/{name}.jsonl.gz"])
        assert len(data.splitlines()) == count
    with tarfile.open(place / "consent.tar") as archive:
        assert {one.name.split("/")[1] for one in archive} == {KEPT}
        assert len(archive.getmembers()) == 2
    for each in json.loads(after["croissant.json"])["distribution"]:
        if "sha256" in each:
            assert each["sha256"] == suite.digest(after[each["contentUrl"]]).hex()
    assert b"1 of the 2 meeting(s) were recalled" in after["README.md"]
    assert after["README.md"].startswith(b"---\npretty_name:")
    said = json.loads(after["REMAINING.json"])
    assert "THE VAULT HAS NOT SIGNED THIS" in said["about"]
    assert said["recalled"] == [GONE]
    left = {each["path"]: each for each in said["files"]}
    assert left.keys() | {"MANIFEST.json", "MANIFEST.jws", "REMAINING.json", "revoked.jsonl"} == (
        after.keys()
    )
    for path, each in left.items():
        assert each["sha256"] == suite.digest(after[path]).hex()
        assert each["origin"] == ("signed" if after[path] == before[path] else "rewritten")


@pytest.mark.parametrize("format_", ["tar", "webdataset"])
@pytest.mark.parametrize("shard_bytes", [1, 1_000_000_000])
def test_it_goes_from_shards_too(tmp_path: Path, format_: Any, shard_bytes: int) -> None:
    """From those alone that have something of it, whether they have something of others or not."""
    options = Options(format=format_, shard_bytes=shard_bytes, pcm=True)
    place = write_data_set(tmp_path / "one", options=options).place
    before = content(place)
    assert take_out(place, GONE) == []
    found = check(place, [VAULT])
    assert found.faults == []
    after = content(place)
    names: list[str] = []
    for shard in sorted(place.glob("shards/*.tar")):
        with tarfile.open(shard) as archive:
            names += archive.getnames()
        whole = before[shard.relative_to(place).as_posix()]
        assert (shard.read_bytes() == whole) == (GONE.encode() not in whole)
    assert names
    assert all(KEPT in name for name in names)
    for path, data in readable(place).items():
        assert GONE not in path
        assert GONE.encode() not in data, path
    said = json.loads(after["REMAINING.json"])
    for each in said["files"]:
        assert each["sha256"] == suite.digest(after[each["path"]]).hex()


def test_it_can_be_done_again_and_with_more(place: Path) -> None:
    assert take_out(place, GONE) == []
    once = content(place)
    assert take_out(place, GONE) == []
    assert content(place) == once
    assert take_out(place, GONE, KEPT) == []
    found = check(place, [VAULT])
    assert found.faults == []
    assert not [path for path in content(place) if path.startswith("data/")]
    assert pq.read_table(place / "metadata.parquet").num_rows == 0
    # An older feed does not bring anything back.
    older = check(place, [VAULT], recalling(opened(place), GONE))
    assert codes(older) == {"feed-old"}


def test_killed_anywhere_it_is_never_called_whole_and_ends_the_same(
    place: Path, tmp_path: Path, written: Path
) -> None:
    whole = shutil.copytree(written, tmp_path / "whole")
    assert take_out(whole, GONE) == []
    expected = content(whole)
    killed = 0
    while True:
        copy = shutil.copytree(written, tmp_path / "killed")
        if not dies(copy, killed):
            break
        found = check(copy, [VAULT])
        if content(copy) != expected:
            # Before the feed is kept nothing has changed; from then on it says what was recalled.
            untouched = not (copy / "revoked.jsonl").exists()
            assert codes(found) <= {"file-added"} if untouched else "recalled" in codes(found)
        assert take_out(copy, GONE) == []
        assert content(copy) == expected, killed
        assert check(copy, [VAULT]).faults == []
        shutil.rmtree(copy)
        killed += 1
    assert killed > 25
    assert content(copy) == expected


def dies(copy: Path, after: int) -> bool:
    """Take out in a process that is killed after so many steps; False where it had fewer."""
    child = os.fork()
    if child == 0:
        try:
            left = [after]

            def counted(step: Callable[..., Any]) -> Callable[..., Any]:
                def stepping(*arguments: Any) -> Any:
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    left[0] -= 1
                    return step(*arguments)

                return stepping

            for name in ("replace", "remove", "beside"):
                setattr(HeldFolder, name, counted(getattr(HeldFolder, name)))
            take_out(copy, GONE)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_a_full_disk_leaves_it_recalled_until_it_is_done(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rewriting._archive

    def full(*_: Any) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(rewriting._KINDS, ".tar", full)
    assert take_out(place, GONE) == [Flaw("not-taken-out", "consent.tar")]
    assert "recalled" in codes(check(place, [VAULT]))
    assert not (place / "data" / GONE).exists(), "what can go goes"
    monkeypatch.setitem(rewriting._KINDS, ".tar", real)
    assert take_out(place, GONE) == []
    assert check(place, [VAULT]).faults == []


def test_what_was_changed_before_stays_told(place: Path) -> None:
    """It is freed of what was recalled, and nobody vouches for it from then on."""
    path = place / "metadata.jsonl"
    path.write_bytes(path.read_bytes().replace(b"research", b"whatever"))
    for _ in range(2):
        assert take_out(place, GONE) == []
        found = check(place, [VAULT])
        assert [(each.code, each.what) for each in found.faults] == [
            ("file-changed", "metadata.jsonl")
        ]
    assert GONE.encode() not in path.read_bytes()


def broken(place: Path, **changes: Any) -> None:
    path = place / "REMAINING.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))


def test_nobody_takes_out_what_was_not_recalled(place: Path) -> None:
    assert take_out(place, GONE) == []
    theirs = f"data/{KEPT}/speaker-ada.microphone.opus"
    said = json.loads((place / "REMAINING.json").read_bytes())
    (place / theirs).unlink()
    assert codes(check(place, [VAULT])) == {"file-missing"}
    broken(place, removed=[*said["removed"], theirs])
    assert codes(check(place, [VAULT])) == {"removed-unrecalled"}


def test_media_is_never_said_to_be_written_anew(place: Path) -> None:
    assert take_out(place, GONE) == []
    theirs = f"data/{KEPT}/speaker-ada.microphone.opus"
    (place / theirs).write_bytes(b"another")
    files = json.loads((place / "REMAINING.json").read_bytes())["files"]
    for each in files:
        if each["path"] == theirs:
            each |= {"size": 7, "sha256": suite.digest(b"another").hex(), "origin": "rewritten"}
    broken(place, files=files)
    assert {"remaining-broken", "file-changed"} <= codes(check(place, [VAULT]))


def test_what_is_put_back_is_told(place: Path, written: Path) -> None:
    assert take_out(place, GONE) == []
    for path in ("metadata.jsonl", f"rttm/{GONE}.rttm"):
        shutil.copy(written / path, place / path)
        found = check(place, [VAULT])
        assert ("recalled", path) in [(each.code, each.what) for each in found.faults]


def test_a_table_that_is_said_to_be_rewritten_is_looked_into(place: Path) -> None:
    assert take_out(place, GONE) == []
    path = place / "metadata.jsonl"
    data = path.read_bytes() + json.dumps({"meeting": GONE}).encode() + b"\n"
    path.write_bytes(data)
    files = json.loads((place / "REMAINING.json").read_bytes())["files"]
    for each in files:
        if each["path"] == "metadata.jsonl":
            each |= {"size": len(data), "sha256": suite.digest(data).hex()}
    broken(place, files=files)
    assert codes(check(place, [VAULT])) == {"recalled"}


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "x"}, {"manifest": "0" * 64}, {"export": "A" * 22}, {"feed": None},
        {"feed": {"entries": 0, "digest": "0" * 64}}, {"feed": {"entries": 2, "digest": "0" * 64}},
        {"feed": {"entries": 99, "digest": "0" * 64}}, {"removed": ["../x"]}, {"files": ["x"]},
        {"files": [{"path": "x", "size": 1, "sha256": "0" * 64, "origin": "signed"}]},
        {"recalled": ["x"]},
    ],
)  # fmt: skip
def test_a_manifest_of_what_is_left_that_is_none(place: Path, changes: dict[str, Any]) -> None:
    assert take_out(place, GONE) == []
    broken(place, **changes)
    found = check(place, [VAULT])
    assert "remaining-broken" in codes(found)
    assert "recalled" in codes(found)


def test_two_at_once(place: Path) -> None:
    with applying._alone(place):
        assert take_out(place, GONE) == [Flaw("in-use")]


def test_a_link_in_its_place_is_not_written_through(place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copytree(place / "rttm", outside, dirs_exist_ok=True)
    shutil.rmtree(place / "rttm")
    (place / "rttm").symlink_to(outside)
    before = content(outside)
    (place / "README.md").unlink()
    (place / "README.md").symlink_to(tmp_path / "precious")
    (tmp_path / "precious").write_text("precious")
    take_out(place, GONE)
    assert content(outside) == before
    assert (tmp_path / "precious").read_text() == "precious"
    assert "not-a-file" in codes(check(place, [VAULT]))


def test_a_file_that_nothing_is_known_of_is_told_and_not_called_done(place: Path) -> None:
    """Of a kind of file that a later export may have; what can go goes."""
    (place / "notes.txt").write_text(f"about {GONE}")
    (place / "others.txt").write_text("about nobody")
    with tarfile.open(place / "shard.tar", "w") as shard:
        shard.add(place / "others.txt", "000.txt")
    said = json.loads((place / "MANIFEST.json").read_bytes())
    for path in ("notes.txt", "others.txt", "shard.tar"):
        data = (place / path).read_bytes()
        said["files"].append({"path": path, "size": len(data), "sha256": suite.digest(data).hex()})
    body = json.dumps(said).encode()
    (place / "MANIFEST.json").write_bytes(body)
    (place / "MANIFEST.jws").write_bytes(jws.sign_detached(KEY, signed_manifest.TYPE, body))
    assert check(place, [VAULT]).faults == []
    told = [Flaw("not-taken-out", path) for path in ("notes.txt", "shard.tar")]
    for _ in range(2):
        assert take_out(place, GONE) == told
        found = check(place, [VAULT])
        assert [(each.code, each.what) for each in found.faults] == [("recalled", GONE)]
        assert not (place / "data" / GONE).exists()
