"""``hosts.json``: certificates and acts of hosts, by themselves and one after the other."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import document, suite
from assent_vault.formats.suite import encode
from support.hosts import act_of, certificate_of
from support.people import Person, Signed
from vectors.common import Json, fixed, meeting, person

BAD, FORGED = "bad-statement", "bad-signature"
PLACE = meeting()
HOST_KEY = Ed25519PrivateKey.from_private_bytes(fixed("host key"))
ADA, BO, CY = (person(PLACE, name) for name in ("Ada", "Bo", "Cy"))
PEOPLE = {"Ada": ADA, "Bo": BO, "Cy": CY}
ENROLLED = {name: each.enrol(name) for name, each in PEOPLE.items()}


def make_hosts() -> Json:
    """Return the content of the file."""
    return {
        "room": encode(PLACE.room.body),
        "charter": encode(PLACE.charter.body),
        "host_key": encode(fixed("host key")),
        "enrolments": {name: _sent(said) for name, said in ENROLLED.items()},
        "seeds": {name: encode(each.seed) for name, each in PEOPLE.items()},
        "certificates": _certificates(),
        "acts": _acts(),
        "courses": _courses(),
    }


def _sent(said: Signed) -> Json:
    return {"document": encode(said.body), "signature": encode(said.signature)}


def _changed(body: bytes, **changes: Any) -> bytes:
    fields: Json = json.loads(body)
    return document.write(fields | changes)


def _wrong(body: bytes) -> list[tuple[str, bytes, str]]:
    """Return what no document may be, whichever it is, with the field to blame."""
    fields: Json = json.loads(body)
    turned = {"type": fields["type"], **dict(reversed(list(fields.items())[1:]))}
    found = [
        ("members in another order", document.write(turned), "document"),
        ("a member more", _changed(body, more=1), "document"),
        ("white space", body.replace(b",", b", ", 1), "document"),
        ("over 1 KiB", _changed(body, more="a" * 1024), "document"),
        ("1.0 for a time", body.replace(b"}", b".0}"), "document"),
        ("a time before 1970", body.replace(b'"at":', b'"at":-'), "document"),
    ]
    for name in fields:
        if name != "type":
            less = {key: value for key, value in fields.items() if key != name}
            found.append((f"without {name}", document.write(less), name))
    for name, value in fields.items():
        if name in ("meeting", "room", "person", "enrolment", "by", "door", "brought"):
            found.append((f"{name} a byte short", _changed(body, **{name: value[:-2]}), name))
            found.append((f"{name} is null", _changed(body, **{name: None}), name))
    return found


def _certificates() -> list[Json]:
    right = certificate_of(HOST_KEY, PLACE.room, ADA)
    found: list[Json] = []

    def case(name: str, said: Signed, error: str | None, field: str | None = None) -> None:
        found.append({"name": name, **_sent(said), "error": error, "field": field})

    def signed(body: bytes, key: Ed25519PrivateKey = HOST_KEY) -> Signed:
        return Signed(body, suite.sign(key, "assent/host/v2", body))

    case("as it should be", right, None)
    case("of Bo", certificate_of(HOST_KEY, PLACE.room, BO), BAD, "person")
    for name, body, field in _wrong(right.body):
        case(name, signed(body), BAD, field)
    other = encode(fixed("another"))
    for field in ("room", "person", "enrolment"):
        case(f"another {field}", signed(_changed(right.body, **{field: other})), BAD, field)
    elsewhere = signed(_changed(right.body, meeting=encode(bytes(16))))
    case("another meeting", elsewhere, BAD, "meeting")
    case("another type", signed(_changed(right.body, type="assent/arm/v2")), BAD, "type")
    case(
        "by another key",
        signed(right.body, Ed25519PrivateKey.from_private_bytes(bytes(32))),
        FORGED,
    )
    case("by the person", signed(right.body, ADA.sign), FORGED)
    case("by the server", signed(right.body, PLACE.server), FORGED)
    typed = Signed(right.body, suite.sign(HOST_KEY, "assent/arm/v2", right.body))
    case("signed as an act", typed, FORGED)
    case(
        "another time than was signed", Signed(_changed(right.body, at=1), right.signature), FORGED
    )
    return found


def _acts() -> list[Json]:
    found: list[Json] = []

    def case(name: str, said: Signed, error: str | None, field: str | None = None) -> None:
        found.append({"name": name, "by": "Ada", **_sent(said), "error": error, "field": field})

    def signed(body: bytes, key: Ed25519PrivateKey = ADA.sign) -> Signed:
        type_ = str(json.loads(body)["type"])
        return Signed(body, suite.sign(key, type_, body))

    for what, values in _deeds().items():
        right = act_of(ADA, 1, what, **values)
        case(what, right, None)
        for name, body, field in _wrong(right.body):
            case(f"{what}: {name}", signed(body), BAD, field)
        case(f"{what}: sequence 0", signed(_changed(right.body, sequence=0)), BAD, "sequence")
        case(f"{what}: sequence true", signed(_changed(right.body, sequence=True)), BAD, "sequence")
        elsewhere = signed(_changed(right.body, meeting=encode(bytes(16))))
        case(f"{what}: another meeting", elsewhere, BAD, "meeting")
        case(f"{what}: of Bo, who has signed it", act_of(BO, 1, what, **values), BAD, "by")
        case(f"{what}: signed by Bo", signed(right.body, BO.sign), FORGED)
        case(f"{what}: signed by the host key", signed(right.body, HOST_KEY), FORGED)
        case(f"{what}: signed by the server", signed(right.body, PLACE.server), FORGED)
        later = Signed(_changed(right.body, sequence=2), right.signature)
        case(f"{what}: another number than was signed", later, FORGED)
    arm = act_of(ADA, 1, "arm", recording=True)
    case("arm: 1 for true", signed(_changed(arm.body, recording=1)), BAD, "recording")
    case("arm: false", act_of(ADA, 1, "arm", recording=False), None)
    stopped = Signed(_changed(arm.body, recording=False), arm.signature)
    case("arm: another word than was signed", stopped, FORGED)
    link = act_of(ADA, 1, "link", **_deeds()["link"])
    for ordinal, good in ((0, False), (1, False), (2**32 - 1, True), (2**32, False)):
        said = signed(_changed(link.body, ordinal=ordinal))
        case(f"link: ordinal {ordinal}", said, None if good else BAD, None if good else "ordinal")
    host = certificate_of(HOST_KEY, PLACE.room, ADA)
    case("a certificate", host, BAD, "type")
    case("a type that there is not", signed(_changed(arm.body, type="assent/lock/v2")), BAD, "type")
    case("no document", Signed(b"", arm.signature), BAD, "type")
    return found


def _deeds() -> dict[str, dict[str, Any]]:
    assert BO.enrolment is not None
    return {
        "arm": {"recording": True},
        "admit": {"person": BO.id, "enrolment": BO.enrolment.digest},
        "remove": {"person": BO.id},
        "link": {"ordinal": 2, "door": fixed("door"), "brought": fixed("brought")},
    }


def _courses() -> list[Json]:
    """Rows of certificates and acts, as a server and a page take each; null is: it is taken."""
    found: list[Json] = []
    deeds = _deeds()

    def host(who: Person) -> Json:
        return {"certificate": _name(who)}

    def act(
        who: Person,
        sequence: int,
        what: str,
        server: str | None = None,
        page: str | None = None,
        **values: Any,
    ) -> Json:
        said = act_of(who, sequence, what, **(deeds[what] | values))
        return {"by": _name(who), **_sent(said), "server": server, "page": page}

    def course(name: str, *steps: Json, **after: Any) -> None:
        usual = {
            "sequence": 0, "hosts": [], "admitted": [], "removed": [],
            "armed": False, "ordinal": 1,
        }  # fmt: skip
        found.append({"name": name, "steps": list(steps), "page": usual | after})

    ada, bo, cy = host(ADA), host(BO), host(CY)
    stale, none = "stale-act", "not-a-host"
    course("nothing")
    course("an act by somebody without a certificate", act(ADA, 1, "arm", none, none))
    course("armed", ada, act(ADA, 1, "arm"), sequence=1, hosts=["Ada"], armed=True)
    course(
        "armed, and stopped", ada, act(ADA, 1, "arm"), act(ADA, 2, "arm", recording=False),
        sequence=2, hosts=["Ada"],
    )  # fmt: skip
    course(
        "the very same again", ada, act(ADA, 1, "arm"), act(ADA, 1, "arm", stale, None),
        sequence=1, hosts=["Ada"], armed=True,
    )  # fmt: skip
    course(
        "one number twice", ada, act(ADA, 1, "arm"),
        act(ADA, 1, "arm", stale, stale, recording=False), sequence=1, hosts=["Ada"], armed=True,
    )  # fmt: skip
    course(
        "one that is older", ada, act(ADA, 1, "arm"), act(ADA, 2, "arm", recording=False),
        act(ADA, 1, "arm", stale, None), act(ADA, 1, "remove", stale, stale),
        sequence=2, hosts=["Ada"],
    )  # fmt: skip
    course(
        "a gap, which a page may find and a server may not", ada, act(ADA, 3, "arm", stale, None),
        sequence=3, hosts=["Ada"], armed=True,
    )  # fmt: skip
    course(
        "what is between comes after it", ada, act(ADA, 2, "arm", stale, None),
        act(ADA, 1, "arm", None, stale, recording=False),
        sequence=2, hosts=["Ada"], armed=True,
    )  # fmt: skip
    course("let in", ada, act(ADA, 1, "admit"), sequence=1, hosts=["Ada"], admitted=["Bo"])
    course(
        "let in and removed", ada, act(ADA, 1, "admit"), act(ADA, 2, "remove"),
        sequence=2, hosts=["Ada"], admitted=["Bo"], removed=["Bo"],
    )  # fmt: skip
    course(
        "two hosts", ada, bo, act(BO, 1, "arm"), act(ADA, 2, "arm", recording=False),
        act(BO, 3, "arm"), sequence=3, hosts=["Ada", "Bo"], armed=True,
    )  # fmt: skip
    course(
        "two hosts with one number", ada, bo, act(BO, 1, "arm"),
        act(ADA, 1, "arm", stale, stale, recording=False),
        sequence=1, hosts=["Ada", "Bo"], armed=True,
    )  # fmt: skip
    course(
        "a host who was removed", ada, bo, act(ADA, 1, "remove"), act(BO, 2, "arm", none, none),
        act(ADA, 2, "arm"), sequence=2, hosts=["Ada", "Bo"], removed=["Bo"], armed=True,
    )  # fmt: skip
    course(
        "what a host did before they were removed", ada, bo, act(BO, 1, "arm"),
        act(ADA, 2, "remove"), sequence=2, hosts=["Ada", "Bo"], removed=["Bo"], armed=True,
    )  # fmt: skip
    course(
        "a certificate after the removal", ada, act(ADA, 1, "remove"), bo,
        act(BO, 2, "arm", none, none), sequence=1, hosts=["Ada", "Bo"], removed=["Bo"],
    )  # fmt: skip
    course(
        "a host of their own making", ada, act(CY, 1, "admit", none, none), cy,
        act(CY, 1, "admit"), sequence=1, hosts=["Ada", "Cy"], admitted=["Bo"],
    )  # fmt: skip
    course(
        "two new links", ada, act(ADA, 1, "link"), act(ADA, 2, "link", ordinal=3),
        sequence=2, hosts=["Ada"], ordinal=3,
    )  # fmt: skip
    course(
        "a link twice", ada, act(ADA, 1, "link"), act(ADA, 2, "link", stale, stale),
        sequence=1, hosts=["Ada"], ordinal=2,
    )  # fmt: skip
    course(
        "a link left out", ada, act(ADA, 1, "link", stale, None, ordinal=3),
        sequence=1, hosts=["Ada"], ordinal=3,
    )  # fmt: skip
    return found


def _name(who: Person) -> str:
    return next(name for name, each in PEOPLE.items() if each is who)
