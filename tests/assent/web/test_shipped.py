"""What is shipped beside the program: the licences of what is bundled, and the sources."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import tarfile
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from assent.web import pages
from support.browser import Browser

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "client-web"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_bundled_package_has_its_licence(hook: ModuleType) -> None:
    if not (CLIENT / "node_modules" / "preact").is_dir():
        pytest.skip("the client was not built here")
    text = hook.licences(CLIENT)
    manifest = json.loads((CLIENT / "package.json").read_text())
    named = set(re.findall(r"^(\S+) \S+ \(", text, re.MULTILINE))
    assert manifest["dependencies"].keys() <= named
    assert not manifest["devDependencies"].keys() & named
    # Nothing but these is what the pages are made of.
    imported = set()
    for path in (CLIENT / "src").rglob("*.ts*"):
        for module in re.findall(r"""from "([^.".][^"]*)";""", path.read_text()):
            parts = module.split("/")
            imported.add("/".join(parts[:2]) if module[0] == "@" else parts[0])
    assert imported - {"node:crypto"} <= named
    assert text.count("Permission is hereby granted") == len(named)


def test_the_sources_are_whole_and_always_the_same(hook: ModuleType) -> None:
    content = hook.archive(ROOT)
    assert content == hook.archive(ROOT)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        names = set(archive.getnames())
        assert all(re.fullmatch(r"assent/[\w@./-]+", name) and ".." not in name for name in names)
        readme = archive.extractfile("assent/pyproject.toml")
        assert readme is not None
        project = tomllib.loads(readme.read().decode())["project"]["name"]
    assert project == "assent"
    wanted = [
        path
        for folder in ("server", "storage", "client-web/src")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".ts", ".tsx", ".css", ".pml", ".mako"}
        and not {"client", "__pycache__", "node_modules"} & set(path.relative_to(ROOT).parts[:-1])
    ]
    assert {f"assent/{path.relative_to(ROOT).as_posix()}" for path in wanted} <= names
    for name in ("LICENSE", "Makefile", "hatch_build.py", "requirements.txt", "README.md"):
        assert f"assent/{name}" in names
    for kept in (".env", ".git/", "node_modules", ".venv", "data/", "server/assent/client/"):
        assert not any(f"assent/{kept}" in name for name in names)


async def test_a_server_hands_them_out(
    browser: Browser, hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SOURCE", tmp_path / "source.tar.gz")
    assert (await browser.get("/source.tar.gz")).status == 404
    (tmp_path / "source.tar.gz").write_bytes(hook.archive(ROOT))
    async with browser.client.get("/source.tar.gz") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/gzip"
        with tarfile.open(fileobj=io.BytesIO(await answer.read())) as archive:
            assert "assent/LICENSE" in archive.getnames()


def test_the_foot_of_the_pages_leads_to_both() -> None:
    shell = (CLIENT / "src" / "ui" / "shell.tsx").read_text()
    assert 'href="/licences.txt"' in shell
    assert 'href="/source.tar.gz"' in shell
