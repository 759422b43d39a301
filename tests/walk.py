"""Walks every reachable order of events for four people, and says how many there were.

Called by ``make walk``; ``tests/test_walk.py`` does the same for three. Needs no pytest.
"""

from __future__ import annotations

import argparse
import time

from assent.consent import advance
from assent_vault.release import gate
from support.walk_capture import walk
from support.walk_gate import judge, remembered, summary


def main() -> None:
    """Walk, and print the counts; a broken promise ends it with its trace."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, choices=range(1, 5), default=4)
    people = arguments.parse_args().people
    began = time.monotonic()
    walked = walk(advance, people)
    with remembered(gate):
        judged = judge(gate.decide, walked.ends)
    print(f"{people} people; {summary(walked, judged)}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
