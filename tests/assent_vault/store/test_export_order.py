"""What an export is asked for, as a row has it: written by us, or by whoever else."""

from __future__ import annotations

from datetime import date

import pytest

from assent_vault.errors import ExportError
from assent_vault.store import export_order as asked
from assent_vault.store.export_order import ExportOrder, Options

MEETING = "A" * 22


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(since=1, until=2, meetings=(MEETING,), audio_only=True, proofs=False),
        Options(format="webdataset", shard_bytes=2_000_000, pcm=True),
        Options(languages=("de", "pt-BR"), least_duration=60_000, most_filled=0.1, most_clipped=0),
    ],
)
def test_what_is_written_is_read(options: Options) -> None:
    assert asked.read("An Institute", "speech", asked.write(options)) == ExportOrder(
        "An Institute", "speech", options
    )


def test_a_row_of_an_older_server_asks_for_everything() -> None:
    assert asked.read(None, None, None) == asked.NOTHING_SAID


@pytest.mark.parametrize(
    ("recipient", "purpose", "options"),
    [
        ("", "x", None),
        ("x\ny", "x", None),
        ("x" * 201, "x", None),
        ("x", "y" * 501, None),
        ("x", "\x1b[2J", None),
        ("x", "y", "nothing"),
        ("x", "y", "[]"),
        ("x", "y", '{"sinse":1}'),
        ("x", "y", '{"since":-1}'),
        ("x", "y", '{"since":1e400}'),
        ("x", "y", '{"audio_only":1}'),
        ("x", "y", '{"format":"zip"}'),
        ("x", "y", '{"languages":["de\\n"]}'),
        ("x", "y", '{"languages":["*"]}'),
        ("x", "y", asked.write(Options(languages=21 * ("de",)))),
        ("x", "y", '{"least_duration":-1}'),
        ("x", "y", '{"most_filled":1.1}'),
        ("x", "y", '{"most_clipped":-0.1}'),
        ("x", "y", '{"shard_bytes":0}'),
        ("x", "y", '{"meetings":["../../out"]}'),
        ("x", "y", asked.write(Options(meetings=1001 * (MEETING,)))),
    ],
)
def test_what_nobody_can_ask_for_is_refused(
    recipient: str, purpose: str, options: str | None
) -> None:
    with pytest.raises(ExportError) as refused:
        asked.read(recipient, purpose, options)
    assert refused.value.code == "bad-request"


def test_a_day_is_that_of_utc() -> None:
    assert asked.midnight(date(1970, 1, 2)) == 86_400_000
    assert asked.midnight(date(2024, 2, 28), after=True) == asked.midnight(date(2024, 2, 29))
