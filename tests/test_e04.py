"""The checks of lesson 4's exercises: right answers (those of the solution notebook), and wrong ones that
somebody might well give.
"""
import types

from d2lhelpers import cross_entropy, freeze, seed_all
from d2lhelpers.exercises import checking, e04
from d2lhelpers.exercises.e04 import Column, layers, start

import pytest
from mxnet import autograd, np


def test_the_solutions_are_right_in_any_order_and_repeatedly(said, solutions):
    first = {number: said(number, solutions[number]) for number in (5, 3, 1, 4, 2)}
    for number, sentence in first.items():
        assert f'Exercise {number}: right: ' in sentence
    seed_all(7)
    with autograd.record():  # as a learner's last cell may have left it
        assert {number: said(number, solutions[number]) for number in (1, 2, 3, 4, 5)} == first


# ---- 1 -----------------------------------------------------------------------------------------------------

def only_one_task(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x), digit)}


def added_up(which, parity):
    return lambda x, digit, u, odd: cross_entropy(which(x), digit) + cross_entropy(parity(u), odd)


def pictures_of_the_other_task(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x), digit),
                                     'odd/even': cross_entropy(parity(x), odd)}


def sums(which, parity):
    return lambda x, digit, u, odd: {'digit': 32 * cross_entropy(which(x), digit),
                                     'odd/even': 32 * cross_entropy(parity(u), odd)}


def the_name_of_the_sum(which, parity):
    return lambda x, digit, u, odd: {'loss': cross_entropy(which(x), digit),
                                     'odd/even': cross_entropy(parity(u), odd)}


def cut_off(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x), digit),
                                     'odd/even': cross_entropy(parity[1](parity[0](u).detach()), odd)}


def no_function(which, parity):
    return {'digit': 0}


@pytest.mark.parametrize('answer, words', [
    (only_one_task, 'two tasks, so two names'), (added_up, 'return a dict with a name for each task'),
    (pictures_of_the_other_task, 'each net must see the pictures of its own task'),
    (sums, 'sums over the 32 pictures, not means'),
    (the_name_of_the_sum, 'none of them may be loss'), (cut_off, 'the trunk does not learn from both'),
    (no_function, 'to return another function')])
def test_wrong_joint_losses(said, answer, words):
    assert words in said(1, answer)


# ---- 2 -----------------------------------------------------------------------------------------------------

def rows(one, other, part_of, batch, copied=True):
    for net, x, labels in ((one, *batch[:2]), (other, *batch[2:])):
        with autograd.record():
            loss = cross_entropy(net(x), labels)
        loss.backward()
        grads = [p.grad() for p in part_of(net).collect_params().values()]
        yield np.concatenate([grad.reshape(-1) for grad in grads]) if copied else grads


def not_copied(one, other, shared, batch):
    first, second = rows(one, other, lambda _: shared, batch, copied=False)
    a, b = (np.concatenate([grad.reshape(-1) for grad in grads]) for grads in (first, second))
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


def with_the_heads(one, other, shared, batch):
    a, b = rows(one, other, lambda net: net, batch)
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


def not_normalised(one, other, shared, batch):
    a, b = rows(one, other, lambda _: shared, batch)
    return float((a * b).sum())


def an_array(one, other, shared, batch):
    a, b = rows(one, other, lambda _: shared, batch)
    return a * b


@pytest.mark.parametrize('answer, words', [
    (not_copied, 'copy the first gradient before you ask for the second'),
    (with_the_heads, 'without the heads'),
    (not_normalised, 'divide it by both lengths'), (an_array, 'it is to return one number')])
def test_wrong_cosines(said, answer, words):
    assert words in said(2, answer)


# ---- 3 -----------------------------------------------------------------------------------------------------

def plain_sum(a, b):
    return a + b


def always_projected(a, b):
    product = (a * b).sum()
    return a - product / (b * b).sum() * b + b - product / (a * a).sum() * a


def only_the_first(a, b):
    product = (a * b).sum()
    return a + b if product >= 0 else a - product / (b * b).sum() * b + b


def one_after_the_other(a, b):
    product = (a * b).sum()
    if product >= 0:
        return a + b
    a = a - product / (b * b).sum() * b
    return a + b - (a * b).sum() / (a * a).sum() * a


def length_not_squared(a, b):
    product = (a * b).sum()
    return (
        a + b if product >= 0 else a - product / np.linalg.norm(b) * b + b - product / np.linalg.norm(a) * a
    )


def in_place(a, b):
    a += b
    return a


@pytest.mark.parametrize('answer, words', [
    (plain_sum, 'the plain sum'), (always_projected, 'do not point against each other'),
    (only_the_first, 'Only one of the two'),
    (one_after_the_other, 'as they came'), (length_not_squared, 'squared length'),
    (in_place, 'changed the gradients it was given')])
def test_wrong_projections(said, answer, words):
    assert words in said(3, answer)


# ---- 4 -----------------------------------------------------------------------------------------------------

COLUMN, PAIR = 7970, 2180


@pytest.mark.parametrize('answer, words', [
    (lambda tasks: tasks * COLUMN, 'the adapters are missing'),
    (lambda tasks: tasks * COLUMN + (tasks - 1) * PAIR, 'adapters to all earlier columns'),
    (lambda tasks: tasks * COLUMN + tasks * (tasks - 1) * PAIR, 'counted twice'),
    (lambda tasks: tasks * COLUMN + tasks * (tasks - 1) // 2 * (PAIR - 150),
     '5 more weights for every output'),
    (lambda tasks: tasks * (COLUMN - 36), 'begin with one column'),
    (lambda tasks: float(tasks * COLUMN), 'a whole number')])
def test_wrong_predictions(said, answer, words):
    assert words in said(4, answer)


# ---- 5 -----------------------------------------------------------------------------------------------------

def not_frozen(first, second):
    net = Column(layers(10), first, second)
    start(net.layers, net.adapters)
    return net


def listens_to_the_last_only(first, second):
    net = Column(layers(10), second)
    start(net.layers, net.adapters)
    freeze(net, net.earlier)
    return net


def starts_everything(first, second):
    net = Column(layers(10), first, second)
    net.initialize(force_reinit=True)
    freeze(net, net.earlier)
    return net


def not_started(first, second):
    net = Column(layers(10), first, second)
    freeze(net, net.earlier)
    return net


def the_old_one(first, second):
    return second


def too_small(first, second):
    net = Column(layers(3), first, second)
    start(net.layers, net.adapters)
    freeze(net, net.earlier)
    return net


def frozen_whole(first, second):
    net = Column(layers(10), first, second)
    start(net.layers, net.adapters)
    freeze(net, net.earlier)
    freeze(net, net.layers)
    return net


@pytest.mark.parametrize('answer, words', [
    (not_frozen, 'The old columns can still learn'), (listens_to_the_last_only, 'listen to both'),
    (starts_everything, 'forgotten everything'),
    (not_started, 'has no weights yet'), (the_old_one, 'returned an old column'),
    (too_small, 'exercise 4 predicts 30,450'),
    (frozen_whole, 'freeze the old columns only')])
def test_wrong_columns(said, answer, words):
    assert words in said(5, answer)


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    for number in (1, 2):
        assert f'Exercise {number}: right' in said(number, solutions[number])


def test_what_an_interrupt_left_half_trained_is_not_kept(solutions, monkeypatch):
    e04._two_tasks.cache_clear()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checking, 'fit', lambda *args, **kwargs: types.SimpleNamespace(interrupted=True))
        e04.check_5(solutions[5])
    assert e04._two_tasks.cache_info().currsize == 0
