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
from ..hardware import on_cpu, seed_all
from ..surgery import new_head, true_copy
from ..training import cross_entropy
from . import drawn
from .checking import Wrong, check, fit_quietly
from .design import fair
from .judging import differentiable, known_mistake, must_equal, returned
from .networks import gradient_of, same, weights
from .reading import reading
from .variants import varied


class Listener(gluon.HybridBlock):
    """``features``, three dense layers, and ``output``: the recogniser of the lesson."""

    def __init__(self, classes):
        super().__init__()
        self.features = nn.HybridSequential()
        self.features.add(*(nn.Dense(64, activation='relu', in_units=n) for n in (40, 64, 64)))
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


# ---- 1: whose path is it? ----------------------------------------------------------------------------------

def four_paths():
    """How four networks adapt to a child, for the figure of exercise 1; each starts as a copy of the
    recogniser of adults.

    Returns
    -------
    dict of str to tuple of list of float
        By the name of the run: distances of the weights of the copied layers from the source, and divergences
        of the answers, every ten updates.
    """
    with on_cpu():
        return {'run 1': _path(_answer_penalty), 'run 2': _path(None, frozen=True), 'run 3': _path(None),
                'run 4': _path(_weight_penalty)}


def _path(penalty, frozen=False):
    recogniser, parts, _ = _speech()
    source, ((x, labels), _) = true_copy(recogniser), parts[0]
    seed_all(varied(0))
    net = true_copy(recogniser)
    if frozen:
        freeze(net, net.features)
    distances, divergences = [], []
    for updates in (0, *[10] * 6):
        if updates:
            _adapt(net, x, labels, .02, penalty and (lambda net, x: 10 * penalty(net, source, x)), updates)
        distances.append(float(np.sqrt(_squares(_pairs(net, source)))))
        divergences.append(float(_kl(source(x), net(x))))
    return distances, divergences


@check(1)
def check_1(answer):
    """Which of four runs has which penalty, by how far weights and answers have moved."""
    reading(answer(), {
        'A': 'It is the other way round. The weights of run 1 travel and its answers hardly move; run 4 is '
             'pulled back to the left, and its answers move.',
        'B': '',
        'C': 'The distance of run 2 is exactly 0 all the time. A penalty, however strong, allows some '
             'distance; layers that are frozen allow none.',
        'D': 'Run 1 stays low: something holds its answers. Run 3 is far away in both directions: nothing '
             'holds it.'}, {
        1: 'the figure does not show that: neither axis is an accuracy. Which run knows the adults best must '
           'be measured.',
        2: '',
        3: 'the figure does not show that: the strengths of a penalty on weights and of one on answers '
           'cannot be compared, and neither axis is a strength.',
        4: 'that is so, since all four start as copies of the source; but it is the same for all.'})
    return 'each penalty holds down one axis most; what that is worth must be measured'


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
            (T * _kl(p, q), 'The factor is T here: it is to be T².'),
            (-right, "The sign is turned round: subtract the logarithms of the student from the teacher's."),
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


def _best(rows, *keys):
    """The setting with the highest sum of some figures."""
    return max(rows, key=lambda row: sum(row[key] for key in keys), default=None)


def _keeping(rows, least):
    return [row for row in rows if row['source'] >= least]


_OTHER_RULES = [  # what somebody might choose by, and what to tell
    (lambda rows, untouched, allowed: _best(rows, 'target'),
     'Your function chooses by the target alone, which cannot see what is forgotten.'),
    (lambda rows, untouched, allowed: _best(rows, 'source'),
     'Your function takes what keeps most of the source: enough is enough, and among those that keep enough '
     'the best on the target is wanted.'),
    (lambda rows, untouched, allowed: _best(_keeping(rows, untouched - allowed), 'source'),
     'Your function takes what keeps most of the source: among those that keep enough the best on the target '
     'is wanted.'),
    (lambda rows, untouched, allowed: _best(rows, 'target', 'source'),
     'Your function chooses by the mean (or sum) of both: there a gain on the target makes up for what is '
     'forgotten. Here the source is a condition.'),
    (lambda rows, untouched, allowed: _best(_keeping(rows, untouched - allowed), 'target', 'source'),
     'Your function sorts out what keeps too little, and then takes the best mean of both: among those that '
     'keep enough only the target counts.'),
    (lambda rows, untouched, allowed: _best(_keeping(rows, untouched * (1 - allowed)), 'target'),
     'Your function takes what may be lost as a share of the accuracy before tuning; it is a number of '
     'points: untouched - allowed is the least that may be left.'),
    (lambda rows, untouched, allowed: _best(_keeping(rows, untouched - allowed + 1e-6), 'target'),
     'Your function sorts out what has lost exactly as much as allowed; that is still allowed (>=, not >).')]


