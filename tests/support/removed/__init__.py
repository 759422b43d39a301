"""What ``make protections`` takes away, by the rows of THREATS.md that it is there for.

A row is named by how its first cell begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from support.removals import Removal
from support.removed.decision import DECISION
from support.removed.downloads import DOWNLOADS
from support.removed.frames import FRAMES
from support.removed.giving import GIVING
from support.removed.history import HISTORY
from support.removed.hosts import HOSTS
from support.removed.insiders import INSIDERS
from support.removed.losses import LOSSES
from support.removed.readers import READERS
from support.removed.recalls import RECALLS
from support.removed.rooms import ROOMS
from support.removed.running import RUNNING
from support.removed.sealing import SEALING
from support.removed.strangers import STRANGERS

ROWS: Final[Mapping[str, tuple[Removal, ...]]] = (
    DECISION
    | SEALING
    | HISTORY
    | INSIDERS
    | ROOMS
    | HOSTS
    | STRANGERS
    | LOSSES
    | RECALLS
    | RUNNING
    | GIVING
    | DOWNLOADS
    | FRAMES
    | READERS
)
