"""The Croissant description: digests of what is beside it, a field for each column, conditions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from assent_vault.export import croissant, metadata
from assent_vault.export.folder import File
from assent_vault.store.export_order import ExportOrder, Options
from support.data_set import WrittenDataSet, write_data_set


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenDataSet:
    return write_data_set(Path(tmp_path_factory.mktemp("croissant")) / "x")


def document(written: WrittenDataSet, **changes: Any) -> dict[str, Any]:
    files = [
        File(name, len(data), hashlib.sha256(data).digest())
        for name in ("metadata.parquet", "metadata.jsonl", "consent.tar")
        for data in [(written.place / name).read_bytes()]
    ]
    body = croissant.document(replace(written.described, **changes), files)
    found: dict[str, Any] = json.loads(body)
    return found


def test_it_is_what_was_written_beside_the_data(written: WrittenDataSet) -> None:
    assert document(written) == json.loads((written.place / "croissant.json").read_bytes())


def test_files_have_the_digests_they_have(written: WrittenDataSet) -> None:
    listed = [one for one in document(written)["distribution"] if one["@type"] == "cr:FileObject"]
    assert len(listed) == 3
    for one in listed:
        data = (written.place / one["contentUrl"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(data).hexdigest()
        assert one["contentSize"] == f"{len(data)} B"


def test_without_proofs_the_archive_is_not_named(written: WrittenDataSet) -> None:
    named = {
        one["@id"]
        for one in document(written, asked=ExportOrder(options=Options(proofs=False)))[
            "distribution"
        ]
    }
    assert "consent.tar" not in named
    assert {"sound", "pictures"} <= named


def test_every_plain_column_is_a_field_of_its_kind(written: WrittenDataSet) -> None:
    (tracks,) = document(written)["recordSet"]
    kinds = {one["name"]: one["dataType"] for one in tracks["field"]}
    plain = {name: kind for name, kind in metadata.COLUMNS.items() if not pa.types.is_nested(kind)}
    assert kinds.keys() == plain.keys()
    assert kinds["duration"] == "sc:Float"
    assert kinds["packets"] == "sc:Integer"
    assert all(one["description"] for one in tracks["field"])


def test_words_are_of_columns_that_there_are() -> None:
    assert croissant._COLUMNS.keys() <= metadata.COLUMNS.keys()


def test_conditions_say_for_whom_and_for_what(written: WrittenDataSet) -> None:
    permission = document(written)["usageInfo"]["odrl:permission"]
    assert permission["odrl:assignee"]["name"] == "An Institute"
    assert permission["odrl:constraint"]["odrl:rightOperand"] == "research"
    free = document(written, asked=ExportOrder())["usageInfo"]["odrl:permission"]
    assert "odrl:assignee" not in free
    assert "odrl:constraint" not in free
    for one in (permission, free):
        assert one["odrl:duty"][0]["odrl:action"] == {"@id": "odrl:delete"}


def test_nothing_refers_in_a_circle(written: WrittenDataSet) -> None:
    """Readers do not bear it: the conditions stand in the data set, and do not name it again."""
    found = document(written)
    assert found["license"] == found["usageInfo"]["@id"]
    assert json.dumps(found["usageInfo"]).count(f'"{found["@id"]}"') == 0
