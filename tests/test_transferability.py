"""Scores that rank sources before anything is trained."""
from d2lhelpers import CourseError
from d2lhelpers.transferability import knn_score, logme

import numpy
import pytest
from scipy import optimize, stats


def blobs(distance, n=120, d=10, seed=0):
    """Features of three classes, so far apart."""
    generator = numpy.random.default_rng(seed)
    labels = numpy.arange(n) % 3
    middles = distance * generator.normal(size=(3, d))
    return middles[labels] + generator.normal(size=(n, d)), labels


@pytest.mark.parametrize('score', [logme, knn_score])
def test_better_features_score_higher(score):
    scores = [score(*blobs(distance)) for distance in (0, .3, .6, 1.5)]
    assert scores == sorted(scores) and scores[0] < scores[1]


@pytest.mark.parametrize('n, d', [(60, 4), (20, 40)])
def test_logme_is_the_largest_evidence(n, d):
    """Against the evidence written down in full, a Gaussian of all targets, maximised by a library."""
    features, labels = blobs(.8, n, d)
    total = 0
    for k in range(3):
        y = (labels == k).astype(float)

        def loss(logs, y=y):
            alpha, beta = numpy.exp(logs)
            spread = features @ features.T / alpha + numpy.eye(n) / beta
            return -stats.multivariate_normal(numpy.zeros(n), spread).logpdf(y)
        total -= min(optimize.minimize(loss, start, bounds=[(-6, 14)] * 2).fun
                     for start in ([0, 1], [3, 2], [4, 4], [4, 10]))
    assert logme(features, labels) == pytest.approx(total / 3 / n, abs=1e-4)


def test_an_example_is_not_its_own_neighbour():
    features = numpy.eye(4)
    assert knn_score(features[[0, 0, 1, 1]], [0, 0, 1, 1], k=1) == 1
    assert knn_score(features[[0, 0, 1, 1]], [0, 1, 0, 1], k=1) == 0


@pytest.mark.parametrize('wrong, sentence', [
    (lambda: logme(numpy.ones((3, 2)), [0, 1]), 'do not go with 2 labels'),
    (lambda: logme(numpy.ones((3, 2)), [1, 1, 1]), 'the same class'),
    (lambda: knn_score(numpy.ones((3, 2)), [0, 1, 1], k=3), 'choose a whole number from 1 to 2')])
def test_bad_input(wrong, sentence):
    with pytest.raises(CourseError, match=sentence):
        wrong()
