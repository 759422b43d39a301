"""By what a row of samples rises, and how sure that is; for rows with steps and saw-teeth.

The rise is Theil and Sen's: the median of the slopes of all pairs, which a few odd samples do not
move. How sure it is, is Sen's interval (1968), from the variance of Kendall's S. That takes samples
to be independent, which those of a saw-tooth are not: neighbours are much alike. The variance is
therefore enlarged as Hamed and Rao do (1998), by how much the ranks of what the line leaves over
agree with themselves one step, two steps and so on later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]
SURE = 2.0  # standard deviations


class Trend(NamedTuple):
    """A rise for each unit of time, and between what it is with 95 % confidence."""

    rise: float
    low: float
    high: float


def trend(times: Sequence[float], values: Sequence[float]) -> Trend | None:
    """Return the rise of the values; None where there are too few to tell."""
    count = len(values)
    if count < 4:
        return None
    x, y = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    first, second = np.triu_indices(count, 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    rise = float(np.median(slopes))
    variance = count * (count - 1) * (2 * count + 5) / 18 * _alike(y - rise * x)
    half = SURE * float(np.sqrt(variance))
    last = len(slopes) - 1
    low, high = (len(slopes) - half) / 2, (len(slopes) + half) / 2
    return Trend(rise, float(slopes[max(0, int(low))]), float(slopes[min(last, int(high) + 1)]))


def _alike(rest: Row) -> float:
    """Return how many times larger the variance is than that of independent samples.

    Counted are the first steps at which neighbours are alike, up to where they are not any more.
    """
    count = len(rest)
    ranks = np.argsort(np.argsort(rest, kind="stable"), kind="stable") - (count - 1) / 2
    square = float((ranks * ranks).sum())
    factor = 1.0
    for step in range(1, count - 2):
        agreement = float((ranks[step:] * ranks[:-step]).sum()) / square
        if agreement <= 0:
            break
        pairs = (count - step) * (count - step - 1) * (count - step - 2)
        factor += 2 * pairs * agreement / (count * (count - 1) * (count - 2))
    return factor