@check(4)
def check_4(answer):
    """Made-up tables of settings with different tolerances; wrong answers are compared with other rules."""
    cases = _settings()
    chosen = [answer([dict(row) for row in rows], untouched, allowed)
              for untouched, allowed, rows, _ in cases]
    for said, (_, _, rows, _) in zip(chosen, cases, strict=True):
        if said is not None and returned(said, dict, 'one of the settings, a dict') not in rows:
            raise Wrong(f'The function returned {said}, which is not one of the settings.')
    for rule, told in _OTHER_RULES:
        if chosen == [rule(rows, untouched, allowed) for untouched, allowed, rows, _ in cases]:
            raise Wrong(told)
    for said, (untouched, allowed, _, right) in zip(chosen, cases, strict=True):
        where = f'With {untouched:g} before tuning and {allowed:g} allowed to be lost'
        if said is None and right:
            raise Wrong(f'{where} the function returned nothing, though {right} keeps enough.')
        if said and said['source'] < untouched - allowed:
            raise Wrong(f'{where} the setting chosen keeps only {said["source"]:g}'
                        + ('.' if right else ', and none keeps enough: return None then.'))
        if said != right:
            raise Wrong(f'{where} there is a setting that keeps enough and is better on the target: '
                        f'{right["target"]:.2f}, not {said["target"]:.2f}.')
    return 'the best on the target among those that keep enough, at five different demands'


# ---- 5: plan a comparison ----------------------------------------------------------------------------------

PLANNED = {'arm': ('plain', 'L2-SP'), 'head_first': (0, 30)}  # what the study of exercise 5 compares
_IN_ALL = 60  # updates


@check(5)
def check_5(answer):
    """Is the plan fair, and can it tell the penalty from the head first?"""
    plan = answer()
    size = fair(plan, PLANNED, {'updates in all': ('head_first', 'updates')}, ('lr', 'strength'))
    in_all = plan['arms'][0]['head_first'] + plan['arms'][0]['updates']
    if in_all != _IN_ALL:
        raise Wrong(f'Every arm has {in_all} updates in all, and there is time for {_IN_ALL}.')
    grid = plan['grid']['L2-SP'] if isinstance(plan['grid'], dict) else plan['grid']
    if not all(setting['strength'] for setting in grid):
        raise Wrong('With strength 0 L2-SP is plain tuning, so that the two cannot be told apart: give it '
                    'strengths above 0.')
    return f'{size}, and the penalty can be told from the head first'


@functools.cache
def _pictures():
    """25 training pictures of five new things, and pictures to choose by and to test on, of these and of the
    source task, all ready.
    """
    new = picture_book.unseen(train=100, validation=100, test=200, seed=varied(0))
    old = picture_book.source(train=33, validation=99, test=231, seed=varied(1))
    return drawn.ready(per_class(new.train, 5, seed=0)), *(
        [drawn.ready(task.validation), drawn.ready(task.test)] for task in (new, old))


