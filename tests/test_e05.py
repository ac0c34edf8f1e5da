"""The checks of exercises 5: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import cross_entropy

import numpy
import pytest
from mxnet import autograd, gluon, np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

# ---- 1: gradient reversal

def reversal(forward=lambda x, s: ((1 + s) * x).detach() - s * x, start=1., heard=True):
    """Two functions that share a strength, as the lesson writes them."""
    def answer():
        strength = start

        def turn(x):
            return forward(x, strength)

        def change(new):
            nonlocal strength
            strength = new if heard else strength
        return turn, change
    return answer


def block(attribute=False, compiled=False):
    """A HybridBlock, with its strength in a parameter or in a plain attribute."""
    class Reversal(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            if attribute:
                self.strength = 1.
            else:
                self.strength = self.params.get('strength', shape=(1,), init='ones', grad_req='null')

        def hybrid_forward(self, F, x, strength=None):
            back = (self.strength if attribute else strength) * x
            return F.BlockGrad((x + back).as_nd_ndarray()).as_np_ndarray() - back

    def answer():
        made = Reversal()
        made.initialize()

        def change(new):
            if attribute:
                made.strength = new
            else:
                made.strength.set_data(np.array([new]))
        if compiled:
            made.hybridize()
            return lambda x: made(x), change
        return made, change
    return answer


def in_an_object():
    """A Block that is called anew each time, with the strength as an attribute."""
    class Reversal(gluon.Block):
        lam = 0

        def forward(self, x):
            return x.detach() + self.lam * (x.detach() - x)

    turn = Reversal()
    return turn, lambda strength: setattr(turn, 'lam', strength)


def in_a_list():
    lam = [1]
    return [lambda x: x - (1 + lam[0]) * (x - x.detach()), lambda strength: lam.__setitem__(0, strength)]


def as_an_input():
    """The lesson's other way: the strength is an input of the compiled layer."""
    class Reversal(gluon.HybridBlock):
        def hybrid_forward(self, F, x, lam):
            back = lam * x
            return F.BlockGrad((x + back).as_nd_ndarray()).as_np_ndarray() - back

    made, now = Reversal(), {}
    made.hybridize()
    return lambda x: made(x, now['lam']), lambda strength: now.update(lam=np.array([strength]))


WRONG_1 = [
    (block(attribute=True), 'At strength 3 the gradient below is still -0.5 times'),
    (block(attribute=True), 'is baked in when the block is compiled'),
    (block(attribute=True, compiled=True), 'change does not reach what turn uses'),
    (reversal(start=.5, heard=False), 'unless nonlocal stands there'),
    (reversal(heard=False), 'the strength plays no part in it'),
    (reversal(lambda x, s: ((1 - s) * x).detach() + s * x), 'the sign is turned twice'),
    (reversal(lambda x, s: -s * x), 'turn(x) is not x'),
    (reversal(lambda x, s: ((1 + s) * x).detach() - x), 'turn(x) is not x'),
    (reversal(lambda x, s: ((1 + s * s) * x).detach() - s * s * x), 'below is -0.25 times'),
    (reversal(lambda x, s: (1 + s) * x - s * x), 'it is to be -0.5 times: nothing is reversed'),
    (reversal(lambda x, s: (1 + s) * x - (s * x).detach()), 'the wrong part is hidden'),
    (reversal(lambda x, s: ((1 + s) * x - s * x).detach()), 'everything is hidden'),
    (reversal(lambda x, s: (x + s * x * x).detach() - s * x * x), 'is no multiple of what it'),
    (reversal(lambda x, s: None), 'turn(x) gave nothing back'),
    (lambda: block()()[0], 'it is to return two things that can be called'),
    (lambda: (block()()[0], None), 'is called as change(strength), your function returned a NoneType'),
    (lambda: (1, 2, 3), 'returned 3 things'),
]


# ---- 2: what the domain loss tells

def told(*answer):
    return lambda: answer


WRONG_2 = [
    (told('A', 1), 'the best constant answer costs 0.562, and that is where the line ends'),
    (told('B', 3), 'this classifier was beaten, and another one is not'),
    (told('D', 2), 'need not fall'),
    (told('C', 1), 'that holds for equal halves'),
    (told('C', 3), 'the domain loss is that of one classifier'),
    (lambda: 'C', 'return a letter and a number'),
]


