"""Whether the server lives, whether it is ready, and what anybody may know about it."""

from __future__ import annotations

from importlib import metadata

from aiohttp import web
from sqlalchemy import select

from assent.web.context import Context, context
from assent.web.middleware import json_answer
from assent_vault import models
from assent_vault.heartbeat import is_silent, last_heartbeat
from assent_vault.suite import encode


def version() -> str:
    """Return the installed version; a source tree that was never installed has none."""
    try:
        return metadata.version("assent")
    except metadata.PackageNotFoundError:
        return "0+source"


async def healthz(_request: web.Request) -> web.StreamResponse:
    """``GET /healthz``: the process lives and its loop turns."""
    return json_answer({"ok": True})


async def readyz(request: web.Request) -> web.StreamResponse:
    """``GET /readyz``: people can meet here now; else every reason why not."""
    reasons = await not_ready(context(request))
    if reasons:
        return json_answer({"ready": False, "reasons": reasons}, status=503)
    return json_answer({"ready": True})


async def not_ready(parts: Context) -> list[str]:
    """Return why the server is not ready, as stable codes; empty when it is."""
    reasons = [*parts.hall.problems(), *parts.problems(), *parts.log.problems()]
    if not parts.client.built:
        reasons.append("client-not-built")
    if not await parts.database.ping():
        reasons.append("database-unavailable")
    else:
        reasons += await _worker_problems(parts)
    return sorted(set(reasons))


async def _worker_problems(parts: Context) -> list[str]:
    """Return what the vault worker says of itself, and whether it says anything."""
    if await vault_identity(parts) is None:
        return ["vault-never-seen"]
    async with parts.database.read() as session:
        beat = await last_heartbeat(session)
    if beat is None or is_silent(beat, parts.clock.now()):
        return ["worker-silent"]
    return [] if beat.problem is None else [beat.problem]


async def info(request: web.Request) -> web.StreamResponse:
    """``GET /api/info``: who runs this, and the keys and digests that proofs are checked with."""
    parts = context(request)
    identity = await vault_identity(parts)
    return json_answer(
        {
            "operator": {
                "name": parts.settings.operator_name,
                "contact": parts.settings.operator_contact,
            },
            "build": encode(parts.client.build),
            "server_key": encode(parts.server_key),
            "vault_identity": None if identity is None else encode(identity),
            "log": {
                "origin": parts.notary.origin,
                "vkey": parts.notary.verifier.vkey,
                **parts.notary.log_document.to_wire(),
            },
            "languages": sorted(parts.notices.current.texts),
            "version": version(),
        }
    )


async def vault_identity(parts: Context) -> bytes | None:
    """Return the vault's public key; None until the worker has started for the first time."""
    async with parts.database.read() as session:
        return await session.scalar(select(models.VaultIdentity.public_key))
