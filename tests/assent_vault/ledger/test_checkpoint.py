"""Heads as signed notes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint
from assent_vault.ledger.checkpoint import Head, parse, parse_text, sign, verify
from assent_vault.ledger.note import Note, Signer

LOG = Signer("example.org/log", Ed25519PrivateKey.generate())
HEAD = Head(7, bytes(range(32)))


def test_what_is_signed_is_read() -> None:
    made = sign(LOG, HEAD)
    assert made.to_bytes().startswith(b"example.org/log\n7\nAAECAwQFBgcICQoLDA0ODxAR")
    assert verify(made.to_bytes(), LOG.verifier) == made
    assert verify(sign(LOG, checkpoint.EMPTY).to_bytes(), LOG.verifier).head == checkpoint.EMPTY


def test_more_lines_mean_nothing() -> None:
    text = HEAD.text("example.org/log") + b"whatever\n"
    assert verify(Note(text, (LOG.sign(text),)).to_bytes(), LOG.verifier).head == HEAD


def test_another_log() -> None:
    other = Signer("example.org/other", Ed25519PrivateKey.generate())
    with pytest.raises(LogError) as caught:
        verify(sign(other, HEAD).to_bytes(), LOG.verifier)
    assert caught.value.code == "log-format"
    # Its text says that it is this log's, and this log's key has not signed it.
    text = HEAD.text("example.org/log")
    with pytest.raises(LogError) as caught:
        verify(Note(text, (other.sign(text),)).to_bytes(), LOG.verifier)
    assert caught.value.code == "log-signature"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"origin\n7\n",
        b"origin\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        b"origin\n07\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        b"origin\n-7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        b"origin\n9007199254740992\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        b"origin\n0\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        b"origin\n7\nAAEC\n",
        b"\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        b"origin\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n",
        b"\xff\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    ],
)
def test_what_is_no_checkpoint(text: bytes) -> None:
    with pytest.raises(LogError) as caught:
        parse_text(text)
    assert caught.value.code == "log-format"


def test_a_note_alone_is_none() -> None:
    with pytest.raises(LogError):
        parse(Note(b"words\n", (LOG.sign(b"words\n"),)).to_bytes())
