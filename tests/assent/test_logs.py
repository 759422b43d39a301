"""Logs hold events and shapes, never what people typed."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from assent import logs


class Captured:
    """A stream that logs were sent to."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def captured() -> Iterator[Captured]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    captured = Captured()
    logs.configure("info", "json", captured.stream)
    yield captured
    root.handlers[:], level, logging.raiseExceptions = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_our_events_keep_their_fields(captured: Captured) -> None:
    structlog.get_logger("assent.x").info("request", route="/api/me", status=200)
    [line] = captured.lines()
    assert line["event"] == "request"
    assert (line["route"], line["status"], line["level"]) == ("/api/me", 200, "info")
    assert line["logger"] == "assent.x"
    assert line["timestamp"].endswith("Z")


def test_less_than_the_level_is_not_logged(captured: Captured) -> None:
    structlog.get_logger("assent.x").debug("detail")
    logging.getLogger("aioice").info("detail")
    assert captured.lines() == []


def test_an_exception_is_logged_without_its_message(captured: Captured) -> None:
    try:
        try:
            int("alice@example.org")
        except ValueError as cause:
            raise RuntimeError("password hunter2") from cause
    except RuntimeError:
        structlog.get_logger("assent.x").exception("failed")
    [line] = captured.lines()
    assert "builtins.RuntimeError" in line["exception"]
    assert "builtins.ValueError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    text = captured.stream.getvalue()
    assert "alice" not in text
    assert "hunter2" not in text


def test_an_exception_given_by_hand_has_its_shape_only(captured: Captured) -> None:
    structlog.get_logger("assent.x").error("failed", exc_info=ValueError("hunter2"))
    [line] = captured.lines()
    assert line["exception"] == "builtins.ValueError"


def test_other_packages_are_logged_by_their_templates(captured: Captured) -> None:
    logger = logging.getLogger("aiohttp.server")
    logger.error("Error handling request from %s", "192.0.2.7", exc_info=ValueError("hunter2"))
    logger.warning("the socket was closed")
    logger.warning("user 'alice' at 192.0.2.7")  # an f-string somewhere
    logger.warning("line one\nhunter2")
    first, second, third, fourth = captured.lines()
    assert first["event"] == "Error handling request from %s"
    assert first["exception"] == "builtins.ValueError"
    assert second["event"] == "the socket was closed"
    assert third["event"] == "…"
    assert fourth["event"] == "line one"
    text = captured.stream.getvalue()
    for secret in ("192.0.2.7", "hunter2", "alice"):
        assert secret not in text


def test_a_record_that_cannot_be_formatted_is_not_printed_elsewhere(
    captured: Captured, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger("assent.x").info("odd", value=object.__new__(_Unprintable))
    assert capsys.readouterr().err == ""


class _Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("hunter2")


@pytest.mark.parametrize("style", ["console", "auto"])
def test_the_console_and_the_file_say_the_same(style: Any, captured: Captured) -> None:
    stream = io.StringIO()
    logs.configure("info", style, stream)
    structlog.get_logger("assent.x").error("failed", exc_info=ValueError("hunter2"))
    assert "failed" in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
