"""Who is in the meetings of format 2 that vectors are about: their keys, pages, generations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import page_document, suite
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    GenerationPerson,
    RecordedPart,
    build_generation,
    parse_generation,
)
from assent_vault.formats.page_document import PageDocument
from assent_vault.formats.suite import encode
from assent_vault.ledger.committing import (
    GenerationDraft,
    MadeGeneration,
    PairKeys,
    RecordedDraft,
    make_generation,
    wrap_for_people,
)
from vectors.common import MEETING, Json, drawn, fixed

CHARTER = fixed("a charter of format 2")
VAULT_PRIVATE = fixed("vault key of format 2")
VAULT = fixed("vault key document of format 2")
SERVER = Ed25519PrivateKey.from_private_bytes(fixed("server key of format 2"))
AT = 1_750_000_000_000


@dataclass(frozen=True)
class Attendee:
    """Somebody with keys that are always the same."""

    name: str
    sign: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        key = Ed25519PrivateKey.from_private_bytes(fixed(f"sign of {self.name}"))
        object.__setattr__(self, "sign", key)

    @property
    def sign_public(self) -> bytes:
        return suite.sign_public(self.sign)

    @property
    def id(self) -> bytes:
        return suite.digest(b"assent/person/v2\0" + MEETING + self.sign_public)

    @property
    def enrolment(self) -> bytes:
        return fixed(f"enrolment of {self.name}")

    @property
    def certificate(self) -> bytes:
        return fixed(f"certificate of {self.name}")

    def answer(self, number: int = 1) -> bytes:
        return fixed(f"answer {number} of {self.name}")

    def private(self, purpose: str) -> bytes:
        return fixed(f"{purpose} of {self.name}")

    def public(self, purpose: str) -> bytes:
        return suite.xwing_public(self.private(purpose))

    def page(self, sequence: int = 1, **changes: bytes) -> PageDocument:
        body = page_document.build_page(
            **{  # type: ignore[arg-type]
                "meeting": MEETING,
                "person": self.id,
                "charter": CHARTER,
                "sequence": sequence,
                "key": self.public("page"),
                "at": AT + sequence,
            }
            | changes
        )
        return page_document.parse_page(body)

    def person(self, **changes: object) -> GenerationPerson:
        """Return them as a live header has them, in with their first page."""
        there = GenerationPerson(
            id=self.id, enrolment=self.enrolment, page=self.page().digest, present=True
        )
        return replace(there, **changes)  # type: ignore[arg-type]


ADA, BO, CY, DEE = (Attendee(name) for name in ("Ada", "Bo", "Cy", "Dee"))
EVERYONE = (ADA, BO, CY, DEE)


def in_order(people: list[GenerationPerson]) -> tuple[GenerationPerson, ...]:
    """Return people as a header has them."""
    return tuple(sorted(people, key=lambda person: person.id))


def draft(**changes: object) -> GenerationDraft:
    """Return the first, live generation of Ada, who is host, and Bo, made by Ada."""
    first = GenerationDraft(
        meeting=MEETING,
        generation=1,
        previous=None,
        charter=CHARTER,
        committer=ADA.page().digest,
        people=in_order([ADA.person(host=ADA.certificate), BO.person()]),
        removed=(),
        recorded=None,
        at=AT,
    )
    return replace(first, **changes)  # type: ignore[arg-type]


def recorded_draft(
    number: int = 1, previous: bytes | None = None, *, training: bool = False
) -> RecordedDraft:
    """Return the recorded part of a draft, armed by Ada's first act."""
    return RecordedDraft(
        number=number,
        previous=previous,
        offset=1_000 * number,
        arm=fixed("act 1"),
        notice_version=1,
        vault=VAULT if training else None,
    )


def yes(person: GenerationPerson) -> GenerationPerson:
    """Return somebody with their first answer."""
    who = next(each for each in EVERYONE if each.id == person.id)
    return replace(person, answer=who.answer())


class FixedPairs(PairKeys):
    """Pair keys for everybody that are always the same, and need no sealing."""

    def __init__(self, committer: bytes) -> None:
        super().__init__(MEETING, committer)
        self._of = encode(committer)

    def key(self, purpose: str, owner: bytes) -> bytes:
        return fixed(f"{purpose} pair of {self._of} for {encode(owner)}")


def pairs_of(committer: bytes | None) -> FixedPairs:
    """Return the pair keys of a committer's page, or of the server."""
    return FixedPairs(committer or bytes(32))


def make(given: GenerationDraft, label: str = "E") -> MadeGeneration:
    """Make a generation with an E that is always the same."""
    random = drawn(f"{label} {encode(given.place)}")
    return make_generation(given, pairs_of(given.committer), random)


def signed(header: GenerationHeader) -> bytes:
    """Return the committer's signature, the server's where there is no committer."""
    committer = header.committer_person
    key = SERVER
    if committer is not None:
        key = next(each.sign for each in EVERYONE if each.id == committer.id)
    return suite.sign(key, GENERATION_TYPE, header.body)


def rebuilt(header: GenerationHeader, **changes: object) -> GenerationHeader:
    """Return a header that says something else, as a lying committer would write it."""
    names = (
        "meeting", "generation", "previous", "charter", "committer", "secret", "people",
        "removed", "recorded", "at",
    )  # fmt: skip
    values = {name: getattr(header, name) for name in names} | changes
    return parse_generation(build_generation(**values))


def rerecorded(header: GenerationHeader, **changes: object) -> GenerationHeader:
    """Return a header whose recorded part says something else."""
    recorded = header.recorded
    assert isinstance(recorded, RecordedPart)
    return rebuilt(header, recorded=replace(recorded, **changes))  # type: ignore[arg-type]


def boxes_for(header: GenerationHeader, made: MadeGeneration) -> dict[bytes, bytes]:
    """Return the boxes of the E that was made, for another header."""
    return dict(wrap_for_people(header, pairs_of(header.committer), made.secret_key))


def pairs_json(committer: bytes | None, who: Attendee) -> Json:
    """Return the pair keys that a committer has for somebody."""
    pairs = pairs_of(committer)
    return {p: encode(pairs.key(p, who.id)) for p in ("page", "watch", "train")}
