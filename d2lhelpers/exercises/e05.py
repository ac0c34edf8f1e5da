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
from .checking import Wrong, check
from .design import fair
from .judging import backward, differentiable, must_equal, number, pair, returned
from .networks import gradient_of, parameters
from .reading import reading
from .variants import varied

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
    """A function or a block, compiled if it can be, below a compiled layer, at several strengths."""
    turn, change = pair(answer(), tuple | list, 'two things that can be called, turn and change')
    for thing, call in ((turn, 'turn(x)'), (change, 'change(strength)')):
        if not callable(thing):
            raise Wrong(f'Where something is wanted that is called as {call}, your function returned a '
                        f'{type(thing).__name__}.')
    upper = nn.Dense(3, in_units=4)
    upper.initialize(init.Normal(1))
    for part in (turn, upper):
        if isinstance(part, gluon.HybridBlock):
            part.hybridize(static_alloc=True)
    x = np.random.normal(size=(6, 4))

    def measured(through):
        """The `effect` on what comes from below, and the gradient of the layer above."""
        return *effect(through, x, plain=upper), gradient_of(upper)

    *_, above = measured(upper)
    for strength in (.5, 3, 1, 0):
        change(strength)
        if turn(x) is None:
            raise Wrong('turn(x) gave nothing back: is the line with return missing in it?')
        changed, found, mine_above = measured(lambda x: upper(turn(x)))
        if changed > CLOSE:
            raise Wrong(f'At strength {strength} turn(x) is not x: forward it must hand its input on as it '
                        'is.')
        if numpy.abs(mine_above - above).max() > CLOSE * numpy.abs(above).max():
            raise Wrong('The layer above the reversal gets another gradient: only what goes on to the layers '
                        'below is reversed.')
        if math.isnan(found):
            raise Wrong(f'At strength {strength} the gradient below is no multiple of what it would be '
                        f'without the reversal; it is to be {-strength:g} times that.')
        if strength != .5 and math.isclose(found, -.5, rel_tol=.01):
            raise Wrong(f'At strength {strength} the gradient below is still -0.5 times what it would be '
                        'without the reversal, as at strength 0.5 before: '
                        + ('a plain Python number is baked in when the block is compiled. Make the strength '
                           'an input or a parameter of the block, or leave the block out.'
                           if isinstance(turn, gluon.HybridBlock) else
                           'change does not reach what turn uses. A name that is set inside a function is '
                           'its own, unless nonlocal stands there.'))
        where = (f'At strength {strength} the gradient below is {found:.2f} times what it would be without '
                 f'the reversal; it is to be {-strength:g} times: ')
        must_equal(found, -strength, [
            (strength, 'the sign is turned twice.'),
            (1, 'nothing is reversed. Hide one of the two parts from the gradient with detach().'),
            (1 + strength, 'the wrong part is hidden from the gradient. Detach (1 + strength) x, so that '
                           'only - strength x passes it on.'),
            (0, 'everything is hidden from the gradient. Detach (1 + strength) x only.'),
            (-1, 'the strength plays no part in it. Does change reach what turn uses?')],
                   'the factor is not minus the strength.', where, rtol=0, atol=.01)
    return ('unchanged forward, minus strength times the gradient backward, and the strength can be changed '
            'while training goes on')


# ---- 2: what the domain loss tells -------------------------------------------------------------------------

HALVES, DISTANCE = (16, 48), 1.5  # of the invented run: source and target examples of a batch; the A-distance


def chance(n, m):
    """The lowest domain loss that can be had without looking at the examples.

    Parameters
    ----------
    n, m : int
        Source and target examples of a batch, 1 or more.

    Returns
    -------
    float
        In nats.
    """
    shares = numpy.array([n, m]) / (n + m)
    return float(-(shares * numpy.log(shares)).sum())


