"""A plugin of pytest that writes down how each test ended: noticed, broke or passed.

A test has *noticed* something where it failed by an assertion, or where the product refused what
it should have done. Any other exception is a mistake of whoever changed the source.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from assent.errors import AssentError
from assent_vault.errors import VaultError

_NOTICES = (AssertionError, pytest.fail.Exception, VaultError, AssentError)
_FOUND: dict[str, tuple[str, str]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where to, and what has to be imported before anything is believed."""
    parser.addoption("--outcomes", type=Path, help="write how each test ended into this file")
    parser.addoption(
        "--must-import", action="append", default=[], help="a module of this tree that must import"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Import what must be importable; an error ends it all, and no file is written."""
    # That an example was found is enough; making it small would take minutes.
    settings.register_profile("as found", phases=set(Phase) - {Phase.shrink, Phase.explain})
    settings.load_profile("as found")
    for name in config.getoption("--must-import"):
        module = importlib.import_module(name)
        path = Path(module.__file__ or "")
        if config.rootpath not in path.parents:
            raise pytest.UsageError(f"{name} is not the one of this tree, but {path}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what was raised; of several tries the last counts."""
    report = yield
    error = None if call.excinfo is None else call.excinfo.value
    if report.skipped:
        _FOUND[item.nodeid] = ("broke", "it is skipped")
    elif report.failed and error is not None:
        noticed = report.when == "call" and _is_notice(error)
        text = "" if noticed else f"{report.when}: {type(error).__name__}: {error}"
        if report.when != "teardown" or _FOUND.get(item.nodeid, ("passed",))[0] == "passed":
            _FOUND[item.nodeid] = ("noticed" if noticed else "broke", text[:300])
    elif report.when == "call":
        _FOUND[item.nodeid] = ("passed", "")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write it all down."""
    path = session.config.getoption("--outcomes")
    if path is not None:
        path.write_text(json.dumps(_FOUND))


def _is_notice(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_notice, error.exceptions))
    return isinstance(error, _NOTICES)
