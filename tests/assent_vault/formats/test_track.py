"""Names of tracks."""

from __future__ import annotations

import pytest

from assent_vault.errors import FormatError
from assent_vault.formats.suite import encode
from assent_vault.formats.track import SOURCES, Track

PERSON = encode(bytes(32))


@pytest.mark.parametrize("source", SOURCES)
def test_round_trip(source: str) -> None:
    name = f"{PERSON}.{source}"
    assert Track.parse(name) == Track(bytes(32), source)
    assert str(Track.parse(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        PERSON,
        f"{PERSON}.",
        f"{PERSON}.chat",
        f"{PERSON}.Camera",
        ".camera",
        f"{PERSON}=.camera",
        f"{PERSON[:-1]}.camera",
        f"../{PERSON}.camera",
        f"{PERSON}.camera/x",
    ],
)
def test_refused(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        Track.parse(name, field="segments[2].track")
    assert caught.value.field == "segments[2].track"
