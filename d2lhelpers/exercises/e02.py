"""Checks of the exercises of lesson 2, layer transfer. All work on the drawn world and a network of five
layers, in both profiles.
"""
import functools
import types

import numpy
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
from .judging import ARRAY, as_numpy, must_equal, number, returned
from .networks import in_training, learning, same, size, weights

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
    return picture_book.half('B', train=240, validation=8, test=240, seed=1)


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


# ---- 1: the surgery ----------------------------------------------------------------------------------------

@check(1)
def check_1(answer):
    """Two cuts into fresh networks; then a few updates, in which only the upper layers may move."""
    examples = ready(stratified(things().train, 32, seed=0))
    for n in (2, 4):
        donor, net = source().load(), build('five_layers', 8)
        given, own = weights(donor), weights(net)
        net = returned(answer(donor, net, n), gluon.Block, 'the network for the target')
        copied = layers.first(net, n)
        lower = weights(copied)
        count = len(lower)
        if not same(lower, given[:count]):
            raise Wrong(f'With n = {n} the first {n} layers do not hold the weights of the donor: copy every '
                        'one of their arrays, running statistics included (layers.copy_weights does).')
        if not same(weights(net)[count:], own[count:]):
            raise Wrong(f'With n = {n} more than the first {n} layers changed: what lies above the cut, and '
                        'the head, are to stay random.')
        train(net, examples, .1, updates=5)
        if not same(weights(donor), given):
            raise Wrong('Training the new network changed the donor: the two share layers. Copy the numbers, '
                        'not the layers.')
        if learning(copied) and not same(weights(copied), lower):
            raise Wrong(f'With n = {n} the copied layers moved in training: freeze them in the new network, '
                        'with freeze(net, part).')
        x = np.stack([picture for picture, _ in examples])
        if float(np.abs(in_training(copied, x) - copied(x)).max()) > 1e-3:
            raise Wrong('The weights stand still, but in training the copied layers give other features than '
                        'in use, since their batch normalisation still follows the batch: freeze(net, part) '
                        'holds that still too.')
        if same(weights(net)[count:], own[count:]):
            raise Wrong(f'With n = {n} nothing moved in training, not even the layers above the cut: freeze '
                        'the first n layers only.')
    return 'the copied layers stood still, those above the cut learned, and the donor is as it was'


# ---- 2: what is trained ------------------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """The four strategies that train, on two kinds of network."""
    for name, classes in (('five_layers', 8), ('thin_resnet', 3)):
        depth = layers.count(build(name, 2))
        for frozen in (0, depth - 1, depth):
            net = build(name, classes)
            if frozen:
                freeze(net, layers.first(net, frozen))
            found = returned(answer(net), int | numpy.integer, 'a whole number')
            true = sum(int(numpy.prod(each.shape)) for each in learning(net))
            must_equal(found, true, [
                (size(net), 'These are all numbers of the network, also those that stand still: look at '
                            'grad_req.'),
                (len(learning(net)), 'This is the number of arrays: each holds many numbers (its shape says '
                                     'how many).')],
                       'Add up the sizes of the parameters whose grad_req is not null.',
                       f'A {name} with {frozen} of {depth} layers frozen trains {true:,} numbers, the answer '
                       f'was {found:,}. ', rtol=0)
    return 'a frozen backbone leaves a few hundred numbers to train, of tens or hundreds of thousands'


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
         'one class may win.'))
    for scores, groups, right, why in made_up:
        found = _classes(answer(np.array(scores), groups), len(scores)).tolist()
        if found != right:
            raise Wrong(f'Scores {scores} with the groups {groups} mean {right}, the answer was {found}. '
                        f'{why}')
    net, names = source().load(), source().classes
    task = picture_book.half('A', train=8, validation=8, test=160, seed=1)
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
            ((.6, .62, .57, .56, .5, .4), 4))


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
    seed_all(1)
    net = build('five_layers', 8)
    layers.copy_weights(layers.first(_digit_net(), n), layers.first(net, n))
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
def _digit_net():
    seed_all(2)
    return train(build('five_layers', 5), ready(_digits()), .1)


@check(4)
def check_4(answer):
    """Made-up curves, then the one that is measured: layers of a network for digits under drawn things."""
    for curve, right in _MADE_UP:
        found = _asked(answer, curve.__getitem__)
        if found != right:
            raise Wrong(f'With the accuracies {curve} for n = 0 to 5 the first hopeless cut is {right}, the '
                        f'answer was {found!r}: from that n on every cut lies more than 5 points below n = '
                        '0; None if there is no such n.')
    found = _asked(answer, from_digits)
    right = _wrong_from([from_digits(n) for n in range(6)])
    if found != right:
        raise Wrong(f'Measured on networks the first hopeless cut is {right}, the answer was {found!r}.')
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


def _wrong_from(curve):
    bad = [value < curve[0] - .05 for value in curve]
    return next((n for n in range(1, len(curve)) if all(bad[n:])), None)


# ---- 5: which strategy? ------------------------------------------------------------------------------------

STRATEGIES = ('head only', 'upper layers', 'fine-tuned', 'scratch')
_FROZEN = {'head only': 5, 'upper layers': 3, 'fine-tuned': 0}
_RATES = {'head only': .1, 'upper layers': .03, 'fine-tuned': .03, 'scratch': .1}
_NEAR = .05  # a choice so near to the best is right


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


TARGETS = {'things, 24 pictures': (things, 24), 'things, 240 pictures': (things, 240),
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


# ---- 6: how alike are two layers? --------------------------------------------------------------------------

@check(6)
def check_6(answer):
    """What linear CKA is to ignore, what it is not to ignore, and the value itself."""
    rng = numpy.random.default_rng(0)
    x = rng.normal(size=(300, 8)) * numpy.linspace(.2, 2, 8)
    turn, _ = numpy.linalg.qr(rng.normal(size=(8, 8)))
    other = rng.normal(size=(300, 5))
    cases = ((x, x, 'the same features twice'), (x, 3 * x, 'features and three times the same'),
             (x, x + 5, 'features and the same with 5 added (subtract the mean of each channel first)'),
             (x, x @ turn, 'features and the same ones rotated'), (x, other, 'unrelated features'),
             (x, numpy.hstack([x[:, :3], other]), 'features that are alike in part'))
    for one, two, what in cases:
        found, true = number(answer(one.copy(), two.copy()), 'a number'), layers.cka(one, two)
        if not abs(found - true) < 1e-3:
            raise Wrong(f'For {what} linear CKA is {true:.3f}, the answer was {found:.3f}.')
    few = layers.cka(x[:6], other[:6])
    return f'unrelated features have CKA {layers.cka(x, other):.2f} with 300 examples, but {few:.2f} with 6'
