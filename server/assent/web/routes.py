"""Every address of the server, and what answers it; PROTOCOL.md section 2 in code."""

from __future__ import annotations

from aiohttp import web

from assent.web import (
    acts,
    admin,
    approvals,
    audit,
    auth,
    devices,
    downloads,
    exports,
    figures,
    funnel,
    health,
    invitations,
    log,
    meetings,
    notice_versions,
    overview,
    own_sessions,
    pages,
    people,
    recalls,
    releases,
    resets,
    settings,
    storage_figures,
    watching,
)
from assent.web.bodies import MAX_BODY, decode_field
from assent.web.context import CONTEXT, Context, context
from assent.web.housekeeping import housekeeping
from assent.web.kept_counts import KeptCounts
from assent.web.limits import HeldPlaces
from assent.web.middleware import guard, headers_for, json_answer, observe, refuse


async def notice(request: web.Request) -> web.StreamResponse:
    """``GET /api/notices/{digest}``: a published text, whichever version it is of."""
    digest = decode_field(request.match_info["digest"], "digest")
    return json_answer(await context(request).notices.by_digest(digest))


def build(parts: Context) -> web.Application:
    """Return the web application; ``assent.app`` serves it."""
    app = web.Application(middlewares=[observe, refuse, guard], client_max_size=MAX_BODY)
    app[CONTEXT] = parts
    app[watching.STREAMS] = HeldPlaces(watching.MAX_STREAMS, watching.MAX_STREAMS_EACH)
    app[audit.FILES] = HeldPlaces(audit.MOST_FILES, audit.MOST_FILES_EACH)
    app[downloads.CHUNKS] = HeldPlaces(downloads.MOST_SENT, downloads.MOST_SENT_EACH)
    app[figures.FIGURES] = KeptCounts(figures.count)
    app[funnel.FUNNEL] = KeptCounts(funnel.count)
    app.cleanup_ctx.append(housekeeping)
    app.on_response_prepare.append(headers_for(parts.settings))
    app.add_routes(
        [
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
            web.get("/api/info", health.info),
            web.get("/api/me", auth.me),
            web.post("/api/sign-in", auth.sign_in),
            web.post("/api/sign-out", auth.sign_out),
            web.get("/api/sessions", own_sessions.listing),
            web.post("/api/sessions/end-others", own_sessions.end_others),
            web.post("/api/sessions/{id:[A-Za-z0-9_-]{1,64}}/end", own_sessions.end),
            web.post("/api/invitations", invitations.create),
            web.post("/api/invitations/inspect", invitations.inspect),
            web.post("/api/invitations/accept", invitations.accept),
            web.post("/api/password/inspect", resets.inspect),
            web.post("/api/password", resets.use),
            web.get("/api/meetings", meetings.mine),
            web.post("/api/meetings", meetings.create),
            web.get("/api/meetings/terms", meetings.terms),
            web.post("/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/link", meetings.new_link),
            web.post("/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/end", meetings.end),
            web.get("/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/people", acts.people),
            web.post("/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/revoke", acts.revoke),
            web.post("/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/seat", people.seat),
            web.post("/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/host-seat", people.host_seat),
            web.get(
                "/api/meetings/{id:[A-Za-z0-9_-]{1,64}}/socket", people.socket, allow_head=False
            ),
            web.get("/api/notices/{digest}", notice),
            web.post("/api/receipt", people.receipt),
            web.post("/api/receipt/file", people.receipt_file),
            web.post("/api/answers", people.answer),
            web.post("/api/watch", watching.open_),
            web.post("/api/watch/generation", watching.generation),
            web.post("/api/watch/segments", watching.segments),
            web.get("/api/admin/meetings", admin.meetings),
            web.get("/api/admin/exports", exports.listing),
            web.post("/api/admin/exports", exports.ask),
            web.get("/api/admin/exports/forecast", exports.forecast),
            web.post("/api/admin/exports/{id:[A-Za-z0-9_-]{1,64}}/approve", approvals.approve),
            web.post("/api/admin/exports/{id:[A-Za-z0-9_-]{1,64}}/decline", approvals.decline),
            web.post("/api/admin/exports/{id:[A-Za-z0-9_-]{1,64}}/take-back", approvals.take_back),
            web.post("/api/admin/exports/{id:[A-Za-z0-9_-]{1,64}}/download", downloads.ask),
            web.get("/api/admin/downloads/{id:[A-Za-z0-9_-]{22}}", downloads.standing),
            web.get(
                "/api/admin/downloads/{id:[A-Za-z0-9_-]{22}}/chunks/{number:[0-9]{1,6}}",
                downloads.chunk,
            ),
            web.post("/api/admin/downloads/{id:[A-Za-z0-9_-]{22}}/taken", downloads.taken),
            web.post("/api/admin/downloads/{id:[A-Za-z0-9_-]{22}}/cancel", downloads.cancel),
            web.post("/api/admin/downloads/{id:[A-Za-z0-9_-]{22}}/approve", downloads.approve),
            web.post("/api/admin/downloads/{id:[A-Za-z0-9_-]{22}}/decline", downloads.decline),
            web.get("/api/admin/releases", releases.queue),
            web.post("/api/admin/releases/{id:[A-Za-z0-9_-]{1,64}}/retry", releases.retry),
            web.get("/api/admin/figures", figures.figures),
            web.get("/api/admin/funnel", funnel.funnel),
            web.get("/api/admin/storage", storage_figures.storage),
            web.get("/api/admin/settings", settings.listing),
            web.get("/api/admin/audit", audit.trail),
            web.get("/api/admin/audit/file", audit.file),
            web.get("/api/admin/accounts", admin.accounts),
            web.get("/api/admin/log", log.standing),
            web.get("/api/admin/overview", overview.overview),
            web.get("/api/admin/notices", notice_versions.standing),
            web.post("/api/admin/notices", notice_versions.publish),
            web.post("/api/admin/notices/preview", notice_versions.preview),
            web.get("/log/checkpoint", log.checkpoint),
            web.get("/log/tile/{level}/{path:.+}", log.tile),
            web.get("/recalls/{name:[A-Za-z0-9_-]{22}}", recalls.feed),
            *devices.routes(),
            web.post("/api/admin/accounts/{id:[A-Za-z0-9_-]{1,64}}/disabled", resets.disable),
            web.post("/api/admin/accounts/{id:[A-Za-z0-9_-]{1,64}}/reset", resets.create),
            *(web.get(path, pages.page) for path in pages.PAGES),
            web.get("/source.tar.gz", pages.source),
            web.route("*", "/{path:.*}", pages.anything_else),
        ]
    )
    return app
