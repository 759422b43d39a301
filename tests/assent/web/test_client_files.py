"""The built client: all of it in memory, none of anything else."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from assent.errors import StartError
from assent.web import client_files
from assent.web.client_files import ClientFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "client"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>" + " " * 1000)
    (folder / "assets" / "main-abc.js").write_text("export {};\n")
    (folder / "assets" / "style-def.css").write_text("a{}" * 1000)
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / ".sources").write_text("a note of the build")
    return folder


def test_every_file_is_there_with_its_type(folder: Path) -> None:
    client = ClientFiles.load(folder)
    assert client.built
    assert {path: file.content_type for path, file in client.files.items()} == {
        "index.html": "text/html",
        "assets/main-abc.js": "text/javascript",
        "assets/style-def.css": "text/css",
        "favicon.svg": "image/svg+xml",
    }


def test_only_what_is_named_after_its_content_is_immutable(folder: Path) -> None:
    files = ClientFiles.load(folder).files
    assert [path for path, file in files.items() if file.immutable] == [
        "assets/main-abc.js",
        "assets/style-def.css",
    ]


def test_text_is_compressed_where_it_helps(folder: Path) -> None:
    files = ClientFiles.load(folder).files
    style = files["assets/style-def.css"]
    assert style.compressed is not None
    assert gzip.decompress(style.compressed) == style.content
    assert files["favicon.svg"].compressed is None


def test_anyone_can_repeat_the_digest(folder: Path) -> None:
    told = subprocess.run(
        "find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum",
        shell=True,
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert ClientFiles.load(folder).build.hex() == told.stdout.split()[0]


def test_the_digest_changes_with_content_and_with_names(folder: Path) -> None:
    digests = {ClientFiles.load(folder).build}
    (folder / "favicon.svg").write_text("<svg></svg>")
    digests.add(ClientFiles.load(folder).build)
    (folder / "favicon.svg").rename(folder / "icon.svg")
    digests.add(ClientFiles.load(folder).build)
    assert len(digests) == 3


def test_links_do_not_lead_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    assert "link" not in ClientFiles.load(folder).files


def test_a_client_that_was_not_built(tmp_path: Path) -> None:
    client = ClientFiles.load(tmp_path / "missing")
    assert not client.built
    assert len(client.build) == 32


def test_a_wrong_folder_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_files, "_MAX_BYTES", 10)
    with pytest.raises(StartError):
        ClientFiles.load(folder)
