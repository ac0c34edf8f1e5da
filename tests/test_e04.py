"""The checks of lesson 4's exercises: right answers (those of the solution notebook), and wrong ones that
somebody might well give.
"""
import types

from d2lhelpers import cross_entropy, freeze, seed_all
from d2lhelpers.exercises import checking, e04
from d2lhelpers.exercises.e04 import Column, chain, layers, start
from d2lhelpers.hardware import devices

import numpy
import pytest
from mxnet import autograd, gluon, init, np


def test_the_solutions_are_right_in_any_order_and_repeatedly(said, solutions):
    first = {number: said(number, solutions[number]) for number in (5, 3, 7, 1, 4, 6, 2)}
    for number, sentence in first.items():
        assert f'Exercise {number}: right: ' in sentence
    seed_all(7)
    with autograd.record():  # as a learner's last cell may have left it
        assert {number: said(number, solutions[number]) for number in range(1, 8)} == first


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


def labels_swapped(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x), odd),
                                     'odd/even': cross_entropy(parity(u), digit)}


def halved(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x), digit) / 2,
                                     'odd/even': cross_entropy(parity(u), odd) / 2}


def a_float(which, parity):
    return lambda x, digit, u, odd: {'digit': float(cross_entropy(which(x), digit)),
                                     'odd/even': cross_entropy(parity(u), odd)}


def one_for_each_picture(which, parity):
    each = gluon.loss.SoftmaxCrossEntropyLoss()
    return lambda x, digit, u, odd: {'digit': each(which(x), digit), 'odd/even': each(parity(u), odd)}


def all_cut_off(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x).detach(), digit),
                                     'odd/even': cross_entropy(parity(u).detach(), odd)}


def squared(which, parity):
    return lambda x, digit, u, odd: {'digit': cross_entropy(which(x), digit) ** 2,
                                     'odd/even': cross_entropy(parity(u), odd)}


def no_function(which, parity):
    return {'digit': 0}


@pytest.mark.parametrize('answer, words', [
    (only_one_task, 'two tasks, so two names'), (added_up, 'return a dict with a name for each task'),
    (pictures_of_the_other_task, 'one of them is that of parity(x) with the labels odd'),
    (labels_swapped, 'one of them is that of which(x) with the labels odd'),
    (halved, 'are half of what they'),
    (a_float, "as 'digit': the array that cross_entropy gives, without float()"),
    (one_for_each_picture, "'digit' holds 32 numbers, one for each picture; take their mean"),
    (all_cut_off, 'it has no gradient: nothing on the way may be detached'),
    (squared, 'cross_entropy(which(x), digit) and cross_entropy(parity(u), odd), no more'),
    (sums, 'sums over the 32 pictures, not means'),
    (the_name_of_the_sum, 'none of them may be loss'), (cut_off, 'the trunk does not learn from both'),
    (no_function, 'to return another function')])
def test_wrong_joint_losses(said, answer, words):
    assert words in said(1, answer)


def named_function(which, parity):
    """Another style: a def, names of one's own, the other task first, and Gluon's loss with a mean."""
    each = gluon.loss.SoftmaxCrossEntropyLoss()

    def joint(first, digits, second, odds):
        terms = {}
        terms['b'] = each(parity(second), odds).mean()
        terms['a'] = each(which(first), digits).mean()
        return terms
    return joint


def by_a_loop(which, parity):
    def loss(*batch):
        return {name: cross_entropy(net(batch[i]), batch[i + 1])
                for name, net, i in (('digit', which, 0), ('odd', parity, 2))}
    return loss


@pytest.mark.parametrize('answer', [named_function, by_a_loop])
def test_other_right_joint_losses(said, answer):
    assert 'Exercise 1: right' in said(1, answer)


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


def cosine(a, b):
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


def changed_into(function):
    """The right cosine, and something more done to it."""
    return lambda one, other, shared, batch: function(cosine(*rows(one, other, lambda _: shared, batch)))


def one_length(one, other, shared, batch):
    a, b = rows(one, other, lambda _: shared, batch)
    return float((a * b).sum() / np.linalg.norm(a))


