"""Many pictures, a few at a time: the same numbers as all at once."""
from d2lhelpers import CourseError, outputs
from d2lhelpers.datasets import Pictures
from d2lhelpers.many_pictures import each, features_of
from d2lhelpers.preprocessing import Preprocessing

import numpy
import pytest
from mxnet.gluon import nn

N = 300  # more than one part


@pytest.fixture
def pictures():
    generator = numpy.random.default_rng(0)
    return Pictures(generator.integers(0, 256, (N, 9, 7, 3), dtype='uint8'), numpy.arange(N) % 2)


def test_features_of_many_are_those_of_all_at_once(pictures):
    net = nn.Conv2D(2, 3)
    net.initialize()
    prepare = Preprocessing(8, 8)
    ready = numpy.stack([prepare(pictures[i][0]) for i in range(N)])
    at_once = outputs(net, ready).asnumpy()
    numpy.testing.assert_allclose(features_of(net, pictures, prepare), at_once, atol=1e-6)


def test_no_more_than_a_part_is_prepared_before_it_is_used(pictures):
    """What was prepared and not used yet is what takes memory."""
    waiting = most = 0

    def prepare(picture):
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return numpy.zeros((1, 2, 2), 'float32')

    class Counts(nn.Block):
        def forward(self, x):
            nonlocal waiting
            waiting -= len(x)
            return x
    assert features_of(Counts(), pictures, prepare).shape == (N, 1, 2, 2)
    assert waiting == 0 and most <= 64


def test_each_gives_every_picture_once_in_order(pictures):
    seen = [int(picture.asnumpy().sum()) for picture in each(pictures, 'looked at')]
    assert seen == [int(pictures[i][0].asnumpy().sum()) for i in range(N)]


def test_no_pictures_is_a_sentence():
    with pytest.raises(CourseError, match='There is nothing to evaluate'):
        features_of(nn.Dense(1), Pictures(numpy.zeros((0, 4, 4, 3), 'uint8'), []), Preprocessing(4, 4))