def tuned(seed, arm, head_first, updates, lr, strength):
    """Fine-tune the source model to five new things, for a study of exercise 5.

    Parameters
    ----------
    seed : int
    arm : str
        ``'plain'``, where the strength is weight decay, or ``'L2-SP'``.
    head_first, updates : int
        Updates of the head alone, then of everything.
    lr, strength : float

    Returns
    -------
    dict of str to float
        ``test`` and ``test source``, accuracies on the new things and on those of the source under its own
        head; ``validation``, the mean of the two on validation pictures.
    """
    examples, new, old = _pictures()
    seed_all(seed)
    source = drawn.source().load()
    net = new_head(true_copy(source), 5)
    freeze(net, net.features)  # batch normalisation stays on the source's statistics
    net.output.collect_params().setattr('lr_mult', 5)
    penalty = (lambda: strength * _squares(_pairs(net, source))) if arm == 'L2-SP' else None
    _tune(net, examples, lr, 0, None, head_first)
    net.features.collect_params('^(?!.*running).*$').setattr('grad_req', 'write')
    _tune(net, examples, lr, 0 if penalty else strength, penalty, updates)
    under = nn.HybridSequential()
    under.add(net.features, source.output)
    validation, test = ([accuracy(net, one), accuracy(under, other)]
                        for one, other in zip(new, old, strict=True))
    return {'validation': sum(validation) / 2, 'test': test[0], 'test source': test[1]}


def _tune(net, examples, lr, wd, penalty, updates):
    if not updates:
        return
    net.hybridize(static_alloc=True)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': .9, 'wd': wd})

    def loss(x, y):
        return {'target': cross_entropy(net(x), y), **({'penalty': penalty()} if penalty else {})}

    fit_quietly(loss, examples, size=16, updates=updates, trainer=trainer)


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
    seed_all(varied(0))
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
        seed_all(varied(0))
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


def _slope_at_a_copy(answer, recogniser, source, x):
    """Where training starts, all distances are 0."""
    net = true_copy(recogniser)
    with autograd.record():
        value = answer(net, source, x)
    with contextlib.suppress(Exception):  # it may be a constant there
        value.backward()
    if not numpy.isfinite(gradient_of(net)).all():
        raise Wrong('For a fresh copy the gradient of the penalty is no number: a root has no slope at 0. '
                    'Leave the root out, or add a small number below it.')


def _good(child, adults):
    """Does a penalty save at least a point of the adults, and lose at most ten of the children?"""
    none = _rivals()['no penalty']
    return adults >= none[1] + .01 and child >= none[0] - .1


def _what_to_do(answer):
    """Measured with the learner's own penalty: a pull may be too weak as well as too strong."""
    for factor in _FACTORS:
        child, adults, diverged = judged(lambda net, source, x, by=factor: by * answer(net, source, x))
        if not diverged and _good(child, adults):
            change = 'stronger' if factor > 1 else 'weaker'
            return f'Make it {change}: {factor:g} times as strong it is right.'
    return (f'Neither is it right {", ".join(f"{factor:g}" for factor in _FACTORS)} times as strong: perhaps '
            'what it holds is not what the adults need. Hold something else, or more of the network.')


_FACTORS = (10, .1, 100, .01, 1000, .001)


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
    if not (numpy.abs(gradient_of(net)) > 0).any():
        raise Wrong('The penalty has no gradient for net, so it cannot hold it: compute it from '
                    'net.features(x), net(x) or weight.data(), without asnumpy() and outside of pause().')
    _slope_at_a_copy(answer, recogniser, source, x)
    _unchanged(source)
    child, adults, diverged = judged(answer)
    rivals = _rivals()
    if diverged:
        raise Wrong('With your penalty the loss stops being a number: make it weaker.')
    if not _good(child, adults):
        told = (f'With your penalty the adults end at {adults:.3f}, without any at '
                f'{rivals["no penalty"][1]:.3f}; at least a point is to be saved.'
                if adults < rivals['no penalty'][1] + .01 else
                f'With your penalty the children end at {child:.3f}, without any at '
                f'{rivals["no penalty"][0]:.3f}; not more than ten points may be lost.')
        raise Wrong(f'{told} {_what_to_do(answer)}')
    ranked = sorted([*rivals.items(), ('yours', (child, adults))], key=lambda item: -sum(item[1]))
    return 'ranked by the mean of both, ' + '; '.join(
        f'{place}. {name} (children {figures[0]:.3f}, adults {figures[1]:.3f})'
        for place, (name, figures) in enumerate(ranked, 1))
