"""The import contracts bite: an import of each kind that must not be is planted, and found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
KEPT: Final = "Contracts: 11 kept, 0 broken."
DOWNWARD: Final = "Imports point downward only"
MEDIA: Final = "Imports of the media plane point downward only"
VAULT: Final = "Imports of the vault point downward only"
CIRCLES: Final = "No package imports in a circle"
BACK: Final = "The vault does not know the server"
SEAL: Final = "Nothing that faces the internet knows what can open a recording"
KEYS: Final = "Only the worker, its exports and its command know a private key"
FORMATS: Final = "Formats and the ledger are bytes"
ALONE: Final = "A media process knows media"
HEARING: Final = "What decodes knows neither keys nor database"
PURE: Final = "Consent is pure"
FOR_TYPES: Final = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    "


def lint(folder: Path) -> str:
    """Check the sources that are in ``folder`` by this project's contracts."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{folder / 'server'}:{folder / 'storage'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is (KEPT in done.stdout), done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Copy what is imported, and nothing else."""
    for part in ("server/assent", "storage/assent_vault"):
        for path in (ROOT / part).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return tmp_path


def test_what_is_imported_may_be(sources: Path) -> None:
    assert KEPT in lint(sources)


@pytest.mark.parametrize(
    ("module", "planted", "broken"),
    [
        ("server/assent/consent/events.py", "import assent.meeting", DOWNWARD),
        ("server/assent/recording/frame.py", FOR_TYPES + "import assent.web", DOWNWARD),
        ("server/assent/novelty.py", "import os", DOWNWARD),
        ("server/assent/media/rtp/red.py", "import assent.media.forward.tap", MEDIA),
        ("server/assent/media/track.py", FOR_TYPES + "import assent.media.room", MEDIA),
        ("server/assent/media/novelty.py", "import os", MEDIA),
        ("storage/assent_vault/store/blobs.py", "import assent_vault.release.gate", VAULT),
        ("storage/assent_vault/novelty.py", "import os", VAULT),
        (
            "server/assent/media/transport/udp.py",
            FOR_TYPES + "import assent.media.transport.connection",
            CIRCLES,
        ),
        ("server/assent/meeting/names.py", "import assent.meeting.live", CIRCLES),
        ("storage/assent_vault/formats/track.py", "import assent_vault.formats.closing", CIRCLES),
        ("storage/assent_vault/errors.py", "import assent.errors", BACK),
        ("server/assent/recording/sealer.py", "import assent_vault.keys.unsealing", SEAL),
        ("server/assent/web/admin.py", "import assent_vault.export.run", SEAL),
        ("server/assent/meeting/store.py", "import assent_vault.release.gate", SEAL),
        ("server/assent/app.py", "import assent_vault.worker.worker", SEAL),
        ("storage/assent_vault/release/gate_service.py", "import assent_vault.keys.keyring", KEYS),
        ("storage/assent_vault/verify_command.py", "import assent_vault.keys.unsealing", KEYS),
        ("storage/assent_vault/formats/generation_header.py", "import sqlalchemy", FORMATS),
        ("storage/assent_vault/ledger/note.py", "import pathlib", FORMATS),
        ("storage/assent_vault/formats/suite.py", "import a_library_of_tomorrow", FORMATS),
        ("storage/assent_vault/hearing/decoder.py", "import assent_vault.formats.suite", HEARING),
        ("storage/assent_vault/hearing/process.py", "import sqlalchemy", HEARING),
        ("server/assent/media/room.py", "import assent.config", ALONE),
        ("server/assent/media/room.py", "import aiohttp", ALONE),
        ("server/assent/media/forward/tap.py", "import assent_vault.formats.suite", ALONE),
        ("server/assent/consent/capture.py", "import asyncio", PURE),
        ("server/assent/consent/capture.py", "import time", PURE),
    ],
)
def test_what_may_not_be_imported_is_found(
    sources: Path, module: str, planted: str, broken: str
) -> None:
    path = sources / module
    text = path.read_text() if path.exists() else '"""Something new."""\n'
    path.write_text(f"{text}\n{planted}\n")
    said = lint(sources)
    line = next((each for each in said.splitlines() if each.startswith(broken)), "")
    rest = said[said.index(line) :].split("\n", 2)
    assert line.endswith("BROKEN") or rest[1].endswith("BROKEN"), said
