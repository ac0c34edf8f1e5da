"""How far apart two domains are: chance for equal ones, 2 for plainly different ones; and t-SNE of both
together.
"""
from d2lhelpers import CourseError, alignment

import numpy
import pytest
from mxnet import np

RNG = numpy.random.default_rng(0)


def test_the_distance_is_near_0_for_one_domain_and_2_for_two():
    one, same, other = (RNG.normal(shift, 1, (600, 6)) for shift in (0, 0, 5))
    assert abs(alignment.a_distance(one, same)) < .25
    assert alignment.a_distance(np.array(one), np.array(other)) > 1.99
    assert 0 < alignment.a_distance(one, RNG.normal(.5, 1, (600, 6))) < 1.9


def test_it_is_judged_on_features_that_the_probe_has_not_seen():
    # so many features that a linear probe knows its own half by heart
    one, other = RNG.normal(size=(2, 60, 400))
    assert abs(alignment.a_distance(one, other)) < 1


def test_the_same_number_of_each_domain_counts():
    one, other = RNG.normal(size=(2000, 3)), RNG.normal(size=(300, 3))
    assert alignment.a_distance(one, other) == alignment.a_distance(one[:300], other)
    assert alignment.a_distance(one, other[:100]) == alignment.a_distance(one, other, most=100)


def test_tsne_keeps_groups_apart_that_are_apart():
    near, far = RNG.normal(0, .1, (40, 5)), RNG.normal(9, .1, (30, 5))
    a, b = alignment.tsne(near, far, perplexity=10)
    assert a.shape == (40, 2) and b.shape == (30, 2)
    between = numpy.linalg.norm(a.mean(axis=0) - b.mean(axis=0))
    assert between > a.std() and between > b.std()
    again, _ = alignment.tsne(near, far, perplexity=10)
    assert (again == a).all()


@pytest.mark.parametrize('arrays, said', [
    ((numpy.zeros((9, 3)), numpy.zeros((9, 4))), r'\(9, 3\), \(9, 4\)'),
    ((numpy.zeros((9, 3, 3)),) * 2, 'one row per example'),
    ((numpy.zeros((9, 3)), numpy.zeros((2, 3))), 'at least four examples')])
def test_features_that_cannot_be_compared_are_one_sentence(arrays, said):
    with pytest.raises(CourseError, match=said):
        alignment.a_distance(*arrays)


def test_too_few_examples_for_the_perplexity():
    with pytest.raises(CourseError, match='only 8 examples'):
        alignment.tsne(numpy.zeros((8, 3)), perplexity=30)
