"""Checks of the exercises of lesson 3, conservative training. Small worlds: dense networks that hear vowels,
and the drawn pictures (see `drawn`).
"""
import contextlib
import functools
import math

import numpy
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

from ..datasets import per_class, picture_book
from ..datasets.vowels import load_vowels, people
from ..evaluation import accuracy
from ..freezing import freeze
from ..hardware import seed_all
from ..surgery import new_head, true_copy
from ..training import cross_entropy
from . import drawn
from .checking import Wrong, check, fit_quietly
from .judging import backward, differentiable, known_mistake, must_equal, returned
from .networks import gradient_of, learning, same, weights


class Listener(gluon.HybridBlock):
    """``features``, three dense layers with batch normalisation after the first if asked for, and ``output``:
    as the recogniser of the lesson.
    """

    def __init__(self, classes, normalised=False):
        super().__init__()
        self.features = nn.HybridSequential()
        self.features.add(nn.Dense(64, activation='relu', in_units=40))
        if normalised:
            self.features.add(nn.BatchNorm(in_channels=64))
        self.features.add(*(nn.Dense(64, activation='relu', in_units=64) for _ in range(2)))
        self.output = nn.Dense(classes, in_units=64)
        self.initialize(init.Xavier())

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


def _penalty(value, what='the penalty'):
    return differentiable(value, 'one number as an mxnet array, so that its gradient can be taken: no '
                                 'float(...)', f'The function returned {{}} numbers; {what} is one number.')


def _pairs(net, source, select='.*weight'):
    """The parameters of both backbones, side by side."""
    return list(zip(net.features.collect_params(select).values(),
                    source.features.collect_params(select).values(), strict=True))


def _squares(pairs):
    """The sum of the squared differences of some of `_pairs`."""
    return sum(np.square(now.data() - then.data()).sum() for now, then in pairs)


def _kl(then, now):
    """KL divergence of two lists of scores, the mean over the batch."""
    return (npx.softmax(then) * (npx.log_softmax(then) - npx.log_softmax(now))).sum(axis=1).mean()


# ---- 1: close weights --------------------------------------------------------------------------------------

@check(1)
def check_1(answer):
    """A net with another head and with everything moved a little: the value, and what gets a gradient."""
    source = Listener(10, normalised=True)
    net = Listener(4, normalised=True)
    everything, kernels = _pairs(net, source, None), _pairs(net, source)
    for mine, then in everything:
        mine.set_data(then.data() + .1 * np.random.normal(size=then.shape))
    with autograd.record():
        value = _penalty(answer(net, source, .5))
    value_is, right = float(value), .5 * float(_squares(kernels))
    zero = .5 * sum(float(np.square(now.data()).sum()) for now, _ in kernels)
    must_equal(value_is, right, [
        (zero, 'This pulls the weights to zero, which is ordinary weight decay: take the distance from the '
               'weights of the source.'),
        (.5 * _squares(everything), 'Biases, or scales and statistics of batch normalisation, are in the '
                                    "sum: L2-SP counts the weights only (collect_params('.*weight'))."),
        (right / .5, 'The strength alpha is missing.')],
               f'The penalty is {value_is:.3f}, but alpha times the sum of the squared differences is '
               f'{right:.3f} here (a sum, not a mean, and no root).')
    backward(value, "use weight.data() and mxnet's np, not asnumpy()")
    for now, then in kernels:
        if float(np.abs(now.grad() - (now.data() - then.data())).max()) > 1e-3:
            raise Wrong('The number is right, but its gradient is not: it must lead every weight back to the '
                        'source.')
    return (f'the penalty is {value_is:.3f}, its gradient leads back to the source, and the new head is left '
            'out')


