"""One interval for a difference: what another set of seeds and another set of test items could have shown.

Two networks are compared on a few seeds and on a test set; both are samples. The interval is that of the
crossed two-way random-effects model (seeds x items): the variance of the mean is that between seeds, plus
that between items, less their interaction, which both contain. Degrees of freedom by Satterthwaite (1946,
Biometrics Bulletin 2). As the components are estimated from few seeds, none is taken to be smaller than the
interaction makes it: that errs on the side of a wider interval. tests/test_intervals.py shows by simulation
how often it is wrong.
"""
import dataclasses
import math

import numpy
from scipy import special  # scipy.stats takes most of a second to import

_LEVEL = .95


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval.

    Attributes
    ----------
    mean, low, high : float
        Without seeds to compare, `low` and `high` are infinite.
    """

    mean: float
    low: float
    high: float


def interval(differences):
    """The 95 % interval of a mean difference.

    Parameters
    ----------
    differences : array_like, shape (seeds, items) or (seeds,)
        Of two networks that share seed and test item: 1 where only the first was right, -1 where only the
        second was, 0 else. Or, where nothing is known of the items, a difference for each seed: then the
        interval is one over seeds, with this very test set.

    Returns
    -------
    Interval
    """
    d = numpy.asarray(differences, dtype='float64')
    seeds = len(d)
    if seeds < 2:
        return Interval(float(d.mean()), -math.inf, math.inf)
    of_seeds = d.reshape(seeds, -1).mean(axis=1)
    a = of_seeds.var(ddof=1) / seeds  # of the mean, as far as seeds differ
    variance, freedom = a, seeds - 1
    if d.ndim == 2 and d.shape[1] > 1 and (variances := _crossed(d, a)):
        variance, freedom = variances
    half = special.stdtrit(freedom, (1 + _LEVEL) / 2) * math.sqrt(variance)  # Student's t
    return Interval(float(d.mean()), float(d.mean() - half), float(d.mean() + half))


def _crossed(d, a):
    """Variance of the mean and its degrees of freedom; None where nothing varies."""
    seeds, items = d.shape
    of_items = d.mean(axis=0)
    b = of_items.var(ddof=1) / items
    n = (seeds - 1) * (items - 1)
    rest = d - of_items - d.mean(axis=1, keepdims=True) + d.mean()
    c = (rest ** 2).sum() / n / d.size  # their interaction, which a and b contain too
    a = max(a, c)
    variance = max(a + b - c, a, b)
    if variance == 0:
        return None
    parts = a ** 2 / (seeds - 1) + b ** 2 / (items - 1) + c ** 2 / n
    return variance, max(1, variance ** 2 / parts)
