"""The client's sources and codecs are the server's."""

from __future__ import annotations

from pathlib import Path

from assent.signalling import typescript_tracks


def test_the_sources_and_codecs_of_the_client_are_up_to_date() -> None:
    written = Path("client-web/src/signalling/tracks.ts")
    assert written.read_text(encoding="utf-8") == typescript_tracks.render()
