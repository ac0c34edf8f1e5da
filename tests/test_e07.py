"""The checks of exercises 7: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import cross_entropy, freeze, progress
from d2lhelpers.datasets.vowels import interpolation

import numpy
import pytest
from mxnet import gluon, init, np, npx

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

def by_hand(x, centres, alpha):
    """Another style: the two bands around each frequency, and their shares."""
    where = numpy.clip(alpha * centres, centres[0], centres[-1])
    above = numpy.clip(numpy.searchsorted(centres, where), 1, len(centres) - 1)
    share = (where - centres[above - 1]) / (centres[above] - centres[above - 1])
    return (1 - share) * x[:, above - 1] + share * x[:, above]


def losses(scores, x, labels, alphas, warp):
    return [float(cross_entropy(np.array(scores(warp(x, alpha))), np.array(labels))) for alpha in alphas]


def by_accuracy(scores, x, labels, alphas, warp):
    return max(alphas, key=lambda alpha: (scores(warp(x, alpha)).argmax(axis=1) == labels).mean())


def until_it_rises(scores, x, labels, alphas, warp):
    """A search that stops at the first rise, from the start of the list on."""
    found = losses(scores, x, labels, alphas, warp)
    place = next((i for i in range(len(found) - 1) if found[i + 1] > found[i]), len(found) - 1)
    return alphas[place]


def from_the_end(scores, x, labels, alphas, warp):
    return until_it_rises(scores, x, labels, alphas[::-1], warp)


def without_the_ends(scores, x, labels, alphas, warp):
    return alphas[1 + numpy.argmin(losses(scores, x, labels, alphas[1:-1], warp))]


def without_the_last(scores, x, labels, alphas, warp):
    return alphas[numpy.argmin(losses(scores, x, labels, alphas[:-1], warp))]


def by_a_loop(scores, x, labels, alphas, warp):
    """Other styles of a right answer: a loop with its own cross-entropy, and a dict."""
    best, found = float('inf'), None
    for alpha in alphas:
        values = scores(warp(x, alpha))
        log = values - numpy.log(numpy.exp(values).sum(axis=1, keepdims=True))
        loss = -sum(log[i, k] for i, k in enumerate(labels))
        if loss < best:
            best, found = loss, alpha
    return found


def by_a_dict(scores, x, labels, alphas, warp):
    found = dict(zip(losses(scores, x, labels, alphas, warp), alphas, strict=True))
    return np.array(found[min(found)])


WRONG_2 = [
    (until_it_rises, 'more than one valley'), (from_the_end, 'more than one valley'),
    (without_the_ends, 'both ends included'), (without_the_last, 'the best factor is at the end of the list'),
    (lambda *given: min(losses(*given)), 'This is the lowest loss'),
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

def part_by_part(net):
    for part in list(net)[1:]:
        freeze(net, part)


def by_places(net):
    [freeze(net, net[place]) for place in range(len(net)) if place > 0]


def starts_the_first_anew(net):
    net[0].initialize(init.Xavier(), force_reinit=True)
    freeze(net, net[1:])


WRONG_3 = [
    (starts_the_first_anew, 'Your function itself has changed numbers'),
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
    (lambda change: 'middle', "'first' or 'last'"), (lambda change: 0, "'first' or 'last'"),
]


# ---- 5: vowels that were not spoken

each = gluon.loss.SoftmaxCrossEntropyLoss()


def places(labels, spoken):
    return np.array([list(spoken).index(int(label)) for label in labels])


WRONG_5 = [
    (lambda scores, labels, spoken: cross_entropy(scores, labels), 'the ordinary loss over all ten'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, sorted({int(k) for k in labels})],
                                                  places(labels, sorted({int(k) for k in labels}))),
     'Only the vowels of this batch were kept'),
    (lambda scores, labels, spoken: 6 * cross_entropy(scores[:, spoken], places(labels, spoken)),
     'the sum over the batch'),
    (lambda scores, labels,
     spoken: cross_entropy(scores * np.array([k in spoken for k in range(10)]).astype('float32'), labels),
     'set to 0'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, sorted(spoken)], places(labels, spoken)),
     'do not belong to these columns'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, spoken], labels),
     'the labels still are numbers of vowels'),
    (lambda scores, labels, spoken: cross_entropy(scores[:, sorted(spoken)], labels),
     'the labels still are numbers of vowels'),
    (lambda scores, labels, spoken: np.array(float(cross_entropy(scores[:, spoken], places(labels, spoken)))),
     'no gradient'),
    (lambda scores, labels, spoken: float(cross_entropy(scores[:, spoken], places(labels, spoken))),
     'one number as an mxnet array'),
    (lambda scores, labels, spoken: cross_entropy(2 * scores[:, spoken], places(labels, spoken)),
     'among the spoken vowels alone is'),
    (lambda scores, labels, spoken: each(scores[:, spoken], places(labels, spoken)), 'returned 6 numbers'),
]


def sorted_columns(scores, labels, spoken):
    """Other styles: sorted columns with a search, and log-probabilities picked one by one."""
    kept = sorted(spoken)
    return each(scores[:, kept], np.array(numpy.searchsorted(kept, labels.asnumpy()))).mean()


def one_by_one(scores, labels, spoken):
    log = npx.log_softmax(scores[:, spoken])
    return -sum(log[i, spoken.index(int(k))] for i, k in enumerate(labels)) / len(labels)


# ---- 6: a study of two ends

def plan(arms=('first', 'last'), starts=('source', 'new'), updates=None, sounds=None, lrs=(.001, .005, .02),
         grid=None, seeds=(1, 2, 3), choose_by='validation'):
    return lambda: {
        'arms': [{'arm': arm, 'start': start, 'updates': (updates or {}).get(start, 200),
                  'sounds': (sounds or {}).get(arm, 5)} for arm in arms for start in starts],
        'grid': grid or [{'lr': lr} for lr in lrs], 'seeds': list(seeds), 'choose_by': choose_by}


FOUR = [{'lr': lr} for lr in (.001, .003, .01, .03)]
WRONG_6 = [
    (plan(updates={'new': 400}), 'updates: 400 with'), (plan(sounds={'last': 20}), 'of each vowel: 20'),
    (lambda: {**plan()(), 'arms': [plan()()['arms'][i] for i in (0, 3)]}, 'differ in one thing alone'),
    (plan(starts=('source',)), "start = 'new'"), (plan(arms=('first', 'middle')), "'middle'"),
    (plan(grid={'first': FOUR, 'last': FOUR[:3]}), "'last' among 3"), (plan(lrs=(.01, .02)), '2 settings'),
    (plan(seeds=(1, 1, 2)), 'One seed stands in the list twice'), (plan(choose_by='test'), 'test accuracy'),
    (plan(choose_by='training'), 'by heart'),
]


# ---- 7: what the child never said

def told(*answer):
    return lambda: answer


WRONG_7 = [
    (told('A', 1), 'there it falls to 0.31'), (told('C', 2), 'the warp has heard none of them either'),
    (told('D', 2), 'the other way round'), (told('B', 1), 'look the same'),
    (told('B', 3), 'the figure does not show it'), (lambda: 'B2', 'a letter and a number'),
]

WRONG = {number: globals()[f'WRONG_{number}'] for number in range(1, 8)}


@pytest.mark.parametrize('number', WRONG)
def test_the_solution_is_right(said, solutions, number):
    assert said(number, solutions[number]).startswith(f'Exercise {number}: right: ')


@pytest.mark.parametrize(('number', 'answer', 'sentence'),
                         [(number, *each) for number, wrong in WRONG.items() for each in wrong])
def test_a_wrong_answer_gets_the_sentence_that_helps(said, number, answer, sentence):
    told = said(number, answer)
    assert told.startswith(f'Exercise {number}: not yet.') and sentence in told


def masked(scores, labels, spoken):
    keep = np.array([k in spoken for k in range(10)]).astype('float32')
    return cross_entropy(scores - (1 - keep) * 1e9, labels)


@pytest.mark.parametrize(('number', 'answer'), [
    (1, by_hand), (1, lambda x, centres, alpha: x @ interpolation(alpha * centres)), (2, by_a_loop),
    (2, by_a_dict), (3, part_by_part), (3, by_places),
    (4, lambda change: {'numbers': 'last'}.get(change, 'first')),
    (4, lambda change: 'first' if change in ('microphone', 'reversed') else 'last'),
    (5, masked), (5, sorted_columns), (5, one_by_one), (6, plan()),
    (6, plan(seeds=range(5), lrs=(.0001, .01, 1))),
    (6, plan(grid={'first': FOUR, 'last': FOUR[::-1]})), (7, told('B', 2)), (7, lambda: ['b', '2'])])
def test_other_ways_that_are_as_good_are_right_too(said, number, answer):
    assert said(number, answer).startswith(f'Exercise {number}: right: ')


def test_the_long_check_shows_how_far_it_is(said, solutions, monkeypatch):
    monkeypatch.setattr(progress, 'watched', lambda: True)
    told = said(4, solutions[4])
    assert told.startswith('tuning both ends') and '12/12' in told
