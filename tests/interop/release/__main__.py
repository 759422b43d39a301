"""Carries out a release from a data folder alone, as FORMAT.md section 19 says, up to the commit.

    python -m interop.release DATABASE VAULT OBJECTS MEETING [NOW]

It prints one JSON object: the reasons against it; or from when on, and for each track of each
generation the SHA-256 of each frame with its time. It shares no code with Assent.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from interop.release import log, opening
from interop.release.documents import Bad, digest
from interop.release.gate import Gate
from interop.release.held import Held


def main(database: str, vault: str, objects: str, meeting: str, now: str = "") -> int:
    """Print what there is to say; 0 where the meeting may be released by now."""
    held = Held(Path(database), Path(vault), Path(objects))
    followed = log.follow(held.rows("log_entries", order="number"), held.head, held.identities)
    moment = int(now) if now else time.time_ns() // 1_000_000
    decision = Gate(held, followed, meeting, moment).decide()
    if decision.reasons:
        print(json.dumps({"reasons": decision.reasons}))
        return 1
    if moment < decision.ready_at:
        print(json.dumps({"ready_at": decision.ready_at}))
        return 1
    frames: dict[str, list[str]] = {}
    for number, track, time_, frame in opening.opened(held, decision):
        told = digest(b"%d " % time_ + frame).hex()
        frames.setdefault(f"{number}/{track}", []).append(told)
    print(json.dumps({"ready_at": decision.ready_at, "frames": frames}))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Bad as bad:
        print(json.dumps({"bad": str(bad)}))
        sys.exit(1)
