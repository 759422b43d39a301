"""The course of a meeting's hosts: who is one, and what their acts amount to (FORMAT.md section 6).

Pure: each method gives what is so afterwards, and leaves what was so as it is. Certificates and
acts have been verified by whoever calls; what is judged here is whether they belong there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from assent_vault.errors import HostError
from assent_vault.formats.host_acts import Admitting, Arming, HostAct, Linking, Removing
from assent_vault.formats.host_certificate import HostCertificate

MOST_ACTS: Final = 4096
KEPT_TO_TAKE_AWAY: Final = 512
"""So many of the last are for acts by which something ends, or somebody goes."""
MOST_HOSTS: Final = 64
FIRST_ORDINAL: Final = 1


def _nothing() -> Mapping[bytes, bytes]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HostCourse:
    """What is so after an act.

    ``hosts`` has by person id the digest of the enrolment that was certified, ``admitted`` that of
    the enrolment that was let in, ``removed`` the digest of the first act that removed them.
    ``arm`` is the newest such act, ``ordinal`` that of the newest link.
    """

    sequence: int = 0
    hosts: Mapping[bytes, bytes] = field(default_factory=_nothing)
    admitted: Mapping[bytes, bytes] = field(default_factory=_nothing)
    removed: Mapping[bytes, bytes] = field(default_factory=_nothing)
    arm: Arming | None = None
    ordinal: int = FIRST_ORDINAL

    @property
    def armed(self) -> bool:
        """Whether a host has signed that it is to be recorded, and none since that it is not."""
        return self.arm is not None and self.arm.recording

    def certify(self, certificate: HostCertificate) -> HostCourse:
        """Take somebody for a host; raises HostError where there are too many."""
        if certificate.person not in self.hosts and len(self.hosts) >= MOST_HOSTS:
            raise HostError("too-many-acts", "There are as many hosts as there can be.")
        hosts = {**self.hosts, certificate.person: certificate.enrolment}
        return replace(self, hosts=MappingProxyType(hosts))

    def is_host(self, person: bytes) -> bool:
        """Whether somebody has a certificate, and was not removed."""
        return person in self.hosts and person not in self.removed

    def take(self, act: HostAct) -> HostCourse:
        """Take the next act; raises HostError where it is none, or not the next."""
        # "An act by somebody whom an earlier one has removed is none."
        if not self.is_host(act.by):
            raise HostError("not-a-host", "Whoever has signed this is no host.")
        if act.sequence != self.sequence + 1:
            raise HostError("stale-act", "Another act has come before this one.")
        if act.sequence > MOST_ACTS - (0 if act.takes_away else KEPT_TO_TAKE_AWAY):
            raise HostError("too-many-acts", "There are as many acts as there can be.")
        after = replace(self, sequence=act.sequence)
        match act:
            case Arming():
                return replace(after, arm=act)
            case Admitting(person=person, enrolment=enrolment):
                admitted = {**self.admitted, person: enrolment}
                return replace(after, admitted=MappingProxyType(admitted))
            case Removing(person=person):
                removed = {person: act.digest, **self.removed}
                return replace(after, removed=MappingProxyType(removed))
            case Linking(ordinal=ordinal):
                if ordinal != self.ordinal + 1:
                    raise HostError("stale-act", "This is not the next link.")
                return replace(after, ordinal=ordinal)
            case _:
                raise TypeError("there is no such act")
