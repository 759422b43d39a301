"""``watching.json``: opening chunks, and everything that must not open."""

from __future__ import annotations

from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor

from assent_vault.formats import suite
from assent_vault.formats.suite import encode
from vectors.common import Json, Sealed, fixed

CHUNK = 16 * 1024
TAG = 16
PREFIX = 56


def make_watching(sealed: Sealed) -> Json:
    """Chunked encryption by itself."""
    return {"chunked": _chunked(sealed)}


def plaintext(length: int) -> bytes:
    """Return bytes that are not the same from one chunk to the next."""
    return bytes((number * 7 + (number >> 8)) & 0xFF for number in range(length))


def _chunked(sealed: Sealed) -> Json:
    key, context = fixed("a track key"), fixed("a segment's header")
    lengths = {
        "empty": 0,
        "short": 5,
        "one byte less than a chunk": CHUNK - 1,
        "exactly a chunk": CHUNK,
        "three chunks": 2 * CHUNK + 100,
    }
    bases = {name: _seal(sealed, key, context, length) for name, length in lengths.items()}
    size = len(bases["three chunks"])
    ends = [PREFIX + n * (CHUNK + TAG) for n in range(3)]
    prefix, zero, one, last = [0, PREFIX], [ends[0], ends[1]], [ends[1], ends[2]], [ends[2], size]
    cases: list[Json] = [
        _case(name, name, [[0, len(data)]], plaintext(lengths[name]))
        for name, data in bases.items()
    ]
    of = "three chunks"
    for name, pieces in (
        ("nothing", []),
        ("a part of the salt", [[0, 10]]),
        ("the salt alone", [[0, 24]]),
        ("no chunk at all", [prefix]),
        ("the last chunk missing", [[0, ends[2]]]),
        ("the last two chunks missing", [[0, ends[1]]]),
        ("the last byte missing", [[0, size - 1]]),
        ("the last chunk cut to less than a tag", [[0, ends[2] + TAG - 1]]),
        ("cut inside the first chunk", [[0, ends[0] + 1000]]),
        ("the first chunk missing", [prefix, one, last]),
        ("a chunk in the middle missing", [prefix, zero, last]),
        ("two chunks in each other's place", [prefix, one, zero, last]),
        ("a chunk twice", [prefix, zero, zero, one, last]),
        ("the last chunk twice", [prefix, zero, one, last, last]),
        ("the last chunk first", [prefix, last, zero, one]),
        ("a byte more", [[0, size], [0, 1]]),
        ("without salt and commitment", [zero, one, last]),
    ):
        cases.append(_case(name, of, pieces, None))
    for name, at in (
        ("a bit of the salt", 0),
        ("a bit of the commitment", 24),
        ("a bit of the first chunk", ends[0]),
        ("a bit of a tag", ends[1] - 1),
        ("a bit of the middle", ends[1] + 777),
        ("the last bit", size - 1),
    ):
        cases.append(_case(f"{name} flipped", of, [[0, size]], None, flip=at))
    cases.append(_case("another key", of, [[0, size]], None, key=encode(fixed("another"))))
    cases.append(_case("another context", of, [[0, size]], None, context=encode(fixed("another"))))
    return {
        "key": encode(key),
        "context": encode(context),
        "sealed": {name: encode(data) for name, data in bases.items()},
        "cases": cases,
    }


def _seal(sealed: Sealed, key: bytes, context: bytes, length: int) -> bytes:
    def make() -> bytes:
        encryptor = Cobblestone256Encryptor(key, context)
        return encryptor.update(plaintext(length)) + encryptor.finalize()

    return sealed.once(key + context + plaintext(length), make)


def _case(name: str, of: str, pieces: list[list[int]], opened: bytes | None, **more: Any) -> Json:
    return {
        "name": name,
        "of": of,
        "pieces": pieces,
        "flip": None,
        "digest": None if opened is None else encode(suite.digest(opened)),
    } | more
