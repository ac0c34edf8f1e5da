"""Checks of the exercises of lesson 5, domain-adversarial training. Everything is small: two moons, and
made-up features and predictions.
"""
import math

import numpy
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from ..reversal import effect, reverse
from ..training import cross_entropy
from .checking import Wrong, check, fit_quietly
from .judging import backward, differentiable, must_equal, number, returned
from .networks import gradient_of, parameters

CLOSE = 1e-3


def parts():
    """The three parts of a net for two moons: features (15 hidden units), label predictor, domain classifier.
    All weights are drawn from N(0, 1).
    """
    features = nn.Dense(15, activation='tanh', in_units=2)
    labels = nn.Dense(2, in_units=15)
    domain = nn.HybridSequential()
    domain.add(nn.Dense(15, activation='relu', in_units=15), nn.Dense(2, in_units=15))
    for part in (features, labels, domain):
        part.initialize(init.Normal(1))
        part.hybridize(static_alloc=True)
    return features, labels, domain


def _term(value, what):
    return differentiable(value, f'{what} as an mxnet array, so that its gradient can be taken',
                          f'There are {{}} numbers where {what} is wanted: take the mean.')


def _function(value, what):
    if not callable(value):
        raise Wrong(f'Return a function {what}: a def inside your function, and return its name.')
    return value


# ---- 1: gradient reversal ----------------------------------------------------------------------------------

@check(1)
def check_1(answer):
    """The block below a dense layer, compiled with it, at several strengths."""
    pair = returned(answer(), tuple, 'two things, block and change')
    if len(pair) != 2 or not callable(pair[1]):
        raise Wrong('Return two things: the block, and a function change(strength).')
    block, change = pair
    if not isinstance(block, gluon.HybridBlock):
        raise Wrong(f'The block is a {type(block).__name__}; only a HybridBlock can be compiled together '
                    'with the layers around it.')
    net, upper = nn.HybridSequential(), nn.Dense(3, in_units=4)
    upper.initialize(init.Normal(1))
    net.add(block, upper)
    net.hybridize(static_alloc=True)
    x = np.random.normal(size=(6, 4))

    def measured(through):
        """The `effect` on what comes from below, and the gradient of the layer above."""
        return *effect(through, x, plain=upper), gradient_of(upper)

    *_, above = measured(upper)
    for strength in (1, .25, 3, 0):
        change(strength)
        changed, found, mine_above = measured(net)
        if changed > CLOSE:
            raise Wrong(f'At strength {strength} the block changes what goes forward: it must hand its input '
                        'on as it is.')
        if numpy.abs(mine_above - above).max() > CLOSE * numpy.abs(above).max():
            raise Wrong('The layer above the block gets another gradient: only what goes on to the layers '
                        'below is reversed.')
        if math.isnan(found):
            raise Wrong(f'At strength {strength} the gradient below is no multiple of what it would be '
                        f'without the block; it is to be {-strength:g} times that.')
        if strength != 1 and math.isclose(found, -1, rel_tol=.01):
            raise Wrong(f'At strength {strength} the gradient below is still -1 times what it would be '
                        'without the block, as at strength 1 before: a plain Python number is baked in when '
                        'the block is compiled. Keep the strength in a parameter.')
        where = (f'At strength {strength} the gradient below is {found:.2f} times what it would be without '
                 f'the block; it is to be {-strength:g} times: ')
        must_equal(found, -strength, [(strength, 'the sign is doubled somewhere.'),
                                      (1, 'nothing is reversed.')], 'the factor is not right.', where,
                   rtol=0, atol=.01)
    return ('unchanged forward, minus strength times the gradient backward, and the strength can be changed '
            'after the block is compiled')


