"""Would more pictures help?"""
from d2lhelpers import CourseError
from d2lhelpers.learning_curves import learning_curve

import numpy
import pandas
import pytest


def measured(floor=.05, power=.5, noise=.01, rows=5, sizes=(25, 50, 100, 200), seed=0):
    generator = numpy.random.default_rng(seed)
    return pandas.DataFrame([(n, 1 - floor - 1.5 * n ** -power + noise * generator.normal())
                             for n in sizes for _ in range(rows)], columns=['pictures', 'accuracy'])


def truth(n, floor=.05, power=.5):
    return 1 - floor - 1.5 * n ** -power


def test_without_noise_the_curve_is_found():
    curve = learning_curve(measured(noise=0), draws=5)
    assert curve.at(1000).mean == pytest.approx(truth(1000), abs=.005)
    assert curve.at(1000).low == pytest.approx(curve.at(1000).high, abs=1e-6)


def test_the_interval_mostly_holds_the_truth():
    found = [learning_curve(measured(noise=.02, rows=8, seed=seed), draws=60).at(400) for seed in range(20)]
    assert sum(one.low <= truth(400) <= one.high for one in found) >= 14


def test_it_is_less_sure_further_out():
    curve = learning_curve(measured(noise=.02), draws=100)
    widths = [curve.at(n).high - curve.at(n).low for n in (200, 800, 3200)]
    assert widths == sorted(widths)


def test_accuracy_stays_a_share():
    curve = learning_curve(measured(floor=0, noise=.05), draws=50)
    assert all(curve.at(n).high <= 1 for n in (100, 10_000))


@pytest.mark.parametrize('changes', [{'sizes': (25, 50)}, {'rows': 1}])
def test_too_little_to_fit(changes):
    with pytest.raises(CourseError, match='needs three numbers of pictures'):
        learning_curve(measured(**changes))
