"""The checks of exercises 5: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import cross_entropy

import numpy
import pytest
from mxnet import autograd, gluon, np

# ---- 1: gradient reversal


def reversal(forward=lambda x, s: (x + s * x, s * x), attribute=False, plain=False):
    """An answer whose block gives (the first part, hidden from the gradient) minus the second."""
    class Reversal(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            if attribute:
                self.strength = 1.
            else:
                self.strength = self.params.get('strength', shape=(1,), init='ones', grad_req='null')

        def hybrid_forward(self, F, x, strength=None):
            hidden, seen = forward(x, self.strength if attribute else strength)
            return F.BlockGrad(hidden.as_nd_ndarray()).as_np_ndarray() - seen

    def answer():
        block = Reversal()
        block.initialize()
        if plain:
            return block
        return block, lambda s: setattr(block, 'strength',
                                        s) if attribute else block.strength.set_data(np.array([s]))
    return answer


class Eager(gluon.Block):
    def forward(self, x):
        return (2 * x).detach() - x


WRONG_1 = [
    (reversal(attribute=True), 'At strength 0.25 the gradient below is still -1 times'),
    (reversal(lambda x, s: (x - s * x, -(s * x))), 'it is to be -1 times: the sign is doubled'),
    (reversal(lambda x, s: (0 * x, s * x)), 'changes what goes forward'),
    (reversal(lambda x, s: (x + s * s * x, s * s * x)), 'At strength 0.25 the gradient below is -0.06 times'),
    (reversal(lambda x, s: (0 * x, 0 * s - x)), 'At strength 1 the gradient below is 1.00 times'),
    (reversal(lambda x, s: (x + s * x * x, s * x * x)), 'the gradient below is no multiple of what it'),
    (reversal(plain=True), 'it is to return two things, block and change'),
    (lambda: (Eager(), lambda s: None), 'only a HybridBlock can be compiled'),
    (lambda: (reversal()()[0], None), 'a function change(strength)'),
]


# ---- 2: schedules

def schedules(strength=lambda p: 2 / (1 + numpy.exp(-10 * p)) - 1, rate=lambda lr, p,
              trainer: lr / (1 + 10 * p) ** .75, told=1):
    def answer(change, trainer, lr):
        def before_step(p):
            for _ in range(told):
                change(strength(p))
            if rate:
                trainer.set_learning_rate(rate(lr, p, trainer))
        return before_step
    return answer


WRONG_2 = [
    (schedules(lambda p: 1 / (1 + numpy.exp(-10 * p))), 'that is the sigmoid from 0.5 to 1'),
    (schedules(lambda p: 2 / (1 + numpy.exp(-10 * p))), 'the - 1 is missing'),
    (schedules(lambda p: 2 / (1 + numpy.exp(10 * p)) - 1), 'the sign in the exponent is wrong'),
    (schedules(lambda p: 2 / (1 + numpy.exp(-p)) - 1), 'the 10 is missing'),
    (schedules(lambda p: p), 'The strength is 0.00 at the start, 0.50 in the middle'),
    (schedules(told=0), 'change was called 0 times'),
    (schedules(rate=None), 'the learning rate never changed'),
    (schedules(rate=lambda lr, p, trainer: trainer.learning_rate / (1 + 10 * p) ** .75),
     'begin with lr each time'),
    (schedules(rate=lambda lr, p, trainer: lr / (1 + 10 * p)), 'not 0.100 and 0.017'),
    (lambda change, trainer, lr: change(0), 'Return a function before_step(p)'),
]


# ---- 3: the two losses

def losses(name='domain', domains=(0, 1), both=True, turned='domain', sign=1, times=1, see=None, parts=2):
    def answer(features, labels, domain, reverse):
        def loss(x, y, u):
            f, g = features(x), features(u)
            given = reverse(f) if turned in ('everything', 'label') else f
            together = np.concatenate([f, g])
            together = together if turned in (None, 'label') else reverse(together)
            numbers = np.array([domains[0]] * len(x) + [domains[1]] * len(u))
            some = see or slice(None)
            term = sign * times * cross_entropy(domain(together)[some], numbers[some])
            first = cross_entropy(labels(np.concatenate([f, g])),
                                  np.concatenate([y, y])) if parts == 1 else cross_entropy(labels(given), y)
            return {'label': first, name: term}
        return loss
    return answer


WRONG_3 = [
    (losses(domains=(1, 0)), 'the wrong way round'),
    (losses(domains=(0, 0)), 'both halves are given the same number'),
    (losses(see=slice(12, None)), 'on the target only'),
    (losses(see=slice(0, 12)), 'on the source only'),
    (losses(turned=None), 'nothing is reversed'),
    (losses(turned='everything'), 'the gradient of the features is not'),
    (losses(sign=-1), 'The domain loss is subtracted'),
    (losses(sign=-1, turned=None), 'The domain loss is subtracted'),
    (losses(times=2), 'twice the mean over both halves'),
    (losses(parts=1), 'nothing of the target'),
    (losses(name='domains'), 'the names label and domain'),
    (lambda features, labels, domain, reverse: lambda x, y, u: cross_entropy(labels(features(x)), y),
     'a dict with two named numbers'),
    (lambda features, labels, domain, reverse: lambda x, y, u, v: 1, 'TypeError'),
    (lambda features, labels, domain, reverse: {}, 'Return a function loss(x, y, u)'),
]


# ---- 4: what chance looks like

def chance(n, m, log=numpy.log):
    p = numpy.array([k / (n + m) for k in (n, m) if k])
    return float(-(p * log(p)).sum())


WRONG_4 = [
    (lambda n, m: numpy.log(2), 'yours is 0.693, the lowest loss is 0.325: ln 2 is right for two equal parts '
                                'only'),
    (lambda n, m: chance(n, m, numpy.log2), 'to base 2'),
    (lambda n, m: -sum(p * numpy.log(p) for p in numpy.array([n, m]) / (n + m)), '0 times ln 0'),
    (lambda n, m: chance(n, m) * (n + m), 'a mean over the batch'),
    (lambda n, m: -chance(n, m), 'a loss is not'),
    (lambda n, m: .5, 'yours is 0.500'),
    (lambda n, m: print(end=''), 'returned nothing'),
]


# ---- 5: a fresh probe

def distance(error, half=True, factor=lambda e: 2 * (1 - 2 * e)):
    def answer(probe, source, target):
        x, d = numpy.concatenate([source, target]), numpy.repeat([0, 1], [len(source), len(target)])
        order = numpy.random.default_rng(0).permutation(len(x))
        train, test = order[::2], order[1::2]
        probe.fit(x[train] if half else x, d[train] if half else d)
        return factor(1 - probe.score(x[test], d[test]) if error == 'fresh'
                      else 1 - probe.score(x[train], d[train]))
    return answer


def unshuffled(probe, source, target):
    x, d = numpy.concatenate([source, target]), numpy.repeat([0, 1], [len(source), len(target)])
    return 2 * (1 - 2
                * (1 - probe.fit(x[:len(source)], d[:len(source)]).score(x[len(source):], d[len(source):])))


WRONG_5 = [
    (distance('own'), 'on examples that it was not trained with'),
    (distance('fresh', half=False), 'on examples that it was not trained with'),
    (distance('fresh', factor=lambda e: 1 - 2 * e), 'wide apart have the distance 1.00'),
    (distance('fresh', factor=lambda e: 2 * (1 - e)), 'that are the same have the distance'),
    (distance('fresh', factor=lambda e: 2 * (2 * e - 1)), 'the sign is the wrong way round'),
    (distance('fresh', factor=lambda e: 2 * (1 - 2 * e) ** 3), 'errs on a quarter'),
    (unshuffled, 'ValueError'),
    (lambda probe, source, target: float('nan'), 'came out as nan'),
]


# ---- 6: CORAL

def coral(source, target, centred=True, scale=lambda d: 4 * d ** 2, lost=1, what=np.square):
    def covariance(f):
        f = f - f.mean(axis=0) if centred else f
        return f.T @ f / (len(f) - lost)
    return what(covariance(source) - covariance(target)).sum() / scale(source.shape[1])


WRONG_6 = [
    (lambda a, b: coral(a, b, centred=False, lost=0), 'the mean of each batch is to be subtracted first'),
    (lambda a, b: coral(a, b, scale=lambda d: 1), 'the divisor 4 d² is missing'),
    (lambda a, b: coral(a, b, scale=lambda d: d ** 2), 'the 4 of the divisor'),
    (lambda a, b: coral(a, b, scale=lambda d: 4 * d), 'not 4 d'),
    (lambda a, b: np.square(a.mean(axis=0) - b.mean(axis=0)).sum(), 'these are the means'),
    (lambda a, b: np.sqrt(coral(a, b, scale=lambda d: 1)) / 100, 'no root taken'),
    (lambda a, b: coral(a, b, what=np.abs), 'squared differences of the two covariances'),
    (lambda a, b: np.square(a @ a.T - b @ b.T).sum(), 'ValueError'),
    (lambda a, b: float(coral(a, b)), 'as an mxnet array'),
    (lambda a, b: np.array(float(coral(a, b))), 'it has no gradient'),
    (lambda a, b: coral(a, b.detach()), 'no gradient reaches the target'),
    (lambda a, b: coral(a.detach(), b), 'no gradient reaches the source'),
    (lambda a, b: np.square(a[0] - b[0]), '5 numbers'),
]


# ---- 7: choose without target labels

def entropy(p):
    return -(p * numpy.log(p + 1e-12)).sum(axis=-1)


def by(score):
    return lambda predictions: max(predictions, key=lambda strength: score(predictions[strength]))


WRONG_7 = [
    (by(lambda p: -entropy(p).mean()), 'all the same class, very sure of it'),
    (by(lambda p: entropy(p).mean()), 'the same for every example'),
    (by(lambda p: entropy(p).mean() - entropy(p.mean(axis=0))), 'all the same class'),
    (by(lambda p: entropy(p.mean(axis=0))), 'not yet'),
    (max, 'not yet'),
    (lambda predictions: predictions[0], 'returned an object of type ndarray'),
    (lambda predictions: 77, '77 is none of the strengths'),
]

WRONG = [(number, *case) for number, cases in enumerate((WRONG_1, WRONG_2, WRONG_3, WRONG_4, WRONG_5, WRONG_6,
                                                         WRONG_7), 1) for case in cases]


def test_the_solutions_are_right(said, solutions):
    for number in range(1, 8):
        assert f'Exercise {number}: right: ' in said(number, solutions[number])


def two_calls(features, labels, domain, reverse):
    """The mean over both halves as half of two means, each half reversed by itself, the other name first."""
    def loss(x, y, u):
        f, g = features(x), features(u)
        halves = [cross_entropy(domain(reverse(h)), np.full(len(h), k)) for k, h in enumerate((f, g))]
        return {'domain': sum(halves) / 2, 'label': cross_entropy(labels(f), y)}
    return loss


@pytest.mark.parametrize('number, answer', [
    (1, reversal(lambda x, s: (x - -s * x, s * x))), (2, schedules()), (3, losses()), (3, two_calls),
    (4, chance), (5, distance('fresh')), (6, coral),
    (6, lambda a, b: coral(a, b, lost=0)), (7, by(lambda p: entropy(p.mean(axis=0)) - entropy(p).mean()))])
def test_other_right_answers(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, answer)


@pytest.mark.parametrize('number, answer, sentence', WRONG)
def test_wrong_answers_get_the_sentence_that_helps(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet' in printed and sentence in printed


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 1: right: ' in said(1, solutions[1]) and 'Exercise 3: right: ' in said(3, solutions[3])


def test_the_reversal_of_the_exercises_reverses(checks):
    x = np.random.normal(size=(3, 2))
    x.attach_grad()
    with autograd.record():
        out = checks.reverse(x)
        total = (out * np.arange(6).reshape(3, 2)).sum()
    total.backward()
    assert np.abs(out - x).max() < 1e-6 and (x.grad == -np.arange(6).reshape(3, 2)).all()
