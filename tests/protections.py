"""Takes one protection after the other out of a copy of the product; each must be missed.

Called by ``make protections``. For every attack of storage/THREATS.md the tests that are named run
in a copy in which the protection is gone, and have to fail by an assertion of their own; before
that they have passed in the copy as it is. Those with real browsers run with ``--browsers`` alone.
The last line is the outcome as JSON; the exit status says whether every removal was noticed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from support.removals import Copy, Found, Removal
from support.removed import ROWS


def chosen(only: str, browsers: bool) -> Iterator[tuple[str, Removal]]:
    """Yield the removals that are asked for, with their rows."""
    for row, removals in ROWS.items():
        for removal in removals:
            if only in f"{row}: {removal.protection}" and (browsers or not removal.in_browsers):
                yield row, removal


def main() -> int:
    """Go through them all."""
    parser = argparse.ArgumentParser(prog="make protections")
    parser.add_argument("--browsers", action="store_true", help="also tests with real browsers")
    parser.add_argument("--only", default="", metavar="TEXT", help="only rows or protections so")
    options = parser.parse_args()
    removals = list(chosen(options.only, options.browsers))
    with tempfile.TemporaryDirectory(prefix="assent-protections-") as folder:
        copy = Copy(Path(folder))
        tests = [test for _, removal in removals for test in removal.tests]
        began = time.monotonic()
        before = copy.run(tests)
        print(f"{len(before)} tests as they are: {time.monotonic() - began:.0f} s", flush=True)
        failed = {test: each for test, each in before.items() if each.found is not Found.PASSED}
        for test, each in failed.items():
            print(f"  {test} {each.found}: {each.why}", flush=True)
        if failed:
            print("tests that fail without any removal show nothing", file=sys.stderr)
            return 2
        noticed = 0
        last = ""
        for row, removal in removals:
            if row != last:
                print(f"\n{row}", flush=True)
            last = row
            began = time.monotonic()
            verdict = copy.judge(removal)
            noticed += verdict.noticed
            said = "noticed" if verdict.noticed else "UNNOTICED"
            print(f"  {said:9} {time.monotonic() - began:4.0f} s  {removal.protection}", flush=True)
            if removal.depth:
                print(f"{'':20}{len(removal.changes)} deep: {removal.depth}")
            if not verdict.noticed:
                print(f"{'':20}{verdict.why}", flush=True)
    counts = {
        "rows": len({row for row, _ in removals}),
        "removals": len(removals),
        "noticed": noticed,
        "unnoticed": len(removals) - noticed,
    }
    print(f"\n{json.dumps(counts)}")
    return 0 if noticed == len(removals) else 1


if __name__ == "__main__":
    sys.exit(main())
