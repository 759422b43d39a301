"""Opens what has been released: FORMAT.md sections 7, 8 and 19.3."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from interop.release import epochs
from interop.release.documents import Bad, Document, b64, hkdf, open_box, unb64, xwing_public
from interop.release.gate import Decision
from interop.release.held import Held


def opened(held: Held, decision: Decision) -> Iterator[tuple[int, str, bytes]]:
    """Yield epoch, track and plaintext of every segment, in order."""
    meeting = decision.charter["meeting"]
    private = held.private(meeting)
    assert private is not None, "the gate has seen it"
    trains = {id_: _train(private, *person) for id_, person in decision.people.items()}
    for header, closing in zip(decision.headers, decision.closings, strict=True):
        if not closing["segments"]:
            continue
        shares = epochs.shares(held.shares(meeting, header["epoch"]), header)
        key = _epoch_key(private, header, shares, trains)
        for entry in closing["segments"]:
            label = b"assent/track/v1\0" + entry["track"].encode()
            data = held.segment(meeting, header["epoch"], entry["track"], entry["sequence"])
            track_key = hkdf(key, header["H"], label)
            yield (
                header["epoch"],
                entry["track"],
                epochs.open_segment(data, track_key, header, entry),
            )


def _train(private: bytes, who: Document, box: bytes) -> bytes:
    """Open a person's grant."""
    notice = unb64(who["said"]["notice"], 32)
    info = b"assent/grant/v2\0" + unb64(who["meeting"], 16) + who["person"] + notice
    train = open_box(private, box, info)
    if xwing_public(train) != who["train"]:
        raise Bad("not the key of this person")
    return train


def _epoch_key(
    private: bytes, header: Document, shares: Document, trains: dict[str, bytes]
) -> bytes:
    """Return E, from every single share."""
    label = b"assent/share/v1\0" + header["H"]
    found = [open_box(private, shares["vault"], label + header["vault"])]
    for person, box in zip(header["people"], shares["people"], strict=True):
        train = trains.get(b64(person["id"]))
        if train is None:
            raise Bad("a grant is missing")
        found.append(open_box(train, box, label + person["id"]))
    key = hkdf(b"".join(found), header["H"], b"assent/training-key/v1")
    try:
        return AESGCM(key).decrypt(bytes(12), shares["wrapped"], header["H"])
    except InvalidTag as error:
        raise Bad("not every share") from error
