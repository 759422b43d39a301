"""The audit trail as a file: CSV for spreadsheets, JSON for programs; written piece by piece.

A file that was cut off says so by itself: its last line, or the end of its document, is missing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

_COLUMNS: Final = (
    "time", "what", "by", "account", "login", "name", "meeting", "title", "detail",
)  # fmt: skip
# What a spreadsheet would take for a formula, where somebody has called themselves that (OWASP,
# "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class AuditWriter(Protocol):
    """Writes events in the order they are handed in."""

    content_type: str

    def begin(self) -> bytes:
        """Return what comes first."""

    def write(self, events: Sequence[Mapping[str, Any]]) -> bytes:
        """Return some events."""

    def end(self, *, whole: bool) -> bytes:
        """Return what comes last; ``whole`` is whether nothing older was left out."""


class CsvWriter:
    """RFC 4180, in UTF-8; times as RFC 3339. The last row has ``end`` or ``more`` as its act."""

    content_type = "text/csv; charset=utf-8"

    def begin(self) -> bytes:
        """Return the names of the columns."""
        return _lines([_COLUMNS])

    def write(self, events: Sequence[Mapping[str, Any]]) -> bytes:
        """Return a line for each event."""
        return _lines([_cells(event) for event in events])

    def end(self, *, whole: bool) -> bytes:
        """Return the last line."""
        return _lines([("", "end" if whole else "more", *[""] * (len(_COLUMNS) - 2))])


class JsonWriter:
    """One document: ``{"events":[…],"whole":bool}``."""

    content_type = "application/json"

    def __init__(self) -> None:
        self._first = True

    def begin(self) -> bytes:
        """Return how the document begins."""
        return b'{"events":['

    def write(self, events: Sequence[Mapping[str, Any]]) -> bytes:
        """Return some members of the array."""
        if not events:
            return b""
        comma, self._first = (b"\n" if self._first else b",\n"), False
        return comma + b",\n".join(msgspec.json.encode(event) for event in events)

    def end(self, *, whole: bool) -> bytes:
        """Return how it ends."""
        return b'\n],"whole":' + (b"true" if whole else b"false") + b"}\n"


FORMATS: Final[Mapping[str, Callable[[], AuditWriter]]] = {"csv": CsvWriter, "json": JsonWriter}


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cells(event: Mapping[str, Any]) -> list[str]:
    account, meeting = event["account"] or {}, event["meeting"] or {}
    moment = dt.datetime.fromtimestamp(event["at"] / 1000, dt.UTC)
    values = (
        event["what"], event["by"], account.get("id"), account.get("login"), account.get("name"),
        meeting.get("id"), meeting.get("title"), event["detail"],
    )  # fmt: skip
    time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [time, *(_safe(value or "") for value in values)]


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet carries out."""
    return f"'{text}" if text.startswith(_FORMULA) else text
