"""Checks of the exercises of lesson 2, layer transfer. All work on the drawn world and a network of five
layers, in both profiles.
"""
import functools
import types

import numpy
import pandas
from mxnet import gluon, np, npx
from mxnet.gluon.data.vision import transforms

from .. import layers
from ..backbones import build, half
from ..datasets import Pictures, picture_book, stratified
from ..datasets.digits import handwriting
from ..evaluation import accuracy, outputs
from ..freezing import freeze
from ..hardware import seed_all
from ..surgery import new_head
from ..training import cross_entropy
from . import drawn
from .checking import Wrong, check, fit_quietly, quietly
from .design import fair
from .judging import ARRAY, as_numpy, number, returned
from .networks import in_training, learning, same, weights
from .reading import reading
from .variants import varied

SIZE = 32  # of the pictures, in pixels


def ready(pictures):
    """Pictures in the form that the networks take, transformed once and for all: items ``(x, label)``, x of
    shape (3, 32, 32).
    """
    return drawn.ready(pictures, [transforms.Resize(SIZE)])


@functools.cache
def source():
    """The network A of the lesson; its ``load()`` gives a fresh one at every call."""
    with quietly():
        return half('A')


@functools.cache
def things():
    """Eight things of half B: 240 pictures to train with, 240 to test."""
    return picture_book.half('B', train=240, validation=8, test=240, seed=varied(1))


@functools.cache
def _test(task):
    return ready(task().test)


def train(net, examples, lr, updates=80):
    """Train a network, quietly: batches of 32, the rate falling to zero."""
    net.hybridize(static_alloc=True)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': .9})
    fit_quietly(lambda x, y: cross_entropy(net(x), y), examples, size=32, updates=updates, trainer=trainer,
                before_step=lambda p: trainer.set_learning_rate(lr * (1 - p)))
    return net


# ---- 1: two donors -----------------------------------------------------------------------------------------

@functools.cache
def other():
    """The network B of the lesson, as `source`."""
    with quietly():
        return half('B')


@check(1)
def check_1(answer):
    """Two cuts into fresh networks; then a few updates, in which only the layers above the cut may move."""
    examples = ready(stratified(things().train, 32, seed=0))
    for n in (2, 4):
        donors, net = (source().load(), other().load()), build('five_layers', 8)
        below, above = (weights(donor.features) for donor in donors)
        given, trainable = weights(*donors), learning(donors[0]) + learning(donors[1])
        own = weights(net)
        net = returned(answer(*donors, net, n), gluon.Block, 'the network for the target')
        _nothing_shared(net, donors)
        if not same(weights(*donors), given):
            raise Wrong('A donor has changed: layers.copy_weights(one, other) copies from the first into the '
                        'second.')
        if learning(donors[0]) + learning(donors[1]) != trainable:
            raise Wrong('A donor has been frozen: freeze layers of net.')
        count = len(weights(layers.first(net, n)))
        _copied(weights(net.features), below, above, own, n, count)
        if not same(weights(net.output), own[len(above):]):
            raise Wrong('The head has changed: it stays random, as it came with net.')
        _trained(net, n, examples)
        if not same(weights(*donors), given):
            raise Wrong('Training the new network changed a donor.')
    return ('the layers below the cut stood still, those above it and the head learned, and both donors are '
            'as they were')


def _nothing_shared(net, donors):
    """A shared layer is one Parameter object in two networks, whether or not training has shown it."""
    mine = set(map(id, net.collect_params().values()))
    shared = [name for donor in donors for name, each in donor.collect_params().items() if id(each) in mine]
    if shared:
        raise Wrong(f'The new network and a donor share layers ({len(shared)} parameters, the first is '
                    f'{shared[0]}): what trains or freezes one of them does so to the other. Copy the '
                    'numbers, not the layers: layers.copy_weights does.')


