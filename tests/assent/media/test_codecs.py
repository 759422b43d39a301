"""Codecs: one list, of which the type is the same."""

from __future__ import annotations

from itertools import chain
from typing import get_args

from assent.media.codecs import CODECS, PICTURES, SOUND, Codec
from assent.media.forward.incoming_layer import STARTS
from assent.media.sdp.subscription import RED


def test_the_type_names_the_codecs_that_there_are() -> None:
    assert set(get_args(Codec)) == set(CODECS) == {SOUND, *PICTURES}


def test_no_two_are_called_the_same() -> None:
    """RFC 8843 section 9.1: in a bundle a payload type has one meaning."""
    types = [
        each for each in chain(*((one.payload_type, one.rtx) for one in CODECS.values())) if each
    ]
    assert len({*types, RED}) == len(types) + 1
    assert len({one.encoding.lower() for one in CODECS.values()}) == len(CODECS)


def test_of_every_picture_it_is_known_where_one_can_begin() -> None:
    assert set(STARTS) == set(PICTURES)
    assert all(CODECS[each].rtx for each in PICTURES)
