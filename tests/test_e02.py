"""The checks of lesson 2's exercises: the answers of the solution notebook are right, plausible wrong ones
get a sentence that helps.
"""
from d2lhelpers import freeze, layers, seed_all, true_copy
from d2lhelpers.exercises import e02

import numpy
import pytest
from mxnet import np, npx


@pytest.fixture
def quick(monkeypatch):
    """Made-up accuracies in place of the networks that exercises 4 and 5 train: those are run whole by the
    solution notebook.
    """
    monkeypatch.setattr(e02, 'from_digits', [.45, .44, .3, .28, .35, .2].__getitem__)
    table = {'things, 24 pictures': (.57, .55, .53, .2), 'things, 240 pictures': (.71, .78, .82, .47),
             'fish, 200 pictures': (.58, .7, .8, .5),
             'digits, 240 pictures': (.83, .95, .99, .98)}
    monkeypatch.setattr(e02, 'measured', lambda target,
                        strategy: table[target][e02.STRATEGIES.index(strategy)])


def test_the_solutions_are_right_in_any_order_and_repeatedly(said, solutions, quick):
    first = {number: said(number, solutions[number]) for number in (6, 3, 5, 2, 4, 1)}
    for number, sentence in first.items():
        assert f'Exercise {number}: right: ' in sentence
    seed_all(7)
    assert {number: said(number, solutions[number])
            for number in (1, 3)} == {number: first[number] for number in (1, 3)}


# ---- 1 -----------------------------------------------------------------------------------------------------

def grafted(lower, upper, net, n):
    layers.copy_weights(upper.features, net.features)
    layers.copy_weights(layers.first(lower, n), layers.first(net, n))
    return net


def sharing(lower, upper, net, n):
    net.features = upper.features
    freeze(net, layers.first(net, n))
    return net


def sharing_some(lower, upper, net, n):
    grafted(lower, upper, net, n)
    for i, child in enumerate(layers.first(lower, n)):
        net.features._children[str(i)] = child
    freeze(net, net.features[n:])
    return net


def in_the_wrong_order(lower, upper, net, n):
    layers.copy_weights(layers.first(lower, n), layers.first(net, n))
    layers.copy_weights(upper.features, net.features)
    freeze(net, layers.first(net, n))
    return net


def one_donor(lower, upper, net, n):
    layers.copy_weights(lower.features, net.features)
    freeze(net, layers.first(net, n))
    return net


def lower_half_alone(lower, upper, net, n):
    layers.copy_weights(layers.first(lower, n), layers.first(net, n))
    freeze(net, layers.first(net, n))
    return net


def half_freezing(lower, upper, net, n):
    layers.first(grafted(lower, upper, net, n), n).collect_params().setattr('grad_req', 'null')
    return net


def from_net_to_donor(lower, upper, net, n):
    layers.copy_weights(layers.first(net, n), layers.first(lower, n))
    freeze(net, layers.first(net, n))
    return net


def freezing_the_donor(lower, upper, net, n):
    grafted(lower, upper, net, n)
    freeze(lower, layers.first(lower, n))
    return net


def freezing_the_backbone(lower, upper, net, n):
    grafted(lower, upper, net, n)
    freeze(net, net.features)
    return net


def freezing_everything(lower, upper, net, n):
    freezing_the_backbone(lower, upper, net, n)
    net.output.collect_params().setattr('grad_req', 'null')
    return net


def freezing_the_head(lower, upper, net, n):
    grafted(lower, upper, net, n)
    freeze(net, layers.first(net, n))
    net.output.collect_params().setattr('grad_req', 'null')
    return net


