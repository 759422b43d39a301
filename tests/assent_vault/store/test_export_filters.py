"""The filters of an export, as the command and the console are told them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assent_vault.errors import ExportError
from assent_vault.store import export_filters, export_order
from assent_vault.store.export_order import ExportOrder, Options


@pytest.mark.parametrize(
    ("read", "given", "found"),
    [
        (export_filters.languages, (), ()),
        (export_filters.languages, ("pt-BR", "de", "DE"), ("de", "pt-br")),
        (export_filters.languages, 20 * ("de",), ("de",)),
        (export_filters.seconds, "0", 0),
        (export_filters.seconds, "999999999", 999_999_999),
        (export_filters.seconds, 60, 60),
        (export_filters.share, "0", 0),
        (export_filters.share, ".5", 0.5),
        (export_filters.share, "1.0", 1),
        (export_filters.share, 0.01, 0.01),
        (export_filters.share, 1, 1),
    ],
)
def test_what_is_said_is_read(read: Callable[[Any], Any], given: Any, found: Any) -> None:
    assert read(given) == found


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (export_filters.languages, 21 * ("de",)),
        (export_filters.languages, ("de", "")),
        (export_filters.languages, ("d",)),
        (export_filters.languages, ("de\n",)),
        (export_filters.languages, ("de_AT",)),
        (export_filters.languages, ("de" + 12 * "-ab",)),
        (export_filters.seconds, "1.5"),
        (export_filters.seconds, "-1"),
        (export_filters.seconds, "1000000000"),
        (export_filters.seconds, "٣"),
        (export_filters.seconds, ""),
        (export_filters.seconds, -1),
        (export_filters.seconds, 1_000_000_000),
        (export_filters.share, "1.1"),
        (export_filters.share, "nan"),
        (export_filters.share, "10%"),
        (export_filters.share, ""),
        (export_filters.share, -0.1),
        (export_filters.share, 1.1),
        (export_filters.share, float("nan")),
    ],
)
def test_what_is_none_is_refused_by_one_code(read: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(ExportError) as caught:
        read(given)
    assert caught.value.code == "bad-request"


def test_what_may_be_said_is_read_from_a_row() -> None:
    longest = "de" + 11 * "-ab"
    options = Options(
        languages=export_filters.languages((longest,)),
        least_duration=1000 * export_filters.seconds("999999999"),
        most_filled=export_filters.share("0.123456789"),
        most_clipped=export_filters.share("1"),
    )
    assert len(longest) == export_filters.MOST_TAG
    assert export_order.read(None, None, export_order.write(options)) == ExportOrder(
        None, None, options
    )