# ---- 2: schedules ------------------------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """A real run of `fit` in which every change of strength and rate is seen."""
    net = nn.Dense(1, in_units=2)
    net.initialize()
    strengths, rates, steps = [], [], 40
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})
    before_step = _function(answer(strengths.append, trainer, .1),
                            'before_step(p), which fit calls before every batch')

    def watched(p):
        told = len(strengths)
        before_step(p)
        if len(strengths) != told + 1:
            raise Wrong(f'In one step change was called {len(strengths) - told} times; it must be called '
                        'once, or the schedule has no effect.')
        rates.append(trainer.learning_rate)

    data = gluon.data.ArrayDataset(np.random.normal(size=(40, 2)), np.zeros(40))
    fit_quietly(lambda x, y: (net(x)[:, 0] - y).mean(), data, size=4, updates=steps, trainer=trainer,
                before_step=watched)
    p = numpy.arange(steps) / steps
    strengths = numpy.array([number(strength, 'a number for change') for strength in strengths], dtype=float)
    wanted = 2 / (1 + numpy.exp(-10 * p)) - 1
    must_equal(strengths, wanted, [
        (1 / (1 + numpy.exp(-10 * p)), 'that is the sigmoid from 0.5 to 1; twice the sigmoid, less 1, starts '
                                       'at 0.'),
        (wanted + 1, 'the - 1 is missing.'),
        (2 / (1 + numpy.exp(10 * p)) - 1, 'it falls, the sign in the exponent is wrong.'),
        (2 / (1 + numpy.exp(-p)) - 1, 'the 10 is missing in the exponent.')], 'see the formula.',
               f'The strength is {strengths[0]:.2f} at the start, {strengths[steps // 2]:.2f} in the middle '
               f'and {strengths[-1]:.2f} at the end; it is to be {wanted[0]:.2f}, {wanted[steps // 2]:.2f} '
               f'and {wanted[-1]:.2f}: ', rtol=0, atol=CLOSE)
    rates, wanted = numpy.array(rates), .1 / (1 + 10 * p) ** .75
    if numpy.abs(rates / wanted - 1).max() > .01:
        if numpy.abs(rates - .1).max() < 1e-6:
            raise Wrong('The strength is right, but the learning rate never changed: '
                        'trainer.set_learning_rate(...).')
        if rates[-1] < wanted[-1] / 10:
            raise Wrong(f'The strength is right, but at the end the rate is {rates[-1]:.1e}, not '
                        f'{wanted[-1]:.1e}: begin with lr each time, not with the rate of the step before, '
                        'which has fallen already.')
        raise Wrong(f'The strength is right, but the learning rate is {rates[0]:.3f} at the start and '
                    f'{rates[-1]:.3f} at the end, not {wanted[0]:.3f} and {wanted[-1]:.3f}.')
    return (f'the strength rises from {strengths[0]:.2f} to {strengths[-1]:.2f}, the rate falls from '
            f'{rates[0]:.3f} to {rates[-1]:.3f}, and both take effect in every step')


# ---- 3: the two losses -------------------------------------------------------------------------------------

def _losses(features, labels, domain, x, y, u, turned=reverse):
    """The right losses."""
    f, g = features(x), features(u)
    return {'label': cross_entropy(labels(f), y),
            'domain': cross_entropy(domain(turned(np.concatenate([f, g]))),
                                    np.array([0] * len(x) + [1] * len(u), dtype='int32'))}


def _gradients(loss, nets, batch):
    """The two values, and the gradients of their sum by each part's weights."""
    with autograd.record():
        terms = loss(*batch)
        if not isinstance(terms, dict):
            raise Wrong('loss(x, y, u) is to return a dict with two named numbers, so that both are in the '
                        'history.')
        if sorted(terms) != ['domain', 'label']:
            raise Wrong(f'The dict is to have the names label and domain, yours has {sorted(terms)}.')
        terms = {name: _term(term, f'the {name} loss') for name, term in terms.items()}
        total = sum(terms.values())
    parameters(*nets).zero_grad()
    total.backward()
    return {name: float(term) for name, term in terms.items()}, [gradient_of(net) for net in nets]


@check(3)
def check_3(answer):
    """One batch: the two values, and where their gradients go."""
    nets = features, labels, domain = parts()
    n = 12
    x, y, u = np.random.normal(size=(n, 2)), np.random.randint(0, 2, n), np.random.normal(size=(n, 2)) + 1
    loss = _function(answer(features, labels, domain, reverse),
                     'loss(x, y, u), which fit calls with every batch')
    mine, pulled = _gradients(loss, nets, (x, y, u))
    right, wanted = _gradients(lambda *batch: _losses(*nets, *batch), nets, (x, y, u))
    if not math.isclose(mine['label'], right['label'], rel_tol=CLOSE):
        raise Wrong(f'The label loss is {mine["label"]:.3f}, but the cross-entropy of the source with its '
                    f'labels is {right["label"]:.3f}: the label predictor sees x and y, nothing of the '
                    'target.')
    domains, scores = np.repeat(np.arange(2), n), domain(np.concatenate([features(x), features(u)]))
    one_sided = 'a classifier that sees one domain learns nothing'
    must_equal(mine['domain'], right['domain'], [
        (2 * right['domain'], 'The domain loss is twice the mean over both halves: put them together and '
                              'take one mean, or the domain loss weighs double.'),
        (-right['domain'], 'The domain loss is subtracted: then the domain classifier too is trained to be '
                           'bad. Leave the sign alone, the reversal does the rest.'),
        *((wrong, f'The domain loss is not right: {why}.') for wrong, why in (
            (cross_entropy(scores, 1 - domains),
             'the numbers are the wrong way round: here the source is 0 and the target is 1'),
            (cross_entropy(scores, 0 * domains),
             'both halves are given the same number: the source is 0, the target is 1'),
            (cross_entropy(scores, 0 * domains + 1), 'source and target are both called 1: the source is 0'),
            (cross_entropy(scores[n:], domains[n:]), f'it is taken on the target only: {one_sided}'),
            (cross_entropy(scores[:n], domains[:n]), f'it is taken on the source only: {one_sided}')))],
               f'The domain loss is {mine["domain"]:.3f}; the cross-entropy of both halves together, '
               f'numbered 0 and 1, is {right["domain"]:.3f}.')
    straight = _gradients(lambda *batch: _losses(*nets, *batch, turned=lambda f: f), nets, (x, y, u))[1]
    if numpy.allclose(pulled[0], straight[0], rtol=1e-3, atol=1e-4):
        raise Wrong('Both numbers are right, but nothing is reversed: the features learn to tell the domains '
                    'apart. Send them through reverse on their way to the domain classifier.')
    for name, got, should in zip(('features', 'label predictor', 'domain classifier'), pulled, wanted,
                                 strict=True):
        if not numpy.allclose(got, should, rtol=1e-3, atol=1e-4):
            raise Wrong(f'Both numbers are right, but the gradient of the {name} is not: reverse stands '
                        'between features and domain classifier, and nowhere else.')
    return (f'label loss {mine["label"]:.3f} on the source, domain loss {mine["domain"]:.3f} on both, and '
            'only the features meet the reversed gradient')


