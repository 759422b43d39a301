"""Downloads of data sets: the rule of how long one lives, for the server and for the worker.

::

    proposed ──approve──> requested ──the worker begins──> running ──the last is taken──> done
        │ │ └─────────────────┴───── take back ─────────────┘ │ └──> failed
        │ └─ decline ──> declined                             │
        └──────────────────── time ───────────────────────────┴──> lapsed

Approving is as with an export (``approval``), and so is who may. The server writes down what
administrators do, and how far their page has come; what is sealed, and whether, the worker decides.
"""

from __future__ import annotations

from typing import Final

from assent_vault.store.approval import PROPOSED, REQUESTED
from assent_vault.store.download_rows import DownloadRow

RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
OPEN: Final = (PROPOSED, REQUESTED, RUNNING)

MOST_OPEN: Final = 20
"""Downloads that wait or run, of everybody."""
LIFE_MS: Final = 24 * 3_600_000
"""Milliseconds that one lives at the longest."""
IDLE_MS: Final = 3_600_000
"""Milliseconds for which its page may not be heard of: it has lost its line, or sleeps."""
NOTED_MS: Final = 60_000
"""That a page was heard of is written down once in so many milliseconds."""
AHEAD: Final = 4
"""Chunks of one download that lie in the store at most."""

DOWNLOADS_OFF: Final = "downloads-off"
REPLACED: Final = "replaced"
"""Codes of downloads that have ended: they were switched off; its page has asked anew."""


def is_live(row: DownloadRow, now: int) -> bool:
    """Tell whether the time of a download is not over."""
    return now < row.requested_at + LIFE_MS and now < row.seen_at + IDLE_MS
