"""The checks of exercises 3: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers.exercises import e03, networks

import pandas
import pytest
from mxnet import autograd, np, npx


def pairs(net, source, select='.*weight'):
    return zip(net.features.collect_params(select).values(), source.features.collect_params(select).values(),
               strict=True)


def squares(net, source, select='.*weight'):
    return sum(np.square(now.data() - then.data()).sum() for now, then in pairs(net, source, select))


# ---- 1: whose path is it?

WRONG_1 = [
    (lambda: ('A', 2), 'The weights of run 1 travel and its answers hardly move'),
    (lambda: ('C', 2), 'The distance of run 2 is exactly 0 all the time'),
    (lambda: ('D', 2), 'Run 1 stays low: something holds its answers'),
    (lambda: ('B', 1), 'neither axis is an accuracy'), (lambda: ('B', 3), 'cannot be compared'),
    (lambda: ('B', 4), 'it is the same for all'), (lambda: 'B2', 'returned an object of type str'),
]


# ---- 2: close outputs

def kl(then, now):
    return (npx.softmax(then) * (npx.log_softmax(then) - npx.log_softmax(now))).sum(axis=1).mean()


WRONG_2 = [
    (lambda then, now, T: kl(then / T, now / T), 'The factor T² is missing'),
    (lambda then, now, T: T * kl(then / T, now / T), 'The factor is T here'),
    (lambda then, now, T: -T ** 2 * kl(then / T, now / T), 'The sign is turned round'),
    (lambda then, now, T: float(T ** 2 * kl(then / T, now / T)), 'no float'),
    (lambda then, now, T: T ** 2 * (npx.softmax(then / T) * (npx.log_softmax(then / T)
                                                             - npx.log_softmax(now / T))).sum(axis=1),
     'returned 8 numbers'),
    (lambda then, now, T: T ** 2 * kl(then / T, now / T) / 6, 'the mean over the classes too'),
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
     'by the target alone, which cannot see'),
    (lambda settings, untouched, allowed: max(settings, key=lambda s: s['source']),
     'takes what keeps most of the source'),
    (lambda settings, untouched, allowed: max(settings, key=lambda s: s['target'] + s['source']),
     'chooses by the mean (or sum) of both'),
    (lambda settings, untouched, allowed: max(
        (s for s in settings if s['source'] >= untouched - allowed),
        key=lambda s: (s['target'] + s['source']) / 2, default=None), 'and then takes the best mean of both'),
    (lambda settings, untouched, allowed: max(
        (s for s in settings if s['source'] >= untouched - allowed), key=lambda s: s['source'], default=None),
     'among those that keep enough the best on the target is wanted'),
    (lambda settings, untouched, allowed: max(
        (s for s in settings if s['source'] >= (1 - allowed) * untouched), key=lambda s: s['target'],
        default=None), 'as a share of the accuracy before tuning'),
    (lambda settings, untouched, allowed: max(
        (s for s in settings if untouched - s['source'] < allowed), key=lambda s: s['target'], default=None),
     'that is still allowed (>=, not >)'),
    (lambda settings, untouched, allowed: choose(settings, untouched, allowed) or settings[0],
     'none keeps enough: return None then'),
    (lambda settings, untouched, allowed: settings[0],
     '0.03125 allowed to be lost there is a setting that keeps enough and is better'),
    (lambda settings, untouched, allowed: settings[2], 'the setting chosen keeps only 0.875'),
    (lambda settings, untouched, allowed: {}.get('best'), 'the function returned nothing, though'),
    (lambda settings, untouched, allowed: {'lr': 1}, 'which is not one of the settings'),
    (lambda settings, untouched, allowed: max(s['target'] for s in settings), 'one of the settings, a dict'),
]


# ---- 5: plan a comparison

GRID = {'plain': [{'lr': .01, 'strength': s} for s in (0, .001, .01)],
        'L2-SP': [{'lr': .01, 'strength': s} for s in (.01, .1, 1)]}


def arm(name, head_first, updates=None):
    return {'arm': name, 'head_first': head_first, 'updates': 60 - head_first if updates is None else updates}


def plan(**changed):
    """A fair plan, with some of its parts changed."""
    return {'arms': [arm(name, first) for name in GRID for first in (0, 30)], 'grid': GRID,
            'seeds': (1, 2, 3), 'choose_by': 'validation', **changed}


WRONG_5 = [(lambda changed=changed: plan(**changed), sentence) for changed, sentence in [
    ({'arms': [arm(name, first, 60) for name in GRID for first in (0, 30)]},
     "updates in all: 90 with arm = 'plain', head_first = 30, but 60 with arm = 'plain', head_first = 0"),
    ({'arms': [arm('plain', 0), arm('L2-SP', 30)]}, 'No two arms of the plan differ in one thing alone'),
    ({'arms': plan()['arms'][:3]}, "no arm with arm = 'L2-SP', head_first = 30"),
    ({'arms': [*plan()['arms'][:3], arm('L2-SP', 20)]}, "has 20 as 'head_first'; that can be 0 and 30"),
    ({'grid': {**GRID, 'plain': GRID['plain'][:1]}}, "'L2-SP' may choose among 3 settings, 'plain' among 1"),
    ({'grid': {**GRID, 'plain': [{'lr': lr} for lr in (.01, .02, .1)]}},
     'each is a dict with lr and strength'),
    ({'grid': [{'lr': .01, 'strength': s} for s in (.1, .11, .12)]},
     'lie close together (lr from 0.01 to 0.01, strength from 0.1 to 0.12)'),
    ({'grid': [{'lr': .01, 'strength': -1}] * 3}, 'strength is to be a number above 0, or 0'),
    ({'arms': [arm(name, first, 100 - first) for name in GRID for first in (0, 30)]}, '100 updates in all'),
    ({'grid': [{'lr': .01, 'strength': s} for s in (0, .1, 1)]}, 'strength 0 L2-SP is plain tuning'),
    ({'seeds': [7]}, 'nobody can tell a difference from luck'), ({'choose_by': 'test'}, 'flatters')]]


# ---- 6: a penalty of one's own

def close_features(net, source, x, strength=.02):
    with autograd.pause(train_mode=False):
        then = source.features(x)
    return strength * np.square(net.features(x) - then).sum(axis=1).mean()


def last_layer(net, source, x, strength=.1):
    """What the hint names: the last layer's weights alone."""
    return strength * np.square(net.output.weight.data() - source.output.weight.data()).sum()


