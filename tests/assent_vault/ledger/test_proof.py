"""Proofs as text."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint, merkle
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.merkle import Subtree, leaf_hash, root_of
from assent_vault.ledger.note import Signer
from assent_vault.ledger.proof import Proof, parse

LOG = Signer("example.org/log", Ed25519PrivateKey.generate())
ENTRIES = [bytes([number]) * 32 for number in range(11)]


def make(index: int, size: int = len(ENTRIES), signer: Signer = LOG) -> Proof:
    hashes = [leaf_hash(entry) for entry in ENTRIES[:size]]

    def hash_of(subtree: Subtree) -> bytes:
        start = subtree.number << subtree.level
        return root_of(hashes[start : start + (1 << subtree.level)])

    path = merkle.resolve(merkle.inclusion(index, size), hash_of)
    return Proof(index, path, checkpoint.sign(signer, Head(size, root_of(hashes))))


@given(st.data())
def test_what_is_written_is_read_and_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(ENTRIES)))
    index = data.draw(st.integers(0, size - 1))
    text = make(index, size).to_text()
    assert text.startswith(f"c2sp.org/tlog-proof@v1\nindex {index}\n")
    proof = parse(text)
    assert proof.to_text() == text
    proof.verify(ENTRIES[index], LOG.verifier)


def test_of_another_entry_or_log() -> None:
    other = Signer("example.org/other", Ed25519PrivateKey.generate())
    for proof, entry, code in (
        (make(3), ENTRIES[4], "log-proof"),
        (make(3, signer=other), ENTRIES[3], "log-format"),
    ):
        with pytest.raises(LogError) as caught:
            proof.verify(entry, LOG.verifier)
        assert caught.value.code == code


def test_extra_data_means_nothing() -> None:
    text = make(2).to_text().replace("@v1\n", "@v1\nextra YWJj\n")
    parse(text).verify(ENTRIES[2], LOG.verifier)


@given(st.data())
def test_no_changed_character_holds(data: st.DataObject) -> None:
    text = make(5).to_text()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[at]))
    with pytest.raises(LogError):
        parse(text[:at] + other + text[at + 1 :]).verify(ENTRIES[5], LOG.verifier)


@pytest.mark.parametrize(
    "change",
    [
        ("c2sp.org/tlog-proof@v1\n", ""),
        ("@v1", "@v2"),
        ("index 5", "index 05"),
        ("index 5", "index  5"),
        ("index 5\n", ""),
        ("index 5\n", "index 5\nAAAA\n"),
        ("index 5\n", "index 5\n" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n" * 64),
        ("@v1\n", "@v1\nextra ?\n"),
        ("@v1\n", "@v1\nextra YWJj\nextra YWJj\n"),
        ("\n\n", "\n"),
        ("@v1\n", "@v1\n\n"),
        ("@v1\n", "@v1\r\n"),
    ],
)
def test_what_is_no_proof(change: tuple[str, str]) -> None:
    with pytest.raises(LogError) as caught:
        parse(make(5).to_text().replace(*change, 1))
    assert caught.value.code == "log-format"