# ---- 2: close outputs --------------------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """Scores of a teacher and a student, at two temperatures."""
    for T in (2, 5):
        then, now = 3 * np.random.normal(size=(8, 6)), 3 * np.random.normal(size=(8, 6))
        p, q = then / T, now / T
        value = float(_penalty(answer(then, now, T)))
        right = float(T ** 2 * _kl(p, q))
        mistake = known_mistake(value, [
            (_kl(p, q), 'The factor T² is missing: without it the gradient shrinks as the temperature '
                        'rises.'),
            (8 * right, 'This is the sum over the batch; the penalty is the mean, like the loss beside it.'),
            (right / 6, 'This is the mean over the classes too: sum over the classes, then take the mean '
                        'over the batch.'),
            (T ** 2 * _kl(q, p), "The two are the wrong way round: the teacher's probabilities weigh the "
                                 "differences of the logarithms."),
            (T ** 2 * _kl(then, q), "The temperature is missing in the teacher's scores: both are divided by "
                                    "T."),
            (T ** 2 * _kl(p, now), "The temperature is missing in the student's scores: both are divided by "
                                   "T."),
            (T ** 2 * _kl(then, now), 'The temperature does nothing but multiply: divide both lists of '
                                      'scores by T before softmax.')])
        if mistake:
            raise Wrong(mistake)
        if abs(float(answer(then, then, T))) > 1e-4:
            raise Wrong('Equal answers must cost nothing, but they do: subtract the logarithms of the two '
                        '(KL divergence), do not stop at the cross-entropy.')
        if not math.isclose(value, right, rel_tol=1e-3):
            raise Wrong(f'At T = {T} the penalty is {value:.4f}; T² times the mean KL divergence is '
                        f'{right:.4f} here.')
    return 'T² times the KL divergence, mean over the batch, and 0 where student and teacher agree'


# ---- 3: the bare loop --------------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """One step of a bare loop with the learner's total against one with the mean."""
    source = Listener(5)
    x, y = np.random.normal(size=(12, 40)), np.random.randint(0, 5, 12)

    def row(net):
        return numpy.concatenate([each.ravel() for each in weights(net)])

    def step(total, by):
        net = true_copy(source)
        for weight in net.features.collect_params('.*weight').values():
            weight.set_data(weight.data() + .05)
        trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})
        with autograd.record():
            losses = gluon.loss.SoftmaxCrossEntropyLoss()(net(x), y)
            loss = returned(total(losses, _squares(_pairs(net, source))), np.ndarray,
                            'what backward() is called on')
        loss.backward()
        trainer.step(by)
        return row(net)

    right = step(lambda losses, penalty: losses.mean() + penalty, 1)
    start, mine = row(source), step(answer, 12)
    known = [(lambda losses, penalty: losses.sum() + penalty,
              'step(12) divides the penalty by 12 too: a twelfth of it is left.'),
             (lambda losses, penalty: losses.mean() + penalty,
              'A mean, and step(12) divides once more: the update is twelve times too small.'),
             (lambda losses, penalty: losses.mean() + 12 * penalty,
              'Now the loss is divided twice, by the mean and by step(12).'),
             (lambda losses, penalty: losses.sum(), 'The penalty is missing.')]
    must_equal(mine, right, [(step(total, 12), sentence) for total, sentence in known],
               f'The step is {numpy.abs(mine - start).sum():.2f} long in all, that of mean + penalty with '
               f'step(1) is {numpy.abs(right - start).sum():.2f}: step(12) divides everything by 12, so loss '
               'and penalty must both be 12 times their mean.', rtol=1e-5, atol=1e-5)
    return 'one step of your loop moves the weights as mean + penalty with step(1) does'


# ---- 4: choose without forgetting --------------------------------------------------------------------------

def _settings():
    """Made-up validation figures: (untouched, allowed, settings, the right one or None). All that is
    subtracted is exact in binary.
    """
    rows = [(.003, .1, .82, .90625), (.003, 1, .80, .9375), (.01, .1, .86, .875), (.01, 1, .84, .921875),
            (.03, .1, .87, .5), (.03, 1, .70, .90625)]
    rows = [dict(zip(('lr', 'strength', 'target', 'source'), row, strict=True)) for row in rows]
    return [(.9375, .03125, rows, rows[3]), (.9375, .0625, rows, rows[2]), (.9375, .5, rows, rows[4]),
            (.9375, 0., rows, rows[1]),
            (1., .03125, rows, None)]


@check(4)
def check_4(answer):
    """Made-up tables of settings with different tolerances."""
    for untouched, allowed, rows, right in _settings():
        given = [dict(row) for row in rows]
        chosen = answer(given, untouched, allowed)
        if chosen == right:
            continue
        where = f'With {untouched:g} before tuning and {allowed:g} allowed to be lost'
        if right is None:
            raise Wrong(f'{where} no setting keeps enough: return None then.')
        chosen = returned(chosen, dict, 'one of the settings, a dict')
        if chosen not in given:
            raise Wrong(f'{where} the function returned {chosen}, which is not one of the settings.')
        if chosen['source'] < untouched - allowed:
            raise Wrong(f'{where} the setting chosen keeps only {chosen["source"]:g}: target accuracy alone '
                        'cannot see what is forgotten.')
        raise Wrong(f'{where} there is a setting that keeps enough and is better on the target: '
                    f'{right["target"]:.2f}, not {chosen["target"]:.2f} (what is lost may be exactly as much '
                    'as allowed).')
    return 'the best on the target among those that keep enough, at five different demands'