# ---- 3: the two losses

def losses(name='domain', domains=(0, 1), turned='domain', sign=1, times=1, see=None, parts=2):
    def answer(features, labels, domain, reverse):
        def loss(x, y, u):
            f, g = features(x), features(u)
            given = reverse(f) if turned in ('everything', 'label') else f
            together = np.concatenate([f, g])
            together = together if turned in (None, 'label') else reverse(together)
            together = reverse(together) if turned == 'twice' else together
            together = together.detach() if turned == 'detached' else together
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
    (losses(turned='label'), 'the gradient of the features is not'),
    (losses(turned='twice'), 'reverse was called, but nothing is reversed'),
    (losses(turned='detached'), 'the domain loss does not reach the features at all'),
    (losses(times=24), 'a sum over the examples'), (losses(domains=(1, 1)), 'both called 1'),
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


# ---- 4: a study without target labels

RATES = [{'lr': lr, 'weight': weight} for lr in (.01, .1) for weight in (.3, 1)]
ALONE = [{'lr': lr, 'weight': 0} for lr in (.01, .03, .1, .3)]


def plan(dann=RATES, coral=RATES, alone=ALONE, arms=('source-only', 'DANN', 'CORAL'),
         targets=('outlines', 'textured'), updates=None, batch=None, grid=None, seeds=(1, 2, 3), **more):
    return lambda: {
        'arms': [{'arm': arm, 'target': target, 'updates': (updates or {}).get(arm, 1000),
                  'batch': (batch or {}).get(arm, 64)} for target in targets for arm in arms],
        'grid': grid or {'source-only': alone, 'DANN': dann, 'CORAL': coral}, 'seeds': list(seeds),
        'choose_by': 'validation', 'choose_on': 'source', **more}