def domain_loss():
    """An invented run: the domain loss of batches with 16 source and 48 target examples.

    Returns
    -------
    updates, loss : numpy.ndarray
    """
    updates, noise = numpy.arange(0, 601, 5), numpy.random.default_rng(0).normal(size=121)
    start, low = math.log(2) - chance(*HALVES), .25 * numpy.exp(-((updates - 120) / 80) ** 2)
    return updates, chance(*HALVES) + start * numpy.exp(-updates / 15) - low + .004 * noise


@check(2)
def check_2(answer):
    """Guessing costs less than ln 2 where halves are unequal, and a beaten classifier says little."""
    lowest, error = chance(*HALVES), (1 - DISTANCE / 2) / 2
    reading(answer(), {
        'A': f'0.69 is what guessing costs with equal halves. With {HALVES[0]} source and {HALVES[1]} target '
             f'examples the best constant answer costs {lowest:.3f}, and that is where the line ends.',
        'B': f'the first half is true. But the fresh probe is wrong on {error:.3f} of the features only, so '
             'they do tell the domains apart: this classifier was beaten, and another one is not.',
        'C': '',
        'D': 'the two losses pull against each other, so the domain loss need not fall: where the features '
             'keep up, it comes back to what guessing costs.'}, {
        1: f'that holds for equal halves. Here the best constant answer gives {HALVES[0] / sum(HALVES):g} '
           f'and {HALVES[1] / sum(HALVES):g}, and costs {lowest:.3f}.',
        2: '',
        3: 'the domain loss is that of one classifier, which is fought all the time. The probe, which is '
           'not, sees the same features and is right most of the time.'})
    return (f'the loss ends at what guessing costs, {lowest:.3f}, and a fresh probe is still right on '
            f'{1 - error:.3f} of the features')


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
    through = []  # how often something went through the reversal

    def watched(f):
        through.append(f)
        return reverse(f)

    loss = _function(answer(features, labels, domain, watched),
                     'loss(x, y, u), which fit calls with every batch')
    mine, pulled = _gradients(loss, nets, (x, y, u))
    right, wanted = _gradients(lambda *batch: _losses(*nets, *batch), nets, (x, y, u))
    if not math.isclose(mine['label'], right['label'], rel_tol=CLOSE):
        if math.isclose(mine['label'], n * right['label'], rel_tol=CLOSE):
            raise Wrong(f'The label loss is {mine["label"]:.3f}, the sum over the {n} examples; take the '
                        'mean, as cross_entropy does.')
        raise Wrong(f'The label loss is {mine["label"]:.3f}, but the cross-entropy of the source with its '
                    f'labels is {right["label"]:.3f}: the label predictor sees x and y, nothing of the '
                    'target.')
    domains, scores = np.repeat(np.arange(2), n), domain(np.concatenate([features(x), features(u)]))
    one_sided = 'a classifier that sees one domain learns nothing'
    must_equal(mine['domain'], right['domain'], [
        (2 * right['domain'], 'The domain loss is twice the mean over both halves: put them together and '
                              'take one mean, or the domain loss weighs double.'),
        (2 * n * right['domain'], 'The domain loss is a sum over the examples; take the mean, as '
                                  'cross_entropy does.'),
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
        if through:
            raise Wrong('Both numbers are right and reverse was called, but nothing is reversed: what it '
                        'gives back is not used, or goes through it a second time, which turns the gradient '
                        'back.')
        raise Wrong('Both numbers are right, but nothing is reversed: the features learn to tell the domains '
                    'apart. Send them through reverse on their way to the domain classifier.')
    label_alone = _gradients(lambda *batch: _losses(*nets, *batch, turned=lambda f: f.detach()), nets,
                             (x, y, u))[1]
    if numpy.allclose(pulled[0], label_alone[0], rtol=1e-3, atol=1e-4):
        raise Wrong('Both numbers are right, but the domain loss does not reach the features at all: nothing '
                    'may be detached on the way to the domain classifier.')
    for name, got, should in zip(('features', 'label predictor', 'domain classifier'), pulled, wanted,
                                 strict=True):
        if not numpy.allclose(got, should, rtol=1e-3, atol=1e-4):
            raise Wrong(f'Both numbers are right, but the gradient of the {name} is not: reverse stands '
                        'between features and domain classifier, and nowhere else.')
    return (f'label loss {mine["label"]:.3f} on the source, domain loss {mine["domain"]:.3f} on both, and '
            'only the features meet the reversed gradient')


# ---- 4: a study without target labels ----------------------------------------------------------------------

_READS_LABELS = ('trained on target', 'fine-tuned', 'joint')


@check(4)
def check_4(answer):
    """Three arms that read no label of the target, two targets, equal updates, batches and tries; and the
    choice reads no label of the target either.
    """
    plan = returned(answer(), dict, 'a dict with arms, grid, seeds, choose_by and choose_on')
    arms = plan.get('arms')
    for arm in arms if isinstance(arms, list | tuple) else ():
        if isinstance(arm, dict) and arm.get('arm') in _READS_LABELS:
            raise Wrong(f'{arm["arm"]!r} learns from labels of the target, and there are none. It may stand '
                        'in a table as a ceiling, but it is no rival of ways that do without.')
    told = fair(plan, {'arm': ('source-only', 'DANN', 'CORAL'), 'target': ('outlines', 'textured')},
                {'updates': ('updates',), 'source pictures in a batch': ('batch',)}, ('lr', 'weight'))
    grid = plan['grid']
    choices = grid if isinstance(grid, dict) else dict.fromkeys(('source-only', 'DANN', 'CORAL'), grid)
    for arm in ('DANN', 'CORAL'):
        if any(setting['weight'] == 0 for setting in choices[arm]):
            raise Wrong(f'{arm} with weight 0 is source-only under another name: give it weights above 0.')
    rates = {setting['lr'] for setting in choices['source-only']}
    if len(rates) < len(choices['source-only']):
        raise Wrong(f'source-only has nothing to weigh, so its {len(choices["source-only"])} settings are '
                    f'{len(rates)} different tries, one for each rate. Give it a list of its own, with as '
                    'many different rates as the others have settings.')
    if plan.get('choose_on') != 'source':
        raise Wrong('Accuracy on the target is counted with its labels, which were said not to exist: a '
                    "setting that is chosen by it flatters the method. Choose on 'source' (or by a measure "
                    'that needs no labels, as in exercise 7).' if plan.get('choose_on') == 'target' else
                    f"choose_on is {plan.get('choose_on')!r}; it can be 'source' or 'target'.")
    return f'{told}; no label of the target is read before the end'


# ---- 5: a fresh probe --------------------------------------------------------------------------------------

@check(5)
def check_5(answer):
    """Domains that are the same, apart, and something between, and a probe that knows everything by heart."""
    generator, fitted = numpy.random.default_rng(varied(0)), []

    def watched(kind):
        """A classifier of this kind that tells when it is trained; a clone of it does too."""
        class Watched(kind):
            def fit(self, x, y):
                fitted.append(len(y))
                return super().fit(x, y)
        return Watched

    straight, by_neighbour = watched(LogisticRegression), watched(KNeighborsClassifier)

    def ask(probe, source, target):
        fitted.clear()
        value = float(number(answer(probe, source.copy(), target.copy()), 'one number'))
        if not math.isfinite(value):
            raise Wrong(f'The distance came out as {value}.')
        if not fitted:
            raise Wrong('The probe that your function was handed was never trained: call probe.fit(x, y), '
                        'and use no classifier of your own.')
        return value

    apart = generator.normal(size=(200, 5)), generator.normal(size=(150, 5)) + 6
    far = ask(straight(), *apart)
    if abs(far - 2) > .05:
        if abs(far + 2) < .1:
            raise Wrong(f'Two domains that lie wide apart have the distance {far:.2f}: the sign is the wrong '
                        'way round. Is that an accuracy where an error is wanted?')
        if abs(far - 1) < .05:
            raise Wrong(f'Two domains that lie wide apart have the distance {far:.2f}: the 2 before the '
                        'bracket is missing, 2 (1 - 2 · 0) = 2.')
        if abs(far) < .05:
            raise Wrong(f'Two domains that lie wide apart have the distance {far:.2f}: is that the error '
                        'itself? The distance is 2 (1 - 2 · 0) = 2.')
        raise Wrong(f'Two domains that lie wide apart have the distance {far:.2f}; with an error of 0 it is '
                    '2 (1 - 2 · 0) = 2.')
    same = generator.normal(size=(400, 5)), generator.normal(size=(400, 5))
    by_heart = ask(by_neighbour(1), *same)
    if by_heart > 1:
        raise Wrong(f'Two domains that are the same have the distance {by_heart:.2f} according to a probe '
                    'that knows its own examples by heart: take its error on examples that it was not '
                    'trained with.')
    if abs(by_heart) > .5:
        raise Wrong(f'Two domains that are the same have the distance {by_heart:.2f}; with an error of one '
                    'half it is 2 (1 - 2 · 0.5) = 0.')
    shift = 1.349  # the best probe then errs on a quarter
    half = ask(straight(), generator.normal(size=(2000, 1)), generator.normal(size=(2000, 1))
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
    between = numpy.cov(a.T) - numpy.cov(b.T)
    must_equal(mine, right, [
        *((scale * value, words) for value in (right, biased) for scale, words in (
            (4 * d ** 2, 'the divisor 4 d² is missing.'), (4, 'the 4 of the divisor 4 d² is missing.'),
            (d ** 2, 'the d² of the divisor 4 d² is missing.'), (d, 'the divisor is 4 d², not 4 d.'))),
        (biased, 'a covariance is divided by the number of examples less 1, since the mean comes from the '
                 'same examples; you divided by their number.'),
        (term(a, b, lost=2), 'a covariance is divided by the number of examples less 1, not less 2.'),
        *((((a.T @ a / (n - lost) - b.T @ b / (m - lost)) ** 2).sum() / (4 * d ** 2),
           'the mean of each batch is to be subtracted first.') for lost in (0, 1)),
        (((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum(), 'these are the means, CORAL compares covariances.'),
        (numpy.abs(between).sum() / (4 * d ** 2), 'the differences are to be squared, not made positive.'),
        (numpy.diag(between ** 2).sum() / (4 * d ** 2), 'these are the variances alone, the diagonal; the '
                                                        'covariances of different features count too.'),
        (math.sqrt((between ** 2).sum()) / (4 * d ** 2),
         'the differences are to be squared, and no root taken.')],
               'squared differences of the two covariances, summed, divided by 4 d².',
               f'The term is {mine:.3f}, it is to be {right:.3f}: ', rtol=1e-3)
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
    generator, chosen = numpy.random.default_rng(varied(0)), []
    for _ in range(4):
        made = _made_up(generator)
        strengths = generator.permutation(list(made)).tolist()
        given = dict(zip(strengths, made.values(), strict=True))
        strength = number(answer({key: p.copy() for key, p in given.items()}), 'one of the strengths')
        if strength not in given:
            raise Wrong(f'{strength} is none of the strengths, which are the keys of the dict: {strengths}.')
        kind = next(i for i, p in enumerate(made.values()) if p is given[strength])
        chosen.append((kind, strength == max(given), strength == min(given)))
    kinds, largest, smallest = zip(*chosen, strict=True)
    if all(largest) or all(smallest):
        raise Wrong(f'You chose the {"largest" if all(largest) else "smallest"} strength each time, which '
                    'says nothing of the predictions. max and min of a dict look at its keys, unless they '
                    'are handed key=, a function that gives the score of a strength.')
    for kind, sentence in (
            (2, 'that are all the same class, very sure of it: being sure is not enough. The mean prediction '
                'must be spread over the classes (its entropy is to be high).'),
            (3, 'that say the same for every example, one quarter for each class: the mean is spread, but '
                'each single prediction must be sure (its entropy is to be low).'),
            (0, 'that are unsure, though others are as spread and much surer.')):
        if kind in kinds:
            raise Wrong(f'You chose predictions {sentence}')
    return 'sure about each example, spread over the classes: without one target label'
