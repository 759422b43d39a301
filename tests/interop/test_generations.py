"""Another reader, written from FORMAT-2.md alone, makes of a relayed generation what ours does."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from interop.release import generations
from interop.release.documents import Bad, unb64

HERE = Path(__file__).parent
RELAYED = json.loads((HERE.parent / "vectors" / "relayed.json").read_bytes())
Json = dict[str, Any]


def raw(text: str) -> bytes:
    """Return the bytes of b64, however many."""
    return unb64(text, len(text) * 3 // 4)


HEADER = generations.header(
    raw(RELAYED["header"]), raw(RELAYED["signature"]), raw(RELAYED["server"])
)
PRIVATE = raw(RELAYED["training"]["vault_private"])
TRAINS = {raw(each["id"]): raw(each["train"]) for each in RELAYED["training"]["people"]}
DOCUMENTS = {name: raw(RELAYED[name]) for name in ("boxes", "pairs", "outer")}


def test_it_is_written_from_the_page_alone() -> None:
    tree = ast.parse((HERE / "release" / "generations.py").read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(name and name.startswith("assent") for name in modules)


@pytest.mark.parametrize("case", RELAYED["tracks"], ids=lambda case: str(case["name"]))
def test_track(case: Json) -> None:
    slots, outer = generations.keys(HEADER, DOCUMENTS, PRIVATE, TRAINS)
    assert len(slots) == 256
    for slot in case["without"]:
        del slots[slot]
    track = generations.Track(HEADER, case["track"], slots, outer)
    for segment in case["segments"]:
        entry = segment["entry"] | {"digest": raw(segment["entry"]["digest"])}
        found = track.segment(raw(segment["object"]), entry)
        blocks = segment["blocks"] or []
        assert found == [(block["time"], raw(block["frame"])) for block in blocks]


def test_without_a_single_key_nothing_opens() -> None:
    for person in TRAINS:
        some = {each: key for each, key in TRAINS.items() if each != person}
        with pytest.raises(Bad):
            generations.keys(HEADER, DOCUMENTS, PRIVATE, some)
        with pytest.raises(Bad):
            generations.keys(HEADER, DOCUMENTS, PRIVATE, some | {person: bytes(32)})
    with pytest.raises(Bad):
        generations.keys(HEADER, DOCUMENTS, bytes(32), TRAINS)


def test_another_server_has_signed_nothing() -> None:
    with pytest.raises(Bad):
        generations.header(raw(RELAYED["header"]), raw(RELAYED["signature"]), PRIVATE)
