"""The interval of a difference: how often it is wrong, by simulation, and what it does at the limits."""
import math

from d2lhelpers.intervals import interval

import numpy
import pytest
from scipy.stats import norm

# How far an arm's luck goes with the item, with the seed, and with both; the difficulty of an item, which
# both arms share, has variance 1
KINDS = {'alike': (.3, .05, .5), 'seeds differ': (.5, .3, .3), 'by item': (.7, .02, .2), 'mixed': (0, .1, .5)}
REPEATS = 300


def differences(rng, seeds, items, base, gain, kind):
    """Two arms on the same seeds and items: 1, 0 or -1 for each, and the difference in truth."""
    by_item, by_seed, by_both = KINDS[kind]

    def right(skill):
        luck = (by_item * rng.standard_normal((1, items)) + by_seed * rng.standard_normal((seeds, 1))
                + by_both * rng.standard_normal((seeds, items)))
        return skill + difficulty + luck > 0

    difficulty = rng.standard_normal((1, items))
    spread = math.sqrt(1 + by_item ** 2 + by_seed ** 2 + by_both ** 2)
    truth = norm.cdf((base + gain) / spread) - norm.cdf(base / spread)
    return right(base + gain).astype(int) - right(base), truth


def simulate(seeds, items, base, gain, kind):
    """How often the interval contains the truth, and how often it lies above 0 without reason."""
    rng, repeats = numpy.random.default_rng(seeds * items), REPEATS if items < 5000 else REPEATS // 3
    covered = above = 0
    for _ in range(repeats):
        d, truth = differences(rng, seeds, items, base, gain, kind)
        found = interval(d)
        covered += found.low <= truth <= found.high
        above += found.low > 0
    return covered / repeats, above / repeats, 2 * math.sqrt(.05 * .95 / repeats)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('seeds, items', [(3, 250), (3, 1000), (5, 250), (5, 1000), (5, 10_000), (8, 250),
                                          (8, 1000)])
def test_false_positives_where_there_is_no_difference(seeds, items, kind):
    """At most 5 % hold by chance; the tolerance is what this many repeats cannot tell apart."""
    for base in (.5, 2.5):  # accuracy about .7, and near 1
        covered, above, chance = simulate(seeds, items, base, 0, kind)
        assert above <= .05 + chance and covered >= .93 - chance


@pytest.mark.parametrize('seeds, items, kind', [(3, 1000, 'alike'), (5, 250, 'mixed'),
                                                (5, 1000, 'seeds differ'), (5, 10_000, 'alike'),
                                                (8, 250, 'by item')])
def test_coverage_where_there_is_one(seeds, items, kind):
    for base, gain in ((.5, .2), (1.5, .5)):
        covered, _, chance = simulate(seeds, items, base, gain, kind)
        assert covered >= .93 - chance


def test_a_clear_difference_is_found():
    *_, chance = simulate(5, 1000, .5, .3, 'alike')
    assert simulate(5, 1000, .5, .3, 'alike')[1] >= .9 - chance


def test_the_items_count_too():
    """Five seeds that agree on fifty test items say little about other items."""
    rng = numpy.random.default_rng(0)
    one = numpy.where(rng.random(50) < .2, rng.choice([-1, 1], 50, p=[.25, .75]), 0)
    same = numpy.tile(one, (5, 1))
    seeds_alone, both = interval(same.mean(axis=1)), interval(same)
    assert seeds_alone.low == seeds_alone.high == pytest.approx(one.mean())
    assert both.low < 0 < one.mean()
    # as from a t interval over the items
    half = 1.984 * one.std(ddof=1) / math.sqrt(50)
    assert both.high - both.mean == pytest.approx(half, rel=.03)


def test_over_seeds_it_is_the_t_interval():
    found = interval([.1, .2, .3])
    assert (found.mean, found.low, found.high) == pytest.approx((.2, .2 - 4.303 * .1 / math.sqrt(3),
                                                                 .2 + 4.303 * .1 / math.sqrt(3)), abs=1e-4)


def test_other_items_for_each_seed():
    """Then seeds contain what items do, and the interval is about that over seeds."""
    rng, wide = numpy.random.default_rng(1), []
    for _ in range(200):
        d = (rng.random((5, 300)) < .75).astype(int) - (rng.random((5, 300)) < .7)
        found, alone = interval(d), interval(d.mean(axis=1))
        wide.append((found.high - found.low) / (alone.high - alone.low))
    assert .7 < numpy.median(wide) < 1.3


@pytest.mark.parametrize('one', [[.1], [[1, 0, -1]]])
def test_one_seed_says_nothing(one):
    found = interval(one)
    assert found.low == -math.inf and found.high == math.inf and math.isfinite(found.mean)


@pytest.mark.parametrize('equal', [numpy.zeros((5, 20)), numpy.ones((5, 20)), numpy.zeros(3),
                                   [[0], [1], [1]]])
def test_nothing_varies_or_one_item(equal):
    found = interval(equal)
    assert found.low <= found.mean <= found.high and math.isfinite(found.high)