# ---- 5: the head first -------------------------------------------------------------------------------------

UPDATES = 60


@functools.cache
def _pictures():
    """25 training pictures of five new things, pictures to test on, pictures of the source task, all ready.
    """
    new = picture_book.unseen(train=100, validation=5, test=200)
    old = picture_book.source(train=33, validation=33, test=231, seed=1)
    return drawn.ready(per_class(new.train, 5, seed=0)), drawn.ready(new.test), drawn.ready(old.test)


def _fresh():
    """The source model and a copy of it with a head for the five new things."""
    source = drawn.source().load()
    return source, new_head(true_copy(source), 5)


def _batch_norms(block):
    if isinstance(block, nn.BatchNorm):
        yield block
    for child in block._children.values():
        yield from _batch_norms(child)


def _on_source_statistics(net):
    """Batch normalisation keeps the statistics of the source, also in parts that learn: unfreezing sets it
    back to those of the batch.
    """
    for block in _batch_norms(net.features):
        learns = {each: each.grad_req for each in block.collect_params().values()}
        freeze(net, block)
        for each, grad_req in learns.items():
            each.grad_req = grad_req


def _both(source, net):
    """Accuracy on the new things, and on those of the source under its own head."""
    _, test, old = _pictures()
    under = nn.HybridSequential()
    under.add(net.features, source.output)
    return accuracy(net, test), accuracy(under, old)


class _Training:
    """``train(net, updates)``: trains whatever is not frozen, batch normalisation on the source's statistics.
    It notes the updates, and whether the backbone and the head moved.
    """

    def __init__(self, staged=True):
        self.log, self._staged = [], staged

    def __call__(self, net, updates):
        if self._staged and not self.log and learning(net.features):
            raise Wrong('The backbone would move while the head is still random: freeze(net, net.features) '
                        'before the first training.')
        pictures, _, _ = _pictures()
        features, output = weights(net.features), weights(net.output)
        _on_source_statistics(net)
        net.hybridize(static_alloc=True)
        net.output.collect_params().setattr('lr_mult', 5)
        trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .01, 'momentum': .9})
        fit_quietly(lambda x, y: cross_entropy(net(x), y), pictures, size=16, updates=int(updates),
                    trainer=trainer)
        self.log.append((int(updates), not same(features, weights(net.features)),
                         not same(output, weights(net.output))))


@functools.cache
def _plain_tuning():
    """What is left after everything was trained at once."""
    seed_all(0)
    source, net = _fresh()
    _Training(staged=False)(net, UPDATES)
    return _both(source, net)


@check(5)
def check_5(answer):
    """Two stages: the head alone, then everything; and what is left of the source."""
    plain = _plain_tuning()
    seed_all(0)
    source, net = _fresh()
    train = _Training()
    answer(net, train)
    if not train.log:
        raise Wrong('Nothing was trained: call train(net, updates).')
    updates, features_moved, head_moved = zip(*train.log, strict=True)
    if not head_moved[0]:
        raise Wrong('In the first stage nothing moved: the head must be left free.')
    if len(train.log) < 2 or not features_moved[-1]:
        raise Wrong('The backbone never moved: call unfreeze(net, net.features) after the first stage and '
                    'train again.')
    if sum(updates) != UPDATES:
        raise Wrong(f'These were {sum(updates)} updates in all, not {UPDATES}: the comparison with plain '
                    'tuning is only fair with equally many updates.')
    target, kept = _both(source, net)
    return (f'head first: target {target:.2f}, source {kept:.2f}; everything at once: target {plain[0]:.2f}, '
            f'source {plain[1]:.2f} (one run each)')


# ---- 6: a penalty of your own ------------------------------------------------------------------------------

CHILDREN = people('child', 3, first=30)


@functools.cache
def _speech():
    """A recogniser of adults' vowels, ten examples of each of three children, and what to test on."""
    men, women = people('man', 15), people('woman', 15)
    adults = load_vowels(men[:10] + women[:10], men[10:] + women[10:], each=(8, 1, 4),
                         test=men[10:] + women[10:])
    mean, spread = adults.train.x.mean(axis=0), adults.train.x.std(axis=0)

    def standard(voices):
        return np.array((voices.x - mean) / spread), np.array(voices.labels)

    children = load_vowels(CHILDREN, each=(5, 1, 20))
    seed_all(0)
    recogniser = Listener(10)
    _adapt(recogniser, *standard(adults.train), .05, None, 600)
    parts = [(standard(per_class(children.of(name).train, 1, seed=0)), standard(children.of(name).test))
             for name in CHILDREN]
    return recogniser, parts, standard(adults.test)


