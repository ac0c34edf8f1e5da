"""Making the embedded weights, and the file that is committed."""
import hashlib
import json

from d2lhelpers import accuracy
from d2lhelpers.authoring import weights
from d2lhelpers.backbones import THIN, build
from d2lhelpers.datasets import Pictures, picture_book

import numpy
import pytest
from mxnet import gluon, np

CARD = json.loads(THIN.with_suffix('.json').read_text(encoding='utf-8'))


@pytest.fixture
def pictures():
    return numpy.random.default_rng(0).integers(0, 256, (8, 72, 72, 3), dtype='uint8')


def test_input_is_that_of_the_lessons(pictures):
    lesson = gluon.data.vision.transforms.Compose([gluon.data.vision.transforms.ToTensor(),
                                                   gluon.data.vision.transforms.Normalize(weights.MEAN, weights.DEVIATION)])
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
        crops = [source[:, i:i + 64, j:j + 64][:, :, ::flip] for i in range(9) for j in range(9) for flip in (1, -1)]
        assert min(numpy.abs(one - crop).max() for crop in crops) < 1e-5


def test_pretraining_learns():
    task = picture_book.hotdog(train=64, validation=2, test=2, seed=5)
    pictures = numpy.stack([picture.asnumpy() for picture, _ in task.train])
    pictures[task.train.labels == 1] //= 4  # one class is dark: easily learned
    net = weights.pretrain(pictures, task.train.labels, 2, epochs=25)
    answers = net(np.array(weights.as_input(pictures))).asnumpy().argmax(axis=1)
    assert (answers == task.train.labels).mean() > .8


def test_the_card_belongs_to_the_file_and_to_the_drawing():
    assert CARD['sha256'] == hashlib.sha256(THIN.read_bytes()).hexdigest()
    assert CARD['bytes'] == THIN.stat().st_size <= weights.MOST_BYTES
    assert CARD['classes'] == list(picture_book.SOURCE)
    assert CARD['sha256'] in (THIN.parent.parent / 'README.md').read_text(encoding='utf-8')


def test_the_weights_know_things_in_pictures_they_never_saw():
    task = picture_book.source(train=33, validation=33, test=99, seed=1)
    net = build('thin_resnet', 33)
    net.load_parameters(str(THIN), cast_dtype=True)
    labels = task.test.labels
    x = weights.as_input(numpy.stack([picture.asnumpy() for picture, _ in task.test]))
    assert accuracy(net, gluon.data.ArrayDataset(x, labels)) > .88
    assert accuracy(net, gluon.data.ArrayDataset(x[:, ::-1].copy(), labels)) < 1  # red and blue swapped: it does look at colours
    assert isinstance(task.test, Pictures)
