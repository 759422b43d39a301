from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assent.media.congestion.allocation import PAUSED, Layer, Wish, allocate, fitting

CAMERA = (Layer(180, 150_000), Layer(360, 500_000), Layer(720, 1_700_000))
SCREEN = (Layer(1080, 1_500_000),)


def test_a_place_gets_the_lowest_layer_that_is_good_enough() -> None:
    assert [fitting(CAMERA, height) for height in (50, 200, 225, 300, 450, 500, 2000)] == [
        0, 0, 0, 1, 1, 2, 2,
    ]  # fmt: skip


def test_a_small_place_gets_a_small_picture_whatever_there_is() -> None:
    wishes = [Wish("large", CAMERA, 700), Wish("small", CAMERA, 120)]
    assert allocate(wishes, 50_000_000).layers == {"large": 2, "small": 0}


def test_what_is_not_shown_is_not_sent() -> None:
    allocation = allocate([Wish("hidden", CAMERA, 0, current=2)], 50_000_000)
    assert allocation.layers == {"hidden": PAUSED}
    assert allocation.wanted == 0


def test_everybody_gets_something_before_anybody_gets_more() -> None:
    wishes = [Wish(name, CAMERA, 700) for name in "abcd"]
    assert allocate(wishes, 700_000).layers == dict.fromkeys("abcd", 0)
    assert allocate(wishes, 1_100_000).layers == {"a": 1, "b": 0, "c": 0, "d": 0}
    assert allocate(wishes, 2_300_000).layers == dict.fromkeys("abcd", 1)


def test_the_important_come_first() -> None:
    wishes = [Wish("a", CAMERA, 700), Wish("b", CAMERA, 700), Wish("screen", SCREEN, 900, weight=2)]
    assert allocate(wishes, 1_750_000).layers == {"screen": 0, "a": 0, "b": PAUSED}
    speaker = [Wish("a", CAMERA, 700), Wish("b", CAMERA, 700, weight=1)]
    assert allocate(speaker, 2_100_000).layers == {"a": 0, "b": 2}


def test_too_little_pauses_from_the_end() -> None:
    wishes = [Wish(name, CAMERA, 700) for name in "abc"]
    assert allocate(wishes, 330_000).layers == {"a": 0, "b": 0, "c": PAUSED}
    assert allocate(wishes, 100_000).layers == {"a": 0, "b": PAUSED, "c": PAUSED}
    assert set(allocate(wishes, 50_000).layers.values()) == {PAUSED}


def test_without_pausing_nobody_is_left_out() -> None:
    wishes = [Wish(name, CAMERA, 700) for name in "abc"]
    assert allocate(wishes, 0, pause=False).layers == dict.fromkeys("abc", 0)
    hidden = [Wish("hidden", CAMERA, 0)]
    assert allocate(hidden, 0, pause=False).layers == {"hidden": PAUSED}


def test_what_is_on_the_edge_stays_where_it_is() -> None:
    up = [Wish("a", CAMERA, 700, current=0)]
    down = [Wish("a", CAMERA, 700, current=1)]
    assert allocate(up, 510_000).layers == {"a": 0}
    assert allocate(down, 510_000).layers == {"a": 1}
    assert allocate(down, 490_000).layers == {"a": 0}


def test_what_is_wanted_is_what_the_places_want() -> None:
    wishes = [Wish("large", CAMERA, 700), Wish("small", CAMERA, 120)]
    assert 1_850_000 < allocate(wishes, 0).wanted < 2_300_000


places = st.builds(
    Wish,
    name=st.uuids().map(str),
    layers=st.just(CAMERA),
    height=st.integers(0, 1200),
    weight=st.integers(0, 2),
    current=st.integers(-1, 2),
)


@given(st.lists(places, max_size=12), st.integers(0, 20_000_000))
def test_the_budget_is_kept(wishes: list[Wish], budget: int) -> None:
    chosen = allocate(wishes, budget).layers
    spent = sum(CAMERA[layer].bitrate for layer in chosen.values() if layer != PAUSED)
    assert spent <= budget or (spent == CAMERA[0].bitrate and budget >= 0.6 * spent)
    for wish in wishes:
        assert (wish.height > 0) or chosen[wish.name] == PAUSED
        assert chosen[wish.name] <= fitting(CAMERA, wish.height)


@given(st.lists(places, min_size=1, max_size=6))
def test_plenty_gives_everybody_what_they_want(wishes: list[Wish]) -> None:
    allocation = allocate(wishes, 1_000_000_000)
    for wish in wishes:
        best = fitting(CAMERA, wish.height) if wish.height else PAUSED
        assert allocation.layers[wish.name] == best
