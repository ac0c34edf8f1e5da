"""What a dataset must be, stratified subsets, and batches that are full, equally long and go on for ever."""
from d2lhelpers import CourseError, batches, few, seed_all, subset
from d2lhelpers.datasets import Dataset, Examples, Pictures

import numpy
import pytest
from mxnet import gluon, np


def pictures(*counts, size=2):
    """As many pictures of each class as said; every pixel of picture i has the value i."""
    labels = numpy.repeat(numpy.arange(len(counts)), counts)
    return Pictures([numpy.full((size, size, 3), i, dtype='uint8') for i in range(len(labels))], labels)


def numbers(*counts):
    """Datasets whose examples are their own numbers, the second from 100 on, and so on."""
    return [gluon.data.ArrayDataset(np.arange(n) + 100 * i) for i, n in enumerate(counts)]


def dataset(train=(2, 2), validation=(2, 2), test=(2, 2), classes=('hotdog', 'other')):
    return Dataset('toys', *map(pictures_of, (train, validation, test)), list(classes), 'made up', 'abc')


def pictures_of(counts):
    return counts if isinstance(counts, Pictures) else pictures(*counts)


# --- pictures and datasets


def test_a_picture_is_an_mxnet_array_with_its_label():
    picture, label = pictures(1, 2)[2]
    assert isinstance(picture, np.ndarray) and picture.dtype == 'uint8' and picture.shape == (2, 2, 3) and (picture == 2).all()
    assert label == 1 and type(label) is int
    assert [label for _, label in pictures(1, 2)] == [0, 1, 1]


def test_transforms_of_gluon_take_the_pictures():
    changed = pictures(1, 1).transform_first(gluon.data.vision.transforms.ToTensor())
    assert changed[1][0].shape == (3, 2, 2) and changed[1][0].dtype == 'float32'


def test_as_many_labels_as_pictures():
    with pytest.raises(CourseError, match='There are 3 pictures, but 2 labels'):
        Pictures(numpy.zeros((3, 2, 2, 3)), [0, 1])


def test_a_sound_dataset():
    assert len(dataset().train) == 4


@pytest.mark.parametrize('words, parts', [
    ("toys has only the class .'hotdog'.", {'classes': ['hotdog']}),
    ('The validation part of toys is empty', {'validation': ()}),
    ('The test part of toys has the label 2, but its 2 classes are numbered from 0 to 1', {'test': (1, 1, 1)}),
    ('The train part of toys has the label -1', {'train': Pictures([0, 0, 0], [-1, 0, 1])}),
    ("The train part of toys has no picture of 'hotdog'", {'train': (0, 2)}),
])
def test_a_dataset_that_cannot_be_learnt_from(words, parts):
    with pytest.raises(CourseError, match=words):
        dataset(**parts)


# --- subsets


def test_a_subset_keeps_the_shares_of_the_classes():
    part = subset(pictures(10, 30, 60), 20, seed=0)
    assert numpy.bincount(part.labels).tolist() == [2, 6, 12] and len(part) == 20
    assert numpy.bincount(subset(pictures(5, 5, 5), 7, seed=0).labels).tolist() in ([3, 2, 2], [2, 3, 2], [2, 2, 3])


@pytest.mark.parametrize('n', range(4, 105))
def test_a_subset_has_the_size_asked_for_and_every_class(n):
    part = subset(pictures(1, 1, 2, 100), n, seed=n)
    assert len(part) == n == len({int(picture[0, 0, 0]) for picture, _ in part})
    assert set(part.labels) == {0, 1, 2, 3}


def test_the_pictures_of_a_subset_keep_their_labels():
    everything = pictures(20, 20)
    part = subset(everything, 10, seed=3)
    assert [label for _, label in part] == part.labels.tolist()
    assert all(everything[int(picture[0, 0, 0])][1] == label for picture, label in part)
    again = subset(part, 4, seed=0)  # a subset of a subset
    assert all(everything[int(picture[0, 0, 0])][1] == label for picture, label in again)


def test_the_seed_of_a_subset():
    def drawn(seed):
        return [int(picture[0, 0, 0]) for picture, _ in subset(pictures(50, 50), 10, seed=seed)]

    seed_all(1)
    expected = numpy.random.rand()
    seed_all(1)
    assert drawn(0) == drawn(0) != drawn(1)
    assert numpy.random.rand() == expected
    assert drawn(0) == sorted(drawn(0))


