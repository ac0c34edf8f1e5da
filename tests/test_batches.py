"""Batches that are full, equally long for every dataset, and go on for ever."""
from d2lhelpers import CourseError, batches, seed_all
from d2lhelpers.datasets import Examples, Pictures
from d2lhelpers.datasets.loading import load
from d2lhelpers.datasets.vowels import Voices
from d2lhelpers.messages import quietly

import numpy
import pytest
from mxnet import gluon, np


def numbers(*counts):
    """Datasets whose examples are their own numbers, the second from 100 on, and so on."""
    return [gluon.data.ArrayDataset(np.arange(n) + 100 * i) for i, n in enumerate(counts)]


# --- batches


def drawn(data):
    return [array.asnumpy().astype(int).tolist() for array, in data]


def test_every_batch_is_full_and_every_pass_complete():
    data = batches(*numbers(10), size=4, updates=5)  # two passes in an epoch
    assert len(data) == 5
    order = sum(drawn(data), [])
    assert sorted(order[:10]) == sorted(order[10:]) == list(range(10)) and order[:10] != order[10:]


def test_the_order_goes_on_from_one_epoch_to_the_next():
    data = batches(*numbers(10), size=4)
    assert len(data) == 3
    epochs = [drawn(data) for _ in range(5)]
    assert all(len(batch) == 4 for epoch in epochs for batch in epoch)
    order = sum(sum(epochs, []), [])
    assert len(order) == 60 and all(sorted(order[i:i + 10]) == list(range(10)) for i in range(0, 60, 10))


def test_datasets_of_different_length_meet_in_every_batch(capsys):
    large, small = gluon.data.ArrayDataset(np.arange(50), np.arange(50) % 2), numbers(0, 7)[1]
    data = batches(large, small, size=8)
    said = 'An epoch is 7 batches of 8: 50 examples used 1.12 times, 7 examples used 8 times.\n'
    assert capsys.readouterr().out == said
    met = [tuple(array.asnumpy() for array in batch) for batch in data]
    assert len(met) == 7 and all([len(array) for array in batch] == [8, 8, 8] for batch in met)
    assert all((x % 2 == y).all() and (u >= 100).all() for x, y, u in met)
    assert numpy.bincount(numpy.concatenate([u for _, _, u in met]).astype(int) - 100).tolist() == [8] * 7


def test_the_line_can_be_silenced(capsys):
    with quietly():
        batches(*numbers(10), size=4)
    assert capsys.readouterr().out == ''


def test_batches_larger_than_the_data():
    data = batches(*numbers(3), size=7, updates=3)
    order = sum(drawn(data), [])
    assert numpy.bincount(order).tolist() == [7, 7, 7]


def test_a_picture_in_a_batch():
    grey = numpy.arange(6, dtype='uint8')[:, None, None, None]
    six = Pictures(grey.repeat(3, axis=3), numpy.arange(6) // 3)
    (x, y), = batches(six, size=6)
    assert x.shape == (6, 1, 1, 3) and x.dtype == 'uint8'
    assert ((x[:, 0, 0, 0].asnumpy() >= 3) == y.asnumpy()).all()


def test_the_seed_orders_the_batches():
    orders = []
    for seed in (0, 0, 1):
        seed_all(seed)
        orders.append(drawn(batches(*numbers(20), size=5)))
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize('words, datasets, options', [
    ('at least one dataset', [], {'size': 4}),
    ('Dataset 2 given to batches is empty', numbers(3, 0), {'size': 4}),
    ('size=0 and updates=None: both must be whole numbers, at least 1', numbers(3), {'size': 0}),
    ('size=4 and updates=0: both must be whole numbers, at least 1', numbers(3), {'size': 4, 'updates': 0}),
    ("size='3' and updates=None: both must be whole numbers", numbers(3), {'size': '3'}),
    ('size=4 and updates=2.5: both must be whole numbers', numbers(3), {'size': 4, 'updates': 2.5}),
    ('Dataset 1 given to batches is a generator', [(x for x in 'ab')], {'size': 4}),
    ('Dataset 1 given to batches is a DataLoader', [gluon.data.DataLoader(numbers(3)[0], 2)], {'size': 4}),
])
def test_bad_batches(words, datasets, options):
    with pytest.raises(CourseError, match=words):
        batches(*datasets, **options)


X = numpy.random.RandomState(0).normal(size=(30, 2, 6, 6))
Y = numpy.arange(30) % 4


@pytest.mark.parametrize('make', [
    lambda: Examples(X, Y), lambda: Examples(X, Y, shift=2), lambda: Voices(X[:, 0, 0], Y, ['a'] * 30),
    lambda: gluon.data.ArrayDataset(X, Y.astype('int32')),
    lambda: gluon.data.ArrayDataset(np.array(X), np.array(Y)),
    lambda: gluon.data.ArrayDataset(np.array(X.astype('float16')), (X > 0)[:, 0], X[:, 0]),
    lambda: gluon.data.ArrayDataset(X), lambda: gluon.data.ArrayDataset([*X], [*Y]),
    lambda: gluon.data.ArrayDataset(X, Y).transform_first(lambda x: x + numpy.random.normal())])
def test_batches_are_those_of_gluons_loader(make):
    order = [[3, 1, 29], [0, 0, 7], [5]]
    ours, theirs = [], []
    for found, loader in ((ours, load(make(), order)),
                          (theirs, gluon.data.DataLoader(make(), batch_sampler=order))):
        seed_all(1)
        for batch in [*loader] + [*loader]:  # again and again
            found += batch if isinstance(batch, list) else [batch]
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == other.dtype and one.ctx == other.ctx and isinstance(one, np.ndarray)
        assert numpy.array_equal(one.asnumpy(), other.asnumpy())