# ---- 4: what chance looks like -----------------------------------------------------------------------------

@check(4)
def check_4(answer):
    """The cross-entropy of the best constant answer."""
    for n, m in ((64, 64), (10, 90), (300, 100), (32, 0)):
        value = number(answer(n, m), 'one number')
        shares = numpy.array([n, m])[numpy.array([n, m]) > 0] / (n + m)
        right = float(-(shares * numpy.log(shares)).sum())
        if math.isnan(value):
            raise Wrong(f'With {n} source and {m} target examples yours is nan, from 0 times ln 0: a domain '
                        'without examples costs nothing.')
        must_equal(value, right, [
            (math.log(2), ': ln 2 is right for two equal parts only. Which constant answer is best here, and '
                          'what does it cost?'),
            (right / math.log(2), ': you took the logarithm to base 2, the loss takes the natural one.'),
            (right * (n + m), ': the loss is a mean over the batch.'),
            (-right, ': a logarithm of a share is negative, a loss is not.')], '.',
                   f'With {n} source and {m} target examples yours is {value:.3f}, the lowest loss is '
                   f'{right:.3f}', atol=CLOSE)
    return 'ln 2 = 0.693 for equal parts, less for unequal ones: chance has no fixed number'


# ---- 5: a fresh probe --------------------------------------------------------------------------------------

@check(5)
def check_5(answer):
    """Domains that are the same, apart, and something between, and a probe that knows everything by heart."""
    generator = numpy.random.default_rng(0)

    def ask(probe, source, target):
        value = float(number(answer(probe, source.copy(), target.copy()), 'one number'))
        if not math.isfinite(value):
            raise Wrong(f'The distance came out as {value}.')
        return value

    apart = generator.normal(size=(200, 5)), generator.normal(size=(200, 5)) + 6
    far = ask(LogisticRegression(), *apart)
    if abs(far - 2) > .05:
        if abs(far + 2) < .1:
            raise Wrong(f'Two domains that lie wide apart have the distance {far:.2f}: the sign is the wrong '
                        'way round. Is that an accuracy where an error is wanted?')
        raise Wrong(f'Two domains that lie wide apart have the distance {far:.2f}; with an error of 0 it is '
                    '2 (1 - 2 · 0) = 2.')
    same = generator.normal(size=(400, 5)), generator.normal(size=(400, 5))
    by_heart = ask(KNeighborsClassifier(1), *same)
    if by_heart > 1:
        raise Wrong(f'Two domains that are the same have the distance {by_heart:.2f} according to a probe '
                    'that knows its own examples by heart: take its error on examples that it was not '
                    'trained with.')
    if abs(by_heart) > .5:
        raise Wrong(f'Two domains that are the same have the distance {by_heart:.2f}; with an error of one '
                    'half it is 2 (1 - 2 · 0.5) = 0.')
    shift = 1.349  # the best probe then errs on a quarter
    half = ask(LogisticRegression(), generator.normal(size=(2000, 1)), generator.normal(size=(2000, 1))
               + shift)
    if abs(half - 1) > .25:
        raise Wrong(f'Two domains where the best probe errs on a quarter have the distance {half:.2f}; 2 (1 '
                    '- 2 · 0.25) is 1.')
    return (f'{far:.2f} for domains wide apart, {half:.2f} where a quarter is confused, {by_heart:.2f} for '
            'equal ones')