def absolute(net, source, x):
    return .003 * sum(np.abs(now.data() - then.data()).sum() for now, then in pairs(net, source))


def a_mixture(net, source, x):
    return close_features(net, source, x, .001) + .01 * squares(net, source)


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
     'perhaps what it holds is not what the adults need'),
    (lambda net, source, x: np.zeros(()), 'costs no more than a fresh copy'),
    (lambda net, source, x: -close_features(net, source, x), 'it is to be a number above 0'),
    (without_gradient, 'has no gradient'),
    (lambda net, source, x: close_features(net, source, x, 1e-5), 'Make it stronger: '),
    (lambda net, source, x: close_features(net, source, x, 1e6), 'the loss stops being a number'),
    (lambda net, source, x: 8 * kl(source(x) / 2, net(x) / 2), 'Make it weaker: '),
    (lambda net, source, x: last_layer(net, source, x, 10), 'Make it weaker: '),
    (lambda net, source, x: np.sqrt(squares(net, source)), 'a root has no slope at 0'),
    (spoils_the_source, 'The source network has changed'),
    (lambda net, source, x: np.square(net(x) - source(x)).mean(axis=1), '10 numbers'),
]

WRONG = [(number, *case) for number,
         cases in enumerate((WRONG_1, WRONG_2, WRONG_3, WRONG_4, WRONG_5, WRONG_6), 1) for case in cases]


def test_the_solutions_are_right(said, solutions):
    for number in range(1, 7):
        assert f'Exercise {number}: right: ' in said(number, solutions[number])


def by_log_softmax_twice(then, now, T):
    before, after = npx.log_softmax(then / T), npx.log_softmax(now / T)
    return (np.exp(before) * (before - after)).sum() * T * T / len(then)


def entropy_apart(then, now, T):
    p = npx.softmax(then / T)
    cross = -(p * npx.log_softmax(now / T)).sum(axis=-1)
    return T ** 2 * (cross + (p * npx.log_softmax(then / T)).sum(axis=-1)).mean()


def by_pandas(settings, untouched, allowed):
    table = pandas.DataFrame(settings)
    enough = table[table['source'] >= untouched - allowed]
    return settings[enough['target'].idxmax()] if len(enough) else None


def by_a_loop(settings, untouched, allowed):
    best = None
    for setting in settings:
        if untouched - setting['source'] > allowed:
            continue
        if best is None or setting['target'] > best['target']:
            best = setting
    return best


def three_rates():
    grid = [{'lr': lr, 'strength': .1} for lr in (.003, .01, .03)]
    return plan(grid={'plain': [{**each, 'strength': 0} for each in grid], 'L2-SP': grid}, seeds=range(5))


@pytest.mark.parametrize('number, answer', [
    (1, lambda: ['b', '2']), (1, lambda: (' B ', 2)), (2, by_log_softmax_twice), (2, entropy_apart),
    (3, lambda losses, penalty: losses + penalty),
    (3, lambda losses, penalty: 12 * (losses.mean() + penalty)),
    (4, choose), (4, by_pandas), (4, by_a_loop), (5, plan), (5, three_rates),
    (5, lambda: plan(arms=plan()['arms'][::-1], grid=GRID['L2-SP'])), (6, close_features), (6, last_layer),
    (6, absolute), (6, a_mixture)], ids=lambda value: getattr(value, '__name__', ''))
def test_other_right_answers(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, answer)


def test_the_paths_are_what_the_readings_say():
    ends = {run: [each[-1] for each in path] for run, path in e03.four_paths().items()}
    far, held = ends['run 3'], ends['run 4']
    assert ends['run 2'][0] == 0 and ends['run 2'][1] > 0
    assert held[0] < .6 * min(far[0], ends['run 1'][0]) and ends['run 1'][1] < .6 * min(held[1], far[1])


def test_the_head_first_keeps_the_source_s_statistics_and_moves_the_rest(monkeypatch):
    kept = {}
    monkeypatch.setattr(e03, 'accuracy', lambda net, data: kept.update(net=net) or .5)
    for first, then in ((2, 0), (0, 2)):
        e03.tuned(0, 'L2-SP', first, then, .01, .1)
        names, now = kept['net'].collect_params(), networks.weights(kept['net'])
        moved = networks.moved(networks.weights(e03.drawn.source().load()), now)
        assert any(moved) == bool(then)
        assert not any(each for each, name in zip(moved, names, strict=True) if 'running' in name)


@pytest.mark.parametrize('number, answer, sentence', WRONG)
def test_wrong_answers_get_the_sentence_that_helps(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet. ' in printed and sentence in printed


def test_a_spoiled_source_is_gone_with_the_check(said):
    def spoils(net, source, x):
        for weight in source.collect_params().values():
            weight.set_data(weight.data() * 0)
        return 'no number'

    first = said(6, close_features)
    assert 'not yet' in said(6, spoils) and said(6, close_features) == first


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 6: right: ' in said(6, solutions[6])
