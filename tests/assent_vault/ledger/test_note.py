"""Signed notes: the specifications' own examples, and everything that is none."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import LogError
from assent_vault.ledger import note
from assent_vault.ledger.note import KeyKind, Note, Signer, Verifier, parse, parse_vkey

TEXT = b"example.org/log\n3\nAAAA\n"
LOG = Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESS = Signer(
    "witness.example", Ed25519PrivateKey.from_private_bytes(b"\1" * 32), KeyKind.COSIGNATURE
)

# From the documentation of Go's golang.org/x/mod/sumdb/note.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
    b"\n"
    b"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2"
    b"pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def made(*signers: Signer, text: bytes = TEXT) -> bytes:
    return Note(text, tuple(signer.sign(text, 1_700_000_000) for signer in signers)).to_bytes()


def refused(data: bytes, code: str, *verifiers: Verifier) -> None:
    with pytest.raises(LogError) as caught:
        parse(data).verify(verifiers)
    assert caught.value.code == code


def test_the_example_of_another_implementation() -> None:
    verifier = parse_vkey(GO_VKEY)
    assert verifier.vkey == GO_VKEY
    assert parse(GO_NOTE).verify([verifier]) == {verifier: None}
    refused(GO_NOTE.replace(b"answer", b"Answer"), "log-signature", verifier)


def test_signed_by_log_and_witness() -> None:
    found = parse(made(LOG, WITNESS))
    assert found.text == TEXT
    assert found.to_bytes() == made(LOG, WITNESS)
    assert found.verify([LOG.verifier, WITNESS.verifier]) == {
        LOG.verifier: None,
        WITNESS.verifier: 1_700_000_000,
    }


def test_unknown_signatures_are_passed_over() -> None:
    stranger = Signer("example.org/log", Ed25519PrivateKey.generate())
    assert parse(made(stranger, LOG)).verify([LOG.verifier]) == {LOG.verifier: None}
    refused(made(stranger), "log-signature", LOG.verifier)


def test_one_that_does_not_verify_spoils_the_note() -> None:
    spoiled = parse(made(WITNESS, text=b"other\n")).signatures
    data = Note(TEXT, (*parse(made(LOG)).signatures, *spoiled)).to_bytes()
    assert parse(data).verify([LOG.verifier])
    refused(data, "log-signature", LOG.verifier, WITNESS.verifier)


def test_a_witness_signs_the_time() -> None:
    lines = made(WITNESS).decode()
    signature = parse(made(WITNESS)).signatures[0]
    earlier = note.Signature(
        signature.name, signature.key_id, bytes(7) + b"\1" + signature.data[8:]
    )
    assert lines.endswith(signature.line)
    refused(Note(TEXT, (earlier,)).to_bytes(), "log-signature", WITNESS.verifier)


@given(st.data())
def test_no_changed_byte_verifies(data: st.DataObject) -> None:
    whole = made(LOG)
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
    with pytest.raises(LogError):
        parse(changed).verify([LOG.verifier])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT,
        TEXT + b"\n",
        b"\n\n" + made(LOG).rpartition(b"\n\n")[2],
        made(LOG)[:-1],
        made(LOG) + b"\n",
        made(LOG) + b"more\n",
        made(LOG).replace(b"\xe2\x80\x94", b"-"),
        made(LOG).replace(b"example.org/log ", b"example.org/log  "),
        made(LOG).replace(b"example.org/log ", b"example+org/log "),
        made(LOG).replace(b"3\n", b"3\t\n"),
        made(LOG).replace(b"3\n", b"3\r\n"),
        made(LOG).replace(b"3\n", b"\xff\n"),
        made(LOG, text=b"\n".join([b"x" * 1000] * 70) + b"\n"),
        made(*[LOG] * 65),
    ],
)
def test_what_is_no_note(data: bytes) -> None:
    refused(data, "log-format", LOG.verifier)


def test_many_signatures_are_read() -> None:
    assert parse(made(*[LOG] * 64)).verify([LOG.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        GO_VKEY.replace("c74f", "C74F"),
        GO_VKEY.replace("c74f", "c74e"),
        GO_VKEY[:-4],
        GO_VKEY + "=",
        GO_VKEY.replace("PeterNeumann", "Peter Neumann"),
        GO_VKEY.replace("ARpc", "AhpC"),
        "x+" + Verifier("x", KeyKind.ED25519, bytes(32)).vkey.partition("+")[2],
    ],
)
def test_what_is_no_vkey(text: str) -> None:
    with pytest.raises(LogError) as caught:
        parse_vkey(text)
    assert caught.value.code == "log-format"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "ä", "x" * 201, "a\n"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(LogError):
        Signer(name, Ed25519PrivateKey.generate())


@pytest.mark.parametrize("text", ["", "=", "A", "AA", "AA=", "AB==", "AAAA\n", "-_-_", "A A="])
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(LogError):
        note.from_base64(text)
