"""What readers of recorded generations leave out: frames that are not where they were recorded."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_TRACK: Final = "storage/assent_vault/keys/generation_segment_opening.py"
_CLIENT_TRACK: Final = "client-web/src/watching/generation-track.ts"
_TRACKS: Final = "assent_vault/test_relayed_vectors.py::test_track"
_CLIENT_TRACKS: Final = 'client-web/tests/watching/generation-track.test.ts "a track"'
_PLACES: Final = "assent_vault/test_relayed_vectors.py::test_objects_in_their_places_and_in_others"
_CLIENT_PLACES: Final = 'client-web/tests/watching/generation-segment.test.ts "a generation"'

READERS: Final[dict[str, tuple[Removal, ...]]] = {
    "frames or segments of a recording that are moved": (
        Removal(
            "a frame is of the slot that its block is in",
            (
                Change(
                    _TRACK,
                    "        if (time - self._offset) // SLOT_MS != number.key.slot:\n"
                    '            raise _LeftOutError("out-of-time")\n',
                    "",
                ),
            ),
            (_TRACKS,),
        ),
        Removal(
            "and of its millisecond",
            (
                Change(
                    _TRACK,
                    "        if opened.ms != (time - self._offset) % SLOT_MS:\n"
                    '            raise _LeftOutError("out-of-time")\n',
                    "",
                ),
            ),
            (_TRACKS,),
        ),
        Removal(
            "no count comes twice in a track",
            (Change(_TRACK, "        self._seen.add(place)\n", ""),),
            (_TRACKS,),
        ),
        Removal(
            "after a picture that is left out the next is a key frame",
            (
                Change(
                    _TRACK,
                    '                self.left_out["no-key-frame"] += 1\n'
                    "                continue\n",
                    '                self.left_out["no-key-frame"] += 1\n',
                ),
            ),
            (_TRACKS,),
        ),
        Removal(
            "so it is in the browser: the slot",
            (
                Change(
                    _CLIENT_TRACK,
                    '    if (Math.floor(since / SLOT_MS) !== id.slot) return "out-of-time";\n',
                    "",
                ),
            ),
            (_CLIENT_TRACKS,),
        ),
        Removal(
            "the millisecond",
            (
                Change(
                    _CLIENT_TRACK,
                    '    if (opened.ms !== since % SLOT_MS) return "out-of-time";\n',
                    "",
                ),
            ),
            (_CLIENT_TRACKS,),
        ),
        Removal(
            "the count",
            (Change(_CLIENT_TRACK, "    here.add(place);\n", ""),),
            (_CLIENT_TRACKS,),
        ),
        Removal(
            "the key frame",
            (
                Change(
                    _CLIENT_TRACK,
                    '          this.#count("no-key-frame");\n          continue;\n',
                    '          this.#count("no-key-frame");\n',
                ),
            ),
            (_CLIENT_TRACKS,),
        ),
        Removal(
            "a segment is of its own place",
            (
                Change(
                    _TRACK,
                    "        if found != expected or"
                    " Track.parse(entry.track).source != self._sender.source:\n"
                    '            raise SealError("It is a segment of another place.")\n',
                    "",
                ),
            ),
            (_PLACES,),
        ),
        Removal(
            "and it is, in the browser",
            (
                Change(
                    "client-web/src/watching/generation-segment.ts",
                    '  if (!there) throw new SealError("it is a segment of another place");\n',
                    "",
                ),
            ),
            (_CLIENT_PLACES,),
        ),
    ),
}
