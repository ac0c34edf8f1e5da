"""Would more pictures help? A learning curve, and how far it can be trusted beyond its end."""
import dataclasses

import numpy
from scipy import optimize

from .errors import CourseError
from .intervals import Interval


@dataclasses.dataclass(frozen=True)
class LearningCurve:
    """How the error falls with the number of pictures, ``floor + scale * n ** -power``.

    Attributes
    ----------
    floor, scale, power : float
    draws : numpy.ndarray, shape (draws, 3)
        The same, from measurements drawn again: how sure the curve is.
    """

    floor: float
    scale: float
    power: float
    draws: numpy.ndarray

    def at(self, n):
        """The accuracy with `n` pictures, an `Interval` (of 95 % of the draws)."""
        draws = 1 - _power_law(n, *self.draws.T)
        low, high = numpy.percentile(draws, [2.5, 97.5])
        return Interval(float(1 - _power_law(n, self.floor, self.scale, self.power)), float(low), float(high))


def learning_curve(table, draws=500, seed=0):
    """Fit a power law to accuracies at several numbers of pictures. (Cortes and others 1994, *Learning
    Curves: Asymptotic Values and Rate of Convergence*.)

    An extrapolation is a guess with a reason: do not ask for more than a few times the pictures you have.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``pictures`` and ``accuracy``, several rows for each number of pictures.
    draws : int
        How often the rows of each number are drawn again, with replacement (the bootstrap).
    seed : int

    Returns
    -------
    LearningCurve

    Raises
    ------
    CourseError
        If there are fewer than three numbers of pictures, or one of them has a single row.
    """
    counts = table['pictures'].value_counts()
    if len(counts) < 3 or counts.min() < 2:
        raise CourseError('A learning curve needs three numbers of pictures or more, each measured at least '
                          f'twice; these are {dict(counts.sort_index())} (pictures: measured).')
    groups = [(n, 1 - rows['accuracy'].to_numpy()) for n, rows in table.groupby('pictures')]
    generator = numpy.random.default_rng(seed)
    again = [_fitted([(n, generator.choice(errors, len(errors)).mean()) for n, errors in groups])
             for _ in range(draws)]
    return LearningCurve(*_fitted([(n, errors.mean()) for n, errors in groups]), numpy.array(again))


def _power_law(n, floor, scale, power):
    return floor + scale * numpy.asarray(n, dtype=float) ** -power


def _fitted(points):
    """floor, scale, power of a power law through (pictures, error), by least squares."""
    n, errors = numpy.array(points, dtype=float).T
    first = n.min()

    def rest(p):
        return p[0] + p[1] * (n / first) ** -p[2] - errors
    found = optimize.least_squares(rest, [errors.min() / 2, max(errors.max(), 1e-3), .5],
                                   bounds=([0, 0, 0], [1, 1, 2])).x
    return found[0], found[1] * first ** found[2], found[2]
