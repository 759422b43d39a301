"""A log read from a web server that we do not trust."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from assent_vault.errors import LogError
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.note import KeyKind, Verifier
from assent_vault.receipt.served import Served
from support.paper_log import PaperLog, tree_hash
from support.receipts import key_of


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP, at the URL that is returned."""
    handler = partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def log() -> PaperLog:
    made = PaperLog("meet.example/log", key_of("log key"))
    made.entries = [bytes([number]) * 32 for number in range(11)]
    return made


def head(log: PaperLog, size: int) -> Head:
    return Head(size, tree_hash(log.entries[:size]))


@pytest.mark.parametrize("over_http", [False, True])
def test_heads_and_growth(log: PaperLog, tmp_path: Path, over_http: bool) -> None:
    folder = log.serve(tmp_path / "log")
    verifier = Verifier(log.origin, KeyKind.ED25519, log.public)
    with serving(folder) if over_http else contextlib.nullcontext(str(folder)) as place:
        served = Served(place)
        assert served.checkpoint(verifier).head == head(log, 11)
        for old in range(1, 12):
            served.show_grown(head(log, old), head(log, 11))
        with pytest.raises(LogError) as caught:
            served.show_grown(Head(5, bytes(32)), head(log, 11))
        assert caught.value.code == "log-proof"
        with pytest.raises((LogError, FileNotFoundError)) as missing:
            served.show_grown(head(log, 5), Head(12, bytes(32)))
        assert getattr(missing.value, "code", None) != "log-proof"
        with pytest.raises(LogError, match="No known key"):
            served.checkpoint(
                Verifier(
                    log.origin, KeyKind.ED25519, key_of("other").public_key().public_bytes_raw()
                )
            )


def test_what_is_without_end_is_not_read(log: PaperLog, tmp_path: Path) -> None:
    folder = log.serve(tmp_path / "log")
    (folder / "checkpoint").unlink()
    (folder / "checkpoint").symlink_to("/dev/zero")
    with pytest.raises(LogError, match="not a signed note"):
        Served(str(folder)).checkpoint(Verifier(log.origin, KeyKind.ED25519, log.public))
