"""Opens what has been released: FORMAT.md section 7, FORMAT-2.md sections 9, 11 and 16."""

from __future__ import annotations

from collections.abc import Iterator

from interop.release import generations
from interop.release.documents import Bad, Document, open_box, unb64, xwing_public
from interop.release.gate import Decision
from interop.release.held import Held


def opened(held: Held, decision: Decision) -> Iterator[tuple[int, str, int, bytes]]:
    """Yield generation, track, time and content of every frame, in order."""
    meeting = decision.charter["meeting"]
    private = held.private(meeting)
    assert private is not None, "the gate has seen it"
    trains = {person[0]["person"]: _train(private, *person) for person in decision.people.values()}
    for header, closing in zip(decision.headers, decision.closings, strict=True):
        if not closing["segments"]:
            continue
        number = closing["generation"]
        beside = {name: held.beside(meeting, number, name) for name in ("boxes", "pairs", "outer")}
        slots, outer = generations.keys(header, beside, private, trains)
        tracks: dict[str, generations.Track] = {}
        for entry in closing["segments"]:
            name = entry["track"]
            if name not in tracks:
                tracks[name] = generations.Track(header, name, slots, outer)
            data = held.segment(meeting, number, name, entry["sequence"])
            for time, frame in tracks[name].segment(data, entry):
                yield number, name, time, frame


def _train(private: bytes, who: Document, box: bytes) -> bytes:
    """Open a person's grant."""
    notice = unb64(who["said"]["notice"], 32)
    info = b"assent/grant/v2\0" + unb64(who["meeting"], 16) + who["person"] + notice
    train = open_box(private, box, info)
    if xwing_public(train) != who["train"]:
        raise Bad("not the key of this person")
    return train
