"""The checks of exercises 6: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import outputs
from d2lhelpers.exercises import e06

import numpy
import pytest
from mxnet import autograd, gluon, np

# ---- 1: the size of a head

def size(inputs, classes, bias=1):
    return (inputs + bias) * 1024 + (1024 + bias) * 256 + (256 + bias) * classes


WRONG_1 = [
    (lambda c, h, w, classes, pooled: size(c if pooled else c * h * w, classes, 0), 'has a bias too'),
    (lambda c, h, w, classes, pooled: size(c, classes), 'as if it were pooled'),
    (lambda c, h, w, classes, pooled: size(c * h * w, classes), 'as if it were flattened'),
    (lambda c, h, w, classes, pooled: size(c if pooled else c * h * w, 19) + 1,
     'is not right. Layer by layer'),
    (lambda c, h, w, classes, pooled: 'many', 'a number of weights'),
]


# ---- 2: keep the features

def labels_of(data):
    return numpy.array([label for _, label in data])


def shuffled(net, data):
    parts = [(net.features(x), y) for x, y in gluon.data.DataLoader(data, 16, shuffle=True)]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def in_training_mode(net, data):
    with autograd.record():
        return np.concatenate([net.features(x) for x, _ in gluon.data.DataLoader(data, 16)]), labels_of(data)


def last_batch_lost(net, data):
    return np.concatenate([net.features(x) for x,
                           _ in gluon.data.DataLoader(data, 16, last_batch='discard')]), labels_of(data)


WRONG_2 = [
    (shuffled, 'do not shuffle what is kept'),
    (in_training_mode, 'In training mode'),
    (lambda net, data: (outputs(net, data), labels_of(data)), 'leave the head out'),
    (last_batch_lost, 'those of the last batch too'),
    (lambda net, data: (outputs(net.features, data), numpy.sort(labels_of(data))),
     'the labels do not belong to them'),
    (lambda net, data: outputs(net.features, data), 'two arrays, features and labels'),
]


# ---- 3: a stratified split

def at_random(labels, each, seed):
    order = numpy.random.default_rng(seed).permutation(len(labels))
    return order[38:], order[:38]


def of_each(labels, each, seed):
    rng = numpy.random.default_rng(seed)
    return numpy.concatenate([rng.permutation(numpy.flatnonzero(labels == k))[:each] for k in range(19)])


def put_back(labels, each, seed):
    rng = numpy.random.default_rng(seed)
    chosen = numpy.concatenate([rng.choice(numpy.flatnonzero(labels == k), each) for k in range(19)])
    return numpy.setdiff1d(numpy.arange(len(labels)), chosen), chosen


def always_the_first(labels, each, seed):
    chosen = numpy.concatenate([numpy.flatnonzero(labels == k)[:each] for k in range(19)])
    return numpy.setdiff1d(numpy.arange(len(labels)), chosen), chosen


def share_of_each(labels, each, seed):
    chosen = numpy.concatenate([numpy.flatnonzero(labels == k)[:max(1, (labels == k).sum() // 5)]
                                for k in range(19)])
    return numpy.setdiff1d(numpy.arange(len(labels)), chosen), chosen


WRONG_3 = [
    (at_random, 'have no validation picture at all'),
    (put_back, 'without replacement'),
    (always_the_first, 'Another seed gave the same split'),
    (share_of_each, 'everybody is to have 2'),
    (lambda labels, each, seed: (numpy.arange(len(labels)), of_each(labels, each, seed)), 'is in both parts'),
    (lambda labels, each, seed: (of_each(labels, 1, seed), of_each(labels, 3, seed)[1::3]),
     'is in neither part'),
    (lambda labels, each, seed: of_each(labels, each, seed), 'two lists of places'),
]


# ---- 4: a threshold

def kth(outside, allowed, offset):
    ordered = numpy.sort(outside)[::-1]
    return ordered[min(max(int(allowed * len(outside) + 1e-9) + offset, 0), len(outside) - 1)]


WRONG_4 = [
    (lambda outside, allowed: numpy.quantile(outside, allowed), 'the wrong end of the list'),
    (lambda outside, allowed: outside.max(), 'stricter than it need be'),
    (lambda outside, allowed: float('nan'), 'is nan'),
    (lambda outside, allowed: .5, 'pass (those whose confidence is above it)'),
    (lambda outside, allowed: kth(outside, allowed, 3), 'pass (those whose confidence is above it)'),
    (lambda outside, allowed: kth(outside, allowed, -3), 'stricter than it need be'),
    (lambda outside, allowed: print(end=''), 'returned nothing'),
]


# ---- 5: the same preprocessing everywhere

MEAN, DEVIATION = (numpy.array(c).reshape(3, 1, 1) for c in ((.485, .456, .406), (.229, .224, .225)))


def channels_first(pictures):
    return pictures.transpose(0, 3, 1, 2).astype('float32')


WRONG_5 = [
    (channels_first, 'Colours still go from 0 to 255'),
    (lambda p: channels_first(p) / 255, 'the mean is not subtracted yet'),
    (lambda p: (channels_first(p) - MEAN) / DEVIATION, 'here they are applied to 0 to 255'),
    (lambda p: channels_first(p) / 127.5 - 1, 'These are not the numbers'),
    (lambda p: ((channels_first(p) / 255 - MEAN) / DEVIATION)[:, ::-1].copy(), 'Red and blue are swapped'),
    (lambda p: ((p.transpose(0, 3, 2, 1) / 255 - MEAN) / DEVIATION), 'lie on their sides'),
    (lambda p: p / 255, 'the channels before height and width'),
    (lambda p: (channels_first(p) / 255).mean(axis=1), 'The shape is'),
]


# ---- 6: one picture of each

def distances(known, new):
    return numpy.square(new[:, None] - known[None]).sum(axis=2)


WRONG_6 = [
    (lambda known, new: distances(known, new).argmax(axis=1), 'who is farthest'),
    (lambda known, new: distances(known, new).argmin(axis=0), 'has the shape'),
    (lambda known, new: distances(known, new).min(axis=1), 'not the distance'),
    (lambda known, new: distances(known, new), 'has the shape'),
    (lambda known, new: (new @ known.T).argmin(axis=1), 'who is farthest'),
    (lambda known, new: numpy.arange(len(new)) % len(known), 'pictures are right: name'),
]

WRONG = [(number, *case) for number,
         cases in enumerate((WRONG_1, WRONG_2, WRONG_3, WRONG_4, WRONG_5, WRONG_6), 1) for case in cases]


def test_the_solutions_are_right(said, solutions):
    for number in range(1, 7):
        assert f'Exercise {number}: right: ' in said(number, solutions[number])


@pytest.mark.parametrize('number, answer', [
    (1, lambda c, h, w, classes, pooled: float(e06.size_of_head(c if pooled else c * h * w, classes))),
    (2, lambda net, data: [outputs(net.features, data).asnumpy(), [int(y) for _, y in data]]),
    (4, lambda outside, allowed: numpy.sort(outside)[int(numpy.ceil((1 - allowed) * len(outside) - 1e-9))
                                                     - 1]),
    (6, lambda known, new: (new @ known.T / numpy.linalg.norm(known, axis=1)).argmax(axis=1).tolist())])
def test_other_right_answers(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, answer)


@pytest.mark.parametrize('number, answer, sentence', WRONG)
def test_wrong_answers_get_the_sentence_that_helps(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet. ' in printed and sentence in printed


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 2: right: ' in said(2, solutions[2]) and 'Exercise 6: right: ' in said(6, solutions[6])
