"""Generations of relayed meetings, and their segments and frames: FORMAT-2.md sections 6 to 14.

Written from that page alone. What is read here is for the vault: boxes for those who watch are only
counted.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from interop.release.chunks import decrypt
from interop.release.documents import (
    Bad,
    Document,
    b64,
    boolean,
    digest,
    hkdf,
    integer,
    listed,
    only,
    open_box,
    read,
    track,
    unb64,
    verify,
    xwing_public,
)

_NOBODY = bytes(32)
_SLOTS, _SLOT_MS = 256, 2000
_CODECS = {"opus": 1, "vp8": 2, "vp9": 3}


def header(body: bytes, signature: bytes, server: bytes) -> Document:
    """Read a recorded header of a relayed meeting, which ``server`` has signed."""
    found = parse(body)
    verify(server, "assent/generation/v2", body, signature)
    return found


def parse(body: bytes) -> Document:
    """Read a recorded header of a relayed meeting, whoever has signed it."""
    found = read(
        body,
        "assent/generation/v2",
        192 * 1024,
        "suite meeting generation previous charter committer secret people removed recorded at",
    )
    if found["suite"] != "assent-2" or found["committer"] is not None:
        raise Bad("another suite, or made by a page")
    integer(found["generation"], 1, 2**24 - 1)
    integer(found["at"])
    for key in ("charter", "secret"):
        found[key] = unb64(found[key], 32)
    found["previous"] = _or_none(found["previous"])
    people = listed(found["people"])
    for person in people:
        only(person, "id enrolment page present host answer")
        for key in ("id", "enrolment"):
            person[key] = unb64(person[key], 32)
        for key in ("page", "host", "answer"):
            person[key] = _or_none(person[key])
        if person["page"] is not None:
            raise Bad("a page in a relayed meeting")
        boolean(person["present"])
    ids = [person["id"] for person in people]
    if not 0 < len(ids) <= 500 or ids != sorted(set(ids)):
        raise Bad("not ordered by id, each once")
    if not any(person["present"] for person in people):
        raise Bad("nobody is there")
    _removed(found)
    recorded = only(
        found["recorded"],
        "number previous offset arm notice_version training vault shares slots wraps",
    )
    integer(recorded["number"], 1, 999_999)
    integer(recorded["offset"])
    integer(recorded["notice_version"], 1)
    for key in ("arm", "slots"):
        recorded[key] = unb64(recorded[key], 32)
    for key in ("previous", "vault", "wraps"):
        recorded[key] = _or_none(recorded[key])
    if (recorded["number"] == 1) != (recorded["previous"] is None):
        raise Bad("the first, and only that, follows nothing")
    recorded["shares"] = [unb64(share, 32) for share in listed(recorded["shares"])]
    trains = boolean(recorded["training"])
    if (recorded["vault"] is not None, recorded["wraps"] is not None) != (trains, trains):
        raise Bad("training without a vault, or the reverse")
    if len(recorded["shares"]) != (1 + len(ids) if trains else 0):
        raise Bad("not one commitment for each")
    found["H"] = digest(body)
    found["P"] = digest(
        unb64(found["meeting"], 16)
        + struct.pack(">Q", found["generation"])
        + (found["previous"] or bytes(32))
        + _NOBODY
    )
    return found


def _or_none(value: Any) -> bytes | None:
    return None if value is None else unb64(value, 32)


def _removed(found: Document) -> None:
    there = {person["id"]: person for person in found["people"]}
    ids = []
    for each in listed(found["removed"]):
        only(each, "id act")
        unb64(each["act"], 32)
        ids.append(unb64(each["id"], 32))
        person = there.get(ids[-1])
        if person is None or person["present"] or person["host"] is not None:
            raise Bad("somebody who was removed is there, or never was")
    if ids != sorted(set(ids)):
        raise Bad("not ordered by id, each once")


def closing(body: bytes, signature: bytes, server: bytes, of: Document) -> Document:
    """Read the closing of the header ``of``, which ``server`` has signed."""
    type_ = "assent/generation-close/v2"
    found = read(
        body,
        type_,
        8 * 1024 * 1024,
        "meeting generation header accepts ended interrupted segments",
    )
    verify(server, type_, body, signature)
    if (found["meeting"], found["generation"]) != (of["meeting"], of["recorded"]["number"]):
        raise Bad("of another generation")
    if unb64(found["header"], 32) != of["H"] or found["accepts"] is not None:
        raise Bad("of another header, or with acceptances")
    integer(found["ended"])
    boolean(found["interrupted"])
    present = {person["id"] for person in of["people"] if person["present"]}
    last = ("", -1)
    for each in listed(found["segments"]):
        only(each, "track sequence digest size start end")
        if track(each["track"]) not in present:
            raise Bad("of somebody who was not present")
        each["digest"] = unb64(each["digest"], 32)
        integer(each["size"], 1)
        integer(each["end"], integer(each["start"]))
        place = (each["track"], integer(each["sequence"]))
        if place not in ((last[0], last[1] + 1), (each["track"], 0)) or place <= last:
            raise Bad("not in order, or with a gap")
        last = place
    found["digest"] = digest(body)
    return found


def keys(
    of: Document, documents: dict[str, bytes], private: bytes, trains: dict[bytes, bytes]
) -> tuple[dict[int, bytes], bytes]:
    """Return every ``S_i`` that opens, by slot, and ``O``. ``documents`` are the objects' bytes."""
    recorded = of["recorded"]
    watchers = [each["id"] for each in of["people"] if each["present"] or each["host"] is not None]
    boxes = read(
        documents["boxes"], "assent/boxes/v2", 512 * 1024, "header page watch wraps hashes"
    )
    pairs = read(documents["pairs"], "assent/pairs/v2", 2 * 1024 * 1024, "header watch train")
    outer = read(documents["outer"], "assent/outer/v2", 1024 * 1024, "header watch vault")
    for document, length in ((boxes, 48), (pairs, 1168), (outer, 1168)):
        if unb64(document["header"], 32) != of["H"]:
            raise Bad("of another header")
        said = [only(each, "id box") for each in listed(document["watch"])]
        if [unb64(each["id"], 32) for each in said] != watchers:
            raise Bad("boxes of others than those who watch")
        for each in said:
            unb64(each["box"], length)
    if listed(boxes["page"]):
        raise Bad("a recording has no boxes for pages")
    wraps, hashes = unb64(boxes["wraps"], 48 * _SLOTS), unb64(boxes["hashes"], 32 * _SLOTS)
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    if digest(wraps) != recorded["wraps"] or _root(leaves) != recorded["slots"]:
        raise Bad("other wraps, or hashes, than the header's")
    train = only(pairs["train"], "vault people")
    sealed = listed(train["people"])
    if len(sealed) != len(of["people"]):
        raise Bad("not one pair key for each")
    owners = [(recorded["vault"], private, train["vault"])]
    for person, box in zip(of["people"], sealed, strict=True):
        if person["id"] not in trains:
            raise Bad("a grant is missing")
        owners.append((person["id"], trains[person["id"]], box))
    trees = []
    for (owner, secret, box), commitment in zip(owners, recorded["shares"], strict=True):
        info = b"assent/pair/v2\0train\0" + unb64(of["meeting"], 16) + _NOBODY + owner
        pair = open_box(secret, unb64(box, 1168), info + digest(xwing_public(secret)))
        trees.append(_shares(hkdf(pair, of["P"], b"assent/root/v2\0" + of["secret"] + owner)))
        if _root([digest(b"\0" + share) for share in trees[-1]]) != commitment:
            raise Bad("other shares than the header's")
    slots = {}
    for slot in range(_SLOTS):
        label = b"assent/training-slot/v2\0" + of["secret"] + bytes([slot])
        key = hkdf(b"".join(tree[slot] for tree in trees), of["P"], label)
        try:
            found = AESGCM(key).decrypt(
                bytes(12), wraps[48 * slot : 48 * slot + 48], of["P"] + bytes([slot])
            )
        except InvalidTag:
            continue  # lost, whoever granted
        if digest(b"\0" + found) == leaves[slot]:
            slots[slot] = found
    info = b"assent/outer/v2\0" + of["H"] + recorded["vault"]
    return slots, open_box(private, unb64(outer["vault"], 1168), info)


