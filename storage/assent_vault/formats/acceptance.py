"""Acceptances: a page has checked a header, and takes part under it (FORMAT-2.md section 5).

"It has nothing in it that whoever has the header and the page document does not know": so what is
passed on, and stored of a recorded generation, are signatures alone, and the document that they are
of is written anew by whoever verifies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.suite import encode

ACCEPT_TYPE: Final = "assent/accept/v2"
ACCEPTS_TYPE: Final = "assent/accepts/v2"
MAX_ACCEPT_BYTES: Final = 1024
MAX_ACCEPTS_BYTES: Final = 256 * 1024

PROBLEMS: Final = (
    "bad-document",
    "not-linked",
    "bad-signature",
    "not-in",
    "people-missing",
    "not-brought",
    "not-admitted",
    "removed",
    "strange-page",
    "not-a-host",
    "not-armed",
    "no-answer",
    "against-my-will",
    "bad-secret",
    "bad-share",
)
"""The codes of section 6, in the order in which a page checks."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a page says of a header; ``header`` is H, ``problem`` what was not as it must be."""

    meeting: bytes
    person: bytes
    page: bytes
    generation: int
    header: bytes
    problem: str | None
    body: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Acceptances:
    """The signatures of those who have accepted a header, by person id; none has a problem."""

    header: bytes
    signatures: Mapping[bytes, bytes]
    body: bytes
    digest: bytes


def write_acceptance(header: GenerationHeader, person: bytes, problem: str | None = None) -> bytes:
    """Write what the page of ``person`` says of ``header``.

    Raises ValueError where they have no page in it: they have nothing to accept.
    """
    page = next((each.page for each in header.pages if each.id == person), None)
    if page is None:
        raise ValueError("only who is in with a page accepts")
    return document.write(
        {
            "type": ACCEPT_TYPE,
            "meeting": encode(header.meeting),
            "person": encode(person),
            "page": encode(page),
            "generation": header.generation,
            "header": encode(header.digest),
            "problem": problem,
        }
    )


def parse_acceptance(body: bytes) -> Acceptance:
    """Read an acceptance, or a refusal, without believing it; raises FormatError."""
    fields = document.read(body, ACCEPT_TYPE, most=MAX_ACCEPT_BYTES).only(
        "type", "meeting", "person", "page", "generation", "header", "problem"
    )
    problem = fields.line_or_null("problem", 40)
    if problem is not None:
        fields.choice("problem", PROBLEMS)
    return Acceptance(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        page=fields.b64("page", suite.DIGEST_BYTES),
        generation=fields.integer("generation", least=1),
        header=fields.b64("header", suite.DIGEST_BYTES),
        problem=problem,
        body=body,
        digest=suite.digest(body),
    )


def sign_acceptance(
    private: Ed25519PrivateKey, header: GenerationHeader, person: bytes, problem: str | None = None
) -> bytes:
    """Sign what the page of ``person`` says of ``header``; 64 bytes."""
    return suite.sign(private, ACCEPT_TYPE, write_acceptance(header, person, problem))


def verify_acceptance(
    header: GenerationHeader, person: bytes, sign: bytes, signature: bytes
) -> None:
    """Raise SignatureError unless ``person`` has accepted ``header``.

    ``sign`` is the public key of the enrolment that the header has of them.
    """
    suite.verify(sign, ACCEPT_TYPE, write_acceptance(header, person), signature)


def write_acceptances(header: GenerationHeader, signatures: Mapping[bytes, bytes]) -> bytes:
    """Write the signatures, by person id, as they are stored."""
    body = document.write(
        {
            "type": ACCEPTS_TYPE,
            "header": encode(header.digest),
            "accepts": [
                {"id": encode(person.id), "signature": encode(signatures[person.id])}
                for person in header.pages
                if person.id in signatures
            ],
        }
    )
    parse_acceptances(body, header)  # what cannot be read must not be written
    return body


def parse_acceptances(body: bytes, header: GenerationHeader) -> Acceptances:
    """Read the acceptances of ``header`` without believing them; raises FormatError."""
    fields = document.read(body, ACCEPTS_TYPE, most=MAX_ACCEPTS_BYTES).only(
        "type", "header", "accepts"
    )
    if fields.b64("header", suite.DIGEST_BYTES) != header.digest:
        fields.fail("header", "is the digest of another header")
    found = []
    for item in fields.children("accepts"):
        item.only("id", "signature")
        person = item.b64("id", suite.DIGEST_BYTES)
        found.append((person, item.b64("signature", suite.SIGNATURE_BYTES)))
    given = [person for person, _ in found]
    if given != [person.id for person in header.pages if person.id in set(given)]:
        fields.fail("accepts", "are not of people with a page, each once, in header order")
    return Acceptances(
        header=header.digest, signatures=dict(found), body=body, digest=suite.digest(body)
    )


def verify_acceptances(
    body: bytes, header: GenerationHeader, signs: Mapping[bytes, bytes]
) -> Acceptances:
    """Return the acceptances, each of whom it says; raises FormatError, SignatureError.

    ``signs`` gives by person id the public key that they enrolled with.
    """
    accepts = parse_acceptances(body, header)
    for person, signature in accepts.signatures.items():
        if person not in signs:
            raise FormatError("accepts", "are of somebody without an enrolment")
        verify_acceptance(header, person, signs[person], signature)
    return accepts