@pytest.mark.parametrize('answer, why', [
    (sharing, 'share layers (25 parameters'), (sharing_some, 'the first is'),
    (in_the_wrong_order, 'hold the weights of the upper donor: was the lower one copied first'),
    (one_donor, 'the layers above the cut are those of the lower donor too'),
    (lower_half_alone, 'the layers above the cut are still random'),
    (grafted, 'the layers below the cut moved in training: freeze them'),
    (half_freezing, 'give other features than in use'),
    (from_net_to_donor, 'A donor has changed: layers.copy_weights(one, other) copies from the first'),
    (freezing_the_donor, 'A donor has been frozen'),
    (freezing_the_backbone, 'the layers above the cut did not move in training'),
    (freezing_everything, 'Everything is frozen'), (freezing_the_head, 'The head did not move'),
    (lambda lower, upper, net, n: upper, 'share layers'),
    (lambda lower, upper, net, n: grafted(lower, upper, net, n) and None, 'returned nothing')],
    ids=lambda value: getattr(value, '__name__', ''))
def test_surgery_gone_wrong(said, answer, why):
    assert why in said(1, answer)


def by_arrays(lower, upper, net, n):
    count = len(layers.first(lower, n).collect_params().values())
    for i, mine in enumerate(net.features.collect_params().values()):
        donor = lower if i < count else upper
        mine.set_data(list(donor.features.collect_params().values())[i].data())
    freeze(net, layers.first(net, n))
    return net


def by_a_copy(lower, upper, net, n):
    net.features = true_copy(upper).features
    part = layers.first(net, n)
    layers.copy_weights(layers.first(lower, n), part)
    freeze(net, part)
    return net


@pytest.mark.parametrize('answer', [by_arrays, by_a_copy])
def test_other_surgeons_are_right_too(said, answer):
    assert 'Exercise 1: right: ' in said(1, answer)


# ---- 2 -----------------------------------------------------------------------------------------------------

GRID = [{'lr': lr} for lr in (.01, .03, .1)]


def plan(n=3, **changed):
    """A fair plan, with some of its parts changed."""
    return {'arms': [arm(donor, frozen, n) for donor in ('digits', 'random') for frozen in (True, False)],
            'grid': GRID, 'seeds': [1, 2, 3], 'choose_by': 'validation', **changed}


def arm(donor, frozen, n=3, pictures=240, updates=80):
    return {'arm': donor, 'frozen': frozen, 'n': n, 'pictures': pictures, 'updates': updates}


@pytest.mark.parametrize('changed, why', [
    ({'arms': [arm('digits', True), arm('random', False)]},
     'No two arms of the plan differ in one thing alone'),
    ({'arms': plan()['arms'][:3]}, "no arm with arm = 'random', frozen = False. So nobody can tell what "
                                   "frozen = False does to 'random'"),
    ({'arms': [*plan()['arms'][:3], arm('random', False, n=0)]}, 'n, the layers put in: 3 with'),
    ({'arms': plan(n=0)['arms']}, 'n, the layers put in: 0 in every arm'),
    ({'arms': [*plan()['arms'][:3], arm('random', False, updates=800)]}, 'updates: 800 with'),
    ({'grid': {'digits': GRID, 'random': GRID[:2]}},
     "'digits' may choose among 3 settings, 'random' among 2"),
    ({'seeds': [4]}, 'nobody can tell a difference from luck'), ({'choose_by': 'test'}, 'flatters')])
def test_plans_that_are_not_fair(said, changed, why):
    assert why in said(2, lambda: plan(**changed))


@pytest.mark.parametrize('fair', [plan(), plan(n=5, seeds=range(9)), plan(
    grid={'random': GRID[::-1], 'digits': ({'lr': .003}, *GRID[:2])}, arms=tuple(plan()['arms'][::-1]))])
def test_fair_plans(said, fair):
    assert 'Exercise 2: right: 4 arms' in said(2, lambda: fair)


# ---- 3 -----------------------------------------------------------------------------------------------------

def _summed(values, groups, how='sum'):
    groups = numpy.array(groups)
    return numpy.stack([getattr(values[:, groups == g], how)(axis=1) for g in range(groups.max() + 1)],
                       axis=1).argmax(axis=1)


