"""From a picture to what the network takes."""
from d2lhelpers.datasets.picture_book import hotdog_or_not
from d2lhelpers.preprocessing import Preprocessing, shares

import numpy
import pytest
from mxnet.gluon.data.vision import transforms
from PIL import Image

AS_IT_IS = {'mean': (0, 0, 0), 'std': (1, 1, 1)}


@pytest.fixture(scope='module')
def drawn():
    return hotdog_or_not(train=4, validation=2, test=4).test[0][0]


@pytest.mark.parametrize('length', [1, 5, 63, 64, 65, 128, 1000])
def test_each_new_pixel_is_a_mean_of_old_ones(length):
    weights = shares(length, 73, 64)
    assert weights.shape == (64, length) and (weights >= 0).all()
    numpy.testing.assert_allclose(weights.sum(axis=1), 1)


def test_no_old_pixel_is_skipped():
    """Where the picture shrinks each counts as often as the next, but at the borders."""
    counts = shares(1000, 50, 50).sum(axis=0)
    numpy.testing.assert_allclose(counts[30:-30], 50 / 1000, rtol=1e-6)


def test_a_picture_of_the_right_size_stays_as_it_is():
    picture = numpy.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype='uint8')
    ready = Preprocessing(8, 8, **AS_IT_IS)(picture)
    numpy.testing.assert_allclose(ready, picture.transpose(2, 0, 1) / 255, atol=1e-6)
    numpy.testing.assert_allclose(Preprocessing(8, 4, **AS_IT_IS)(picture), ready[:, 2:6, 2:6], atol=1e-6)


@pytest.mark.parametrize('size', [(64, 64), (40, 90), (300, 200)])  # width, height
def test_it_is_what_pillow_does_without_its_rounding(drawn, size):
    image = Image.fromarray(drawn.asnumpy()).resize(size, Image.BICUBIC)
    theirs = numpy.asarray(image.resize((73, 73), Image.BILINEAR))[4:68, 4:68].astype('float32')
    ours = Preprocessing(73, 64, **AS_IT_IS)(numpy.asarray(image)).transpose(1, 2, 0) * 255
    assert numpy.abs(ours - theirs).max() < 1  # each of Pillow's two passes rounds by half a level


def test_it_is_what_the_lessons_do_where_pictures_grow(drawn):
    """But for the rounding of OpenCV; where they shrink, OpenCV skips pixels."""
    normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    lesson = transforms.Compose([transforms.Resize(73), transforms.CenterCrop(64), transforms.ToTensor(),
                                 normalize])
    numpy.testing.assert_allclose(Preprocessing(73, 64)(drawn), lesson(drawn).asnumpy(), atol=.02)
