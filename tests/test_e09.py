"""The checks of exercises 9: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import freeze
from d2lhelpers.exercises import e09  # noqa: F401 - the module of checks

import numpy
import pytest
from mxnet import gluon

WRONG = {1: [
    (lambda n, rank, workers: slice(rank * (n // workers), (rank + 1) * (n // workers)),
     'nobody has example'),
    (lambda n, rank, workers: slice(rank * (n // workers), n), 'have two workers'),
    (lambda n, rank, workers: slice(rank * (n // workers), n if rank == workers - 1
                                    else (rank + 1) * (n // workers)), 'the one who has most'),
    (lambda n, rank, workers: [*range(n)][rank::workers], 'a slice'),
], 2: [
    (lambda gradients, counts: sum(gradients), 'higher'),
    (lambda gradients, counts: sum(gradients) / len(gradients), 'only where all shares are equal'),
    (lambda gradients, counts: sum(n * g for n, g in zip(counts, gradients, strict=True)),
     'divide by the examples of all'),
    (lambda gradients, counts: numpy.concatenate(gradients), 'so must the result'),
], 3: [
    (lambda C, P, R: sweep(C, P, R) + 1, 'the number before it'),
    (lambda C, P, R: sweep(C, P / 32, R), 'a weight has 32 bits'),
    (lambda C, P, R: sweep(C, P / 8, R), 'four bytes of eight bits'),
    (lambda C, P, R: 64, 'in a sweep'), (lambda C, P, R: 'two', 'a number of machines'),
], 4: [
    (lambda net: gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1}), 'would travel'),
    (lambda net: frozen_inside(net), 'once at the start'),
    (lambda net: gluon.Trainer(net.output.collect_params(), 'sgd', {'learning_rate': 1e-6}), 'only: which'),
    (lambda net: net.output.collect_params(), 'gluon.Trainer'),
    (lambda net: freeze(net, net) or gluon.Trainer(net.output.collect_params(), 'sgd'),
     'nothing would learn'),
], 5: [
    (lambda means, variances, counts: (numpy.mean(means, axis=0), numpy.mean(variances, axis=0)),
     'distance is'),
    (lambda means, variances, counts: (weighted(means, counts), weighted(variances, counts)),
     'distance is variance too'),
    (lambda means, variances, counts: (weighted(means, counts), merged(means, variances, counts) ** .5),
     'standard deviation'),
    (lambda means, variances, counts: (merged(means, variances, counts), weighted(means, counts)),
     'the mean first'),
    (lambda means, variances, counts: weighted(means, counts)[:1], 'two arrays'),
]}


def sweep(C, P, R):
    speed = [n * C / (C + 32 * n * P / R) for n in range(1, 66)]
    return next((n for n in range(1, 64) if speed[n] < 1.1 * speed[n - 1]), 64)


def frozen_inside(net):
    freeze(net, net.features)
    return gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})


def weighted(values, counts):
    return sum(n * value for n, value in zip(counts, values, strict=True)) / sum(counts)


def merged(means, variances, counts):
    mean = weighted(means, counts)
    return weighted([v + (m - mean) ** 2 for m, v in zip(means, variances, strict=True)], counts)


@pytest.mark.parametrize('number', WRONG)
def test_the_solution_is_right(said, solutions, number):
    assert said(number, solutions[number]).startswith(f'Exercise {number}: right: ')


@pytest.mark.parametrize(('number', 'answer', 'sentence'),
                         [(number, *each) for number, wrong in WRONG.items() for each in wrong])
def test_a_wrong_answer_gets_the_sentence_that_helps(said, number, answer, sentence):
    told = said(number, answer)
    assert told.startswith(f'Exercise {number}: not yet.') and sentence in told


def early(n, rank, workers):
    """The first shares have one more, as numpy.array_split does it."""
    places = numpy.array_split(numpy.arange(n), workers)[rank]
    return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0)


@pytest.mark.parametrize(('number', 'answer'), [
    (1, early), (1, lambda n, rank, workers: slice(rank, n, workers)),
    (5, lambda means, variances, counts: [
        weighted(means, counts),
        weighted([v + m ** 2 for m, v in zip(means, variances, strict=True)], counts)
        - weighted(means, counts) ** 2])])
def test_other_ways_that_are_as_good_are_right_too(said, number, answer):
    assert said(number, answer).startswith(f'Exercise {number}: right: ')
