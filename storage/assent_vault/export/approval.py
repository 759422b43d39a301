"""The approval check of an export, made by the worker when it begins one, whatever state it is in.

With ``export_approvals`` nothing is begun that no second administrator has approved, unless it was
ordered on the command line by whoever has the vault's folder: where the keys are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import ExportError
from assent_vault.export.command_orders import CommandOrders
from assent_vault.store import approval
from assent_vault.store.export_order import ExportOrder
from assent_vault.store.models import ExportRow


class ApprovalCheck:
    """Whether an export may begin; ``approvals`` is how many it takes, ``now`` in Unix ms."""

    def __init__(self, approvals: int, orders: CommandOrders, now: Callable[[], int]) -> None:
        self._is_needed = approvals != 0
        self._orders = orders
        self._now = now

    async def require(self, session: AsyncSession, row: ExportRow, order: ExportOrder) -> None:
        """Return if it may; else raises ExportError. ``row`` is locked, ``order`` what it says."""
        if not self._is_needed:
            return
        if await asyncio.to_thread(self._orders.has, row.id, order):
            return
        missing = await approval.what_is_missing(session, row, self._now())
        if missing is not None:
            raise ExportError(missing, "No second administrator has approved this export.")
