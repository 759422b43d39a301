"""What the gate last said of a meeting, as the console shows it.

Nothing decides anything by it: the worker writes it down for people to read.
"""

from __future__ import annotations

import json
from typing import Any, Final

from assent_vault.store import models

UNREADABLE: Final = "report-unreadable"
"""Why a meeting is shown as blocked of which nobody can read what the gate said."""


def gate_wire(report: models.GateReportRow | None) -> dict[str, Any] | None:
    """Return what the gate said; what cannot be read of it is shown as a block, never as a yes."""
    if report is None:
        return None
    reasons = _reasons(report.reasons)
    known = report.decision == "blocked" or (report.decision == "release" and not reasons)
    if reasons is None or not known:
        return {
            "decision": "blocked",
            "reasons": [{"code": UNREADABLE, "count": 0}],
            "decided_at": report.decided_at,
        }
    return {"decision": report.decision, "reasons": reasons, "decided_at": report.decided_at}


def _reasons(text: str) -> list[dict[str, Any]] | None:
    """Read the reasons of a report; None where they are none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    for each in found:
        if not isinstance(each, dict) or set(each) != {"code", "count"}:
            return None
        if not isinstance(each["code"], str) or type(each["count"]) is not int:
            return None
    return found
