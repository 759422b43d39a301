"""Page documents: a loaded page of a person, whose key is gone with it (FORMAT-2.md section 5).

The digest of one is the *page*: what headers, acceptances and keys of frames have. Signed with the
``sign`` key of the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.suite import encode

SUITE_2: Final = "assent-2"
PAGE_TYPE: Final = "assent/page/v2"
MAX_BYTES: Final = 4 * 1024


@dataclass(frozen=True, slots=True)
class PageDocument:
    """A page document that has been read. ``key`` is an X-Wing public key, ``digest`` the page."""

    meeting: bytes
    person: bytes
    charter: bytes
    sequence: int
    key: bytes
    at: int
    body: bytes
    digest: bytes


def build_page(
    *, meeting: bytes, person: bytes, charter: bytes, sequence: int, key: bytes, at: int
) -> bytes:
    """Write the document of a new page; ``charter`` is the charter's digest, ``at`` in Unix ms."""
    body = document.write(
        {
            "type": PAGE_TYPE,
            "suite": SUITE_2,
            "meeting": encode(meeting),
            "person": encode(person),
            "charter": encode(charter),
            "sequence": sequence,
            "key": encode(key),
            "at": at,
        }
    )
    parse_page(body)  # what cannot be read must not be written
    return body


def parse_page(body: bytes) -> PageDocument:
    """Read a page document without believing it; raises FormatError."""
    fields = document.read(body, PAGE_TYPE, most=MAX_BYTES).only(
        "type", "suite", "meeting", "person", "charter", "sequence", "key", "at"
    )
    fields.exactly("suite", SUITE_2)
    key = fields.b64("key", suite.XWING_PUBLIC_BYTES)
    # One page with another key would keep everybody from being sealed to.
    if not suite.is_xwing_public(key):
        fields.fail("key", "is not a key that can be sealed to")
    return PageDocument(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        charter=fields.b64("charter", suite.DIGEST_BYTES),
        sequence=fields.integer("sequence", least=1),
        key=key,
        at=fields.integer("at"),
        body=body,
        digest=suite.digest(body),
    )


def verify_page(
    body: bytes, signature: bytes, *, meeting: bytes, charter: bytes, person: bytes, sign: bytes
) -> PageDocument:
    """Return the page that this very person signed; raises FormatError, SignatureError.

    ``sign`` is the public key of their enrolment. Whether its sequence goes back is for whoever
    remembers to say.
    """
    page = parse_page(body)
    if page.meeting != meeting:
        raise FormatError("meeting", "is another meeting")
    if page.charter != charter:
        raise FormatError("charter", "is another charter")
    if page.person != person:
        raise FormatError("person", "is another person")
    suite.verify(sign, PAGE_TYPE, body, signature)
    return page