def one_length_squared(one, other, shared, batch):
    a, b = rows(one, other, lambda _: shared, batch)
    return float((a * b).sum() / np.linalg.norm(b) ** 2)


def without_biases(one, other, shared, batch):
    grads = []
    for net, x, labels in ((one, *batch[:2]), (other, *batch[2:])):
        with autograd.record():
            loss = cross_entropy(net(x), labels)
        loss.backward()
        weights = shared.collect_params('.*weight').values()
        grads.append(np.concatenate([p.grad().reshape(-1) for p in weights]))
    return cosine(*grads)


def inside_the_record(one, other, shared, batch):
    """Another style: everything recorded, copies, sums by layer."""
    x, y, u, v = batch
    with autograd.record():
        first = cross_entropy(one(x), y)
        first.backward()
    kept = [p.grad().copy() for p in shared.collect_params().values()]
    with autograd.record():
        cross_entropy(other(u), v).backward()
    now = [p.grad() for p in shared.collect_params().values()]
    product = sum((a * b).sum() for a, b in zip(kept, now, strict=True))
    lengths = [np.sqrt(sum(np.square(a).sum() for a in grads)) for grads in (kept, now)]
    return product / (lengths[0] * lengths[1])


def in_numpy(one, other, shared, batch):
    a, b = (numpy.concatenate([grad.asnumpy().ravel() for grad in grads]) for grads in [
        [each] for each in rows(one, other, lambda _: shared, batch)])
    return numpy.dot(a, b) / numpy.sqrt(a @ a) / numpy.sqrt(b @ b)


@pytest.mark.parametrize('answer', [inside_the_record, in_numpy])
def test_other_right_cosines(said, answer):
    assert 'Exercise 2: right' in said(2, answer)


@pytest.mark.parametrize('answer, words', [
    (not_copied, 'copy the first gradient before you ask for the second'),
    (with_the_heads, 'without the heads'),
    (not_normalised, 'the plain product of the two gradients'), (an_array, 'it is to return one number'),
    (changed_into(lambda value: 1 - value), '1 minus the cosine'), (one_length, 'by one length only'),
    (changed_into(numpy.arccos), 'that is the angle'), (one_length_squared, 'by the square of one length'),
    (without_biases, 'you left the biases out'), (changed_into(lambda value: -value), 'one backward() for')])
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


def the_mean(a, b):
    product = (a * b).sum()
    return a + b if product >= 0 else always_projected(a, b) / 2


def only_what_conflicts(a, b):
    return a + b if (a * b).sum() >= 0 else a + b - always_projected(a, b)


def wrong_divisor(a, b):
    product = (a * b).sum()
    return a + b if product >= 0 else a - product / (a * a).sum() * b + b - product / (b * b).sum() * a


def both_gradients(a, b):
    return a, b


def by_the_cosine(a, b):
    """Other styles of a right answer: the sign of the cosine, unit vectors, and a loop in NumPy."""
    cosine = np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)
    if cosine > 0:
        return a + b
    unit_a, unit_b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return a - (a * unit_b).sum() * unit_b + b - (b * unit_a).sum() * unit_a


def no_branch(a, b):
    product = np.minimum((a * b).sum(), 0)
    return a * (1 - product / (a * a).sum()) + b * (1 - product / (b * b).sum())


def looped(a, b):
    a, b = a.asnumpy(), b.asnumpy()
    total = numpy.zeros_like(a)
    for one, other in ((a, b), (b, a)):
        total += one - min(one @ other, 0) / (other @ other) * other
    return total


@pytest.mark.parametrize('answer', [by_the_cosine, no_branch, looped])
def test_other_right_projections(said, answer):
    assert 'Exercise 3: right' in said(3, answer)


@pytest.mark.parametrize('answer, words', [
    (plain_sum, 'the plain sum'), (always_projected, 'do not point against each other'),
    (only_the_first, 'Only one of the two'),
    (one_after_the_other, 'as they came'), (length_not_squared, 'squared length'),
    (in_place, 'changed the gradients it was given'), (the_mean, 'half of what it is to be'),
    (only_what_conflicts, 'the parts that point against the other gradient'),
    (wrong_divisor, 'the squared length of the one that you project on'),
    (both_gradients, 'one gradient, as an array')])
