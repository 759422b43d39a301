"""A consent record for machines, in the shape of ISO/IEC TS 27560.

The JSON-LD is that of the W3C's Data Privacy Vocabulary (its guide "Consent Records and Receipts as
per ISO/IEC TS 27560:2023 using DPV"). The context is in the record, so that nothing need be fetched
to read it. It says what the receipt says and no more: who runs the server, how long the recording
is kept and where, is in the words of the notice, which it names by their digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.ledger.entry import Answered, Revoked
from assent_vault.receipt.check import Believed

PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#record"

_CONTEXT: Final = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct:conformsTo": {"@type": "@id"},
    "dct:created": {"@type": "xsd:dateTime"},
    "dpv:hasConsentControl": {"@type": "@id"},
    "dpv:hasDataController": {"@type": "@id"},
    "dpv:hasDataSubject": {"@type": "@id"},
    "dpv:hasLegalBasis": {"@type": "@id"},
    "dpv:hasNotice": {"@type": "@id"},
    "dpv:hasPersonalData": {"@type": "@id"},
    "dpv:hasProcessing": {"@type": "@id"},
    "dpv:isIndicatedAtTime": {"@type": "xsd:dateTime"},
    "dpv:isIndicatedBy": {"@type": "@id"},
}
_STATUS: Final = {
    Will.UNANSWERED: "dpv:ConsentRequested",
    Will.YES: "dpv:ConsentGiven",
    Will.NO: "dpv:ConsentRefused",
    Will.WITHDRAWN: "dpv:ConsentWithdrawn",
}
_PURPOSES: Final = {
    "recording": "Recording the meeting, for the people who were in it to watch.",
    "training": "Releasing the recording as training data for machine learning.",
}
_PROCESSING: Final = {
    "recording": ["dpv:Record", "dpv:Store", "dpv:Display"],
    "training": ["dpv:Pseudonymise", "dpv:Export", "dpv:Share"],
}


# "The state where the consent is revoked by an entity other than the data subject".
_REVOKED: Final = "dpv:ConsentRevoked"
_REVOKED_BY: Final = {
    "recording": ("recording", "meeting"),
    "training": ("training", "recording", "meeting"),
}


def consent_record(believed: Believed) -> bytes:
    """Return the record of a receipt that holds, as JSON-LD in UTF-8."""
    charter = believed.charter
    meeting = f"urn:assent:meeting:{encode(charter.meeting)}"
    person = f"urn:assent:person:{encode(believed.enrolment.person)}"
    server = f"urn:assent:server:{encode(charter.server)}"
    purposes = [name for name in _PURPOSES if getattr(charter, name)]
    record = {
        "@context": _CONTEXT,
        "@id": f"{meeting}:{encode(believed.enrolment.person)}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": PROFILE,
        "dct:identifier": f"{encode(charter.meeting)}.{encode(believed.enrolment.person)}",
        "dct:created": _time(max(each.record.at for each in believed.records)),
        "dpv:hasDataSubject": person,
        "dpv:hasDataController": server,
        "dpv:hasNotice": [
            {
                "@id": _notice(digest),
                "@type": "dpv:ConsentNotice",
                "dct:identifier": encode(digest),
                "dct:language": language,
                "dct:hasVersion": str(charter.notice_version),
            }
            for language, digest in sorted(charter.notices.items())
        ],
        "dpv:hasProcess": [_process(name, believed, meeting, person) for name in purposes],
    }
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()


def _process(purpose: str, believed: Believed, meeting: str, person: str) -> dict[str, Any]:
    return {
        "@id": f"{meeting}:{purpose}",
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"urn:assent:purpose:{purpose}",
            "@type": "dpv:Purpose",
            "dct:description": _PURPOSES[purpose],
        },
        "dpv:hasLegalBasis": "dpv:ExplicitlyExpressedConsent",
        "dpv:hasPersonalData": ["pd:Communication", "pd:Picture"],
        "dpv:hasProcessing": _PROCESSING[purpose],
        "dpv:hasConsentControl": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
        "dpv:hasConsentStatus": list(_events(purpose, believed, person)),
    }


def _events(purpose: str, believed: Believed, person: str) -> Iterator[dict[str, Any]]:
    """Yield what happened to one consent: asked for, then whatever changed it."""
    will: Will | None = Will.UNANSWERED
    notice = believed.enrolment.notice
    yield _event(_STATUS[Will.UNANSWERED], believed.records[0].record.at, notice, person)
    for logged in sorted(believed.records, key=lambda each: each.index):
        match record := logged.record:
            case Answered():
                answer = believed.answers[record.sequence - 1]
                after: Will = getattr(answer, purpose)
                if after is not will:
                    will, notice = after, answer.notice
                    yield _event(_STATUS[will], record.at, notice, person)
            case Revoked() if will is Will.YES and record.purpose in _REVOKED_BY[purpose]:
                will = None  # whatever they say next is news
                yield _event(_REVOKED, record.at, notice, f"urn:assent:role:{record.by}")


def _event(status: str, at: int, notice: bytes, person: str) -> dict[str, Any]:
    return {
        "@type": status,
        "dpv:isIndicatedAtTime": _time(at),
        "dpv:isIndicatedBy": person,
        "dpv:hasNotice": _notice(notice),
    }


def _notice(digest: bytes) -> str:
    return f"urn:assent:notice:{encode(digest)}"


def _time(milliseconds: int) -> str:
    """Return the server's time as xsd:dateTime, which ends with the year 9999 here."""
    seconds, rest = divmod(min(milliseconds, 253_402_300_799_999), 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:03d}Z"
