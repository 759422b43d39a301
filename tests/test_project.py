"""What the README, the locks and the packaging promise about each other."""

from __future__ import annotations

import dataclasses
import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assent.config import Settings
from assent_vault.config import VaultSettings

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = (
    "requirements.txt",
    "requirements-build.txt",
    "requirements-loaders.txt",
    "requirements-node.txt",
    "requirements-test.txt",
)


def locked(name: str) -> dict[str, str]:
    """Return each package of a lock with its version."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def test_the_readme_explains_every_setting() -> None:
    text = (ROOT / "README.md").read_text()
    keys = {field.name for kind in (Settings, VaultSettings) for field in dataclasses.fields(kind)}
    missing = [key for key in sorted(keys - {"vault"}) if f"`{key}`" not in text]
    assert not missing, "not in the README's table"


def test_the_readme_begins_with_the_two_commands() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [line.split("#")[0].strip() for line in blocks[0].splitlines()] == [
        "make run",
        "make test",
    ]


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert len(links) > 5
    assert not [link for link in links if not (ROOT / link).exists()]


_PLACES = (
    "",
    "tests",
    "server/assent",
    "server/assent/media",
    "storage/assent_vault",
    "tests/support",
)


@pytest.mark.parametrize(
    "document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "tests/support/README.md"]
)
def test_every_file_that_the_map_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text()
    named = set(re.findall(r"`([\w./-]+(?:\.(?:py|ts|md|toml)|/))`", text))
    assert len(named) > 5
    every = [
        path.as_posix()
        for kind in ("s*/**/*.py", "client-web/src/**/*.ts*")
        for path in ROOT.glob(kind)
    ]
    missing = [
        name
        for name in sorted(named)
        if not any((ROOT / place / name).exists() for place in _PLACES)
        # In a table of wings, and in a row of files, one is named without its folder.
        and not any(path.endswith(f"/{name}") or f"/{name}" in path for path in every)
    ]
    assert not missing
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert not [link for link in links if not ((ROOT / document).parent / link).exists()]


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [
        (PROJECT["project"]["dependencies"], "requirements.txt"),
        (PROJECT["dependency-groups"]["build"], "requirements-build.txt"),
        (PROJECT["dependency-groups"]["node"], "requirements-node.txt"),
        (PROJECT["dependency-groups"]["test"], "requirements-test.txt"),
        (PROJECT["dependency-groups"]["check"], "requirements-test.txt"),
        (PROJECT["dependency-groups"]["loaders"], "requirements-loaders.txt"),
    ],
)
def test_what_is_wanted_is_locked(wanted: list[str], lock: str) -> None:
    versions = locked(lock)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_digests_and_no_hosts(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text):
        if "==" in entry:
            assert "--hash=sha256:" in entry


def test_the_locks_agree() -> None:
    versions: dict[str, str] = {}
    for lock in LOCKS:
        for package, version in locked(lock).items():
            assert versions.setdefault(package, version) == version, package


def test_the_license_is_the_one_that_is_named() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 19 November 2007" in text
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"


def test_the_backup_has_all_small_files_of_both_folders() -> None:
    """But the keys that open recordings, and what only locks; the browsers' tests run the rest."""
    text = (ROOT / "README.md").read_text().partition("\n## Backup\n")[2]
    recipe = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[0]
    for folder, names in (
        ("server", ("identity.key", "log.key", "log.head", "clock.known")),
        ("vault", ("identity.*", "log.head", "clock.known")),
    ):
        [line] = re.findall(rf"cp -p (.*) backup/{folder}/\n", recipe)
        assert line.split() == [f"data/{folder}/{name}" for name in names]
    assert "meetings" not in recipe


def test_what_tests_write_goes_to_a_new_folder_for_everybody(tmp_path: Path) -> None:
    """In memory where there is room, and else where it is said that temporary files go."""
    done = subprocess.run(
        ["/bin/bash", str(ROOT / ".ci/test-folder")],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    folder = Path(done.stdout.removesuffix("\n"))
    try:
        assert folder.parent in (Path("/dev/shm"), tmp_path)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o1777
        assert list(folder.iterdir()) == []
    finally:
        folder.rmdir()
