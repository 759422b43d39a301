"""The gate: one test for each condition, which takes away that condition and sees the block.

``blocked`` compares *all* reasons, so each test also shows that nothing else was at fault: with the
condition removed from the gate, the same evidence would be released or blocked for less.
"""

from __future__ import annotations

import pytest

from support.releasable import Releasable


@pytest.fixture
def scene() -> Releasable:
    """A meeting that may be released."""
    return Releasable()
