"""Long lists in pages: newest first, each page saying where the next one begins.

A cursor is ``<time>.<id>`` of the last row of a page. It names a place in an order that never
changes, so that nothing is left out or shown twice when rows are added meanwhile. It is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy import ColumnElement, Select, and_, or_

from assent.errors import BadRequest

MOST = 200
USUAL = 50
_CURSOR = re.compile(r"([0-9]{1,16})\.([A-Za-z0-9_-]{1,64})", re.ASCII)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    """Which page was asked for: up to ``limit`` rows after ``after``."""

    limit: int
    after: tuple[int, str] | None

    def of(self, query: Select[Any], time: Any, key: Any) -> Select[Any]:
        """Return the rows of this page, newest first, and one more if there is a next page."""
        if self.after is not None:
            query = query.where(_older(time, key, *self.after))
        return query.order_by(time.desc(), key).limit(self.limit + 1)

    def cut(
        self, rows: Sequence[Row], place: tuple[str, str] = ("created_at", "id")
    ) -> tuple[Sequence[Row], str | None]:
        """Return the rows of this page, and the cursor of the next one, None for the last."""
        if len(rows) <= self.limit:
            return rows, None
        last = rows[self.limit - 1]
        time, key = (getattr(last, name) for name in place)
        return rows[: self.limit], f"{time}.{key}"


def asked(request: web.Request) -> Page:
    """Return the page that a request asks for with ``limit`` and ``after``; raises BadRequest."""
    text = request.query.get("limit", str(USUAL))
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise BadRequest(f"A page has 1 to {MOST} rows.", field="limit")
    cursor = request.query.get("after")
    if cursor is None:
        return Page(int(text), None)
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadRequest("It is not where a page ends.", field="after")
    return Page(int(text), (int(found[1]), found[2]))


def _older(time: Any, key: Any, at: int, name: str) -> ColumnElement[bool]:
    return or_(time < at, and_(time == at, key > name))
