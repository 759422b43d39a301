"""``log.json``: trees, notes, checkpoints, proofs and records of a small log."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats.suite import digest, encode
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import entry as entries
from assent_vault.ledger import merkle, tiles
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import (
    Answered,
    Destroyed,
    Erased,
    ExportedFor,
    NoticePublished,
    Record,
)
from assent_vault.ledger.merkle import Subtree, leaf_hash, root_of
from assent_vault.ledger.note import KeyKind, Note, Signer
from assent_vault.ledger.proof import Proof
from vectors.common import MEETING, Json, fixed

_SIZE = 11
_ORIGIN = "log.example/log"


def make_log() -> Json:
    """Return everything about a log of eleven entries."""
    records = [
        Answered(meeting=MEETING, person=fixed("ada"), sequence=n + 1, answer=fixed(f"{n}"), at=n)
        for n in range(_SIZE)
    ]
    salts = [fixed(f"salt {n}") for n in range(_SIZE)]
    log = [
        entries.commit(salt, entries.write(record))
        for salt, record in zip(salts, records, strict=True)
    ]
    leaves = [leaf_hash(entry) for entry in log]
    signer = Signer(_ORIGIN, Ed25519PrivateKey.from_private_bytes(fixed("log key")))
    witness = Signer(
        "witness.example/w1",
        Ed25519PrivateKey.from_private_bytes(fixed("witness key")),
        KeyKind.COSIGNATURE,
    )
    return {
        "origin": _ORIGIN,
        "vkey": signer.verifier.vkey,
        "witness": witness.verifier.vkey,
        "entries": [
            {"salt": encode(salt), "record": encode(entries.write(record)), "entry": encode(entry)}
            for salt, record, entry in zip(salts, records, log, strict=True)
        ],
        "roots": [encode(root_of(leaves[:size])) for size in range(_SIZE + 1)],
        "consistency": [
            {"old": old, "new": new, "proof": [encode(hash_) for hash_ in proof]}
            for old, new in ((0, 11), (1, 11), (4, 11), (6, 8), (7, 11), (8, 11), (11, 11))
            for proof in [merkle.resolve(merkle.consistency(old, new), _hashes(leaves[:new]))]
        ],
        "grown": _grown(),
        "checkpoints": _checkpoints(signer, witness, leaves),
        "proofs": _proofs(signer, log, leaves),
        "records": _records(),
        "chain": {
            "indices": [2, 5, 9],
            "digest": encode(_chain([(index, log[index]) for index in (2, 5, 9)])),
        },
    }


def _grown() -> list[Json]:
    """Return how trees grow whose leaves are their numbers in decimal, by their tiles."""
    leaves = [leaf_hash(b"%d" % number) for number in range(66_000)]
    cases: list[Json] = []
    for old, new in (
        (1, 2),
        (7, 300),
        (255, 256),
        (256, 257),
        (256, 66_000),
        (257, 66_000),
        (65_535, 65_536),
        (65_536, 66_000),
        (65_537, 66_000),
        (65_999, 66_000),
    ):
        find = _hashes(leaves[:new])
        needed = merkle.needed(merkle.consistency(old, new))
        wanted = sorted({tiles.tile_of(subtree)[0][:2] for subtree in needed})
        cases.append(
            {
                "old": old,
                "new": new,
                "old_root": encode(root_of(leaves[:old])),
                "new_root": encode(root_of(leaves[:new])),
                "tiles": {
                    f"{level}/{tiles.path_of(number, width)}": encode(
                        digest(
                            b"".join(
                                find(Subtree(8 * level, 256 * number + at)) for at in range(width)
                            )
                        )
                    )
                    for level, number in wanted
                    for width in [tiles.width_at(level, number, new)]
                },
                "proof": [
                    encode(hash_) for hash_ in merkle.resolve(merkle.consistency(old, new), find)
                ],
            }
        )
    return cases


def _hashes(leaves: list[bytes]) -> Callable[[Subtree], bytes]:
    def find(subtree: Subtree) -> bytes:
        first = subtree.number << subtree.level
        return root_of(leaves[first : first + (1 << subtree.level)])

    return find


def _checkpoints(signer: Signer, witness: Signer, leaves: list[bytes]) -> list[Json]:
    head = Head(len(leaves), root_of(leaves))
    text = head.text(_ORIGIN)
    own, others = signer.sign(text), witness.sign(text, 1_750_000_000)
    stranger = Signer(_ORIGIN, Ed25519PrivateKey.from_private_bytes(fixed("a stranger")))
    forged = Note(text, (signer.sign(b"other\n"),)).to_bytes()
    good = Note(text, (own,)).to_bytes()
    more = text + b"a line that means nothing\n"
    return [
        {"name": name, "note": note.decode(), "error": error}
        for name, note, error in (
            ("signed by the log", good, None),
            ("cosigned by a witness", Note(text, (own, others)).to_bytes(), None),
            (
                "with a signature nobody knows",
                Note(text, (stranger.sign(text), own)).to_bytes(),
                None,
            ),
            ("with a further line", Note(more, (signer.sign(more),)).to_bytes(), None),
            ("empty", checkpoints.sign(signer, checkpoints.EMPTY).to_bytes(), None),
            ("of another text", forged, "log-signature"),
            ("signed by nobody we know", Note(text, (others,)).to_bytes(), "log-signature"),
            ("under another name", good.replace(b"log.example/log\n", b"x/log\n", 1), "log-format"),
            ("with a leading zero", good.replace(b"\n11\n", b"\n011\n"), "log-format"),
            ("without the empty line", good.replace(b"\n\n", b"\n"), "log-format"),
            ("cut off", good[:-1], "log-format"),
            ("with a carriage return", good.replace(b"\n11\n", b"\n11\r\n"), "log-format"),
        )
    ]


def _proofs(signer: Signer, log: list[bytes], leaves: list[bytes]) -> list[Json]:
    cases: list[Json] = []
    for size, index in ((1, 0), (2, 1), (7, 3), (8, 0), (11, 10), (11, 4)):
        path = merkle.resolve(merkle.inclusion(index, size), _hashes(leaves[:size]))
        head = checkpoints.sign(signer, Head(size, root_of(leaves[:size])))
        text = Proof(index, path, head).to_text()
        cases.append(_case(f"{index} of {size}", text, log[index], None))
    text = cases[-1]["proof"]
    lines = text.split("\n")
    cases += [
        _case("of another entry", text, log[5], "log-proof"),
        _case("at another index", text.replace("index 4", "index 5"), log[4], "log-proof"),
        _case("beyond the tree", text.replace("index 4", "index 11"), log[4], "log-proof"),
        _case("a hash less", "\n".join([*lines[:2], *lines[3:]]), log[4], "log-proof"),
        _case("a hash more", "\n".join([*lines[:3], *lines[2:]]), log[4], "log-proof"),
        _case("with something extra", text.replace("@v1\n", "@v1\nextra YQ==\n"), log[4], None),
        _case("of a later version", text.replace("@v1", "@v2"), log[4], "log-format"),
        _case("with a leading zero", text.replace("index 4", "index 04"), log[4], "log-format"),
        _case("of another root", text.replace("\n11\n", "\n12\n"), log[4], "log-signature"),
    ]
    return cases


def _case(name: str, text: str, entry: bytes, error: str | None) -> Json:
    return {"name": name, "proof": text, "entry": encode(entry), "error": error}


def _records() -> list[Json]:
    good: list[Record] = [
        NoticePublished(version=1, texts={"de": fixed("de"), "en": fixed("en")}, at=1),
        Erased(meeting=MEETING, person=None, at=2),
        Destroyed(meeting=MEETING, reason="deleted", entries=3, digest=fixed("d"), at=3),
        ExportedFor(
            meeting=MEETING, export=bytes(16), manifest=fixed("m"), evidence=fixed("e"), size=8,
            root=fixed("r"), recipient="An Institute" + 94 * "🎙🎚", purpose="a", at=4,
        ),
    ]  # fmt: skip
    body, given = entries.write(good[2]), entries.write(good[3])
    return [
        *(
            {"name": each.TYPE, "document": encode(entries.write(each)), "valid": True}
            for each in good
        ),
        *(
            {"name": name, "document": encode(changed), "valid": False}
            for name, changed in (
                ("of no type there is", body.replace(b"destroyed", b"forgotten")),
                ("for another reason", body.replace(b"deleted", b"because")),
                ("with a negative number", body.replace(b":3,", b":-3,")),
                ("with another field", body.replace(b'"at"', b'"more":1,"at"')),
                ("without a field", body.replace(b'"entries":3,', b"")),
                ("cut off", body[:-1]),
                ("given for nothing", given.replace(b'"purpose":"a"', b'"purpose":""')),
                ("given for two lines", given.replace(b'"purpose":"a"', b'"purpose":"a\\nb"')),
                ("given to somebody with too long a name", given.replace(b"An ", b"Any ")),
                ("given, as version 1", given.replace(b"exported/v2", b"exported/v1")),
                ("a version that there is not", given.replace(b"exported/v2", b"exported/v3")),
            )
        ),
    ]


def _chain(of: list[tuple[int, bytes]]) -> bytes:
    digest = entries.NOTHING_BEFORE
    for index, entry in of:
        digest = entries.chain(digest, index, entry)
    return digest
