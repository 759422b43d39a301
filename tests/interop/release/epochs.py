"""Epochs and segments: FORMAT.md sections 8 and 9."""

from __future__ import annotations

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from interop.release.documents import (
    Bad,
    Document,
    b64,
    boolean,
    digest,
    integer,
    listed,
    only,
    read,
    track,
    unb64,
    verify,
)

_MOST = 8 * 1024 * 1024
_CHUNK, _TAG = 16 * 1024, 16
_CHUNKED = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


def header(body: bytes) -> Document:
    found = read(
        body,
        "assent/epoch/v1",
        _MOST,
        "suite meeting epoch began offset previous charter notice_version training vault people",
    )
    if found["suite"] != "assent-1":
        raise Bad("another suite")
    unb64(found["meeting"], 16)
    integer(found["epoch"], 1)
    for key in ("began", "offset", "notice_version"):
        integer(found[key])
    found["charter"] = unb64(found["charter"], 32)
    for key in ("previous", "vault"):
        found[key] = None if found[key] is None else unb64(found[key], 32)
    if boolean(found["training"]) != (found["vault"] is not None):
        raise Bad("a vault without training, or training without a vault")
    for person in listed(found["people"]):
        only(person, "id enrolment watch train present watches")
        person["id"], person["enrolment"] = (unb64(person[key], 32) for key in ("id", "enrolment"))
        person["watch"], person["train"] = (unb64(person[key], 1216) for key in ("watch", "train"))
        if boolean(person["present"]) and not boolean(person["watches"]):
            raise Bad("present, and does not watch")
    ids = [person["id"] for person in found["people"]]
    if ids != sorted(set(ids)):
        raise Bad("not ordered by id, each once")
    found["H"] = digest(body)
    return found


def closing(body: bytes, signature: bytes, server: bytes, of: Document) -> Document:
    """Read the closing of the header ``of``, which ``server`` has signed."""
    found = read(
        body, "assent/epoch-close/v1", _MOST, "meeting epoch header ended interrupted segments"
    )
    verify(server, "assent/epoch-close/v1", body, signature)
    if (found["meeting"], found["epoch"]) != (of["meeting"], of["epoch"]):
        raise Bad("of another epoch")
    if unb64(found["header"], 32) != of["H"]:
        raise Bad("of another header")
    integer(found["ended"])
    boolean(found["interrupted"])
    present = {person["id"] for person in of["people"] if person["present"]}
    places = []
    for each in listed(found["segments"]):
        only(each, "track sequence digest size start end")
        if track(each["track"]) not in present:
            raise Bad("of somebody who was not present")
        each["digest"] = unb64(each["digest"], 32)
        integer(each["size"])
        integer(each["end"], integer(each["start"]))
        places.append((each["track"], integer(each["sequence"])))
    gapless = [
        (name, number)
        for name in sorted({name for name, _ in places})
        for number in range(sum(1 for one, _ in places if one == name))
    ]
    if places != gapless:
        raise Bad("not in order, or with a gap")
    found["digest"] = digest(body)
    return found


def shares(body: bytes, of: Document) -> Document:
    """Read the shares of the header ``of``; ``training`` has boxes, as bytes."""
    found = read(body, "assent/shares/v1", _MOST, "header training watch")
    if unb64(found["header"], 32) != of["H"]:
        raise Bad("of another header")
    training = only(found["training"], "vault people wrapped")
    training["vault"], training["wrapped"] = (
        unb64(training["vault"], 1168),
        unb64(training["wrapped"], 48),
    )
    training["people"] = [unb64(box, 1168) for box in listed(training["people"])]
    if len(training["people"]) != len(of["people"]):
        raise Bad("not one share for each")
    watchers = [unb64(only(box, "id box")["id"], 32) for box in listed(found["watch"])]
    if watchers != [person["id"] for person in of["people"] if person["watches"]]:
        raise Bad("boxes of others than those who watch")
    return training


def open_segment(data: bytes, key: bytes, of: Document, entry: Document) -> bytes:
    """Return the plaintext of a segment that the closing of ``of`` lists as ``entry``."""
    if len(data) != entry["size"] or digest(data) != entry["digest"]:
        raise Bad("another object")
    (length,) = struct.unpack(">I", data[:4])
    written, ciphertext = data[4 : 4 + length], data[4 + length :]
    found = read(
        written,
        "assent/segment/v1",
        1024,
        "suite meeting epoch header track codec sequence start end",
    )
    expected = {key: entry[key] for key in ("track", "sequence", "start", "end")} | {
        "suite": "assent-1",
        "meeting": of["meeting"],
        "epoch": of["epoch"],
        "header": b64(of["H"]),
    }
    if found["codec"] not in ("opus", "vp8") or any(
        found[key] != value for key, value in expected.items()
    ):
        raise Bad("a segment of another place")
    return decrypt(ciphertext, key, digest(struct.pack(">I", length) + written))


def decrypt(ciphertext: bytes, key: bytes, context: bytes) -> bytes:
    """Open a C2SP chunked encryption."""
    salt, commitment, rest = ciphertext[:24], ciphertext[24:56], ciphertext[56:]
    expanded = HKDFExpand(SHA512(), 32 + 12 + 32, _CHUNKED + salt + context).derive(key)
    if expanded[44:] != commitment:
        raise Bad("another key")
    aead, base = AESGCM(expanded[:32]), int.from_bytes(expanded[32:44], "big")
    opened = []
    number = 0
    while True:
        chunk, rest = rest[: _CHUNK + _TAG], rest[_CHUNK + _TAG :]
        try:
            opened.append(aead.decrypt((base ^ number).to_bytes(12, "big"), chunk, None))
        except (InvalidTag, ValueError) as error:
            raise Bad("a chunk does not open") from error
        if len(chunk) < _CHUNK + _TAG:
            break
        number += 1
    if rest:
        raise Bad("more after the last chunk")
    return b"".join(opened)
