"""The checks of exercises 3: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import freeze, unfreeze
from d2lhelpers.exercises import e03

import numpy
import pytest
from mxnet import autograd, np, npx


def pairs(net, source, select='.*weight'):
    return zip(net.features.collect_params(select).values(), source.features.collect_params(select).values(),
               strict=True)


def squares(net, source, select='.*weight'):
    return sum(np.square(now.data() - then.data()).sum() for now, then in pairs(net, source, select))


# ---- 1: close weights

WRONG_1 = [
    (lambda net, source, alpha: squares(net, source), 'The strength alpha is missing'),
    (lambda net, source, alpha: alpha * squares(net, source, None), 'Biases, or scales and statistics'),
    (lambda net, source, alpha: alpha
     * sum(np.square(w.data()).sum() for w in net.features.collect_params('.*weight').values()), 'to zero'),
    (lambda net, source, alpha: alpha * sum(np.square(now.data() - then.data()).mean() for now,
                                            then in pairs(net, source)), 'a sum, not a mean'),
    (lambda net, source, alpha: alpha * np.sqrt(squares(net, source)), 'no root'),
    (lambda net, source, alpha: float(alpha * squares(net, source)), 'no float'),
    (lambda net, source, alpha: np.array(float(alpha * squares(net, source))), 'it has no gradient'),
    (lambda net, source, alpha: np.stack([np.square(now.data() - then.data()).sum() for now,
                                          then in pairs(net, source)]), '3 numbers'),
    (lambda net, source, alpha: print(end=''), 'returned nothing'),
]


# ---- 2: close outputs

def kl(then, now):
    return (npx.softmax(then) * (npx.log_softmax(then) - npx.log_softmax(now))).sum(axis=1).mean()


WRONG_2 = [
    (lambda then, now, T: kl(then / T, now / T), 'The factor T² is missing'),
    (lambda then, now, T: T ** 2 * kl(now / T, then / T), 'the wrong way round'),
    (lambda then, now, T: T ** 2 * len(now) * kl(then / T, now / T), 'the sum over the batch'),
    (lambda then, now, T: T ** 2 * kl(then, now / T), "missing in the teacher's scores"),
    (lambda then, now, T: T ** 2 * kl(then / T, now), "missing in the student's scores"),
    (lambda then, now, T: T ** 2 * kl(then, now), 'does nothing but multiply'),
    (lambda then, now, T: -T ** 2 * (npx.softmax(then / T) * npx.log_softmax(now / T)).sum(axis=1).mean(),
     'do not stop at the cross-entropy'),
    (lambda then, now, T: T ** 2 * np.square(npx.softmax(then / T) - npx.softmax(now / T)).sum(axis=1).mean(),
     'the mean KL divergence is'),
]


# ---- 3: the bare loop

WRONG_3 = [
    (lambda losses, penalty: losses.sum() + penalty, 'a twelfth of it is left'),
    (lambda losses, penalty: losses.mean() + penalty, 'divides once more'),
    (lambda losses, penalty: losses.mean() + len(losses) * penalty, 'divided twice'),
    (lambda losses, penalty: losses.sum(), 'The penalty is missing'),
    (lambda losses, penalty: losses.sum() + penalty / len(losses), 'must both be 12 times their mean'),
    (lambda losses, penalty: 1.5, 'what backward() is called on'),
]


# ---- 4: choose without forgetting

def choose(settings, untouched, allowed):
    return max((s for s in settings if untouched - s['source'] <= allowed), key=lambda s: s['target'],
               default=None)


WRONG_4 = [
    (lambda settings, untouched, allowed: max(settings, key=lambda s: s['target']),
     'target accuracy alone cannot see'),
    (lambda settings, untouched, allowed: max(settings, key=lambda s: s['source']), 'better on the target'),
    (lambda settings, untouched, allowed: max(settings, key=lambda s: s['target'] + s['source']),
     'With 0.9375 before tuning and 0.0625 allowed'),
    (lambda settings, untouched, allowed: choose(settings, untouched, allowed) or settings[0],
     'return None then'),
    (lambda settings, untouched, allowed: choose(settings, untouched, allowed - .001), 'as much as allowed'),
    (lambda settings, untouched, allowed: 3, 'one of the settings, a dict'),
]


# ---- 5: the head first

def everything(net, train):
    train(net, 60)


def only_the_head(net, train):
    freeze(net, net.features)
    train(net, 3)
    train(net, 3)


def head_last(net, train):
    freeze(net, net.output)
    train(net, 50)
    unfreeze(net, net.output)
    train(net, 50)


def too_short(net, train):
    freeze(net, net.features)
    train(net, 5)
    unfreeze(net, net.features)
    train(net, 5)


def head_never(net, train):
    freeze(net, net.features)
    freeze(net, net.output)
    unfreeze(net, net.output)
    net.output.collect_params().setattr('grad_req', 'null')
    train(net, 5)


WRONG_5 = [(everything, 'while the head is still random'), (only_the_head, 'The backbone never moved'),
           (head_last, 'while the head is still random'),
           (too_short, '10 updates in all, not 60'), (head_never, 'Every parameter'),
           (lambda net, train: net, 'Nothing was trained')]


# ---- 6: a penalty of one's own

def close_features(net, source, x, strength=.02):
    with autograd.pause(train_mode=False):
        then = source.features(x)
    return strength * np.square(net.features(x) - then).sum(axis=1).mean()


def without_gradient(net, source, x):
    with autograd.pause():
        return np.square(net.features(x) - source.features(x)).sum()


def spoils_the_source(net, source, x):
    with autograd.pause():
        for weight in source.output.collect_params().values():
            weight.data()[:] = weight.data() * .999
    return close_features(net, source, x)


WRONG_6 = [
    (lambda net, source,
     x: .01 * sum(np.square(w.data()).sum() for w in net.features.collect_params('.*weight').values()),
     'holds too little'),
    (lambda net, source, x: np.zeros(()), 'costs no more than a fresh copy'),
    (lambda net, source, x: -close_features(net, source, x), 'it is to be a number above 0'),
    (without_gradient, 'has no gradient'),
    (lambda net, source, x: close_features(net, source, x, 1e-7), 'holds too little'),
    (lambda net, source, x: close_features(net, source, x, 1e6), 'the loss stops being a number'),
    (lambda net, source, x: 4 * kl(source(x) / 2, net(x) / 2), 'holds too much'),
    (spoils_the_source, 'The source network has changed'),
    (lambda net, source, x: np.square(net(x) - source(x)).mean(axis=1), '10 numbers'),
]

WRONG = [(number, *case) for number,
         cases in enumerate((WRONG_1, WRONG_2, WRONG_3, WRONG_4, WRONG_5, WRONG_6), 1) for case in cases]


def test_the_solutions_are_right(said, solutions):
    for number in range(1, 7):
        assert f'Exercise {number}: right: ' in said(number, solutions[number])


@pytest.mark.parametrize('number, answer', [(3, lambda losses, penalty: losses + penalty), (4, choose)])
def test_other_right_answers(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, answer)


@pytest.mark.parametrize('number, answer, sentence', WRONG)
def test_wrong_answers_get_the_sentence_that_helps(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet. ' in printed and sentence in printed


def test_the_head_first_keeps_the_source_s_statistics(said, solutions):
    _, net = e03._fresh()
    before = e03.weights(net.features)
    statistics = ['running' in name for name in net.features.collect_params()]

    def looks(given, train):
        solutions[5](given, train)
        moved = [not (then == now).all() for then, now in zip(before, e03.weights(given.features),
                                                              strict=True)]
        assert any(moved) and not any(numpy.array(moved)[statistics])

    assert 'Exercise 5: right: ' in said(5, looks)


def test_a_spoiled_source_is_gone_with_the_check(said):
    def spoils(net, source, x):
        for weight in source.collect_params().values():
            weight.set_data(weight.data() * 0)
        return 'no number'

    first = said(6, close_features)
    assert 'not yet' in said(6, spoils) and said(6, close_features) == first


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 1: right: ' in said(1, solutions[1]) and 'Exercise 6: right: ' in said(6, solutions[6])