WRONG_4 = [
    (plan(arms=('source-only', 'DANN', 'trained on target')), 'there are none. It may stand in a table as'),
    (plan(arms=('source-only', 'DANN')), "no arm with arm = 'CORAL'"),
    (plan(targets=('outlines',)), "target = 'textured'"),
    (plan(updates={'DANN': 4000}), 'updates: 4000 with'),
    (plan(batch={'source-only': 128}), 'source pictures in a batch: 128 with'),
    (plan(coral=RATES[:3]), "'CORAL' among 3"),
    (plan(grid=RATES), 'its 4 settings are 2 different tries'),
    (plan(dann=[{**setting, 'weight': setting['weight'] - .3} for setting in RATES]), 'DANN with weight 0'),
    (plan(seeds=(1, 2)), '2 seeds'), (plan(choose_by='test'), 'Chosen by test accuracy'),
    (plan(choose_on='target'), 'counted with its labels, which were said not to exist'),
    (plan(choose_on='both'), "it can be 'source' or 'target'"),
    (lambda: [1], 'a dict with arms, grid, seeds, choose_by and choose_on'),
    (lambda: {'arms': 1}, 'The plan has no'),
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


def of_my_own(probe, source, target):
    return distance('fresh')(LogisticRegression(), source, target)


def by_cross_validation(probe, source, target):
    x, d = numpy.concatenate([source, target]), numpy.repeat([0, 1], [len(source), len(target)])
    share = cross_val_score(probe, x, d, cv=StratifiedKFold(5, shuffle=True, random_state=0)).mean()
    return 4 * share - 2


def by_predictions(probe, source, target):
    """Every second example of each domain is learned from; mistakes are counted one by one."""
    probe.fit(numpy.vstack([source[::2], target[::2]]),
              ['source'] * len(source[::2]) + ['target'] * len(target[::2]))
    mistakes = [(probe.predict(data[1::2]) != name).mean()
                for data, name in ((source, 'source'), (target, 'target'))]
    return np.array(2 * (1 - sum(mistakes)))


WRONG_5 = [
    (of_my_own, 'was never trained: call probe.fit'),
    (distance('fresh', factor=lambda e: e), 'is that the error itself'),
    (distance('own'), 'on examples that it was not trained with'),
    (distance('fresh', half=False), 'on examples that it was not trained with'),
    (distance('fresh', factor=lambda e: 1 - 2 * e), 'the 2 before the bracket is missing'),
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
    (lambda a, b: coral(a, b, what=np.abs), 'to be squared, not made positive'),
    (lambda a, b: coral(a, b, lost=0), 'you divided by their number'),
    (lambda a, b: coral(a, b, lost=2), 'not less 2'),
    (lambda a, b: coral(a, b, centred=False), 'the mean of each batch is to be subtracted first'),
    (lambda a, b: coral(a, b, scale=lambda d: 4), 'the d² of the divisor'),
    (lambda a, b: coral(a, b, what=lambda c: np.square(c) * np.eye(5)), 'these are the variances alone'),
    (lambda a, b: coral(a, b, what=lambda c: c), 'squared differences of the two covariances'),
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


def by_a_loop(predictions):
    best, found = -numpy.inf, None
    for strength, p in predictions.items():
        mean = sum(p) / len(p)
        score = sum(-q * numpy.log(q + 1e-12) for q in mean)
        score -= sum(-q * numpy.log(q + 1e-12) for row in p for q in row) / len(p)
        if score > best:
            best, found = score, strength
    return found


def by_divergence(predictions):
    """The same number as a mean divergence from the mean prediction."""
    strengths = list(predictions)
    scores = [(p * numpy.log((p + 1e-12) / (p.mean(axis=0) + 1e-12))).sum(axis=1).mean()
              for p in predictions.values()]
    return strengths[int(numpy.argmax(scores))]


WRONG_7 = [
    (by(lambda p: -entropy(p).mean()), 'all the same class, very sure of it'),
    (by(lambda p: entropy(p).mean()), 'the same for every example'),
    (by(lambda p: entropy(p).mean() - entropy(p.mean(axis=0))), 'all the same class'),
    (by(lambda p: entropy(p.mean(axis=0))), 'that say the same for every example'),
    (by(lambda p: entropy(p.mean(axis=0)) + entropy(p).mean()), 'that say the same for every example'),
    (by(lambda p: p.max(axis=1).mean()), 'all the same class'),
    (lambda predictions: max(predictions), 'You chose the largest strength each time'),
    (lambda predictions: min(predictions), 'You chose the smallest strength each time'),
    (lambda predictions: list(predictions)[0], 'that are unsure'),
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


def by_hand(features, labels, domain, reverse):
    """Another style: one pass through the features, Gluon's loss, and masks."""
    each = gluon.loss.SoftmaxCrossEntropyLoss()

    def loss(x, y, u):
        both = features(np.concatenate([x, u]))
        source = len(x)
        terms = each(domain(reverse(both)), (np.arange(len(both)) >= source).astype('int32'))
        return {'label': each(labels(both[:source]), y).mean(), 'domain': terms.mean()}
    return loss


def looped(source, target):
    """CORAL by a sum over rows, and by one product with ones of the centring matrix."""
    covariances = []
    for f in (source, target):
        mean = f.sum(axis=0) / len(f)
        covariances.append(sum((row - mean).reshape(-1, 1) * (row - mean) for row in f) / (len(f) - 1))
    return ((covariances[0] - covariances[1]) ** 2).mean() / 4


def as_one_product(source, target):
    def covariance(f):
        n = len(f)
        return np.dot(np.dot(f.T, np.eye(n) - np.ones((n, n)) / n), f) / (n - 1)
    return np.sum((covariance(source) - covariance(target)) ** 2) / (4 * source.shape[1] ** 2)


@pytest.mark.parametrize('number, answer', [
    (1, reversal()), (1, block()), (1, in_an_object), (1, in_a_list), (1, as_an_input),
    (2, told('C', 2)), (2, lambda: ['c', '2']), (3, losses()), (3, two_calls), (3, by_hand),
    (4, plan()), (4, plan(grid=[{'lr': lr, 'weight': 1} for lr in (.01, .03, .1)])),
    (4, plan(seeds=range(5), updates=dict.fromkeys(('source-only', 'DANN', 'CORAL'), 500))),
    (5, distance('fresh')), (5, by_cross_validation), (5, by_predictions),
    (6, coral), (6, looped), (6, as_one_product),
    (7, by(lambda p: entropy(p.mean(axis=0)) - entropy(p).mean())), (7, by_a_loop), (7, by_divergence)])
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