def _right(net, x, labels):
    """Share of examples that a network gets right."""
    return float((net(x).asnumpy().argmax(axis=1) == labels.asnumpy()).mean())


def _adapt(net, x, labels, lr, penalty, updates):
    net.hybridize(static_alloc=True)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': .9})

    def loss(x, y):
        terms = {'target': cross_entropy(net(x), y)}
        if penalty:
            terms['penalty'] = penalty(net, x)
        return terms

    return fit_quietly(loss, gluon.data.ArrayDataset(x, labels), size=min(20, len(x)), updates=updates,
                       trainer=trainer)


def _weight_penalty(net, source, x):
    return .1 * _squares(_pairs(net, source))


def _answer_penalty(net, source, x, T=2):
    with autograd.pause(train_mode=False):
        then = source(x)
    return .1 * T ** 2 * _kl(then / T, net(x) / T)


def judged(penalty):
    """Adapt the recogniser to three children in turn, from ten examples each.

    Parameters
    ----------
    penalty : callable or None
        ``penalty(net, source, x)``, as in exercise 6.

    Returns
    -------
    child, adults : float
        Mean accuracy on the children, and on new adults.
    diverged : bool
        Some loss stopped being a number.

    Raises
    ------
    Wrong
        If the penalty changes the source.
    """
    recogniser, parts, adults = _speech()
    source = true_copy(recogniser)  # the learner's penalty never holds the recogniser itself
    figures, diverged = [], False
    for train, test in parts:
        seed_all(0)
        net = true_copy(recogniser)
        diverged |= _adapt(net, *train, .02, penalty and (lambda net, x: penalty(net, source, x)),
                           60).diverged
        _unchanged(source)
        figures.append((_right(net, *test), _right(net, *adults)))
    child, adult = numpy.mean(figures, axis=0)
    return float(child), float(adult), diverged


def _unchanged(source):
    """Is a copy of the recogniser, which a penalty has held, still one?"""
    if not same(weights(source), weights(_speech()[0])):
        raise Wrong('The source network has changed: a penalty only looks at it.')


@functools.cache
def _rivals():
    return {'no penalty': judged(None)[:2], 'L2-SP': judged(_weight_penalty)[:2],
            'distillation': judged(_answer_penalty)[:2]}


@check(6)
def check_6(answer):
    """The learner's penalty in the place of the others, on three children; ranked by the mean of both
    accuracies.
    """
    recogniser, parts, _ = _speech()
    (x, _), _ = parts[0]
    net, source = true_copy(recogniser), true_copy(recogniser)
    for weight in net.collect_params().values():
        weight.set_data(weight.data() * 1.2)
    with autograd.record():
        value = _penalty(answer(net, source, x), 'a penalty')
    if not math.isfinite(float(value)) or float(value) < 0:
        raise Wrong(f'For a network that has moved away from the source the penalty is {float(value):g}; it '
                    'is to be a number above 0.')
    if float(value) <= float(answer(true_copy(recogniser), source, x)) + 1e-8:
        raise Wrong('A network that has moved away from the source costs no more than a fresh copy: compare '
                    'net with source.')
    with contextlib.suppress(Exception):
        value.backward()
    if not (numpy.abs(gradient_of(net.features)) > 0).any():
        raise Wrong('The penalty has no gradient for the layers of net, so it cannot hold them: compute it '
                    'from net.features(x), net(x) or weight.data(), without asnumpy() and outside of '
                    'pause().')
    _unchanged(source)
    child, adults, diverged = judged(answer)
    if diverged:
        raise Wrong('With your penalty the loss stops being a number: make it weaker.')
    rivals = _rivals()
    if adults < rivals['no penalty'][1] + .01:
        raise Wrong(f'With your penalty the adults end at {adults:.3f}, without any at '
                    f'{rivals["no penalty"][1]:.3f}: it holds too little, so multiply it by a larger number.')
    if child < rivals['no penalty'][0] - .1:
        raise Wrong(f'With your penalty the children end at {child:.3f}, without any at '
                    f'{rivals["no penalty"][0]:.3f}: it holds too much, so multiply it by a smaller number.')
    ranked = sorted([*rivals.items(), ('yours', (child, adults))], key=lambda item: -sum(item[1]))
    return 'ranked by the mean of both, ' + '; '.join(
        f'{place}. {name} (children {figures[0]:.3f}, adults {figures[1]:.3f})'
        for place, (name, figures) in enumerate(ranked, 1))
