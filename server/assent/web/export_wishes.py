"""What an export is asked for, over HTTP: read from a body or a query, and told of a row.

What cannot be asked for raises BadRequest, with the field that is to blame. The filters are read by
the same code as those of ``assent-vault export`` (``assent_vault.store.export_filters``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from assent.errors import BadRequest
from assent.web import bodies
from assent_vault.errors import ExportError
from assent_vault.store import export_filters, export_order, models
from assent_vault.store.export_order import ExportOrder, Options

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NOTHING_READ: Final = dict.fromkeys(
    ("since", "until", "audio_only", "again", "include_exported",
     "languages", "least_seconds", "most_filled", "most_clipped")
)  # fmt: skip
_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


def order_of(body: bodies.AskForExport) -> ExportOrder:
    """Return what a body asks for."""
    order = ExportOrder(body.recipient, body.purpose, _options(body))
    for name in ("recipient", "purpose"):
        _read(name, _checked, ExportOrder(**{name: getattr(order, name)}))
    return order


def options_of(query: Mapping[str, str]) -> Options:
    """Return what a query asks for; languages have commas between them."""
    languages = query.get("languages")
    return _options(
        bodies.ExportChoice(
            since=query.get("since"),
            until=query.get("until"),
            audio_only=_flag(query.get("audio_only", "false"), "audio_only"),
            again=query.get("again"),
            include_exported=_flag(query.get("include_exported", "false"), "include_exported"),
            languages=() if languages is None else tuple(languages.split(",")),
            least_seconds=_seconds(query.get("least_seconds")),
            most_filled=_share(query.get("most_filled"), "most_filled"),
            most_clipped=_share(query.get("most_clipped"), "most_clipped"),
        )
    )


def _options(choice: bodies.ExportChoice) -> Options:
    since, until = _day(choice.since, "since"), _day(choice.until, "until")
    if since is not None and until is not None and until < since:
        raise BadRequest("It is before the first day.", field="until")
    least = _seconds(choice.least_seconds)
    # Before 1970 there was no meeting.
    options = Options(
        since=None if since is None else max(0, export_order.midnight(since)),
        until=None if until is None else max(0, export_order.midnight(until, after=True)),
        audio_only=choice.audio_only,
        again=choice.again,
        include_exported=choice.include_exported,
        languages=_read("languages", export_filters.languages, choice.languages),
        least_duration=None if least is None else least * 1000,
        most_filled=_share(choice.most_filled, "most_filled"),
        most_clipped=_share(choice.most_clipped, "most_clipped"),
    )
    _read("again", _checked, ExportOrder(options=options))
    return options


def _checked(order: ExportOrder) -> ExportOrder:
    return order.check()


def _seconds(given: str | int | None) -> int | None:
    return None if given is None else _read("least_seconds", export_filters.seconds, given)


def _share(given: str | float | None, field: str) -> float | None:
    return None if given is None else _read(field, export_filters.share, given)


def _read(field: str, reader: Callable[[_Given], _Found], given: _Given) -> _Found:
    try:
        return reader(given)
    except ExportError as error:
        raise BadRequest(str(error), field=field) from error


def _flag(given: str, field: str) -> bool:
    if given not in ("true", "false"):
        raise BadRequest("true or false.", field=field)
    return given == "true"


def _day(given: str | None, field: str) -> date | None:
    if given is None:
        return None
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise BadRequest("It is no day, as 2026-01-31 is one.", field=field)


def chosen(row: models.ExportRow) -> dict[str, Any]:
    """Return what a row says was chosen of the meetings; days are in UTC, the last one included.

    All is None where that cannot be read.
    """
    try:
        options = export_order.read(row.recipient, row.purpose, row.options).options
        since = None if options.since is None else _day_of(options.since)
        until = None if options.until is None else _day_of(options.until - 1)
    except (ExportError, ValueError, OverflowError, OSError):
        return dict(_NOTHING_READ)
    least = options.least_duration
    return {
        "since": since,
        "until": until,
        "audio_only": options.audio_only,
        "again": options.again,
        "include_exported": options.include_exported,
        "languages": options.languages,
        "least_seconds": None if least is None else least / 1000,
        "most_filled": options.most_filled,
        "most_clipped": options.most_clipped,
    }


def _day_of(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
