"""The checks of lesson 2's exercises: the answers of the solution notebook are right, plausible wrong ones
get a sentence that helps.
"""
from d2lhelpers import freeze, layers, seed_all
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

def sharing(donor, net, n):
    net.features = donor.features
    freeze(net, layers.first(net, n))
    return net


def copying_everything(donor, net, n):
    layers.copy_weights(donor.features, net.features)
    freeze(net, layers.first(net, n))
    return net


def not_freezing(donor, net, n):
    layers.copy_weights(layers.first(donor, n), layers.first(net, n))
    return net


def half_freezing(donor, net, n):
    layers.first(not_freezing(donor, net, n), n).collect_params().setattr('grad_req', 'null')
    return net


def the_other_way_round(donor, net, n):
    layers.copy_weights(layers.first(net, n), layers.first(donor, n))
    freeze(net, layers.first(net, n))
    return net


def freezing_everything(donor, net, n):
    freeze(not_freezing(donor, net, n), net.features)
    net.output.collect_params().setattr('grad_req', 'null')
    return net


@pytest.mark.parametrize('answer, why', [
    (sharing, 'more than the first 2 layers changed'),
    (copying_everything, 'more than the first 2 layers changed'),
    (not_freezing, 'the copied layers moved in training: freeze them'),
    (half_freezing, 'give other features than in use'),
    (the_other_way_round, 'do not hold the weights of the donor'),
    (freezing_everything, 'Every parameter of the trainer is frozen'),
    (lambda donor, net, n: layers.copy_weights(donor.features, net.features), 'returned nothing')])
def test_surgery_gone_wrong(said, answer, why):
    assert why in said(1, answer)


def test_layers_of_the_donor_in_the_new_network_are_found(said):
    def borrow(donor, net, n):
        for i, child in list(enumerate(layers.first(donor, n))):
            net.features._children[str(i)] = child
        return net

    assert 'Training the new network changed the donor' in said(1, borrow)


# ---- 2 -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('answer, why', [
    (lambda net: sum(int(numpy.prod(p.shape)) for p in net.collect_params().values()),
     'all numbers of the network, also those that stand still'),
    (lambda net: sum(p.grad_req != 'null' for p in net.collect_params().values()), 'the number of arrays'),
    (lambda net: int(numpy.prod(net.output.weight.shape)), 'Add up the sizes'),
    (lambda net: 3.5, 'is to return a whole number')])
def test_counts_that_are_wrong(said, answer, why):
    assert why in said(2, answer)


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
    (lambda scores, groups: _summed(npx.softmax(scores).asnumpy(), groups) * (len(scores) < 9),
     'of 160 pictures are in another group'),
    (lambda scores, groups: npx.softmax(scores).asnumpy(), 'return the number of one group for each '
                                                           'picture')])
def test_groups_that_are_wrong(said, answer, why):
    assert why in said(3, answer)


def test_groups_as_an_mxnet_array_are_right_too(said):
    assert 'right' in said(3, lambda scores, groups: np.array(_summed(npx.softmax(scores).asnumpy(), groups)))


# ---- 4 -----------------------------------------------------------------------------------------------------

def the_first_bad(measure, most):
    return next((n for n in range(1, most + 1) if measure(n) < measure(0) - .05), None)


def the_worst(measure, most):
    return min(range(most + 1), key=measure)


def anything_below(measure, most):
    bad = [measure(n) < measure(0) for n in range(most + 1)]
    return next((n for n in range(1, most + 1) if all(bad[n:])), None)


@pytest.mark.parametrize('answer', [the_first_bad, the_worst, anything_below, lambda measure,
                                    most: most if measure(0) else 1])
def test_cuts_that_are_wrong(said, quick, answer):
    assert 'the first hopeless cut is' in said(4, answer)


def test_a_cut_without_a_measurement(said, quick):
    assert 'Measure, do not guess.' in said(4, lambda measure, most: 4)


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

def _cka(x, y):
    norm = numpy.linalg.norm
    return norm(x.T @ y) ** 2 / (norm(x.T @ x) * norm(y.T @ y))


@pytest.mark.parametrize('answer, why', [
    (_cka, 'the same with 5 added'), (lambda x, y: numpy.linalg.norm(x.T @ y), 'the same features twice'),
    (lambda x, y: _cka(x - x.mean(axis=0), y - y.mean(axis=0)) ** .5, 'unrelated features'),
    (lambda x, y: _cka(x - x.mean(), y - y.mean()), 'Exercise 6: not yet'),
    (lambda x, y: None if x.any() else 1, 'The function returned nothing')])
def test_similarities_that_are_wrong(said, answer, why):
    assert why in said(6, answer)


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 1: right' in said(1, solutions[1])


def test_the_tasks_of_exercise_5_are_what_its_table_says():
    for task, n in e02.TARGETS.values():
        assert len(task().train) >= n and len(task().classes) == len(set(task().train.labels.tolist()))
    assert not set(e02.things().classes) & set(e02.source().classes)
    assert set(e02.FOOD) <= set(e02.source().classes)