def _copied(found, below, above, own, n, count):
    """Does the backbone hold the right donor's numbers on either side of the cut?"""
    if not same(found[:count], below[:count]):
        if same(found[:count], above[:count]):
            raise Wrong(f'With n = {n} the first {n} layers hold the weights of the upper donor: was the '
                        'lower one copied first, and then overwritten?')
        raise Wrong(f'With n = {n} the first {n} layers do not hold the weights of the lower donor: copy '
                    'every one of their arrays, running statistics included (layers.copy_weights does).')
    if not same(found[count:], above[count:]):
        if same(found[count:], below[count:]):
            raise Wrong(f'With n = {n} the layers above the cut are those of the lower donor too: it is to '
                        f'give the first {n} layers only.')
        if same(found[count:], own[count:len(found)]):
            raise Wrong(f'With n = {n} the layers above the cut are still random: they come from the upper '
                        'donor.')
        raise Wrong(f'With n = {n} the layers above the cut do not hold the weights of the upper donor.')


def _trained(net, n, examples):
    """Train a little: what moves, and what stands still?"""
    copied = layers.first(net, n)
    before, lower = weights(net), weights(copied)
    count = len(lower)
    if not learning(net):
        raise Wrong('Everything is frozen, so nothing can learn: freeze the first n layers only.')
    train(net, examples, .1, updates=5)
    if learning(copied) and not same(weights(copied), lower):
        raise Wrong(f'With n = {n} the layers below the cut moved in training: freeze them in the new '
                    'network, with freeze(net, part).')
    x = np.stack([picture for picture, _ in examples])
    if float(np.abs(in_training(copied, x) - copied(x)).max()) > 1e-3:
        raise Wrong('The weights stand still, but in training the layers below the cut give other features '
                    'than in use, since their batch normalisation still follows the batch: freeze(net, part) '
                    'holds that still too.')
    still = len(weights(net.features))
    if same(weights(net)[count:still], before[count:still]):
        raise Wrong(f'With n = {n} the layers above the cut did not move in training: freeze the first n '
                    'layers only.')
    if same(weights(net.output), before[still:]):
        raise Wrong('The head did not move in training: leave it free.')


# ---- 2: plan the curves ------------------------------------------------------------------------------------

PLANNED = {'arm': ('digits', 'random'), 'frozen': (True, False)}  # what the study of exercise 2 compares


@check(2)
def check_2(answer):
    """Is the plan fair, and can it tell the digits from the freezing?"""
    same_for_all = {'n, the layers put in': ('n',), 'pictures': ('pictures',), 'updates': ('updates',)}
    return f'{fair(answer(), PLANNED, same_for_all)}, and the digits can be told from the freezing'


# ---- 3: a coarser question, without training ---------------------------------------------------------------

FOOD = ('apple', 'pizza', 'ice cream', 'egg', 'donut', 'mushroom', 'hotdog', 'baguette', 'carrot', 'sub',
        'eclair')


