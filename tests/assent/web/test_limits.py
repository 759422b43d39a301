"""How often is too often, and how much is remembered about it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import RateLimited
from assent.web.limits import RATES, HeldPlaces, Limit, Limiter
from support.clock import ManualClock


def test_every_kind_has_its_rate() -> None:
    assert set(RATES) == set(Limit)


@pytest.mark.parametrize("limit", Limit)
def test_a_burst_and_not_one_more(limit: Limit) -> None:
    limiter = Limiter(ManualClock())
    for _ in range(RATES[limit].burst):
        limiter.take(limit, "a")
    with pytest.raises(RateLimited):
        limiter.take(limit, "a")
    limiter.take(limit, "b")


def test_kinds_are_counted_apart() -> None:
    limiter = Limiter(ManualClock())
    for _ in range(RATES[Limit.SIGN_IN].burst):
        limiter.take(Limit.SIGN_IN, "a")
    limiter.take(Limit.INVITATION, "a")


def test_who_waits_as_told_gets_through() -> None:
    clock = ManualClock()
    limiter = Limiter(clock)
    for _ in range(RATES[Limit.SIGN_IN].burst):
        limiter.take(Limit.SIGN_IN, "a")
    for _ in range(5):
        with pytest.raises(RateLimited) as caught:
            limiter.take(Limit.SIGN_IN, "a")
        assert caught.value.retry_after == 6
    clock.pass_(caught.value.retry_after)
    limiter.take(Limit.SIGN_IN, "a")
    with pytest.raises(RateLimited):
        limiter.take(Limit.SIGN_IN, "a")


def test_a_bucket_fills_to_the_burst_and_no_further() -> None:
    clock = ManualClock()
    limiter = Limiter(clock)
    limiter.take(Limit.SIGN_IN, "a")
    clock.pass_(1_000_000)
    for _ in range(RATES[Limit.SIGN_IN].burst):
        limiter.take(Limit.SIGN_IN, "a")
    with pytest.raises(RateLimited):
        limiter.take(Limit.SIGN_IN, "a")


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 20)), max_size=200))
def test_the_table_never_grows_beyond_its_size(attempts: list[tuple[str, float]]) -> None:
    clock = ManualClock()
    limiter = Limiter(clock, most=3)
    for key, pause in attempts:
        clock.pass_(pause)
        with contextlib.suppress(RateLimited):
            limiter.take(Limit.SIGN_IN, key)
        assert len(limiter) <= 3


def test_a_flood_of_others_forgets_the_longest_unused_first() -> None:
    limiter = Limiter(ManualClock(), most=3)
    for _ in range(RATES[Limit.SIGN_IN].burst):
        limiter.take(Limit.SIGN_IN, "a")
    limiter.take(Limit.SIGN_IN, "b")
    limiter.take(Limit.SIGN_IN, "c")
    with pytest.raises(RateLimited):
        limiter.take(Limit.SIGN_IN, "a")  # a is now the most recent
    limiter.take(Limit.SIGN_IN, "d")
    with pytest.raises(RateLimited):
        limiter.take(Limit.SIGN_IN, "a")


def test_a_flood_of_one_kind_forgets_nothing_of_another() -> None:
    limiter = Limiter(ManualClock(), most=3)
    for _ in range(RATES[Limit.GUESS].burst):
        limiter.take(Limit.GUESS, "a")
    for number in range(100):
        limiter.take(Limit.REQUEST, str(number))
    with pytest.raises(RateLimited):
        limiter.take(Limit.GUESS, "a")


def test_places_in_all_and_for_one() -> None:
    places = HeldPlaces(3, 2)
    with places.taken("a"), places.taken("a"):
        with pytest.raises(RateLimited), places.taken("a"):
            pass
        with places.taken("b"), pytest.raises(RateLimited), places.taken("c"):
            pass
        with places.taken("c"):
            pass
    with places.taken("a"), places.taken("a"):
        pass


def test_a_place_is_given_back_after_a_failure() -> None:
    places = HeldPlaces(1, 1)
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), places.taken("a"):
            raise ValueError("x")
