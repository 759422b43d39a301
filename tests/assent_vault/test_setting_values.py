"""Values of settings, with their types from TOML, or as text from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from assent_vault.setting_values import Mistake, number, one_of


@pytest.mark.parametrize("value", [5, "5", " 5 ", "05"])
def test_a_number_is_one_in_toml_or_text(value: Any) -> None:
    assert number(1, 10)(value) == 5


@pytest.mark.parametrize("value", [0, 11, "11", "9" * 5000])
def test_a_number_is_in_its_range(value: Any) -> None:
    with pytest.raises(Mistake, match=r"^must be from 1 to 10$"):
        number(1, 10)(value)


@pytest.mark.parametrize("value", [True, 1.5, "1.5", "1e3", "-1", "٣", "", None, [5]])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(Mistake, match="a whole number from 1 to 10"):
        number(1, 10)(value)


def test_one_of_a_few_words() -> None:
    assert one_of("auto", "json")("json") == "json"
    for value in ("JSON", "", None, 1):
        with pytest.raises(Mistake, match=r"^must be one of auto, json$") as caught:
            one_of("auto", "json")(value)
        assert "JSON" not in str(caught.value)
