"""Whether the server lives, whether it is ready, and what anybody may know about it."""

from __future__ import annotations

from aiohttp import hdrs, web

from assent.errors import RETRY_SECONDS
from assent.version import version
from assent.web.context import Context, context
from assent.web.middleware import json_answer
from assent_vault.formats.suite import encode
from assent_vault.store.database import is_away
from assent_vault.store.heartbeat import is_silent, last_heartbeat
from assent_vault.store.identities import current_identity


async def healthz(_request: web.Request) -> web.StreamResponse:
    """``GET /healthz``: the process lives and its loop turns."""
    return json_answer({"ok": True})


async def readyz(request: web.Request) -> web.StreamResponse:
    """``GET /readyz``: people can meet here now; else every reason why not."""
    parts = context(request)
    reasons, warnings = await not_ready(parts), sorted(parts.warnings())
    # Said in both cases, and only where there is something to say.
    doubt = parts.doubt()
    more = {
        **({"warnings": warnings} if warnings else {}),
        **({} if doubt is None else {"times": doubt}),
    }
    if reasons:
        answer = json_answer({"ready": False, "reasons": reasons, **more}, status=503)
        answer.headers[hdrs.RETRY_AFTER] = str(RETRY_SECONDS)
        return answer
    return json_answer({"ready": True, **more})


async def not_ready(parts: Context) -> list[str]:
    """Return why the server is not ready, as stable codes; empty when it is."""
    reasons = [*parts.hall.problems(), *parts.problems(), *parts.log.problems()]
    if not parts.client.built:
        reasons.append("client-not-built")
    try:
        reasons += await _worker_problems(parts)
    except Exception as error:
        if not is_away(error):
            raise
        reasons.append("database-unavailable")
    return sorted(set(reasons))


async def _worker_problems(parts: Context) -> list[str]:
    """Return what the vault worker says of itself, and whether it says anything."""
    if await vault_identity(parts) is None:
        return ["vault-never-seen"]
    async with parts.database.read() as session:
        beat = await last_heartbeat(session)
    silent = beat is None or is_silent(beat, parts.clock.now())
    # One that could not start has left the reason, and says nothing any more.
    reason = [] if beat is None or beat.problem is None else [beat.problem]
    return [*(["worker-silent"] if silent else []), *reason]


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
            "shows_names": parts.settings.show_names,
            "languages": sorted(parts.notices.current.texts),
            "version": version(),
        }
    )


async def vault_identity(parts: Context) -> bytes | None:
    """Return the vault's public key; None until the worker has started for the first time."""
    async with parts.database.read() as session:
        return await current_identity(session)
