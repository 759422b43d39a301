"""Where each kind of act is written down, and when: what the audit trail is read from.

There is no table of acts. Every act that changes something leaves a row of its own, with its time
and, where a person did it, their account; the trail is those rows in the order of time. What no row
tells (who ended a meeting, who disabled an account, links that set a password, who signed in) is
not in it. Each source is found by an index over its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql.selectable import Subquery

from assent_vault.errors import VaultError
from assent_vault.formats.suite import decode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Revoked
from assent_vault.store import models
from assent_vault.store.approval import DECLINED, LAPSED, TAKEN_BACK
from assent_vault.store.download import DONE, FAILED

OPERATOR: Final = "operator"
VAULT: Final = "vault"
UNKNOWN: Final = "unknown"
_NUMBER: Final = re.compile(r"[0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AuditSource:
    """One kind of act. ``prefix`` tells its rows from those of others in a cursor: one letter.

    ``account`` is the column that says whose hand it was; a null in it is the operator's command.
    Without the column ``by`` says who: the vault, the operator, or that nothing tells.
    """

    prefix: str
    what: str
    time: Any
    key: Any
    account: Any = None
    by: str = OPERATOR
    meeting: Any = None
    detail: Any = None
    where: ColumnElement[bool] | None = None
    read: Callable[[Any], str | None] = str

    def parse_key(self, text: str) -> int | str | bytes:
        """Read what tells one of its rows apart; raises ValueError, FormatError."""
        kind = self.key.type.python_type
        if kind is int:
            if not _NUMBER.fullmatch(text):
                raise ValueError
            return int(text)
        return decode(text) if kind is bytes else text


def _purpose(body: bytes) -> str | None:
    """Return what an act took back, and in which role; None where it cannot be read."""
    try:
        record = entries.parse(body)
    except VaultError:
        return None
    return f"{record.purpose} by {record.by}" if isinstance(record, Revoked) else None


_versions: Final[Subquery] = (
    select(
        models.NoticeRow.version.label("version"),
        func.min(models.NoticeRow.published_at).label("published_at"),
        func.max(models.NoticeWordsRow.account_id).label("account_id"),
    )
    .outerjoin(models.NoticeWordsRow, models.NoticeWordsRow.version == models.NoticeRow.version)
    .group_by(models.NoticeRow.version)
    .subquery()
)

_A, _I, _M = models.AccountRow, models.InvitationRow, models.MeetingRow
_R, _X, _E = models.RevocationRow, models.ReleaseRow, models.ExportRow
_T, _D, _S = models.ExportItemRow, models.DeletionRow, models.ReleaseRetryRow
_C, _L = models.ClockConfirmationRow, models.DownloadRow

SOURCES: Final = (
    AuditSource("a", "account-made", _A.created_at, _A.id, _A.id, detail=_A.role),
    AuditSource("b", "account-disabled", _A.disabled_at, _A.id, by=UNKNOWN, detail=_A.login),
    AuditSource(
        "n",
        "notice-published",
        _versions.c.published_at,
        _versions.c.version,
        _versions.c.account_id,
        detail=_versions.c.version,
    ),
    AuditSource("m", "meeting-created", _M.created_at, _M.id, _M.host_account, meeting=_M.id),
    AuditSource("e", "meeting-ended", _M.ended_at, _M.id, by=UNKNOWN, meeting=_M.id),
    AuditSource("d", "meeting-destroyed", _M.destroyed_at, _M.id, by=VAULT, meeting=_M.id),
    AuditSource(
        "r",
        "taken-back",
        _R.at,
        _R.id,
        _R.account_id,
        meeting=_R.meeting_id,
        detail=_R.body,
        read=_purpose,
    ),
    AuditSource(
        "q", "release-queued", _X.created_at, _X.meeting_id, by=VAULT, meeting=_X.meeting_id
    ),
    AuditSource(
        "f",
        "release-dropped",
        _X.updated_at,
        _X.meeting_id,
        by=VAULT,
        meeting=_X.meeting_id,
        detail=_X.reason,
        where=_X.state == "dropped",
    ),
    AuditSource("t", "retry-asked", _S.asked_at, _S.id, _S.account_id, meeting=_S.meeting_id),
    AuditSource("x", "export-asked", _E.requested_at, _E.id, _E.requested_by, detail=_E.id),
    AuditSource("g", "export-approved", _E.approved_at, _E.id, _E.approved_by, detail=_E.id),
    AuditSource(
        "h",
        "export-declined",
        _E.closed_at,
        _E.id,
        _E.closed_by,
        detail=_E.id,
        where=_E.state == DECLINED,
    ),
    AuditSource(
        "k",
        "export-taken-back",
        _E.closed_at,
        _E.id,
        _E.closed_by,
        detail=_E.id,
        where=_E.state == TAKEN_BACK,
    ),
    AuditSource(
        "y",
        "export-ended",
        _E.finished_at,
        _E.id,
        by=VAULT,
        detail=func.coalesce(_E.error, _E.state),
    ),
    AuditSource(
        "l", "download-asked", _L.requested_at, _L.id, _L.requested_by, detail=_L.export_id
    ),
    AuditSource(
        "s", "download-approved", _L.approved_at, _L.id, _L.approved_by, detail=_L.export_id
    ),
    AuditSource(
        "u",
        "download-declined",
        _L.closed_at,
        _L.id,
        _L.closed_by,
        detail=_L.export_id,
        where=_L.state == DECLINED,
    ),
    AuditSource(
        "w",
        "download-taken-back",
        _L.closed_at,
        _L.id,
        _L.closed_by,
        detail=_L.export_id,
        where=_L.state == TAKEN_BACK,
    ),
    AuditSource(
        "j",
        "data-set-fetched",
        _L.finished_at,
        _L.id,
        _L.requested_by,
        detail=_L.export_id,
        where=_L.state == DONE,
    ),
    AuditSource(
        "z",
        "download-ended",
        _L.finished_at,
        _L.id,
        by=VAULT,
        detail=func.coalesce(_L.error, _L.state),
        where=_L.state.in_((FAILED, LAPSED)),
    ),
    AuditSource(
        "i",
        "meeting-exported",
        _T.committed_at,
        _T.meeting_id.concat(_T.export_id),
        by=VAULT,
        meeting=_T.meeting_id,
        detail=_T.export_id,
    ),
    AuditSource(
        "o",
        "deletion-ordered",
        _D.requested_at,
        _D.id,
        by=VAULT,
        meeting=_D.meeting_id,
        detail=_D.reason,
    ),
    AuditSource(
        "p",
        "deletion-seen",
        _D.confirmed_at,
        _D.id,
        by=VAULT,
        meeting=_D.meeting_id,
        detail=_D.reason,
    ),
    AuditSource("c", "clock-confirmed", _C.at, _C.at),
    # As long as there are rows of them: they go when their time is over. What tells them apart is
    # the hash of a secret of 256 bits, from which nobody comes to the secret.
    AuditSource(
        "v", "invitation-made", _I.created_at, _I.token_hash, _I.created_by, detail=_I.role
    ),
)
"""Every kind of act that a row tells of."""
