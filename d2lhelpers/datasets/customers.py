"""Customers of two regions, as the rows of a table: who will leave? Computed, nobody's data."""
import numpy

from ..errors import CourseError
from .dataset import Dataset, Examples, check_seed, check_sizes

COLUMNS = ('age', 'months', 'calls to support', 'bill', 'data used', 'contract', 'bill on paper')
CLASSES = ('stays', 'leaves')
REGIONS = ('north', 'south')


def load_customers(region, *, train, validation, test, seed=0):
    """Customers of one region, and which of them left. In both profiles.

    What drives customers away is the same in both regions (calls to support, a high bill with little use,
    youth with much use), but for three things: in the south a contract does not hold anybody, a bill on paper
    drives away, and people above 60 are more faithful. Bills are lower there, and fewer leave without cause.

    Parameters
    ----------
    region : {'north', 'south'}
    train, validation, test : int
        Numbers of customers.
    seed : int
        Another seed draws other customers.

    Returns
    -------
    Dataset
        Its ``x`` has the shape (customers, 7), see `COLUMNS`.

    Raises
    ------
    CourseError
        If there is no such region, a part would be without a customer of some class, or the
        seed is no whole number from 0.
    """
    if region not in REGIONS:
        raise CourseError(f'There is no region {region!r}: choose one of {", ".join(REGIONS)}.')
    check_seed(seed, 'customers')
    sizes = {'train': train, 'validation': validation, 'test': test}
    check_sizes(sizes, CLASSES, 'customers')
    streams = [numpy.random.default_rng((REGIONS.index(region), number, seed)) for number in range(3)]
    parts = {part: Examples(*_drawn(region, n, rng))
             for rng, (part, n) in zip(streams, sizes.items(), strict=True)}
    return Dataset('customers', **parts, classes=list(CLASSES),
                   about=f'customers of the {region}, computed by this package, not real ones').introduce()


def _drawn(region, n, rng):
    south = region == 'south'
    age, months = rng.uniform(18, 80, n), rng.exponential(30, n).clip(1, 120)
    calls, bill = rng.poisson(2, n), rng.normal(32 if south else 40, 12, n).clip(5)
    used = rng.gamma(2, 4, n)
    contract, paper = rng.integers(0, 2, (2, n))
    leaning = (-1 + .5 * (calls - 2) + .06 * (bill - 36) * (used < 6) - .02 * (months - 30)
               + .8 * ((age < 30) & (used > 8)))
    leaning += 1.8 * paper - .6 - .7 * (age > 60) if south else -1.4 * contract
    left = rng.random(n) < 1 / (1 + numpy.exp(-1.5 * leaning))
    return numpy.column_stack([age, months, calls, bill, used, contract, paper]), left.astype('int32')
