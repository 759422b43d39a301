"""Certificates of hosts: read as the vectors say, and of whom they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import charter as charters
from assent_vault.formats import host_certificate as certificates
from assent_vault.formats import room as rooms
from assent_vault.formats import statement
from assent_vault.formats.suite import decode

Json = dict[str, Any]
HOSTS: Json = json.loads((Path(__file__).parents[2] / "vectors/hosts.json").read_bytes())
ROOM = rooms.parse(decode(HOSTS["room"]))
CHARTER = charters.parse(decode(HOSTS["charter"]))
ADA = statement.verify_enrolment(
    decode(HOSTS["enrolments"]["Ada"]["document"]),
    decode(HOSTS["enrolments"]["Ada"]["signature"]),
    CHARTER,
)


@pytest.mark.parametrize("case", HOSTS["certificates"], ids=lambda case: case["name"])
def test_certificate(case: Json) -> None:
    body, signature = decode(case["document"]), decode(case["signature"])
    if case["error"] is None:
        found = certificates.verify_certificate(body, signature, ROOM, ADA)
        assert (found.person, found.enrolment) == (ADA.person, ADA.digest)
        assert certificates.build_certificate(ROOM, ADA, found.at) == body
        key = Ed25519PrivateKey.from_private_bytes(decode(HOSTS["host_key"]))
        assert certificates.sign_certificate(key, body) == signature
        return
    wrong = SignatureError if case["error"] == "bad-signature" else FormatError
    with pytest.raises(wrong) as raised:
        certificates.verify_certificate(body, signature, ROOM, ADA)
    assert getattr(raised.value, "field", None) == case["field"]
