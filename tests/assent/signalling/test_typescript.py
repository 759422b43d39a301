"""The client's types are written from the server's messages."""

from __future__ import annotations

from pathlib import Path

from assent.signalling import typescript


def test_the_types_of_the_client_are_up_to_date() -> None:
    written = Path("client-web/src/signalling/messages.ts")
    assert written.read_text(encoding="utf-8") == typescript.render()
