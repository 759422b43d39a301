"""What people and hosts of a meeting have signed, as far as it verifies: what headers may name.

Pure. Whatever does not verify is left out here and counts for nothing; that it blocks is for
whoever looks at it by itself to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from assent_vault.errors import FormatError, VaultError
from assent_vault.formats import room as rooms
from assent_vault.formats import statement
from assent_vault.formats.charter import Charter
from assent_vault.formats.host_acts import Arming, parse_act, verify_act
from assent_vault.formats.host_certificate import parse_certificate, verify_certificate
from assent_vault.formats.statement import Answer, Enrolment, Will
from assent_vault.ledger.generation_chain import ArmAct, EnrolledSigner
from assent_vault.ledger.host_course import HostCourse
from assent_vault.release.evidence import Evidence, PersonEvidence
from assent_vault.release.generation_review import VerifiedStatements


def verified_statements(evidence: Evidence, charter: Charter) -> VerifiedStatements:
    """Return what is signed by whom it should be, of this meeting and charter."""
    enrolments: dict[bytes, Enrolment] = {}
    answers: dict[bytes, Will] = {}
    for row in evidence.people:
        try:
            enrolment = statement.verify_enrolment(row.enrolment, row.signature, charter)
        except VaultError:
            continue
        enrolments[enrolment.person] = enrolment
        answers.update(_answers(row, enrolment, charter))
    course, arms = _hosts(evidence, charter, enrolments)
    return VerifiedStatements(
        enrolments={
            each.digest: EnrolledSigner(each.person, each.sign) for each in enrolments.values()
        },
        answers=answers,
        arms=arms,
        hosts=course.hosts.keys(),
    )


def _answers(row: PersonEvidence, enrolment: Enrolment, charter: Charter) -> dict[bytes, Will]:
    """Return what each answer wills of recording, up to the first that does not follow."""
    found: dict[bytes, Will] = {}
    last: Answer | None = None
    for given in row.answers:
        try:
            last = statement.verify_chained(given.body, given.signature, enrolment, charter, last)
        except VaultError:
            break
        found[last.digest] = last.recording
    return found


def _hosts(
    evidence: Evidence, charter: Charter, enrolments: Mapping[bytes, Enrolment]
) -> tuple[HostCourse, dict[bytes, ArmAct]]:
    """Return who is a host, and what hosts have armed, one act after the other."""
    course = HostCourse()
    arms: dict[bytes, ArmAct] = {}
    try:
        room = rooms.parse(evidence.room)
    except FormatError:
        return course, arms
    if room.digest != charter.room:
        return course, arms
    for each in evidence.certificates:
        try:
            enrolment = enrolments[parse_certificate(each.body).person]
            course = course.certify(verify_certificate(each.body, each.signature, room, enrolment))
        except (VaultError, KeyError):
            continue
    for each in evidence.acts:
        try:
            act = verify_act(each.body, each.signature, enrolments[parse_act(each.body).by])
            course = course.take(act)
        except (VaultError, KeyError):
            break  # what comes after one that is none follows nothing
        if isinstance(act, Arming):
            arms[act.digest] = ArmAct(act.by, act.recording, logged=False)
    return course, arms
