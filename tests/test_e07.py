"""The checks of exercises 7: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import cross_entropy, freeze
from d2lhelpers.datasets.vowels import interpolation

import numpy
import pytest
from mxnet import np

# ---- 1: the warp

def read(x, centres, frequencies, **ends):
    return numpy.array([numpy.interp(frequencies, centres, row, **ends) for row in x])


def in_place(x, centres, alpha):
    x[:] = read(x, centres, alpha * centres)
    return x


WRONG_1 = [
    (lambda x, centres, alpha: read(x, centres, centres / alpha), 'the inverse direction'),
    (lambda x, centres, alpha: numpy.roll(x, -round(10 * (alpha - 1)), axis=1), 'Whole bands were moved'),
    (lambda x, centres, alpha: x[:, [abs(centres - alpha * f).argmin() for f in centres]],
     'Whole bands were moved'),
    (lambda x, centres, alpha: read(x, centres, alpha * centres, left=0, right=0),
     'there is nothing to read'),
    (lambda x, centres, alpha: read(x, numpy.arange(40), alpha * numpy.arange(40)),
     'multiplies the number of the band'),
    (lambda x, centres, alpha: numpy.interp(alpha * centres, centres, x[0]), 'keep the shape'),
    (in_place, 'changed the features it was given'),
    (lambda x, centres, alpha: alpha * read(x, centres, alpha * centres), 'must be the old one at'),
    (lambda x, centres, alpha: read(x, centres, 1.1 * centres), 'With alpha = 1 nothing may change'),
    (lambda x, centres, alpha: None if alpha else x, 'returned nothing'),
]


# ---- 2: choose alpha

def losses(scores, x, labels, alphas, warp):
    return [float(cross_entropy(np.array(scores(warp(x, alpha))), np.array(labels))) for alpha in alphas]


def by_accuracy(scores, x, labels, alphas, warp):
    return max(alphas, key=lambda alpha: (scores(warp(x, alpha)).argmax(axis=1) == labels).mean())


WRONG_2 = [
    (by_accuracy, 'many factors tie'),
    (lambda scores, x, labels, alphas, warp: int(numpy.argmin(losses(scores, x, labels, alphas, warp))),
     'the place of the factor'),
    (lambda scores, x, labels, alphas, warp: alphas[numpy.argmax(losses(scores, x, labels, alphas, warp))],
     'the highest loss'),
    (lambda scores, x, labels, alphas,
     warp: 1 / alphas[numpy.argmin(losses(scores, x, labels, alphas, warp))], 'one divided by the factor'),
    (lambda scores, x, labels, alphas, warp: 1.2345, 'none of the factors'),
    (lambda scores, x, labels, alphas, warp: alphas[4], 'your factor has the loss'),
    (lambda scores, x, labels, alphas, warp: losses, 'object of type function'),
]


# ---- 3: only the first layer

WRONG_3 = [
    (lambda net: None if net else 0, 'Layers above the first moved too'),
    (lambda net: freeze(net, net[0]), 'the wrong way round'),
    (lambda net: freeze(net, net), 'The first layer did not move'),
    (lambda net: freeze(net, net[2:]), 'the statistics of batch normalisation moved'),
    (lambda net: net[1:].collect_params().setattr('grad_req', 'null'),
     'the statistics of batch normalisation moved'),
    (lambda net: [freeze(net, net[place]) for place in (1, 2, 4)], 'Dropout above the first layer'),
    (lambda net: freeze(net, net[3:]), 'Layers above the first moved too'),
    (lambda net: [freeze(net, net[1:]), setattr(net[0].bias, 'grad_req', 'null')],
     'only the weights or only the biases'),
]


# ---- 4: which end

WRONG_4 = [
    (lambda change: 'last', 'An adult speaks into a bad microphone'),
    (lambda change: 'first', 'but the vowels were numbered anew: tuning only the first layer'),
    (lambda change: 'first' if change == 'microphone' else 'last', 'in the opposite order'),
    (lambda change: 'middle', "'first' or 'last'"),
]


# ---- 5: vowels that were not spoken

def places(labels, spoken):
    return np.array([list(spoken).index(int(label)) for label in labels])


WRONG_5 = [
    (lambda scores, labels, spoken: cross_entropy(scores, labels), 'the ordinary loss over all ten'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, sorted({int(k) for k in labels})],
                                                  places(labels, sorted({int(k) for k in labels}))),
     'among the spoken vowels alone is'),
    (lambda scores, labels, spoken: 6 * cross_entropy(scores[:, spoken], places(labels, spoken)),
     'the sum over the batch'),
    (lambda scores, labels,
     spoken: cross_entropy(scores * np.array([k in spoken for k in range(10)]).astype('float32'), labels),
     'set to 0'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, sorted(spoken)], places(labels, spoken)),
     'do not belong to these columns'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, spoken], labels), 'A label is 7'),
    (lambda scores, labels, spoken: np.array(float(cross_entropy(scores[:, spoken], places(labels, spoken)))),
     'no gradient'),
    (lambda scores, labels, spoken: float(cross_entropy(scores[:, spoken], places(labels, spoken))),
     'one number as an mxnet array'),
    (lambda scores, labels, spoken: cross_entropy(2 * scores[:, spoken], places(labels, spoken)),
     'among the spoken vowels alone is'),
]


# ---- 6: a source for children

WRONG_6 = [
    (lambda x, labels, warp: (x, labels), 'as high as a child'),
    (lambda x, labels, warp: (warp(x, 1.25), labels), 'the wrong way'),
    (lambda x, labels, warp: (numpy.concatenate([x, warp(x, .8)]), labels), 'their labels come along'),
    (lambda x, labels, warp: warp(x, .8), 'features and labels, return x, labels'),
    (lambda x, labels, warp: (x, labels, warp), '3 things'),
    (lambda x, labels, warp: (x[:, :20], labels), 'the shape'),
]

WRONG = {number: globals()[f'WRONG_{number}'] for number in range(1, 7)}


@pytest.mark.parametrize('number', WRONG)
def test_the_solution_is_right(said, solutions, number):
    assert said(number, solutions[number]).startswith(f'Exercise {number}: right: ')


@pytest.mark.parametrize(('number', 'answer', 'sentence'),
                         [(number, *each) for number, wrong in WRONG.items() for each in wrong])
def test_a_wrong_answer_gets_the_sentence_that_helps(said, number, answer, sentence):
    told = said(number, answer)
    assert told.startswith(f'Exercise {number}: not yet.') and sentence in told


def test_other_ways_that_are_as_good_are_right_too(said):
    assert 'right' in said(1, lambda x, centres, alpha: x @ interpolation(alpha * centres))
    very = -1e9 * np.ones(10)

    def masked(scores, labels, spoken):
        keep = np.array([k in spoken for k in range(10)]).astype('float32')
        return cross_entropy(scores + (1 - keep) * very, labels)

    assert 'right' in said(5, masked)
    assert 'right' in said(6, lambda x, labels, warp: (warp(x, 1 / 1.2), labels))
