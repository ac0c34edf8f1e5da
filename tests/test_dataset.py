"""What a dataset must be, and what it says of itself."""
from d2lhelpers import CourseError
from d2lhelpers.datasets import Dataset, Examples, Pictures

import numpy
import pytest
from mxnet import gluon, np


def pictures(*counts):
    """As many pictures of each class as said; every pixel of picture i has the value i."""
    labels = numpy.repeat(numpy.arange(len(counts)), counts)
    return Pictures([numpy.full((2, 2, 3), i, dtype='uint8') for i in range(len(labels))], labels)


def dataset(train=(2, 2), validation=(2, 2), test=(2, 2), classes=('hotdog', 'other')):
    return Dataset('toys', pictures(*train), pictures(*validation), pictures(*test), list(classes), 'made up')


def test_a_picture_is_an_mxnet_array_with_its_label():
    picture, label = pictures(1, 2)[2]
    assert isinstance(picture, np.ndarray) and picture.dtype == 'uint8' and picture.shape == (2, 2, 3)
    assert (picture == 2).all() and label == 1 and type(label) is int
    assert [label for _, label in pictures(1, 2)] == [0, 1, 1]


def test_transforms_of_gluon_take_the_pictures():
    changed = pictures(1, 1).transform_first(gluon.data.vision.transforms.ToTensor())
    assert changed[1][0].shape == (3, 2, 2) and changed[1][0].dtype == 'float32'


def test_as_many_labels_as_pictures():
    with pytest.raises(CourseError, match='There are 3 pictures, but 2 labels'):
        Pictures(numpy.zeros((3, 2, 2, 3)), [0, 1])


@pytest.mark.parametrize('labels', [[.5, 1], ['a', 'b'], [[0, 1], [1, 0]], [-1, 0]])
@pytest.mark.parametrize('kind', [Examples, Pictures])
def test_labels_that_are_no_classes(kind, labels):
    with pytest.raises(CourseError, match='Labels must be one whole number from 0 for each example'):
        kind(numpy.zeros((2, 3, 3, 3)), labels)


def test_a_dataset_says_what_it_is_and_how_large(capsys):
    data = dataset(train=(3, 2), test=(1, 2))
    assert data.counts == '5 to train, 4 to validate, 3 to test' and capsys.readouterr().out == ''
    assert str(data) == 'made up: 5 to train, 4 to validate, 3 to test.'
    assert data.introduce() is data and capsys.readouterr().out == f'{data}\n'
    assert list(data.parts) == ['train', 'validation', 'test'] and data.parts['test'] is data.test


@pytest.mark.parametrize('words, parts', [
    ("toys has only the class .'hotdog'.", {'classes': ['hotdog']}),
    ('The validation part of toys is empty', {'validation': ()}),
    ('The test part of toys has the label 2, but its 2 classes are numbered from 0 to 1',
     {'test': (1, 1, 1)}),
    ("The train part of toys has no picture of 'hotdog'", {'train': (0, 2)}),
])
def test_a_dataset_that_cannot_be_learnt_from(words, parts):
    with pytest.raises(CourseError, match=words):
        dataset(**parts)