# ---- 6: CORAL ----------------------------------------------------------------------------------------------

@check(6)
def check_6(answer):
    """Two batches of features of different size: value, mean, and gradient."""
    n, m, d = 30, 20, 5
    source = np.random.normal(size=(n, d))
    target = np.random.normal(size=(m, d)) * np.array([1, 2, 3, .5, 1]) + 5
    a, b = source.asnumpy().astype('float64'), target.asnumpy().astype('float64')

    def term(one, other, lost=1):
        return ((numpy.cov(one.T, ddof=lost) - numpy.cov(other.T, ddof=lost)) ** 2).sum() / (4 * d ** 2)

    source.attach_grad()
    target.attach_grad()
    with autograd.record():
        value = _term(answer(source, target), 'the term')
    mine, right, biased = float(value), term(a, b), term(a, b, lost=0)
    if not math.isclose(mine, biased, rel_tol=.01):
        must_equal(mine, right, [
            (4 * d ** 2 * right, 'the divisor 4 d² is missing.'),
            (4 * right, 'the 4 of the divisor 4 d² is missing.'),
            (4 * biased, 'the 4 of the divisor 4 d² is missing.'),
            (d * right, 'the divisor is 4 d², not 4 d.'),
            (((a.T @ a / n - b.T @ b / m) ** 2).sum() / (4 * d ** 2),
             'the mean of each batch is to be subtracted first.'),
            (((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum(),
             'these are the means, CORAL compares covariances.'),
            (math.sqrt(right * 4 * d ** 2) / (4 * d ** 2),
             'the differences are to be squared, and no root taken.')],
                   'squared differences of the two covariances, summed, divided by 4 d².',
                   f'The term is {mine:.3f}, it is to be {right:.3f}: ', rtol=.01)
    if abs(float(answer(target, target))) > 1e-5 or abs(float(answer(target, target + 3))) > 1e-2:
        raise Wrong('Features that are equal, or equal but for a shift of their mean, must cost nothing.')
    backward(value, "use mxnet's np, not asnumpy()")
    for batch, name in ((source, 'source'), (target, 'target')):
        if not float(np.abs(batch.grad).sum()) > 0:
            raise Wrong(f'The number is right, but no gradient reaches the {name} features: both batches '
                        'must be pulled.')
    return f'the term is {mine:.3f} here, 0 for equal covariances, and has a gradient'


# ---- 7: choose without target labels -----------------------------------------------------------------------

def information(p):
    """Mutual information of input and prediction: entropy of the mean prediction, less the mean entropy of
    the predictions.
    """
    entropy = -(p * numpy.log(p + 1e-12)).sum(axis=-1)
    mean = p.mean(axis=0)
    return float(-(mean * numpy.log(mean + 1e-12)).sum() - entropy.mean())


def _made_up(generator):
    """Predictions by strength: unsure ones, good ones, one class only, and nothing but the uniform answer."""
    def softmax(x):
        x = numpy.exp(x - x.max(axis=1, keepdims=True))
        return x / x.sum(axis=1, keepdims=True)

    hot = numpy.eye(4)[generator.permutation(numpy.arange(80) % 4)]
    return {0: softmax(hot + .5 * generator.normal(size=(80, 4))),
            .3: softmax(5 * hot + generator.normal(size=(80, 4))),
            3: softmax(30 * numpy.eye(4)[numpy.zeros(80, dtype=int)]), 10: numpy.full((80, 4), .25)}


@check(7)
def check_7(answer):
    """Made-up predictions, and the same in another order of strengths."""
    generator = numpy.random.default_rng(0)
    for _ in range(4):
        made = _made_up(generator)
        strengths = generator.permutation(list(made)).tolist()
        given = dict(zip(strengths, made.values(), strict=True))
        chosen = number(answer({strength: p.copy() for strength, p in given.items()}), 'one of the strengths')
        if chosen not in given:
            raise Wrong(f'{chosen} is none of the strengths, which are the keys of the dict: {strengths}.')
        kind = list(made.values())
        found = next(i for i, p in enumerate(kind) if p is given[chosen])
        if found == 2:
            raise Wrong('You chose predictions that are all the same class, very sure of it: being sure is '
                        'not enough. The mean prediction must be spread over the classes (its entropy is to '
                        'be high).')
        if found == 3:
            raise Wrong('You chose predictions that say the same for every example, one quarter for each '
                        'class: the mean is spread, but each single prediction must be sure (its entropy is '
                        'to be low).')
        if found == 0:
            raise Wrong('You chose predictions that are unsure, though others are as spread and much surer.')
    return 'sure about each example, spread over the classes: without one target label'