def test_a_larger_subset_of_the_same_seed_holds_the_smaller():
    small, large = ({int(picture[0, 0, 0]) for picture, _ in subset(pictures(50, 50), n, seed=4)} for n in (10, 40))
    assert small < large


@pytest.mark.parametrize('n', [0, 2, 31])
def test_a_subset_out_of_range(n):
    with pytest.raises(CourseError, match=rf'asked for {n} of 30 examples: choose a number from 3 \(one for each class\) to 30'):
        subset(pictures(10, 10, 10), n, seed=0)


def test_a_subset_after_the_transforms():
    with pytest.raises(CourseError, match='take the subset first, then transform it'):
        subset(pictures(5, 5).transform_first(lambda picture: picture), 4, seed=0)


def examples(*counts):
    return Examples(numpy.arange(3 * sum(counts)).reshape(-1, 3), numpy.repeat(range(len(counts)), counts))


@pytest.mark.parametrize('make', [pictures, examples])
def test_a_few_of_every_class(make):
    data = make(5, 20, 9)
    part = few(data, 4, seed=1)
    assert type(part) is type(data) and numpy.bincount(part.labels).tolist() == [4, 4, 4]
    known = {(tuple(x.asnumpy().ravel().tolist()), label) for x, label in data}
    drawn = {(tuple(x.asnumpy().ravel().tolist()), label) for x, label in part}
    assert len(drawn) == 12 and drawn <= known
    fewer = {(tuple(x.asnumpy().ravel().tolist()), label) for x, label in few(data, 2, seed=1)}
    other = {(tuple(x.asnumpy().ravel().tolist()), label) for x, label in few(data, 2, seed=2)}
    assert fewer < drawn and other != fewer


@pytest.mark.parametrize('each', [0, 6, -1, 2.5, '2'])
def test_more_of_a_class_than_there_are(each):
    with pytest.raises(CourseError, match='the rarest class has 5: choose a whole number from 1 to 5'):
        few(pictures(5, 20), each, seed=0)


def test_a_few_after_the_transforms():
    with pytest.raises(CourseError, match='take a few first, then transform them'):
        few(pictures(5, 5).transform_first(lambda picture: picture), 2, seed=0)


def test_examples_are_numbers_with_labels():
    data = Examples(numpy.arange(12.).reshape(4, 3), [0, 1, 1, 0])
    x, label = data[2]
    assert x.dtype == numpy.float32 and x.tolist() == [6, 7, 8] and label == 1 and len(data) == 4
    assert subset(data, 2, seed=0).labels.tolist() == [0, 1] and data.pick([3, 1]).x.tolist() == [[9, 10, 11], [3, 4, 5]]
    with pytest.raises(CourseError, match='There are 2 examples, but 3 labels'):
        Examples(numpy.zeros((2, 5)), [0, 1, 1])



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
    assert capsys.readouterr().out == 'An epoch is 7 batches of 8: 50 examples passed 1.12 times, 7 examples passed 8 times.\n'
    met = [tuple(array.asnumpy() for array in batch) for batch in data]
    assert len(met) == 7 and all([len(array) for array in batch] == [8, 8, 8] for batch in met)
    assert all((x % 2 == y).all() and (u >= 100).all() for x, y, u in met)
    assert numpy.bincount(numpy.concatenate([u for _, _, u in met]).astype(int) - 100).tolist() == [8] * 7


def test_batches_larger_than_the_data():
    data = batches(*numbers(3), size=7, updates=3)
    order = sum(drawn(data), [])
    assert numpy.bincount(order).tolist() == [7, 7, 7]


def test_a_picture_in_a_batch():
    (x, y), = batches(pictures(3, 3), size=6)
    assert x.shape == (6, 2, 2, 3) and x.dtype == 'uint8'
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


@pytest.mark.parametrize('labels', [[.5, 1], ['a', 'b'], [[0, 1], [1, 0]]])
@pytest.mark.parametrize('kind', [Examples, Pictures])
def test_labels_that_are_no_classes(kind, labels):
    with pytest.raises(CourseError, match='Labels must be one whole number for each example'):
        kind(numpy.zeros((2, 3, 3, 3)), labels)
