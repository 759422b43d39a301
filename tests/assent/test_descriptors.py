"""How many descriptors there may be, and what is kept back."""

from __future__ import annotations

import subprocess
import sys

from assent import descriptors

CODE = """
import resource
from assent import descriptors
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(descriptors.raise_limit(), descriptors.for_connections())
"""


def in_a_process(soft: int, hard: int) -> tuple[int, int]:
    code = CODE.format(soft=soft, hard=hard)
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    limit, connections = said.split()
    return int(limit), int(connections)


def test_the_limit_is_raised_as_far_as_it_may() -> None:
    assert in_a_process(256, 4096)[0] == 4096


def test_what_is_kept_back_is_no_connections() -> None:
    limit, connections = in_a_process(1024, 1024)
    assert limit == 1024
    assert 400 < connections < 1024 - descriptors.RESERVE - 1024 // 8
    assert in_a_process(300, 300)[1] == descriptors.LEAST
    assert in_a_process(20_000, 20_000)[1] == descriptors.MOST_CONNECTIONS
