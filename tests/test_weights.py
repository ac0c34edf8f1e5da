"""Making the embedded weights, and the file that is committed."""
import hashlib
import json

from d2lhelpers import CourseError, accuracy
from d2lhelpers.backbones import CHARACTERS, THIN, VGG, build
from d2lhelpers.datasets import characters, picture_book

import numpy
import pytest
from mxnet import gluon, np

from tools import weights

CARD = json.loads(THIN.with_suffix('.json').read_text(encoding='utf-8'))


@pytest.fixture
def pictures():
    return numpy.random.default_rng(0).integers(0, 256, (8, 72, 72, 3), dtype='uint8')


def test_input_is_that_of_the_lessons(pictures):
    lesson = gluon.data.vision.transforms.Compose([gluon.data.vision.transforms.ToTensor(),
                                                   gluon.data.vision.transforms.Normalize(weights.MEAN,
                                                                                          weights.DEVIATION)])
    expected = numpy.stack([lesson(np.array(picture, dtype='uint8')).asnumpy() for picture in pictures])
    assert numpy.abs(weights.as_input(pictures) - expected).max() < 1e-5


def test_augmentation_varies_each_picture_and_keeps_its_size(pictures):
    same = numpy.repeat(pictures[:1], 40, axis=0)
    x = weights.augment(same, numpy.random.default_rng(0))
    assert x.shape == (40, 3, 64, 64) and x.dtype == numpy.float32
    assert len({round(float(value), 4) for value in x[:, 0, 0, 0]}) > 30
    grey = (numpy.abs(x - x.mean(axis=1, keepdims=True)).max(axis=(1, 2, 3)) < 1e-4).sum()
    assert 0 < grey < 15


def test_without_chance_augmentation_is_a_crop(pictures, monkeypatch):
    monkeypatch.setattr(weights, 'JITTER', 0)
    monkeypatch.setattr(weights, 'GREY', 0)
    x = weights.augment(pictures, numpy.random.default_rng(0))
    whole = weights.as_input(pictures)
    for one, source in zip(x, whole, strict=True):
        crops = [source[:, i:i + 64, j:j + 64][:, :, ::flip] for i in range(9) for j in range(9)
                 for flip in (1, -1)]
        assert min(numpy.abs(one - crop).max() for crop in crops) < 1e-5


def test_pretraining_learns():
    task = picture_book.hotdog_or_not(train=64, validation=2, test=2, seed=5)
    pictures = numpy.stack([picture.asnumpy() for picture, _ in task.train])
    pictures[task.train.labels == 1] //= 4  # one class is dark: easily learned
    net = weights.pretrain(pictures, task.train.labels, 2, epochs=25)
    answers = net(np.array(weights.as_input(pictures))).asnumpy().argmax(axis=1)
    assert (answers == task.train.labels).mean() > .8


@pytest.mark.parametrize('path', weights.MADE, ids=lambda path: path.stem)
def test_the_card_belongs_to_the_file_and_to_the_drawing(path):
    card = json.loads(path.with_suffix('.json').read_text(encoding='utf-8'))
    assert card['sha256'] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card['bytes'] == path.stat().st_size <= weights.MOST_BYTES
    classes = {'thin_resnet': picture_book.SOURCE, 'half_A': picture_book.HALVES['A'],
               'half_B': picture_book.HALVES['B'],
               **dict.fromkeys(('people', 'vgg_people'), [f'source {number}' for number in range(40)]),
               'characters': characters.LETTERS, 'thin_vgg': picture_book.SOURCE}
    assert card['classes'] == list(classes[path.stem])
    assert card['sha256'] in (THIN.parent.parent / 'README.md').read_text(encoding='utf-8')
    assert weights.source_name(weights.MADE[path][1]) in card['source task']


@pytest.mark.parametrize('half, path', weights.HALVES.items())
def test_the_halves_know_their_things_and_not_the_others(half, path):
    net = build('five_layers', 19)
    net.load_parameters(str(path), cast_dtype=True)
    for name, low, high in ((half, .8, 1), ('AB'.replace(half, ''), 0, .2)):
        task = picture_book.half_source(name, train=19, validation=19, test=95, seed=1)
        x = weights.as_input(weights.smaller(numpy.stack([picture.asnumpy() for picture, _ in task.test]),
                                             32))
        assert low < accuracy(net, gluon.data.ArrayDataset(x, task.test.labels)) < high


def test_smaller_pictures_are_those_of_the_lessons(pictures):
    resize = gluon.data.vision.transforms.Resize(36)
    expected = numpy.stack([resize(np.array(picture, dtype='uint8')).asnumpy() for picture in pictures])
    assert (weights.smaller(pictures, 36) == expected).all() and weights.smaller(pictures, 72) is pictures


@pytest.mark.parametrize('name, path', [('thin_resnet', THIN), ('thin_vgg', VGG)])
def test_the_weights_know_things_in_pictures_they_never_saw(name, path):
    task = picture_book.source(train=33, validation=33, test=99, seed=1)
    net = build(name, 33)
    net.load_parameters(str(path), cast_dtype=True)
    labels = task.test.labels
    x = weights.as_input(numpy.stack([picture.asnumpy() for picture, _ in task.test]))
    right, swapped = (accuracy(net, gluon.data.ArrayDataset(pictures, labels))
                      for pictures in (x, x[:, ::-1].copy()))
    assert right > .88 and swapped < right - .1  # red and blue swapped: it does look at colours


def test_the_letters_are_known():
    task = characters.source(train=19, validation=19, test=95, seed=1)
    net = build('five_layers', 19)
    net.load_parameters(str(CHARACTERS), cast_dtype=True)
    x = weights.as_input(weights.smaller(numpy.stack([picture.asnumpy() for picture, _ in task.test]), 32))
    assert accuracy(net, gluon.data.ArrayDataset(x, task.test.labels)) > .8


def test_the_thin_vgg_is_small():
    assert VGG.stat().st_size <= 1_500_000


def test_weights_that_nobody_makes():
    with pytest.raises(CourseError, match='NB=half_C names no weights: there are thin_resnet, half_A, '
                                          'half_B'):
        weights.main('half_C')
