"""The model of a withdrawal against an export: nothing goes wrong in it, unless it is broken.

``make model`` runs this and shows how many states there were.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.spin import SpinMissing, check

MODEL = Path(__file__).parents[2] / "storage" / "assent_vault" / "release" / "queue.pml"


def checked(folder: Path, *defines: str, claim: str | None = None) -> tuple[int, str | None]:
    try:
        found = check(MODEL, folder, *defines, claim=claim)
    except SpinMissing as error:
        pytest.fail(str(error))
    print(f"{' '.join(defines)} {claim or 'assertions'}: {found.states} states, {found.error}")
    return found.states, found.error


@pytest.mark.parametrize(
    "defines", [(), ("WORKERS=3", "CLAIMS=3", "AGAIN=0"), ("WORKERS=1", "CLAIMS=2", "AGAIN=2")]
)
def test_no_interleaving_breaks_a_promise(tmp_path: Path, defines: tuple[str, ...]) -> None:
    states, error = checked(tmp_path, *defines)
    assert error is None
    assert states > 50_000


@pytest.mark.parametrize("claim", ["kept", "carried", "carried_again"])
def test_what_was_begun_is_carried_to_its_end(tmp_path: Path, claim: str) -> None:
    states, error = checked(tmp_path, claim=claim)
    assert error is None
    assert states > 50_000


@pytest.mark.parametrize(
    ("protection", "violated"),
    [
        ("NO_RECHECK", "withdrawn"),
        ("NO_TOKEN", "commits==1"),
        ("NO_RECHECK_AGAIN", "withdrawn"),
        ("ACK_FIRST", "acknowledged"),
        ("ROW_FIRST", "marked"),
    ],
)
def test_without_a_protection_the_race_is_found(
    tmp_path: Path, protection: str, violated: str
) -> None:
    _, error = checked(tmp_path, protection)
    assert error is not None
    assert "assertion violated" in error
    assert violated in error


def test_without_looking_at_its_row_one_data_set_is_committed_twice(tmp_path: Path) -> None:
    _, error = checked(tmp_path, "NO_ROW", "AGAIN=2")
    assert error is not None
    assert "more==1" in error


@pytest.mark.parametrize("protection", ["NO_RECHECK", "NO_RECHECK_AGAIN"])
def test_without_the_second_look_an_acknowledged_withdrawal_is_lost(
    tmp_path: Path, protection: str
) -> None:
    """The very race that the second look is there for, and not only a withdrawal on its way."""
    _, error = checked(tmp_path, protection, "STORED_MAY_LOSE")
    assert error is not None
    assert "acknowledged" in error


@pytest.mark.parametrize(
    ("protection", "claim"), [("FORGETFUL", "kept"), ("NO_RECOVERY", "carried")]
)
def test_without_a_protection_something_is_left_undone(
    tmp_path: Path, protection: str, claim: str
) -> None:
    _, error = checked(tmp_path, protection, claim=claim)
    assert error is not None
    assert "acceptance cycle" in error
