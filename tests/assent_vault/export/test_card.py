"""The card of a data set: its numbers, what its head points at, and words that somebody typed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assent_vault.export import card, metadata
from assent_vault.export.description import DataSet
from assent_vault.store.export_order import ExportOrder, Options
from support.data_set import write_data_set

NAME = "N" * 22


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return write_data_set(Path(tmp_path_factory.mktemp("card")) / "x").described


def text(described: DataSet) -> str:
    return card.text(described, NAME).decode()


def test_it_says_where_recalls_are_served_and_how_they_are_honoured(described: DataSet) -> None:
    said = text(described)
    assert f"\n    /recalls/{NAME}\n" in said
    assert "\nassent-vault check-dataset DIR --identity KEY --feed revoked.jsonl\n" in said
    assert "With `--apply` it removes the meeting's folder of `data/`" in said


def test_it_says_of_which_it_is_the_next_version(described: DataSet) -> None:
    assert "next version" not in text(described)
    digest = "D" * 42 + "A"
    next_ = ExportOrder("R", "P", Options(replaces=digest))
    said = text(replace(described, asked=next_))
    assert "It is the next version of the data set whose `MANIFEST.json` has" in said
    assert f"`{digest}`" in said


def test_it_counts_what_is_there(described: DataSet) -> None:
    said = text(described)
    assert "2 meeting(s), 0.00 hours, 4 speaker(s), 6 track(s), of these 4 of sound." in said
    assert "Given to An Institute, for research." in said


def test_its_head_points_at_the_table_and_at_nothing_else(described: DataSet) -> None:
    _, head, _ = text(described).split("---\n", 2)
    assert [line.split(": ")[1] for line in head.splitlines() if "path:" in line] == [
        metadata.PARQUET
    ]


def test_every_library_has_its_lines(described: DataSet) -> None:
    said = text(described)
    for name, lines in card.LOADING.items():
        assert f"With `{name}`:\n\n```python\n{lines}\n```" in said
        compile(lines, name, "exec")


def test_it_says_whether_there_are_proofs(described: DataSet) -> None:
    assert "`consent.tar` holds" in text(described)
    without = text(replace(described, asked=ExportOrder(options=Options(proofs=False))))
    assert "consent.tar" not in without
    assert "The signed documents are not in it" in without


@pytest.mark.parametrize(
    "typed",
    [
        "# A heading\n---\nconfigs: [x]",
        "<script>alert(1)</script>",
        "[here](https://example.org) `x` **y** ~z~ & _w_",
        "a\u2028b\tc\r\nd",
    ],
)
def test_words_that_somebody_typed_mean_nothing(described: DataSet, typed: str) -> None:
    plain = text(replace(described, asked=ExportOrder("R", "P")))
    said = text(replace(described, asked=ExportOrder(typed, "P")))
    assert said.count("\n") == plain.count("\n"), "they stay on their line"
    (line,) = [one for one in said.splitlines() if "Given to" in one]
    words = line.partition("Given to ")[2].rpartition(", for P")[0]
    for sign in "`*_{}[]<>()#~&":
        assert words.replace(f"\\{sign}", "").count(sign) == 0, sign
    assert said.split("---\n", 2)[1] == plain.split("---\n", 2)[1]


def test_nobody_in_particular(described: DataSet) -> None:
    said = text(replace(described, asked=ExportOrder()))
    assert "Given to nobody in particular, for training." in said