def _shares(root: bytes) -> list[bytes]:
    row = [root]
    for depth in range(1, 9):
        row = [
            _mac(row[index >> 1], b"assent/node/v2\0" + bytes([depth, index]))
            for index in range(2 * len(row))
        ]
    return [_mac(leaf, b"assent/share/v2\0" + bytes([slot])) for slot, leaf in enumerate(row)]


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _root(row: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, of as many leaves as a power of two."""
    while len(row) > 1:
        row = [digest(b"\1" + row[at] + row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class Track:
    """One track of a generation, whose segments are opened in their order."""

    def __init__(self, of: Document, name: str, slots: dict[int, bytes], outer: bytes) -> None:
        self._of, self._slots = of, slots
        self._person, self._source = track(name), name.partition(".")[2]
        self._outer = hkdf(outer, of["H"], b"assent/track/v2\0" + name.encode())
        self._seen: set[tuple[int, int]] = set()
        self._broken = True

    def segment(self, data: bytes, entry: Document) -> list[tuple[int, bytes]]:
        """Return time and content of each frame of a segment; the first has none."""
        if len(data) != entry["size"] or digest(data) != entry["digest"]:
            raise Bad("another object")
        (length,) = struct.unpack(">I", data[:4])
        written, ciphertext = data[4 : 4 + length], data[4 + length :]
        found = read(
            written,
            "assent/segment/v2",
            1024,
            "suite meeting generation header track codec sequence start end",
        )
        expected = {key: entry[key] for key in ("track", "sequence", "start", "end")} | {
            "suite": "assent-2",
            "meeting": self._of["meeting"],
            "generation": self._of["recorded"]["number"],
            "header": b64(self._of["H"]),
        }
        if found["codec"] not in _CODECS or any(found[key] != expected[key] for key in expected):
            raise Bad("a segment of another place")
        plaintext = decrypt(ciphertext, self._outer, digest(struct.pack(">I", length) + written))
        if entry["sequence"] == 0:
            return []
        frames = []
        for time, sealed in _blocks(plaintext):
            opened = self._frame(time, sealed, found["codec"])
            is_key = opened is not None and (found["codec"] == "opus" or not opened[0] & 1)
            self._broken = opened is None or (self._broken and not is_key)
            if opened is not None and not self._broken:
                frames.append((time, opened))
        return frames

    def _frame(self, time: int, sealed: bytes, codec: str) -> bytes | None:
        """Return the frame in a block, None where it is to be left out."""
        clear = 0
        if codec == "vp8":
            clear = 3 if sealed[0] & 1 else 10
        if codec == "opus":
            clear = 2 if sealed[0] & 3 == 3 else 1
        try:
            kid, ctr, end = _sframe(sealed, clear)
        except IndexError:
            return None
        slot, stream = kid >> 8 & 0xFFFF, kid & 0xFF
        since = time - self._of["recorded"]["offset"]
        if kid >> 24 != self._of["generation"] or since // _SLOT_MS != slot:
            return None
        secret = self._slots.get(slot)
        if secret is None or ctr % 4 > 2:
            return None
        info = b"assent/frame/v2\0" + self._person + _NOBODY + self._source.encode()
        base = hkdf(secret, self._of["H"], info + bytes([stream]))
        key, salt = (
            _sframe_key(base, label, kid, size) for label, size in (("key", 32), ("salt", 12))
        )
        nonce = (int.from_bytes(salt, "big") ^ ctr).to_bytes(12, "big")
        aad = sealed[clear:end] + bytes([_CODECS[codec]]) + sealed[:clear]
        try:
            opened = AESGCM(key).decrypt(nonce, sealed[end:], aad)
        except InvalidTag:
            return None
        if int.from_bytes(opened[:2], "big") != since % _SLOT_MS or (stream, ctr) in self._seen:
            return None
        self._seen.add((stream, ctr))
        return sealed[:clear] + opened[2:]


def _sframe(sealed: bytes, at: int) -> tuple[int, int, int]:
    """Return key id, counter, and where the header ends (RFC 9605 section 4.3)."""
    first = sealed[at]
    at += 1
    numbers = []
    for nibble in (first >> 4, first & 15):
        if nibble < 8:
            numbers.append(nibble)
            continue
        length = nibble - 7
        if len(sealed) < at + length:
            raise IndexError("cut short")
        numbers.append(int.from_bytes(sealed[at : at + length], "big"))
        at += length
    return numbers[0], numbers[1], at


def _sframe_key(base: bytes, label: str, kid: int, size: int) -> bytes:
    """RFC 9605 section 4.4.2, of cipher suite 5. An empty salt is as many zeros as a hash has."""
    info = b"SFrame 1.0 Secret " + label.encode() + b" " + struct.pack(">QH", kid, 5)
    return HKDF(SHA512(), size, bytes(64), info).derive(base)


def _blocks(plaintext: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield time and content of each block of each cluster."""
    for name, cluster in _elements(plaintext):
        if name != 0x1F43B675:
            raise Bad("not a cluster")
        began = 0
        for inside, body in _elements(cluster):
            if inside == 0xE7:
                began = int.from_bytes(body, "big")
            if inside == 0xA0:
                body = next(content for kind, content in _elements(body) if kind == 0xA1)
            if inside in (0xA0, 0xA3):
                (at,) = struct.unpack(">h", body[1:3])
                yield began + at, body[4:]


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        name, at = _number(data, at, 0)
        size, at = _number(data, at, 1)
        if at + size > len(data):
            raise Bad("an element is cut short")
        yield name, data[at : at + size]
        at += size


def _number(data: bytes, at: int, unmarked: int) -> tuple[int, int]:
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    return (value & (1 << 7 * length) - 1 if unmarked else value), at + length