@check(3)
def check_3(answer):
    """Made-up scores where the easy ways go wrong, then network A on pictures of its own things."""
    made_up = (
        ([[2.3, 1, 1, 1, 1, 2.2]], [0, 0, 0, 0, 0, 1], [0],
         'A group with many classes is not to be punished: the sum of its probabilities counts, not their '
         'mean.'),
        ([[3, 2.9, 2.9]], [0, 1, 1], [1],
         'The single most probable class may be in one group, and most of the probability in the other: add '
         'up the probabilities of a group before you compare.'),
        ([[5, -20, -20, 4]], [0, 0, 0, 1], [0],
         'Scores are no probabilities: take the softmax first, then add up.'),
        ([[9, 9, 9, 12], [1, 1, 1, -3]], [0, 0, 0, 1], [1, 0],
         'Each row is a picture: take the softmax along its classes, and compare its own groups; a group of '
         'one class may win.'),
        ([[1, 1.1, 1.2, .9], [1, 1.1, 1, 1]], [0, 1, 2, 1], [1, 1],
         'There may be more than two groups: the most probable one counts, whether or not it is above one '
         'half.'))
    for scores, groups, right, why in made_up:
        found = _classes(answer(np.array(scores), groups), len(scores)).tolist()
        if found != right:
            raise Wrong(f'Scores {scores} with the groups {groups} mean {right}, the answer was {found}. '
                        f'{why}')
    net, names = source().load(), source().classes
    task = picture_book.half('A', train=8, validation=8, test=160, seed=varied(1))
    scores = outputs(net, ready(task.test))
    groups = [int(name in FOOD) for name in names]
    true = numpy.array([name in FOOD for name in task.classes], dtype=int)[task.test.labels]
    found = _classes(answer(scores, groups), len(true))
    food = npx.softmax(scores).asnumpy()[:, numpy.array(groups) == 1].sum(axis=1)
    wrong = (found != (food > .5)).sum()
    if wrong:
        raise Wrong(f'The made-up scores came out right, but {wrong} of {len(true)} pictures are in another '
                    'group than the sums of their probabilities say.')
    share = (found == true).mean()
    return (f'without any training, network A says correctly for {share:.0%} of the pictures whether they '
            'show food')


def _classes(found, n):
    found = as_numpy(returned(found, ARRAY | list | tuple, 'an array'))
    if found.shape != (n,):
        raise Wrong(f'For {n} pictures the answer has the shape {found.shape}: return the number of one '
                    'group for each picture.')
    return found.astype(int)


# ---- 4: a wrong cut ----------------------------------------------------------------------------------------

_MADE_UP = (((.7, .72, .6, .71, .5, .4), 4), ((.7, .69, .68, .5, .4, .2), 3),
            ((.5, .6, .7, .8, .7, .6), None), ((.6, .3, .3, .3, .2, .2), 1),
            ((.6, .62, .57, .56, .5, .4), 4), ((.7, .6, .5, .4, .3, .69), None),  # the deepest cut counts
            ((.7, .5, .6, .69, .7, .6), 5))


@functools.cache
def from_digits(n):
    """Accuracy on the things of half B when the first n layers come, frozen, from a network that knows digits
    only.

    Parameters
    ----------
    n : int
        From 0 (from scratch) to 5.

    Returns
    -------
    float
    """
    seed_all(varied(1))
    net = build('five_layers', 8)
    layers.copy_weights(layers.first(digit_net(), n), layers.first(net, n))
    if n:
        freeze(net, layers.first(net, n))
    return accuracy(train(net, ready(things().train), .1), _test(things))


@functools.cache
def _digits():
    """The digits 0 to 4 of scikit-learn, in both profiles."""
    pictures, labels = handwriting('train')
    chosen = labels < 5
    return Pictures(numpy.repeat(pictures[chosen][..., None], 3, axis=3), labels[chosen])


@functools.cache
def digit_net():
    """A network that knows digits alone, trained once."""
    seed_all(varied(2))
    return train(build('five_layers', 5), ready(_digits()), .1)


@check(4)
def check_4(answer):
    """Made-up curves, then the one that is measured: layers of a network for digits under drawn things."""
    for curve, right in _MADE_UP:
        _judge_cut(_asked(answer, curve.__getitem__), right, curve)
    measured_curve = [from_digits(n) for n in range(6)]
    right = _wrong_from(measured_curve)
    _judge_cut(_asked(answer, from_digits), right, measured_curve)
    return (f'with layers from digits, accuracy on drawn things falls from {from_digits(0):.2f} (n = 0) to '
            f'{from_digits(5):.2f} (n = 5); '
            + (f'every cut from n = {right} on is hopeless' if right else 'no cut is hopeless'))


def _asked(answer, measure):
    """What the answer says, if it has measured anything."""
    asked = []

    def noted(n):
        asked.append(n)
        return measure(n)

    found = answer(noted, 5)
    if not asked:
        raise Wrong('Your function returned a cut without any measurement: call measure(n). Measure, do not '
                    'guess.')
    return found


