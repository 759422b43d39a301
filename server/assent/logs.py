"""Structured logs that cannot hold personal data or secrets, whatever goes wrong.

Two rules see to that. Our own events are short names with fields that were chosen, never text made
of data. And of everything we did not write (exceptions, other packages' messages), the log takes
the shape only: an exception is its type and the places it passed through, never its message, for a
database's error repeats the row and a file's error the path; another package's message is its
template, never what was filled in.
"""

from __future__ import annotations

import logging
from typing import Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from assent_vault.logs import is_for_people, shape, take_error, take_over


def configure(level: str, style: Literal["auto", "json", "console"], stream: TextIO) -> None:
    """Send every log of this process to ``stream``; call it once, before anything else."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _shape_of_exception,
    ]
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty())
        if is_for_people(style, stream)
        else structlog.processors.JSONRenderer()
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_template_only, *shared],
        use_get_message=False,
        pass_foreign_args=True,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    take_over(stream, formatter, threshold)
    for name in ("aiohttp.access", "aioice", "aiortc", "alembic", "sqlalchemy", "asyncio"):
        # What these say below a warning is about every packet or statement.
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def _shape_of_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = take_error(event)
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
