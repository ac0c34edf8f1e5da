"""The recipe of MNIST-M with handwriting that is shipped and pictures that are drawn."""
from d2lhelpers import CourseError
from d2lhelpers.datasets import blended
from d2lhelpers.datasets.fingerprints import same

import numpy
import pytest


@pytest.fixture(scope='module')
def pair():
    return blended.load_blended(3)


def pixels(pictures):
    return numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))])


def test_equal_classes_a_grey_source_and_a_coloured_target(pair):
    for data, grey in zip(pair, (True, False), strict=True):
        assert [len(getattr(data, part)) for part in ('train', 'validation', 'test')] == [3000, 500, 1000]
        assert set(numpy.bincount(data.train.labels)) == {300}
        x = pixels(data.validation)
        assert x.shape == (500, 20, 20, 3) and x.dtype == numpy.uint8
        assert (x[..., 0] == x[..., 2]).all() == grey


def test_where_the_digit_lies_the_background_is_its_negative():
    digit = numpy.array([[0, 127], [128, 255]], dtype='uint8')
    background = numpy.array([[[0, 10, 255]] * 2] * 2, dtype='uint8')
    assert (blended.blend(digit, background) == [[[0, 10, 255], [0, 10, 255]],
                                                 [[255, 245, 0], [255, 245, 0]]]).all()


def test_the_seed_decides(pair):
    again, other = blended.load_blended(3), blended.load_blended(4)
    for first, second, third in zip(pair, again, other, strict=True):
        assert same(first.fingerprint, second.fingerprint) and not same(first.fingerprint, third.fingerprint)
    with pytest.raises(CourseError, match='whole number from 0'):
        blended.load_blended(-1)


def test_no_background_is_in_two_parts(monkeypatch):
    drawn = []
    monkeypatch.setattr(blended, 'picture', lambda generator, *plan: (
        drawn.append(generator.integers(2**60)) or numpy.zeros((64, 64, 3), dtype='uint8')))
    blended.load_blended(3)
    assert len(set(drawn)) == len(drawn) == 125