def test_wrong_projections(said, answer, words):
    assert words in said(3, answer)


# ---- 4 -----------------------------------------------------------------------------------------------------

COLUMN, PAIR = 7970, 2180


def pairs(tasks):
    return tasks * (tasks - 1) / 2


def right(tasks):
    return tasks * COLUMN + pairs(tasks) * PAIR


def recursive(tasks):
    return COLUMN if tasks == 1 else recursive(tasks - 1) + COLUMN + (tasks - 1) * PAIR


def summed(tasks):
    return np.array([COLUMN + earlier * PAIR for earlier in range(tasks)]).sum()


@pytest.mark.parametrize('answer', [right, recursive, summed])
def test_other_right_predictions(said, answer):
    assert 'Exercise 4: right' in said(4, answer)


@pytest.mark.parametrize('answer, words', [
    (lambda tasks: tasks * COLUMN, 'the adapters are missing'),
    (lambda tasks: tasks * COLUMN + (tasks - 1) * PAIR, 'adapters to all earlier columns'),
    (lambda tasks: tasks * COLUMN + tasks * (tasks - 1) * PAIR, 'counted twice'),
    (lambda tasks: tasks * COLUMN + tasks * (tasks - 1) // 2 * (PAIR - 150),
     '5 more weights for every output'),
    (lambda tasks: right(tasks) - 36 * tasks - 10 * pairs(tasks), 'the biases are missing'),
    (lambda tasks: right(tasks) - 6 * tasks, 'the convolution has a bias for each'),
    (lambda tasks: right(tasks) - 10 * pairs(tasks), 'the adapters have biases too'),
    (lambda tasks: right(tasks) + tasks * 1152 * 20, 'begin with one column'),  # 16 x 16 places
    (lambda tasks: right(tasks) + .5, 'a whole number'), (lambda tasks: str(right(tasks)), 'type str')])
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


def shares_its_layers(first, second):
    net = Column(list(first.layers), first, second)
    start(net.adapters)
    freeze(net, net.earlier)
    return net


def shares_its_lowest_layer(first, second):
    net = Column([first.layers[0], *layers(10)[1:]], first, second)
    start(net.layers[1:], net.adapters)
    freeze(net, net.earlier)
    return net


def in_the_other_order(first, second):
    net = Column(layers(10), second, first)
    start(net.layers, net.adapters)
    freeze(net, net.earlier)
    return net


def to_one_twice(first, second):
    net = Column(layers(10), second, second)
    start(net.layers, net.adapters)
    freeze(net, net.earlier)
    return net


def only_one_frozen(first, second):
    net = Column(layers(10), first, second)
    start(net.layers, net.adapters)
    freeze(net, first)
    return net


def no_column(first, second):
    net = chain(*layers(10))
    start(net)
    return net


def frozen_first(first, second):
    """Other right answers: another order, started part by part, everything handed to start, frozen by hand.
    """
    net = Column(layers(10), *[first, second])
    freeze(net, net.earlier)
    for part in [*net.layers, *net.adapters]:
        start(part)
    return net


def starts_what_is_not_started(first, second):
    net = Column(layers(10), first, second)
    start(net)
    for each in (first, second):
        freeze(net, each)
    return net


def by_hand(first, second):
    net = Column(layers(10), first, second)
    for part in (net.layers, net.adapters):
        part.initialize(init.Xavier(), ctx=devices())
    net.earlier.collect_params().setattr('grad_req', 'null')
    return net


@pytest.mark.filterwarnings('ignore:Parameter .* is already initialized')
@pytest.mark.parametrize('answer', [frozen_first, starts_what_is_not_started, by_hand])
def test_other_right_columns(said, answer):
    assert 'Exercise 5: right' in said(5, answer)


