"""Examples as plain arrays: one picture, several labels; and tasks of different length in one batch."""
from d2lhelpers import CourseError, accuracy, batches, cross_entropy, fit, per_class, seed_all, stratified
from d2lhelpers.datasets import Examples, Pictures, grey

import numpy
import pytest
from mxnet import gluon
from mxnet.gluon import nn


def task(n=6, **more):
    return Examples(numpy.arange(n * 4, dtype='float32').reshape(n, 1, 2, 2), numpy.arange(n) % 2, **more)


def test_items_are_numpy_arrays_with_their_label():
    x, label = task()[3]
    assert isinstance(x, numpy.ndarray) and x.dtype == 'float32' and x.tolist() == [[[12, 13], [14, 15]]]
    assert label == 1 and type(label) is int


def test_numbers_with_labels():
    data = Examples(numpy.arange(12.).reshape(4, 3), [0, 1, 1, 0])
    assert len(data) == 4 and stratified(data, 2, seed=0).labels.tolist() == [0, 1]
    assert data.pick([3, 1]).x.tolist() == [[9, 10, 11], [3, 4, 5]]


def test_examples_without_labels():
    with pytest.raises(CourseError, match='These data have no labels'):
        Examples(numpy.zeros((3, 4)), None)


@pytest.mark.parametrize('labels, words', [
    ([.5, 1, 2], r'float64 of shape \(3,\), the lowest is 0.5'), ([[0], [1], [2]], r'shape \(3, 1\)'),
    ([-1, 0, 1], 'the lowest is -1'), (['a', 'b', 'c'], '<U1 of shape')])
def test_labels_that_are_no_classes(labels, words):
    with pytest.raises(CourseError, match='whole number from 0 for each example.*' + words):
        Examples(numpy.zeros((3, 4)), labels)


def test_arrays_of_unequal_length():
    with pytest.raises(CourseError, match='There are 3 examples, but 2 labels'):
        Examples(numpy.zeros((3, 4)), [0, 1])


def test_a_batch_holds_numbers_that_networks_take():
    (x, labels), = batches(task(), size=6)
    assert x.shape == (6, 1, 2, 2) and x.dtype == 'float32'
    assert labels.shape == (6,) and labels.dtype.kind == 'i'
    assert (x[:, 0, 0, 0].asnumpy() // 4 % 2 == labels.asnumpy()).all()


def test_shifted_pictures_move_by_at_most_so_many_pixels_and_come_anew():
    x = numpy.zeros((1, 1, 5, 5))
    x[0, 0, 2, 2] = 1
    moved = Examples(x, [0], shift=1)
    seed_all(0)
    places = {tuple(int(i[0]) for i in moved[0][0][0].nonzero()) for _ in range(200)}
    assert places == {(row, column) for row in (1, 2, 3) for column in (1, 2, 3)}
    assert (moved.x == x).all()
    seed_all(3)
    first = [moved[0][0] for _ in range(5)]
    seed_all(3)
    assert all((moved[0][0] == picture).all() for picture in first)


def test_only_pictures_can_be_shifted():
    with pytest.raises(CourseError, match='Only pictures can be shifted'):
        Examples(numpy.zeros((3, 4)), [0, 1, 1], shift=1)


def test_a_part_of_a_task_keeps_labels_and_shift():
    part = per_class(task(10, shift=1), 2, seed=0)
    assert isinstance(part, Examples) and part.shift == 1 and sorted(part.labels) == [0, 0, 1, 1]
    assert all(x[0, 0, 0] // 4 % 2 == label for x, label in zip(part.x, part.labels, strict=True))


@pytest.mark.parametrize('side', [2, 4, 8])
def test_grey(side):
    picture = numpy.zeros((4, 4, 3), dtype='uint8')
    picture[:2] = (255, 0, 0)
    found = grey(Pictures([picture, 255 - picture], [1, 0]), side=side, shift=1)
    assert found.x.shape == (2, 1, side, side) and found.x.dtype == 'float32'
    assert found.shift == 1 and found.labels.tolist() == [1, 0]
    assert found.x[0].max() == pytest.approx(1 / 3, abs=1e-3) and found.x[0].min() == 0
    assert found.x[1].mean() == pytest.approx(5 / 6, abs=.01)


def test_tasks_of_different_length_say_how_often_each_was_passed(capsys):
    data = batches(task(6), task(20), size=4, updates=10)
    said = 'An epoch is 10 batches of 4: 6 examples used 6.67 times, 20 examples used 2 times.\n'
    assert capsys.readouterr().out == said
    seen = list(data)
    assert len(seen) == 10 and all(len(array) == 4 for batch in seen for array in batch)
    first = numpy.concatenate([batch[2].asnumpy()[:, 0, 0, 0] for batch in seen])
    assert numpy.bincount((first // 4).astype(int)).tolist() == [2] * 20  # nothing was cut off


def test_two_tasks_learn_together_and_each_loss_is_in_the_history():
    seed_all(0)
    rng = numpy.random.default_rng(0)
    x = rng.standard_normal((200, 2)).astype('float32')
    left, upper = Examples(x, (x[:, 0] > 0) * 1), Examples(x, (x[:, 1] > 0) * 1)
    shared, heads = nn.Dense(16, activation='tanh'), [nn.Dense(2), nn.Dense(2)]
    nets = []
    for head in heads:
        net = nn.HybridSequential()
        net.add(shared, head)
        nets.append(net)
    parameters = gluon.ParameterDict()
    for net in nets:
        parameters.update(net.collect_params())
    parameters.initialize()
    history = fit(lambda x, y, u, v: {'left': cross_entropy(nets[0](x), y),
                                      'upper': cross_entropy(nets[1](u), v)},
                  batches(left, upper, size=32, updates=60),
                  gluon.Trainer(parameters, 'adam', {'learning_rate': .02}), epochs=2)
    assert min(accuracy(nets[0], left), accuracy(nets[1], upper)) > .9
    assert history['loss'] == pytest.approx(history['left'] + history['upper'])


def test_a_task_whose_labels_were_forgotten_in_the_batch():
    net = nn.Dense(2)
    net.initialize()
    data = batches(task(), gluon.data.ArrayDataset(numpy.zeros((5, 4), dtype='float32')), size=2)
    with pytest.raises(CourseError, match=r'has 3 arrays, but the loss takes 4 \(x, y, u, v\)'):
        fit(lambda x, y, u, v: cross_entropy(net(x), y), data, gluon.Trainer(net.collect_params(), 'sgd'),
            epochs=1)