def _judge_cut(found, right, curve):
    """Which mistake is it, if it is one?"""
    if found is not None:
        found = number(found, 'a number of layers, or None')
    if found == right:
        return
    curve = [round(value, 3) for value in curve]
    where = f'With the accuracies {curve} for n = 0 to 5 '
    if found is None:
        why = (f'there is such an n: from {right} on every cut lies more than .05 below n = 0. Your function '
               'returned None.')
    elif found in curve:
        why = f'your function returned {found:g}, an accuracy: return n.'
    elif found not in range(1, 6):
        why = f'your function returned {found:g}; n goes from 1 to 5.'
    elif right is not None and found > right:
        why = (f'your function returned {found}, but from {right} on every cut is hopeless already: return '
               'the smallest such n.')
    else:
        fine = next(n for n in range(5, 0, -1) if n >= found and curve[n] >= curve[0] - .05)
        below = 'no lower' if curve[fine] >= curve[0] else f'{curve[0] - curve[fine]:.2f} lower'
        why = (f'your function returned {found}, but n = {fine} reaches {curve[fine]:g}, {below} than n = 0: '
               'that is not hopeless (more than .05 below n = 0), and every n from yours on must be.')
    raise Wrong(where + why)


def _wrong_from(curve):
    bad = [value < curve[0] - .05 for value in curve]
    return next((n for n in range(1, len(curve)) if all(bad[n:])), None)


# ---- 5: which strategy? ------------------------------------------------------------------------------------

STRATEGIES = ('head only', 'upper layers', 'fine-tuned', 'scratch')
_FROZEN = {'head only': 5, 'upper layers': 3, 'fine-tuned': 0}
_RATES = {'head only': .1, 'upper layers': .03, 'fine-tuned': .03, 'scratch': .1}
_NEAR = .05  # a choice so near to the best is right


# No hidden data here: the answer is a choice by what the exercise shows. On other data strategies that are
# about as good change places, and a right choice would be marked wrong by luck.
@functools.cache
def _things():
    return picture_book.half('B', train=240, validation=8, test=240, seed=1)


@functools.cache
def _fish():
    return picture_book.facing(train=200, validation=2, test=240, seed=1)


@functools.cache
def _handwriting():
    """Digits that the network A has never seen: (train, test)."""
    chosen = _digits()
    order = numpy.random.default_rng(0).permutation(len(chosen))
    return types.SimpleNamespace(train=chosen.pick(order[:240]), test=chosen.pick(order[240:480]),
                                 classes=list('01234'))


TARGETS = {'things, 24 pictures': (_things, 24), 'things, 240 pictures': (_things, 240),
           'fish, 200 pictures': (_fish, 200),
           'digits, 240 pictures': (_handwriting, 240)}


@functools.cache
def measured(target, strategy):
    """Test accuracy of one strategy on one of the four targets: 80 updates, one seed.

    Parameters
    ----------
    target : str
        One of `TARGETS`.
    strategy : str
        One of `STRATEGIES`.

    Returns
    -------
    float
    """
    task, n = TARGETS[target]
    seed_all(1)
    classes = len(task().classes)
    net = build('five_layers', classes) if strategy == 'scratch' else new_head(source().load(), classes)
    if _FROZEN.get(strategy):
        freeze(net, layers.first(net, _FROZEN[strategy]))
    return accuracy(train(net, ready(stratified(task().train, n, seed=0)), _RATES[strategy]), _test(task))


