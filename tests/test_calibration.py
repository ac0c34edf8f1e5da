"""Is a network as sure as it is right?"""
from d2lhelpers import CourseError
from d2lhelpers.calibration import best_temperature, calibration_error, reliability, softmax, threshold_for

import numpy
import pytest


def honest(n, temperature=1., seed=0):
    """Scores whose softmax at that temperature is true, and labels drawn from it."""
    generator = numpy.random.default_rng(seed)
    scores = generator.normal(size=(n, 3)) * 2 * temperature
    p = softmax(scores, temperature)
    return scores, (generator.random(n)[:, None] > p.cumsum(axis=1)).sum(axis=1)


@pytest.mark.parametrize('temperature', [.3, 1., 4.])
def test_the_temperature_is_found(temperature):
    scores, labels = honest(20_000, temperature)
    assert best_temperature(scores, labels) == pytest.approx(temperature, rel=.05)


def test_few_examples_that_are_all_right_make_no_network_certain():
    """As with 25 photos held back: by likelihood alone every answer would be given for certain."""
    scores = numpy.tile([[2., 0., 0.], [0., 3., 0.]], (12, 1))
    temperature = best_temperature(scores, [0, 1] * 12)
    assert .3 < temperature < 2 and softmax(scores, temperature).max() < .999


def test_a_temperature_leaves_the_order_alone():
    scores, _ = honest(50)
    assert (softmax(scores, 7).argsort(axis=1) == softmax(scores).argsort(axis=1)).all()


def test_reliability():
    scores, labels = honest(20_000)
    table = reliability(softmax(scores), labels)
    assert ((table.low <= table.sure) & (table.sure <= table.high)).mean() > .8
    assert table.examples.sum() == 20_000
    assert calibration_error(softmax(scores), labels) < .02
    assert calibration_error(softmax(scores, .3), labels) > .1  # far too sure


def test_reliability_counts():
    table = reliability([[.95, .05], [.9, .1], [.45, .55], [1, 0]], [0, 1, 1, 0], bins=10)
    assert table[['sure', 'right', 'examples']].values.tolist() == [
        [.55, 1, 1], [pytest.approx(.95), pytest.approx(2 / 3), 3]]


def test_threshold():
    p = numpy.array([[.9, .1], [.8, .2], [.7, .3], [.6, .4]])
    assert threshold_for(p, [0, 0, 0, 1], .9) == (.7, .75)
    assert threshold_for(p, [0, 0, 0, 0], .9) == (0, 1)
    assert threshold_for(p, [0, 1, 0, 0], .7) == (0, 1)  # three of four are right
    with pytest.raises(CourseError, match='not even the surest'):
        threshold_for(p, [1, 1, 1, 1], .5)


def test_a_threshold_does_not_part_the_equally_sure():
    p = numpy.array([[.9, .1], [.6, .4], [.6, .4]])
    assert threshold_for(p, [0, 0, 1], .95) == (.9, pytest.approx(1 / 3))


def test_labels_that_do_not_belong():
    with pytest.raises(CourseError, match='do not go with'):
        best_temperature([[1, 2]], [0, 1])
