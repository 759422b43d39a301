"""The course of hosts: who is one, and which act follows which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assent_vault.errors import HostError
from assent_vault.formats import charter as charters
from assent_vault.formats import host_acts as acts
from assent_vault.formats import host_certificate as certificates
from assent_vault.formats import room as rooms
from assent_vault.formats import statement
from assent_vault.formats.suite import decode
from assent_vault.ledger.host_course import (
    KEPT_TO_TAKE_AWAY,
    MOST_ACTS,
    MOST_HOSTS,
    HostCourse,
)

Json = dict[str, Any]
HOSTS: Json = json.loads((Path(__file__).parents[2] / "vectors/hosts.json").read_bytes())
CHARTER = charters.parse(decode(HOSTS["charter"]))
ROOM = rooms.parse(decode(HOSTS["room"]))
ENROLMENTS = {
    name: statement.verify_enrolment(decode(said["document"]), decode(said["signature"]), CHARTER)
    for name, said in HOSTS["enrolments"].items()
}
ADA, BO = ENROLMENTS["Ada"], ENROLMENTS["Bo"]


def certificate(name: str) -> certificates.HostCertificate:
    return certificates.parse_certificate(certificates.build_certificate(ROOM, ENROLMENTS[name], 1))


@pytest.mark.parametrize("case", HOSTS["courses"], ids=lambda case: case["name"])
def test_a_server_takes_each_act_after_the_one_before(case: Json) -> None:
    course = HostCourse()
    refused = False
    for step in case["steps"]:
        if "certificate" in step:
            course = course.certify(certificate(step["certificate"]))
            continue
        act = acts.verify_act(
            decode(step["document"]), decode(step["signature"]), ENROLMENTS[step["by"]]
        )
        if step["server"] is None:
            course = course.take(act)
            continue
        refused = True
        before = course
        with pytest.raises(HostError) as raised:
            course.take(act)
        assert raised.value.code == step["server"]
        assert course == before
    if refused:
        return  # what a page has seen can be more
    ids = {name: each.person for name, each in ENROLMENTS.items()}
    after = case["page"]
    assert course.sequence == after["sequence"]
    assert course.armed is after["armed"]
    assert course.ordinal == after["ordinal"]
    for field in ("hosts", "admitted", "removed"):
        assert set(getattr(course, field)) == {ids[name] for name in after[field]}


def test_an_act_can_always_take_away() -> None:
    """What is left of the numbers at last is for what stops, and for who goes."""
    course = HostCourse(sequence=MOST_ACTS - KEPT_TO_TAKE_AWAY).certify(certificate("Ada"))

    def arm(sequence: int, *, recording: bool) -> acts.Arming:
        return acts.Arming(
            meeting=ADA.meeting, by=ADA.person, sequence=sequence, at=1, recording=recording
        )

    with pytest.raises(HostError) as raised:
        course.take(arm(course.sequence + 1, recording=True))
    assert raised.value.code == "too-many-acts"
    course = course.take(arm(course.sequence + 1, recording=False))
    for number in range(course.sequence + 1, MOST_ACTS + 1):
        course = course.take(
            acts.Removing(
                meeting=ADA.meeting, by=ADA.person, sequence=number, at=1, person=BO.person
            )
        )
    with pytest.raises(HostError) as raised:
        course.take(arm(MOST_ACTS + 1, recording=False))
    assert raised.value.code == "too-many-acts"


def test_there_are_so_many_hosts_at_most() -> None:
    course = HostCourse(hosts={bytes([n]) * 32: bytes(32) for n in range(MOST_HOSTS - 1)})
    course = course.certify(certificate("Ada"))
    assert course.certify(certificate("Ada")) == course
    with pytest.raises(HostError):
        course.certify(certificate("Bo"))
