"""Every message of a client's is carried out somewhere."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from assent.errors import BadRequest
from assent.signalling import handlers
from assent.signalling import messages as m


def test_every_message_has_one_handler() -> None:
    """As mypy says it as well, of ``assert_never``."""
    assert handlers.__file__ is not None
    tree = ast.parse(Path(handlers.__file__).read_text(encoding="utf-8"))
    handled = Counter(
        case.pattern.cls.attr
        for case in ast.walk(tree)
        if isinstance(case, ast.match_case)
        and isinstance(case.pattern, ast.MatchClass)
        and isinstance(case.pattern.cls, ast.Attribute)
        and case.guard is None
    )
    assert handled == {kind.__name__: 1 for kind in get_args(m.ClientRequest)}


def test_only_a_hello_is_no_request() -> None:
    assert set(get_args(m.ClientMessage)) - set(get_args(m.ClientRequest)) == {m.Hello}
    assert all(issubclass(kind, m.Request) for kind in get_args(m.ClientRequest))


@pytest.mark.parametrize("text", ["=", "a", "+/+/", "AA=="])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        handlers.decode_field(text)
