"""Which layer of which picture one subscriber gets, out of what their path can carry.

Everybody shown gets the lowest layer first, the most important before the others; what is left goes
into better layers, in the same order, up to the size at which each is shown. Whoever nothing is
left for is paused: a picture that comes late harms the sound of all. Sound is not allocated; it is
always sent, and the estimate that is divided here leaves it out.

Pure: a list of wishes and a budget in, a layer for each wish out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PAUSED = -1

STEP_UP = 1.15
"""By how much a better layer than the present one must fit, so that one on the edge stays put."""

TAKE_LESS = 0.6
"""The part of its rate that the first picture of all is sent with at least: the lowest layer is an
average, and one picture a little late is better than none."""

ENOUGH = 0.8
"""The part of the shown height that a layer must have; beyond that more is hardly seen."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoding: lines of the picture, and bit/s of late or as far as one can tell."""

    height: int
    bitrate: int


@dataclass(frozen=True, slots=True)
class Wish:
    """One picture that a page shows.

    ``layers`` has the lowest first and may not be empty; ``height`` is that of the place where it
    is shown, in pixels; a higher ``weight`` comes first, and ``current`` is the layer sent now.
    """

    name: str
    layers: Sequence[Layer]
    height: int
    weight: int = 0
    current: int = PAUSED


@dataclass(frozen=True, slots=True)
class Allocation:
    """``layers`` has the layer of each wish, or PAUSED; ``wanted`` is what all of it would take.

    ``short`` says that somebody gets less than that.
    """

    layers: Mapping[str, int]
    wanted: int  # bit/s
    short: bool


def fitting(layers: Sequence[Layer], height: int) -> int:
    """Return the lowest layer that is good enough for a place of that height."""
    for index, layer in enumerate(layers):
        if layer.height >= ENOUGH * height:
            return index
    return len(layers) - 1


def allocate(wishes: Sequence[Wish], budget: int, *, pause: bool = True) -> Allocation:
    """Divide ``budget`` bit/s. What has the same weight is served in the order given.

    Without ``pause`` everybody shown gets the lowest layer at least, whatever the budget.
    """
    ordered = sorted(
        (wish for wish in wishes if wish.height > 0), key=lambda wish: wish.weight, reverse=True
    )
    best = {wish.name: fitting(wish.layers, wish.height) for wish in ordered}
    chosen = {wish.name: PAUSED for wish in wishes}
    left = budget
    for index, wish in enumerate(ordered):
        needed = wish.layers[0].bitrate
        if index == 0:
            needed = int(needed * TAKE_LESS)
        elif wish.current == PAUSED:
            needed = int(needed * STEP_UP)
        if needed <= left or not pause:
            chosen[wish.name] = 0
            left -= wish.layers[0].bitrate
    # One step for each in turn: nobody is at their best while somebody who is as important is not
    # better than the least. Those of a higher weight come to their best before.
    for group in _groups(ordered):
        while True:
            stepped = False
            for wish in group:
                layer = chosen[wish.name]
                if not PAUSED < layer < best[wish.name]:
                    continue
                more = wish.layers[layer + 1].bitrate - wish.layers[layer].bitrate
                room = more if layer + 1 <= wish.current else int(more * STEP_UP)
                if room <= left:
                    chosen[wish.name] = layer + 1
                    left -= more
                    stepped = True
            if not stepped:
                break
    wanted = sum(wish.layers[best[wish.name]].bitrate for wish in ordered)
    short = any(chosen[wish.name] < best[wish.name] for wish in ordered)
    return Allocation(chosen, int(wanted * STEP_UP), short)


def _groups(ordered: Sequence[Wish]) -> list[list[Wish]]:
    groups: dict[int, list[Wish]] = {}
    for wish in ordered:
        groups.setdefault(wish.weight, []).append(wish)
    return list(groups.values())
