"""No key leads out of the folder, to a hidden file, or nowhere."""

from __future__ import annotations

import pytest

from assent_vault.store import object_names


def test_a_key_is_names_and_a_prefix_is_folders() -> None:
    assert object_names.of_key("meetings/a-b_c.d/1") == ["meetings", "a-b_c.d", "1"]
    assert object_names.of_prefix("meetings/a/") == ["meetings", "a"]
    assert object_names.of_prefix("") == []


@pytest.mark.parametrize(
    "key", ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", ".a", "a b", "ä", "a\0", "a" * 201]
)
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="not the key"):
        object_names.of_key(key)


def test_how_long_a_key_may_be() -> None:
    whole = "/".join(["a" * 199] * 5)
    assert len(object_names.of_key(whole + "a")) == 5
    with pytest.raises(ValueError, match="not the key"):
        object_names.of_key(whole + "/a")
    with pytest.raises(ValueError, match="slash"):
        object_names.of_prefix("a")
