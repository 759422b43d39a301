"""What notices frames that a browser sends past the transform that is to encrypt them."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_GUARD: Final = "client-web/src/e2ee/frame-guard.ts"
_WATCH: Final = "client-web/src/e2ee/line-watch.ts"
_LINE: Final = "client-web/src/e2ee/sending-line.ts"
_TRIED: Final = "client-web/tests/e2ee/frame-guard.test.ts"
_LOOKED: Final = "client-web/tests/e2ee/line-watch.test.ts"
_SEEN: Final = "end_to_end/test_frame_guard.py::"

FRAMES: Final[dict[str, tuple[Removal, ...]]] = {
    "frames that a browser sends past the transform that is to encrypt them": (
        Removal(
            "what a browser counts as sent is held against what the transform has seen",
            (
                Change(
                    _GUARD,
                    '      return this.#claim.answers >= ANSWERS ? "passed-by" : "doubtful";\n',
                    '      return "doubtful";\n',
                ),
            ),
            (
                f'{_TRIED} "accuses who sends more past it than may be lost"',
                f"{_SEEN}test_what_goes_past_a_transform_without_a_proof_is_soon_over",
            ),
        ),
        Removal(
            "what was seen before a count began anew is no credit for the new one",
            (
                Change(
                    _GUARD,
                    "      frames: Math.max(frames, this.#seen.frames),\n",
                    "      frames: Math.max(frames, 0),\n",
                ),
                Change(
                    _GUARD,
                    "  return now >= last ? now - last : now;\n",
                    "  return now - last;\n",
                ),
            ),
            (f'{_TRIED} "lends nothing to a count that begins anew"',),
            depth="counts are added up by their rises, and never below what was seen",
        ),
        Removal(
            "what is on its way has its time",
            (
                Change(
                    _GUARD,
                    "    if (this.#claim !== null && this.#isOwed(this.#claim.sent)) {\n",
                    "    if (this.#claim !== null) {\n",
                ),
            ),
            (f'{_TRIED} "gives what is on its way its time, and no more"',),
        ),
        Removal(
            "what a transform has not passed on is not sent either",
            (
                Change(
                    _GUARD,
                    " || (seen.bytes === 0 && sent.bytes > 0);\n",
                    ";\n",
                ),
            ),
            (f'{_TRIED} "knows that what is not passed on is not to be sent"',),
        ),
        Removal(
            "a browser that does not count is not believed",
            (
                Change(
                    _GUARD,
                    '    if (this.#uncounted >= UNCOUNTED) return "uncounted";\n',
                    "",
                ),
            ),
            (f'{_TRIED} "goes by nothing where a browser does not count"',),
        ),
        Removal(
            "who does not answer is taken to be dead",
            (
                Change(
                    _WATCH,
                    "      if (this.#missed >= OVERDUE) this.#overdue();\n",
                    "",
                ),
            ),
            (f'{_LOOKED} "does not wait for ever"',),
        ),
        Removal(
            "the browser is asked first, and the worker after it",
            (
                Change(
                    _WATCH,
                    "    await Promise.all(\n",
                    "    this.#ask(look);\n    await Promise.all(\n",
                ),
            ),
            (f'{_LOOKED} "asks the worker when the browser has answered, and once"',),
        ),
        Removal(
            "before frames were seen to go through, what is sent shows and says nothing",
            (
                Change(
                    _LINE,
                    "    const standIn = wanted === null || this.#proven"
                    " ? null : standInFor(wanted);\n",
                    "    const standIn = wanted === null || this.#proven ? null : null;\n",
                ),
            ),
            (f"{_SEEN}test_before_the_proof_nothing_is_sent_that_shows_or_says_anything",),
        ),
    ),
}
