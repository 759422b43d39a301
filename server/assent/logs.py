"""Structured logs that cannot hold personal data or secrets, whatever goes wrong.

Two rules see to that. Our own events are short names with fields that were chosen, never text made
of data. And of everything we did not write (exceptions, other packages' messages), the log takes
the shape only: an exception is its type and the places it passed through, never its message, for a
database's error repeats the row and a file's error the path; another package's message is its
template, never what was filled in.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

_MOST_FRAMES = 12
_MOST_CAUSES = 5


def configure(level: str, style: Literal["auto", "json", "console"], stream: TextIO) -> None:
    """Send every log of this process to ``stream``; call it once, before anything else."""
    console = style == "console" or (style == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _shape_of_exception,
    ]
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty())
        if console
        else structlog.processors.JSONRenderer()
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_template_only, *shared],
            use_get_message=False,
            pass_foreign_args=True,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name in ("aiohttp.access", "aioice", "aiortc", "alembic", "sqlalchemy", "asyncio"):
        # What these say below a warning is about every packet or statement.
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
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
        frames = traceback.extract_tb(current.__traceback__)[-_MOST_FRAMES:]
        lines += [f"  {_place(frame)}" for frame in frames]
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return lines


def _place(frame: traceback.FrameSummary) -> str:
    # From the package on: where this machine keeps its packages is of no use to a reader.
    parts = frame.filename.replace("\\", "/").split("/")
    return f"{'/'.join(parts[-3:])}:{frame.lineno} {frame.name}"


def _shape_of_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    given: Any = event.pop("exc_info", None)
    event.pop("exception", None)
    event.pop("stack_info", None)
    error: BaseException | None = None
    if isinstance(given, BaseException):
        error = given
    elif isinstance(given, tuple) and len(given) == 3:
        error = given[1]
    elif given:
        error = sys.exc_info()[1]
    if error is not None:
        event["exception"] = "\n".join(shape(error))
    return event


def _template_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take another package's message before its arguments were filled in."""
    filled_in = event.pop("positional_args", None)
    template = str(event["event"])[:200]
    event["event"] = template if filled_in else _harmless(template)
    return event


def _harmless(message: str) -> str:
    """Keep a message without arguments only where it reads like one somebody wrote by hand.

    An f-string has no template; digits, quotes, slashes or @ tell that data may be in it.
    """
    text = message.splitlines()[0][:200] if message else ""
    return text if not any(point.isdigit() or point in "'\"@/\\<>:" for point in text) else "…"
