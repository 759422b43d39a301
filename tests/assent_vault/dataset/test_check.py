"""A data set in somebody's hands: each thing that can be wrong with it has its own code."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import jws
from assent_vault.dataset import check as checks
from assent_vault.dataset import signed_manifest
from assent_vault.dataset.check import Findings, check
from assent_vault.dataset.faults import WORDS, shown
from assent_vault.formats import suite
from support.data_set import KEY, MEETINGS, write_data_set
from support.recalls import opened, recalling

VAULT = suite.sign_public(KEY)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
SOUND = f"data/{MEETINGS[0]}/speaker-ada.microphone.opus"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data_set(tmp_path_factory.mktemp("sets") / "one").place


@pytest.fixture
def place(written: Path, tmp_path: Path) -> Path:
    """Give a copy of a data set, to be spoilt."""
    return shutil.copytree(written, tmp_path / "copy")


def codes(found: Findings) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.what) for fault in found.faults]


def rewrite(place: Path, change: Callable[[Any], Any], key: Ed25519PrivateKey = KEY) -> None:
    """Change what the manifest says, and sign it anew."""
    said = change(json.loads((place / "MANIFEST.json").read_bytes()))
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    (place / "MANIFEST.json").write_bytes(body)
    signature = jws.sign_detached(key, signed_manifest.TYPE, body)
    (place / "MANIFEST.jws").write_bytes(signature)


def test_one_that_is_whole_and_signed(place: Path) -> None:
    found = check(place, [VAULT])
    assert codes(found) == []
    assert found.signed
    listed = json.loads((place / "MANIFEST.json").read_bytes())["files"]
    assert found.as_signed == len(listed) > 15
    assert found.octets == sum(each["size"] for each in listed)
    assert codes(check(place, [suite.sign_public(OTHER), VAULT])) == []


def spoil(path: str, how: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda place: how(place / path)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def link(to: str) -> Callable[[Path], None]:
    def how(path: Path) -> None:
        target = path.parent / "elsewhere" if to == "copy" else Path(to)
        if to == "copy":
            path.rename(target)
        else:
            path.unlink()
        path.symlink_to(target)

    return how


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def bind(path: Path) -> None:
    path.unlink()
    os.chdir(path.parent)  # an address of a socket has few bytes; `process_as_it_was` goes back
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)


SPOILT: dict[str, tuple[Callable[[Path], object], list[tuple[str, str | None]]]] = {
    "a bit": (spoil(SOUND, flip), [("file-changed", SOUND)]),
    "one byte more": (
        spoil(SOUND, lambda path: path.write_bytes(path.read_bytes() + b"x")),
        [("file-changed", SOUND)],
    ),
    "cut off": (
        spoil(SOUND, lambda path: path.write_bytes(path.read_bytes()[:-1])),
        [("file-changed", SOUND)],
    ),
    "gone": (spoil(SOUND, Path.unlink), [("file-missing", SOUND)]),
    "a file for its folder": (
        lambda place: (shutil.rmtree(place / "uem"), (place / "uem").write_bytes(b"")),
        [
            *[("file-missing", f"uem/{each}.uem") for each in MEETINGS],
            ("file-added", "uem"),
        ],
    ),
    "one more": (spoil("data/x", lambda path: path.write_bytes(b"")), [("file-added", "data/x")]),
    "one more that is hidden": (
        spoil(".x", lambda path: path.write_bytes(b"")),
        [("file-added", ".x")],
    ),
    "a link out of it": (spoil(SOUND, link("/etc/passwd")), [("not-a-file", SOUND)]),
    "a link to the very same": (
        spoil(SOUND, link("copy")),
        [("not-a-file", SOUND), ("file-added", f"data/{MEETINGS[0]}/elsewhere")],
    ),
    "a folder that is a link": (
        lambda place: (
            (place / "rttm").rename(place.parent / "moved"),
            (place / "rttm").symlink_to(place.parent / "moved"),
        ),
        [*[("not-a-file", f"rttm/{each}.rttm") for each in MEETINGS], ("not-a-file", "rttm")],
    ),
    "a pipe that nobody writes to": (spoil(SOUND, pipe), [("not-a-file", SOUND)]),
    "a socket": (spoil(SOUND, bind), [("not-a-file", SOUND)]),
    "another link": (
        spoil("data/x", lambda path: path.symlink_to("/etc")),
        [("not-a-file", "data/x")],
    ),
    "a manifest that is a link": (
        spoil("MANIFEST.json", link("/etc/passwd")),
        [("not-a-file", "MANIFEST.json")],
    ),
    "no manifest": (spoil("MANIFEST.json", Path.unlink), [("not-a-data-set", None)]),
    "no folder": (shutil.rmtree, [("not-a-data-set", None)]),
    "no signature": (spoil("MANIFEST.jws", Path.unlink), [("unsigned", None)]),
    "nothing for a signature": (
        spoil("MANIFEST.jws", lambda path: path.write_bytes(b"\xff..")),
        [("unsigned", None)],
    ),
    "a signature without end": (
        spoil("MANIFEST.jws", lambda path: path.write_bytes(path.read_bytes() + b"A" * 10_000)),
        [("unsigned", None)],
    ),
    "a signature of another": (
        lambda place: rewrite(place, lambda said: said, OTHER),
        [("signed-by-another", None)],
    ),
    "a manifest with a space more": (
        spoil("MANIFEST.json", lambda path: path.write_bytes(path.read_bytes() + b" ")),
        [("signature-wrong", None)],
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_wrong_has_its_code(place: Path, how: str) -> None:
    spoiling, expected = SPOILT[how]
    spoiling(place)
    found = check(place, [VAULT])
    assert sorted(codes(found)) == sorted(expected)
    assert all(fault.words for fault in found.faults)


def with_path(path: str) -> Callable[[Any], Any]:
    def change(said: Any) -> Any:
        said["files"][0]["path"] = path
        return said

    return change


@pytest.mark.parametrize(
    "path",
    [
        "../x", "/etc/passwd", "a/../../x", "a//b", "./a", "a/.", "", "a/", "a\0b", "a\\..\\b",
        "x" * 300, "a/" * 40 + "a", "\ud800", "a\nb", "\u202eabc", "MANIFEST.json", "revoked.jsonl",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_never_opened(
    place: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(place, with_path(path))
    opened: list[str] = []
    monkeypatch.setattr(checks.HeldFolder, "measure", lambda _, path, *__: opened.append(path))
    found = check(place, [VAULT])
    assert codes(found) == [("path-escapes", path)]
    assert opened == []


def change(**values: Any) -> Callable[[Any], Any]:
    return lambda said: said | values


BROKEN: dict[str, tuple[Callable[[Any], Any], str]] = {
    "nothing": (lambda _: b"", "manifest-broken"),
    "no JSON": (lambda _: b"{", "manifest-broken"),
    "no UTF-8": (lambda _: b"\xff", "manifest-broken"),
    "a list": (lambda _: b"[]", "manifest-broken"),
    "deep": (lambda _: b"[" * 1_000_000, "manifest-broken"),
    "a number without end": (lambda _: b'{"type":' + b"9" * 5000 + b"}", "manifest-broken"),
    "no number": (lambda _: b'{"type":NaN}', "manifest-broken"),
    "a member twice": (
        lambda said: json.dumps(said)[:-1].encode() + b',"files":[]}',
        "manifest-broken",
    ),
    "another type": (change(type="assent/manifest/v1"), "manifest-broken"),
    "no files": (change(files=None), "manifest-broken"),
    "files that are text": (change(files=["x"]), "manifest-broken"),
    "no export": (change(export="x"), "manifest-broken"),
    "no vault": (change(vault=7), "manifest-broken"),
    "a meeting that is none": (change(meetings=[{"meeting": "../.."}]), "manifest-broken"),
    "a size below 0": (
        lambda said: said["files"][0].update(size=-1) or said,
        "manifest-broken",
    ),
    "a size that is true": (
        lambda said: said["files"][0].update(size=True) or said,
        "manifest-broken",
    ),
    "a digest that is none": (
        lambda said: said["files"][0].update(sha256="A" * 64) or said,
        "manifest-broken",
    ),
    "a path twice": (
        lambda said: said["files"].append(said["files"][0]) or said,
        "path-twice",
    ),
    "files without end": (
        lambda said: said | {"files": [said["files"][0]] * 3},
        "path-twice",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_manifest_has_its_code(place: Path, how: str) -> None:
    changing, code = BROKEN[how]
    rewrite(place, changing)
    (fault,) = check(place, [VAULT]).faults
    assert fault.code == code


def test_a_manifest_that_is_too_large_is_not_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (place / "MANIFEST.json").stat().st_size
    monkeypatch.setattr(signed_manifest, "MAX_BYTES", size)
    assert codes(check(place, [VAULT])) == []
    monkeypatch.setattr(signed_manifest, "MAX_BYTES", size - 1)
    assert codes(check(place, [VAULT])) == [("manifest-too-large", None)]


def test_a_huge_file_is_not_read_for_its_size_tells(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (place / SOUND).open("r+b") as file:
        file.truncate(1 << 40)  # a hole
    assert codes(check(place, [VAULT])) == [("file-changed", SOUND)]


def test_without_the_key_from_elsewhere_it_is_not_called_signed(place: Path) -> None:
    found = check(place)
    assert codes(found) == [("identity-unknown", None)]
    assert not found.signed
    # A forger names a key of their own, in the manifest as well.
    rewrite(place, change(vault=suite.encode(suite.sign_public(OTHER))), OTHER)
    assert codes(check(place)) == [("identity-unknown", None)]
    assert codes(check(place, [VAULT])) == [("signed-by-another", None)]


def test_what_is_wrong_is_listed_up_to_a_bound(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "MOST_FAULTS", 5)
    for number in range(12):
        (place / f"x{number}").write_bytes(b"")
    found = check(place, [VAULT])
    assert len(found.faults) == 5
    assert found.more == 7


def test_every_code_has_words_and_no_text_does_anything_to_a_terminal() -> None:
    assert all(words.endswith(".") for words in WORDS.values())
    assert shown("a\x1b[2J\n\u202eb") == "a\\x1b[2J\\n\\u202eb"
    assert len(shown("x" * 5000)) == 301


# With a feed.


def test_what_is_still_agreed_to(place: Path) -> None:
    found = check(place, [VAULT], opened(place))
    assert codes(found) == []
    assert found.feed_given
    assert found.recalls == []


def test_what_is_recalled_is_told_until_it_is_gone(place: Path) -> None:
    found = check(place, [VAULT], recalling(opened(place), MEETINGS[0]))
    of_it = {path for path in json.loads(listing(place)) if MEETINGS[0] in path}
    assert {what for code, what in codes(found) if code == "recalled"} == {*of_it, MEETINGS[0]}
    assert {code for code, _ in codes(found)} == {"recalled"}
    # Whoever takes the files away by hand has left it in the tables.
    for path in of_it:
        (place / path).unlink()
    found = check(place, [VAULT], recalling(opened(place), MEETINGS[0]))
    assert codes(found) == [("recalled", MEETINGS[0])]


def listing(place: Path) -> str:
    said = json.loads((place / "MANIFEST.json").read_bytes())
    return json.dumps([each["path"] for each in said["files"]])


def test_a_recall_of_a_meeting_that_is_not_in_it_takes_nothing(place: Path) -> None:
    found = check(place, [VAULT], recalling(opened(place), "Z" * 21 + "A"))
    assert codes(found) == []


def test_a_feed_that_is_not_good_has_its_code(place: Path) -> None:
    good = recalling(opened(place), MEETINGS[0])
    for given, code in (
        (b"", "feed-broken"),
        (good[:-5], "feed-broken"),
        (recalling(opened(place, OTHER), MEETINGS[0], key=OTHER), "feed-signed-by-another"),
        (recalling(opened(place), MEETINGS[0], key=OTHER), "feed-signed-by-another"),
        (opened(place, export="A" * 22), "feed-of-another"),
    ):
        found = check(place, [VAULT], given)
        assert codes(found) == [(code, None)]
        assert not found.feed_given


def test_what_was_seen_once_is_not_forgotten_for_an_older_feed(place: Path) -> None:
    seen = recalling(opened(place), MEETINGS[0])
    (place / "revoked.jsonl").write_bytes(seen)
    for given, code in (
        (None, None),
        (opened(place), "feed-old"),
        (recalling(opened(place), MEETINGS[1]), "feed-forked"),
        (b"x\n", "feed-broken"),
    ):
        found = check(place, [VAULT], given)
        told = {fault.code for fault in found.faults}
        assert told == {"recalled", code} - {None}
    assert [each.meeting for each in found.recalls] == [MEETINGS[0]]
    newer = check(place, [VAULT], recalling(seen, MEETINGS[1]))
    assert [each.meeting for each in newer.recalls] == list(MEETINGS)
