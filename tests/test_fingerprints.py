"""Fingerprints of data: another picture shows in them, another processor's rounding does not."""
import dataclasses
import json

from d2lhelpers.datasets import Dataset, Examples, Pictures, load_moons, picture_book
from d2lhelpers.datasets.dataset import Picked
from d2lhelpers.datasets.digits import InColour
from d2lhelpers.datasets.fingerprints import same

import numpy
import pytest

CLASSES = ['left', 'right']


def arrays(n, seed=0):
    return numpy.random.default_rng(seed).integers(0, 256, (n, 10, 10, 3), dtype='uint8')


def data(train=None, labels=None, classes=CLASSES):
    train = arrays(2000) if train is None else train
    labels = numpy.arange(len(train)) % 2 if labels is None else labels
    few = Pictures(arrays(40, 1), numpy.arange(40) % 2)
    return Dataset('noise', Pictures(train, labels), few, few, classes, 'noise')


def other_pixels(share, by):
    """The training pictures with the pixels of a share changed."""
    generator, train = numpy.random.default_rng(2), arrays(2000).astype('int16')
    train += by * (generator.random(train.shape) < share) * generator.choice((-1, 1), train.shape)
    return train.clip(0, 255).astype('uint8')


def test_the_same_content_has_the_same_fingerprint_however_it_is_kept():
    one, again = data().fingerprint, data().fingerprint
    assert one == again == json.loads(json.dumps(one)) and same(one, json.loads(json.dumps(again)))
    picked = Pictures(Picked(Pictures(arrays(2000)[::-1], numpy.arange(2000) % 2), range(1999, -1, -1)),
                      numpy.arange(2000) % 2)
    assert same(one, dataclasses.replace(data(), train=picked).fingerprint)
    assert same(one, data(train=list(arrays(2000))).fingerprint)


def test_it_is_made_once():
    one = data()
    assert one.fingerprint is one.fingerprint


def test_another_rounding_is_the_same_data():
    assert not (other_pixels(1e-4, 1) == arrays(2000)).all()
    assert same(data().fingerprint, data(train=other_pixels(1e-4, 1)).fingerprint)
    moons, _ = load_moons(0)
    nudged = Examples(numpy.nextafter(moons.train.x, numpy.float32(9)), moons.train.labels)
    assert not (nudged.x == moons.train.x).any()
    assert same(moons.fingerprint, dataclasses.replace(moons, train=nudged).fingerprint)


def changed_picture(train):
    train[1234] = arrays(1, 5)[0]


def one_class_a_little_brighter(train):
    train[::2] = numpy.minimum(train[::2], 250) + 3


def two_swapped(train):
    train[[17, 19]] = train[[19, 17]]


def mirrored(train):
    train[:] = train[:, :, ::-1].copy()


@pytest.mark.parametrize('change', [changed_picture, one_class_a_little_brighter, two_swapped, mirrored])
def test_other_pictures_are_other_data(change):
    train = arrays(2000)
    change(train)
    assert not same(data().fingerprint, data(train=train).fingerprint)


def test_many_wrong_pixels_are_other_data():
    assert not same(data().fingerprint, data(train=other_pixels(.02, 30)).fingerprint)


@pytest.mark.parametrize('other', [
    {'train': arrays(2000, 3)}, {'train': arrays(1998)}, {'train': arrays(2000).reshape(2000, 5, 20, 3)},
    {'labels': numpy.arange(2000) // 2 % 2}, {'classes': ['left', 'up']}])
def test_other_numbers_sizes_shapes_labels_and_classes_are_other_data(other):
    assert not same(data().fingerprint, data(**other).fingerprint)


def test_one_other_picture_among_many_thousands_shows():
    """As many as MNIST has, and as dark."""
    generator = numpy.random.default_rng(0)
    dark = generator.integers(0, 256, (60_000, 8, 8), dtype='uint8') * (generator.random((60_000, 8, 8)) < .2)
    before = data(train=InColour(dark.copy()), labels=numpy.arange(60_000) % 2).fingerprint
    dark[43_210] = dark[43_211]
    assert not same(before, data(train=InColour(dark), labels=numpy.arange(60_000) % 2).fingerprint)


def test_another_part_counts():
    @dataclasses.dataclass(frozen=True)
    class More(Dataset):
        strangers: Pictures

    def more(seed):
        plain = data()
        return More('noise', plain.train, plain.validation, plain.test, CLASSES, 'noise',
                    Pictures(arrays(5, seed), range(5)))

    assert same(more(1).fingerprint, more(1).fingerprint)
    assert not same(more(1).fingerprint, more(2).fingerprint)
    assert not same(more(1).fingerprint, data().fingerprint)
    assert list(more(1).fingerprint['sketches']) == ['train', 'validation', 'test', 'strangers']


class Encoded(list):
    """As photos are kept."""

    def kept(self, i):
        return self[i]


def test_encoded_photos_count_byte_by_byte():
    photos = [b'%d' % i for i in range(40)]
    one, again = data(train=Encoded(photos)).fingerprint, data(train=Encoded(photos)).fingerprint
    assert same(one, again) and 'train' not in one['sketches']
    photos[7] += b' '
    assert not same(one, data(train=Encoded(photos)).fingerprint)


def test_pictures_of_different_sizes_count_byte_by_byte():
    photos = [arrays(1, i)[0][:5 + i % 3] for i in range(40)]
    one = data(train=photos).fingerprint
    assert same(one, data(train=[photo.copy() for photo in photos]).fingerprint)
    photos[7] = photos[7] // 2
    assert not same(one, data(train=photos).fingerprint)


def test_drawings_of_another_seed_or_task():
    sizes = {'train': 20, 'validation': 10, 'test': 10}
    tasks = [picture_book.hotdog_or_not(**sizes), picture_book.hotdog_or_not(**sizes, seed=1),
             picture_book.facing(**sizes), picture_book.unseen(**sizes)]
    assert same(tasks[0].fingerprint, picture_book.hotdog_or_not(**sizes).fingerprint)
    prints = [task.fingerprint for task in tasks]
    assert [[same(one, other) for other in prints] for one in prints] == numpy.eye(4, dtype=bool).tolist()


def test_those_of_weights_are_compared_letter_by_letter():
    assert same('thin_resnet-0fc901b2', 'thin_resnet-0fc901b2')
    assert not same('thin_resnet-0fc901b2', 'thin_resnet-0fc901b3')
    assert not same('thin_resnet-0fc901b2', data().fingerprint)
    assert not same(data().fingerprint, 'thin_resnet-0fc901b2')
