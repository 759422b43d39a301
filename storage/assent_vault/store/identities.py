"""Which vaults a database has belonged to; the last one is the one it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.models import VaultIdentityRow


async def all_identities(session: AsyncSession) -> Sequence[VaultIdentityRow]:
    """Return every vault's row, the present one last."""
    return (
        await session.scalars(
            select(VaultIdentityRow).order_by(
                VaultIdentityRow.created_at, VaultIdentityRow.public_key
            )
        )
    ).all()


async def current_identity(session: AsyncSession) -> bytes | None:
    """Return the public key of the vault that a database belongs to, None before there is one."""
    rows = await all_identities(session)
    return rows[-1].public_key if rows else None
