"""The log has the shape of what went wrong, and never what it was about."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from assent_vault import logs


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    logging.raiseExceptions = True


def fail() -> None:
    try:
        {}["somebody's name"]
    except KeyError as error:
        raise ValueError("INSERT … a secret") from error


def test_an_event_is_a_line_of_json(said: io.StringIO) -> None:
    structlog.get_logger().info("worker-ready", count=3)
    line = json.loads(said.getvalue())
    assert (line["event"], line["count"], line["level"]) == ("worker-ready", 3, "info")


def test_an_exception_is_its_types_and_places(said: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("duty-failed")
        logging.getLogger("sqlalchemy").exception("failed for %s", "a secret")
    text = said.getvalue()
    first, second = (json.loads(line) for line in text.splitlines())
    for line in (first, second):
        assert "builtins.ValueError" in line["exception"]
        assert "builtins.KeyError" in line["exception"]
        assert any(place.endswith(" fail") for place in line["exception"])
    assert second["event"] == "failed for %s"
    assert "secret" not in text
    assert "name" not in text


def test_causes_without_end_are_cut() -> None:
    error: BaseException = ValueError()
    for _ in range(100):
        outer = ValueError()
        outer.__cause__ = error
        error = outer
    assert len(logs.shape(error)) <= 5


def test_a_message_that_was_filled_in_is_not_shown(said: io.StringIO) -> None:
    logging.getLogger("somebody").warning("row of Ada")
    assert json.loads(said.getvalue())["event"] == "…"


def test_the_level_is_what_is_asked_for(said: io.StringIO) -> None:
    logs.configure("warning", "json", said)
    structlog.get_logger().info("not-shown")
    structlog.get_logger().warning("shown")
    assert [json.loads(line)["event"] for line in said.getvalue().splitlines()] == ["shown"]


def test_for_people_it_is_no_json_and_tells_no_more(said: io.StringIO) -> None:
    logs.configure("info", "console", said)
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("duty-failed", duty="erase")
    text = said.getvalue()
    assert "duty-failed" in text
    assert "builtins.ValueError" in text
    assert not text.startswith("{")
    assert "name" not in text
