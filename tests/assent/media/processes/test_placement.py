from __future__ import annotations

from assent.media.processes.placement import Load, least


def test_the_least_loaded_takes_it() -> None:
    assert least([Load(0.8, 1, 0), Load(0.2, 9, 0)]) == 1


def test_new_rooms_count_before_they_cost_anything() -> None:
    loads = [Load(0.0, 0, 0), Load(0.0, 0, 0), Load(0.0, 0, 0)]
    taken = []
    for _ in range(6):
        place = least(loads)
        taken.append(place)
        load = loads[place]
        loads[place] = Load(load.cpu, load.rooms + 1, load.new_rooms + 1)
    assert taken == [0, 1, 2, 0, 1, 2]


def test_what_is_chance_does_not_decide() -> None:
    assert least([Load(0.03, 0, 0), Load(0.01, 3, 0)]) == 0


def test_few_rooms_can_be_much() -> None:
    assert least([Load(0.9, 1, 1), Load(0.3, 4, 4)]) == 1
