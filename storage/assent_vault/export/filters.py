"""What is left out of a data set for what is asked for: by length and quality. Pure.

Only what is known is asked for. How long a meeting is, its closings say; in which language somebody
read what they agreed to, their signed answer does (``assent_vault.store.answer_languages``). What a
track's sound is like is known when it is written: such a track is left out then, with a code for
why, and the others of its meeting stay.
"""

from __future__ import annotations

from typing import Final

from assent_vault.export import opus
from assent_vault.export.description import Speech
from assent_vault.export.pictures import Pictures
from assent_vault.export.sound import Sound
from assent_vault.store.export_order import Options

MOSTLY_FILLED: Final = "mostly-filled"
"""More of its sound is silence that was laid than is asked for."""
CLIPPED: Final = "clipped"
"""More of its samples are as large as can be than is asked for."""
NOT_HEARD: Final = "not-heard"
"""How much of it is clipped is not known, for it could not be listened to."""
CODES: Final = (MOSTLY_FILLED, CLIPPED, NOT_HEARD)
"""The codes of tracks that are left out for what they are like."""


def is_long_enough(options: Options, duration: int) -> bool:
    """Tell whether a meeting of so many milliseconds is as long as is asked for."""
    return options.least_duration is None or duration >= options.least_duration


def why_not(options: Options, media: Sound | Pictures, speech: Speech | None) -> str | None:
    """Return the code for why a track is not what is asked for; None where it is."""
    if not isinstance(media, Sound):
        return None
    if options.most_filled is not None and filled_share(media) > options.most_filled:
        return MOSTLY_FILLED
    if options.most_clipped is not None:
        if speech is None:
            return NOT_HEARD
        if speech.clipped > options.most_clipped:
            return CLIPPED
    return None


def filled_share(sound: Sound) -> float:
    """Return which share of a sound is silence that was laid."""
    return round(min(1.0, sound.filled.whole * opus.MS / sound.samples), 4)
