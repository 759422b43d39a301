"""Writes the vectors in this folder: ``PYTHONPATH=storage:tests python tests/vectors/generate.py``.

All input is fixed, so that running it again changes nothing. What sealing draws at random cannot be
fixed; ``sealed.json`` remembers what was drawn, by the digest of what it was drawn for.
"""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

from assent_vault.formats import generation_segment, suite
from vectors.common import (
    Json,
    Sealed,
)
from vectors.frames import make_frames
from vectors.generations import make_generation
from vectors.grammar import make_grammar
from vectors.header_checks import make_checks
from vectors.header_documents import make_documents
from vectors.hosts import make_hosts
from vectors.keys import make_grant, make_suite
from vectors.logs import make_log
from vectors.openings import make_openings
from vectors.readings import make_readings
from vectors.recalls import make_recalls
from vectors.receipts import make_receipts
from vectors.relayed import make_relayed
from vectors.rooms import make_rooms
from vectors.statements import make_statements
from vectors.watched import make_watched
from vectors.watching import make_watching

HERE = Path(__file__).parent


def generate() -> dict[str, bytes]:
    """Return the content of every file, by its name."""
    remembered = HERE / "sealed.json"
    sealed = Sealed(json.loads(remembered.read_bytes()) if remembered.exists() else {})
    with (
        mock.patch.object(suite, "seal", sealed.seal),
        mock.patch.object(
            generation_segment, "seal_generation_segment", sealed.seal_generation_segment
        ),
    ):
        made: dict[str, Json] = {
            "suite": make_suite(),
            "grant": make_grant(),
            "statements": make_statements(),
            "log": make_log(),
            "watched": make_watched(),
            "watching": make_watching(sealed),
            "grammar": make_grammar(),
            "recalls": make_recalls(),
            "headers": {"documents": make_documents(), "checks": make_checks()}
            | {"readings": make_readings()},
            "openings": make_openings(),
            "frames": make_frames(),
            "generation": make_generation(),
            "relayed": make_relayed(),
            "rooms": make_rooms(),
            "hosts": make_hosts(),
        }
        receipts = make_receipts()
    made["sealed"] = dict(sorted(sealed.used.items()))
    return {
        f"{name}.json": (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()
        for name, values in made.items()
    } | {f"receipts/{name}": content for name, content in receipts.items()}


if __name__ == "__main__":
    (HERE / "receipts").mkdir(exist_ok=True)
    for file, content in generate().items():
        (HERE / file).write_bytes(content)