@pytest.mark.parametrize('answer, why', [
    (lambda scores, groups: numpy.array(groups)[scores.asnumpy().argmax(axis=1)], 'add up the probabilities'),
    (lambda scores, groups: _summed(scores.asnumpy(), groups), 'Scores are no probabilities'),
    (lambda scores, groups: _summed(npx.softmax(scores).asnumpy(), groups, 'mean'), 'not their mean'),
    (lambda scores, groups: numpy.full(len(scores), numpy.bincount(groups).argmax()),
     'a group of one class may win'),
    (lambda scores, groups: _summed(npx.softmax(scores, axis=0).asnumpy(), groups),
     'take the softmax along its classes'),
    (lambda scores, groups: npx.softmax(scores).asnumpy()[:, numpy.array(groups) == 1].sum(axis=1) > .5,
     'There may be more than two groups'),
    (lambda scores, groups: _summed(npx.softmax(scores).asnumpy(), groups) * (len(scores) < 9),
     'of 160 pictures are in another group'),
    (lambda scores, groups: npx.softmax(scores).asnumpy(), 'return the number of one group for each '
                                                           'picture')])
def test_groups_that_are_wrong(said, answer, why):
    assert why in said(3, answer)


def by_a_matrix(scores, groups):
    belongs = npx.one_hot(np.array(groups), max(groups) + 1)
    return np.dot(npx.softmax(scores), belongs).argmax(axis=1)


def by_a_loop(scores, groups):
    answers = []
    for row in numpy.exp(scores.asnumpy()):
        total = dict.fromkeys(groups, 0)
        for share, group in zip(row, groups, strict=True):
            total[group] += share
        answers.append(max(total, key=total.get))
    return answers


@pytest.mark.parametrize('answer', [
    by_a_matrix, by_a_loop,
    lambda scores, groups: np.array(_summed(npx.softmax(scores).asnumpy(), groups))])
def test_other_ways_to_sum_are_right_too(said, answer):
    assert 'Exercise 3: right: ' in said(3, answer)


# ---- 4 -----------------------------------------------------------------------------------------------------

def the_first_bad(measure, most):
    return next((n for n in range(1, most + 1) if measure(n) < measure(0) - .05), None)


def the_worst(measure, most):
    return min(range(1, most + 1), key=measure)


def anything_below(measure, most):
    bad = [measure(n) < measure(0) for n in range(most + 1)]
    return next((n for n in range(1, most + 1) if all(bad[n:])), None)


def never_at_the_deepest(measure, most):
    found = None
    for n in range(most - 1, 0, -1):
        if measure(n) >= measure(0) - .05:
            break
        found = n
    return found


def one_too_far(measure, most):
    for n in range(most, 0, -1):
        if measure(n) >= measure(0) - .05:
            return n
    return 1


def the_accuracy(measure, most):
    return min(measure(n) for n in range(most + 1))


@pytest.mark.parametrize('answer, why', [
    (the_first_bad, 'returned 2, but n = 3 reaches 0.71, no lower than n = 0: that is not hopeless'),
    (the_worst, 'returned 5, but from 4 on every cut is hopeless already'),
    (anything_below, 'returned 1, but n = 2 reaches 0.68, 0.02 lower than n = 0'),
    (never_at_the_deepest, 'returned 1, but n = 5 reaches 0.69, 0.01 lower than n = 0'),
    (one_too_far, 'returned 3, but n = 3 reaches 0.71'), (the_accuracy, 'an accuracy: return n'),
    (lambda measure, most: measure(0) and None, 'from 4 on every cut lies more than .05 below n = 0. Your '
                                                'function returned None.'),
    (lambda measure, most: measure(0) and 6, 'n goes from 1 to 5'),
    (lambda measure, most: [n for n in range(1, most + 1) if measure(n) < measure(0) - .05],
     'is to return a number of layers, or None'),
    (lambda measure, most: 4, 'Measure, do not guess.')], ids=lambda value: getattr(value, '__name__', ''))
