"""Acts of hosts: to record, to let in, to remove, a new link; each signed (FORMAT.md section 6).

:func:`parse_act` reads what the bytes say, :func:`verify_act` believes that whoever it names has
signed it. Whether that person is a host, and whether the act follows those before it, is told by
:mod:`assent_vault.ledger.host_course`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.document import Fields
from assent_vault.formats.statement import Enrolment
from assent_vault.formats.suite import encode

MAX_BYTES: Final = 1024
MAX_ORDINAL: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAct:
    """Common parent of all acts. ``by`` is a person id, ``at`` in Unix milliseconds."""

    TYPE: ClassVar[str]

    meeting: bytes
    by: bytes
    sequence: int
    at: int

    @property
    def body(self) -> bytes:
        """The exact bytes: there is one spelling."""
        values: dict[str, Any] = {
            "type": self.TYPE,
            "meeting": encode(self.meeting),
            "by": encode(self.by),
            "sequence": self.sequence,
        }
        for each in fields(self):
            if each.name not in ("meeting", "by", "sequence", "at"):
                value = getattr(self, each.name)
                values[each.name] = encode(value) if isinstance(value, bytes) else value
        return document.write(values | {"at": self.at})

    @property
    def digest(self) -> bytes:
        """What names the act."""
        return suite.digest(self.body)

    @property
    def takes_away(self) -> bool:
        """Whether nothing begins by it, and nobody comes in."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming(HostAct):
    """From here on everything that everyone agrees to is recorded, or nothing is."""

    TYPE = "assent/arm/v2"
    recording: bool

    @property
    def takes_away(self) -> bool:
        """Whether the recording stops by it."""
        return not self.recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitting(HostAct):
    """Somebody is let in; ``enrolment`` is the digest of theirs."""

    TYPE = "assent/admit/v2"
    person: bytes
    enrolment: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Removing(HostAct):
    """Somebody is removed, for good."""

    TYPE = "assent/remove/v2"
    person: bytes

    @property
    def takes_away(self) -> bool:
        """Somebody goes."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking(HostAct):
    """There is a new link; ``door`` and ``brought`` are digests of what follows from its secret."""

    TYPE = "assent/link/v2"
    ordinal: int
    door: bytes
    brought: bytes


KINDS: Final[Mapping[str, type[HostAct]]] = MappingProxyType(
    {kind.TYPE: kind for kind in (Arming, Admitting, Removing, Linking)}
)


def parse_act(body: bytes) -> HostAct:
    """Read an act of any kind without believing it; raises FormatError."""
    kind = next((one for one in KINDS.values() if body.startswith(_start(one))), None)
    if kind is None:
        raise FormatError("type", "is of no act of a host")
    said = document.read(body, kind.TYPE, most=MAX_BYTES)
    own = [each.name for each in fields(kind) if each.name not in HostAct.__dataclass_fields__]
    said.only("type", "meeting", "by", "sequence", *own, "at")
    values = {name: _read(said, name) for name in own}
    return kind(
        meeting=said.b64("meeting", suite.MEETING_BYTES),
        by=said.b64("by", suite.DIGEST_BYTES),
        sequence=said.integer("sequence", least=1),
        at=said.integer("at"),
        **values,
    )


def _start(kind: type[HostAct]) -> bytes:
    return b'{"type":"%s"' % kind.TYPE.encode()


def _read(said: Fields, name: str) -> bool | int | bytes:
    if name == "recording":
        return said.boolean(name)
    if name == "ordinal":
        return said.integer(name, least=2, most=MAX_ORDINAL)
    return said.b64(name, suite.DIGEST_BYTES)


def sign_act(private: Ed25519PrivateKey, act: HostAct) -> bytes:
    """Sign an act with the ``sign`` key of whoever does it; 64 bytes."""
    return suite.sign(private, act.TYPE, act.body)


def verify_act(body: bytes, signature: bytes, enrolment: Enrolment) -> HostAct:
    """Return an act that this very person has signed; raises FormatError, SignatureError.

    ``enrolment`` has been verified by whoever calls.
    """
    act = parse_act(body)
    if act.meeting != enrolment.meeting:
        raise FormatError("meeting", "is another meeting")
    if act.by != enrolment.person:
        raise FormatError("by", "is another person")
    suite.verify(enrolment.sign, act.TYPE, body, signature)
    return act