@pytest.mark.parametrize('answer, words', [
    (shares_its_layers, 'are those of an old one'),
    (shares_its_lowest_layer, '2 parameters of the new column'),
    (in_the_other_order, 'in the other order'), (to_one_twice, 'or to one of them twice'),
    (only_one_frozen, 'The old columns can still learn'), (no_column, 'it is to return a Column'),
    (lambda first, second: None if first else second, 'is the line with return missing'),
    (not_frozen, 'The old columns can still learn'),
    (listens_to_the_last_only, 'listens to 1 of the columns'),
    (starts_everything, 'had other weights than before'),
    (not_started, 'has no weights yet'), (the_old_one, 'returned an old column'),
    (too_small, 'exercise 4 predicts 30,450'),
    (frozen_whole, 'freeze the old columns only')])
def test_wrong_columns(said, answer, words):
    assert words in said(5, answer)


# ---- 6 -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('answer, words', [
    (('A', 1), 'at which nobody would train both tasks: at 0.001 the same figure says +5'),
    (('B', 1), 'at which neither line is at its best'), (('D', 3), 'depends on which rates somebody put'),
    (('C', 1), 'the same rate need not suit both'), (('C', 3), 'where lines cross depends on the rates')])
def test_wrong_readings(said, answer, words):
    assert words in said(6, lambda: answer)


@pytest.mark.parametrize('answer', [('C', 2), ['C', 2], ('c', '2')])
def test_the_right_reading(said, answer):
    assert 'Exercise 6: right' in said(6, lambda: answer)


# ---- 7 -----------------------------------------------------------------------------------------------------

UPDATES = {'fine-tuned': (240, 0), 'joint': (0, 240), 'rehearsal': (120, 120)}


def plan(updates=UPDATES, b=240, lrs=(.001, .005, .02), seeds=(1, 2, 3), choose_by='validation',
         pairs=('0-4, then 5-9', 'upright, then turned'), **of_arms):
    grid = [{'lr': lr} for lr in lrs]
    return {'arms': [{'arm': arm, 'pair': pair, 'A before': before, 'A with B': along, 'B': b}
                     for pair in pairs for arm, (before, along) in updates.items()],
            'grid': {arm: of_arms.get(arm.replace('-', '_'), grid) for arm in updates} if of_arms else grid,
            'seeds': list(seeds), 'choose_by': choose_by}


@pytest.mark.parametrize('answer, words', [
    (plan({**UPDATES, 'rehearsal': (240, 240)}), 'updates on task A: 480 with'),
    (plan({**UPDATES, 'fine-tuned': (120, 120)}), 'sees task A while it learns B'),
    (plan({**UPDATES, 'joint': (120, 120)}), 'joint training learns both from the start'),
    (plan({**UPDATES, 'rehearsal': (0, 240)}), 'is no rehearsal'),
    (plan({name: UPDATES[name] for name in ('fine-tuned', 'joint')}), "no arm with arm = 'rehearsal'"),
    (plan(pairs=('upright, then turned',)), "no arm with arm = 'fine-tuned', pair = '0-4, then 5-9'"),
    (plan(rehearsal=[{'lr': .001}, {'lr': .003}, {'lr': .01}, {'lr': .03}]), 'may choose among 4 settings'),
    (plan(lrs=(.01,)), '1 setting to choose from'), (plan(seeds=[1]), '1 seed'),
    (plan(choose_by='test'), 'Chosen by test accuracy'), (plan(choose_by='training'), 'by heart'),
    ([plan()], 'a dict with arms, grid, seeds and choose_by')])
def test_unfair_plans(said, answer, words):
    assert words in said(7, lambda: answer)


@pytest.mark.parametrize('answer', [
    plan(), plan({**UPDATES, 'rehearsal': (60, 180)}, seeds=range(5)),
    plan(fine_tuned=[{'lr': .0005}, {'lr': .002}, {'lr': .01}])])
def test_fair_plans(said, answer):
    assert 'Exercise 7: right: 6 arms' in said(7, lambda: answer)


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    for number in (1, 2):
        assert f'Exercise {number}: right' in said(number, solutions[number])


def test_what_an_interrupt_left_half_trained_is_not_kept(solutions, monkeypatch):
    e04._two_tasks.cache_clear()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checking, 'fit', lambda *args, **kwargs: types.SimpleNamespace(interrupted=True))
        e04.check_5(solutions[5])
    assert e04._two_tasks.cache_info().currsize == 0
