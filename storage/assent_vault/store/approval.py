"""Approval of an export by a second administrator: the rule, for the server and for the worker.

::

    proposed ──approve──> requested ──the worker begins──> running
        │ │ └──────────────────┴── take back ──> taken-back
        │ └─ decline ──> declined
        └─ time ──> lapsed

The server writes down what administrators do. The worker does not go by the state that a row is in:
it looks at who asked and who approved, and whether both may, when it begins.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.models import AccountRow, DownloadRow, ExportRow

PROPOSED: Final = "proposed"
REQUESTED: Final = "requested"
DECLINED: Final = "declined"
TAKEN_BACK: Final = "taken-back"
LAPSED: Final = "lapsed"

LAPSE_MS: Final = 72 * 3_600_000
"""Milliseconds in which a proposal has to be approved, and then begun."""
_SKEW_MS: Final = 600_000
"""Milliseconds that two machines' clocks may be apart."""

PEOPLE: Final = 2
"""Who asks, and who approves."""

NOT_APPROVED: Final = "not-approved"
APPROVAL_VOID: Final = "approval-void"
APPROVAL_LAPSED: Final = "approval-lapsed"
"""Codes of what may not begin: nobody approved it who may; one of the two is no
administrator any more; it was too long ago."""


def is_open(at: int, now: int) -> bool:
    """Tell whether what happened then still counts; nothing does that is yet to happen."""
    return at - _SKEW_MS <= now < at + LAPSE_MS


async def are_administrators(session: AsyncSession, *accounts: str) -> bool:
    """Tell whether all of these accounts are there, administrators', and not disabled."""
    found = await session.scalars(
        select(AccountRow.id).where(
            AccountRow.id.in_(accounts),
            AccountRow.role == "administrator",
            AccountRow.disabled_at.is_(None),
        )
    )
    return set(found) == set(accounts)


def _are_two(*accounts: str) -> bool:
    return len(set(accounts)) == PEOPLE


async def what_is_missing(
    session: AsyncSession, row: ExportRow | DownloadRow, now: int
) -> str | None:
    """Return the code of what is missing to begin what is to be approved, or None: an export, or
    the download of one."""
    asker, approver, at = row.requested_by, row.approved_by, row.approved_at
    if row.closed_at is not None or asker is None or approver is None or at is None:
        return NOT_APPROVED
    if not _are_two(asker, approver) or not is_open(row.requested_at, at):
        return NOT_APPROVED
    if not is_open(at, now):
        return APPROVAL_LAPSED
    if not await are_administrators(session, asker, approver):
        return APPROVAL_VOID
    return None
