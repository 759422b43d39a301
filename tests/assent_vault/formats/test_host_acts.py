"""Acts of hosts: read as the vectors say, and by whom they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import charter as charters
from assent_vault.formats import host_acts as acts
from assent_vault.formats import statement, suite
from assent_vault.formats.suite import decode

Json = dict[str, Any]
HOSTS: Json = json.loads((Path(__file__).parents[2] / "vectors/hosts.json").read_bytes())
CHARTER = charters.parse(decode(HOSTS["charter"]))
ENROLMENTS = {
    name: statement.verify_enrolment(decode(said["document"]), decode(said["signature"]), CHARTER)
    for name, said in HOSTS["enrolments"].items()
}


@pytest.mark.parametrize("case", HOSTS["acts"], ids=lambda case: case["name"])
def test_act(case: Json) -> None:
    body, signature = decode(case["document"]), decode(case["signature"])
    by = ENROLMENTS[case["by"]]
    if case["error"] is None:
        act = acts.verify_act(body, signature, by)
        assert act.body == body
        assert act.digest == suite.digest(body)
        sign = suite.derive_sign(decode(HOSTS["seeds"][case["by"]]), act.meeting)
        assert acts.sign_act(sign, act) == signature
        return
    wrong = SignatureError if case["error"] == "bad-signature" else FormatError
    with pytest.raises(wrong) as raised:
        acts.verify_act(body, signature, by)
    assert getattr(raised.value, "field", None) == case["field"]