@check(5)
def check_5(answer):
    """All strategies are measured on all targets: right is what comes near the best, unless something that
    trains fewer numbers is no worse.
    """
    chosen = returned(answer(), dict, 'a dict from target to strategy')
    if set(chosen) != set(TARGETS):
        raise Wrong(f'The dict is to have a strategy for each of the four targets, {", ".join(TARGETS)}; it '
                    f'has {", ".join(map(str, chosen))}.')
    unknown = [strategy for strategy in chosen.values() if strategy not in STRATEGIES]
    if unknown:
        raise Wrong(f'{unknown[0]!r} is none of the strategies {", ".join(STRATEGIES)}.')
    for target, strategy in chosen.items():
        reached = {each: measured(target, each) for each in STRATEGIES}
        best = max(reached, key=reached.get)
        if reached[strategy] < reached[best] - _NEAR:
            raise Wrong(f'{target}: {strategy} reaches {reached[strategy]:.2f}, but another strategy '
                        f'{reached[best]:.2f}. {_WHY[target]}')
        cheaper = [each for each in STRATEGIES[:STRATEGIES.index(strategy)]
                   if _FROZEN[each] > _FROZEN.get(strategy, 0)]
        if any(reached[each] >= reached[strategy] for each in cheaper):
            raise Wrong(f'{target}: {strategy} reaches {reached[strategy]:.2f}, but a strategy that trains '
                        f'far fewer numbers does no worse. {_WHY[target]}')
    return '; '.join(f'{target}: {strategy} {measured(target, strategy):.2f}'
                     for target, strategy in chosen.items())


_WHY = {
    'things, 24 pictures': 'With three pictures a class there is little to learn layers from: what needs the '
                           'fewest pictures?',
    'things, 240 pictures': 'Thirty pictures a class of a related task: the layers can be kept, and may be '
                            'adapted.',
    'fish, 200 pictures': 'Network A was trained with mirrored pictures: do its upper features know left '
                          'from right?',
    'digits, 240 pictures': 'Digits are unlike the things of A, but easy: which layers must be allowed to '
                            'change?'}


# ---- 6: two pairs of tasks ---------------------------------------------------------------------------------

_PAIRS = {  # made up; the accuracy for n = 1 to 5
    'pair 1': {'AnB': (.81, .81, .79, .72, .64), 'BnB': (.81, .80, .79, .71, .65),
               'AnB+': (.82, .83, .84, .84, .85)},
    'pair 2': {'AnB': (.81, .81, .79, .72, .64), 'BnB': (.81, .80, .81, .80, .80),
               'AnB+': (.82, .83, .83, .84, .84)}}


def two_pairs():
    """The curves that exercise 6 shows.

    Returns
    -------
    dict of str to pandas.DataFrame
        By the name of the pair; with the columns ``arm``, ``n`` and ``test``, an accuracy.
    """
    return {pair: pandas.DataFrame([('base', 0, .8), *((arm, n, share) for arm, curve in arms.items()
                                                       for n, share in enumerate(curve, start=1))],
                                   columns=['arm', 'n', 'test']) for pair, arms in _PAIRS.items()}


@check(6)
def check_6(answer):
    """Frozen layers fall alike in both pairs; in one of them, so does the control."""
    reading(answer(), {
        'A': 'In pair 1 BnB falls as AnB does, and BnB comes from task B itself. What falls alike with '
             'layers of the same task and of the other is not due to the change of task.',
        'B': '',
        'C': 'It is the other way round: look in which pair BnB, the same cut without a change of task, '
             'falls too.',
        'D': 'AnB+ has the same copied layers and lies above the base at every n, in both pairs. It is not '
             'the copying that costs.'}, {
        1: 'That is so, in both pairs. But below the base a frozen layer falls for two causes, the cut and '
           'the task, and the base tells neither from the other.',
        2: '',
        3: 'That is so, and it says that copies which may train on are worth having; but not why the frozen '
           'ones fall.',
        4: 'That is so, and it is the catch: the same curve has two readings. What tells them apart is '
           'another curve.'})
    return ('AnB against BnB is the change of task at the same cut: it costs nothing in pair 1, and all of '
            'the fall in pair 2')
