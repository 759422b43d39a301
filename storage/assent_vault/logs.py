"""Logs: events as lines of JSON or for people, and never what they are about.

``configure`` sets up the worker's; what it is made of serves the server's as well.

Our own events are short names with fields that were chosen. Of what others say, an exception's
text or another package's message, only the shape is logged: types, places, templates. A database's
error repeats the row, and a file's error the path.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

_MOST_FRAMES: Final = 12
_MOST_CAUSES: Final = 5


def configure(level: str, style: Literal["auto", "json", "console"], stream: TextIO) -> None:
    """Send every log of this process to ``stream``; call it once, before anything else."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    last: list[Processor] = (
        [_in_lines, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
        if is_for_people(style, stream)
        else [structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _shape_of_exception,
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    take_over(stream, _TemplateOnly(), max(threshold, logging.WARNING))


def is_for_people(style: Literal["auto", "json", "console"], stream: TextIO) -> bool:
    """Tell whether people read a stream, so that it is not to be JSON."""
    return style == "console" or (style == "auto" and stream.isatty())


def take_over(stream: TextIO, formatter: logging.Formatter, level: int) -> None:
    """Send what other packages log from this level on to ``stream``, and nowhere else."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    # Python would print a record it cannot format with all that is in it.
    logging.raiseExceptions = False


def shape(error: BaseException) -> list[str]:
    """Return what may be logged of an exception: types and places, the outermost first."""
    lines: list[str] = []
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            break
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        for frame in traceback.extract_tb(current.__traceback__)[-_MOST_FRAMES:]:
            # From the package on: where this machine keeps its packages is of no use to a reader.
            parts = frame.filename.replace("\\", "/").split("/")
            lines.append(f"  {'/'.join(parts[-3:])}:{frame.lineno} {frame.name}")
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return lines


def take_error(event: EventDict) -> BaseException | None:
    """Take whatever an event has of an exception out of it; return the exception, if there is one.

    None of it may be rendered: all but the exception itself is text that repeats what it is about.
    """
    given: Any = event.pop("exc_info", None)
    event.pop("exception", None)
    event.pop("stack_info", None)
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple) and len(given) == 3:
        found: BaseException | None = given[1]
        return found
    return sys.exc_info()[1] if given else None


def _shape_of_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = take_error(event)
    if error is not None:
        event["exception"] = shape(error)
    return event


def _in_lines(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = "\n".join(event["exception"])
    return event


class _TemplateOnly(logging.Formatter):
    """Takes another package's message before its arguments were filled in; always JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": str(record.msg)[:200] if record.args else "…",
            "logger": record.name,
            "level": record.levelname.lower(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = shape(record.exc_info[1])
        return json.dumps(line)