def test_cuts_that_are_wrong(said, quick, answer, why):
    assert 'Exercise 4: not yet. ' in said(4, answer) and why in said(4, answer)


def from_the_deep_end(measure, most):
    n = most
    while n > 0 and measure(n) < measure(0) - .05:
        n -= 1
    return n + 1 if n < most else None


def by_the_last_good_one(measure, most):
    reached = numpy.array([measure(n) for n in range(most + 1)])
    after = int(numpy.nonzero(reached >= reached[0] - .05)[0][-1]) + 1
    return numpy.int64(after) if after <= most else None


@pytest.mark.parametrize('answer', [from_the_deep_end, by_the_last_good_one])
def test_other_searches_are_right_too(said, quick, answer):
    assert 'Exercise 4: right: ' in said(4, answer)


def test_where_no_cut_is_hopeless(said, solutions, monkeypatch):
    monkeypatch.setattr(e02, 'from_digits', [.45, .44, .43, .45, .44, .46].__getitem__)
    assert said(4, solutions[4]).endswith('no cut is hopeless.')


# ---- 5 -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('answer, why', [
    (lambda: dict.fromkeys(e02.TARGETS, 'head only'), 'things, 240 pictures: head only reaches 0.71, but '
                                                      'another strategy 0.82'),
    (lambda: dict.fromkeys(e02.TARGETS, 'scratch'), 'what needs the fewest pictures?'),
    (lambda: dict.fromkeys(e02.TARGETS, 'fine-tuned'), 'a strategy that trains far fewer numbers does no '
                                                       'worse'),
    (lambda: dict.fromkeys(e02.TARGETS, 'as is'), "'as is' is none of the strategies"),
    (lambda: {'fish, 200 pictures': 'fine-tuned'}, 'a strategy for each of the four targets'),
    (lambda: 'scratch', 'is to return a dict')])
def test_strategies_that_are_wrong(said, quick, answer, why):
    assert why in said(5, answer)


def test_a_head_cannot_see_which_way_the_fish_looks(said, solutions, quick):
    chosen = {**solutions[5](), 'fish, 200 pictures': 'head only'}
    assert 'do its upper features know left from right?' in said(5, lambda: chosen)


# ---- 6 -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('answer, why', [
    (('A', 1), 'In pair 1 BnB falls as AnB does'), (('C', 2), 'It is the other way round'),
    (('D', 3), 'AnB+ has the same copied layers and lies above the base at every n'),
    (('B', 1), 'right, but not because of reason 1'), (('B', 3), 'but not why the frozen ones fall'),
    (('B', 4), 'the same curve has two readings'), (('E', 1), "There is no reading 'E'"), ('B', 'a letter')])
def test_readings_that_are_wrong(said, answer, why):
    assert 'Exercise 6: not yet. ' in said(6, lambda: answer) and why in said(6, lambda: answer)


@pytest.mark.parametrize('answer', [('B', 2), ['b', '2'], ('b ', 2)])
def test_readings_that_are_right(said, answer):
    assert 'Exercise 6: right: ' in said(6, lambda: answer)


def test_the_two_pairs_are_what_the_readings_say():
    first, second = (e02._PAIRS[pair] for pair in ('pair 1', 'pair 2'))
    assert first['AnB'] == second['AnB'] and first['AnB'][-1] < .7
    assert max(abs(a - b) for a, b in zip(first['AnB'], first['BnB'], strict=True)) < .02
    assert min(second['BnB']) >= .8 and min(first['AnB+'] + second['AnB+']) > .8


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 1: right' in said(1, solutions[1])


def test_the_tasks_of_exercise_5_are_what_its_table_says():
    for task, n in e02.TARGETS.values():
        assert len(task().train) >= n and len(task().classes) == len(set(task().train.labels.tolist()))
    assert not set(e02.things().classes) & set(e02.source().classes)
    assert set(e02.FOOD) <= set(e02.source().classes)
