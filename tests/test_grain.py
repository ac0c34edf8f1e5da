"""Grain: balanced, the same every time, and only its coarseness tells the classes apart."""
from d2lhelpers import CourseError
from d2lhelpers.datasets import load_grain
from d2lhelpers.datasets.fingerprints import same

import numpy
import pytest

PARTS = ('train', 'validation', 'test')


def pixels(pictures):
    return numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))]).astype(float)


def test_pictures_of_balanced_classes():
    data = load_grain(train=50, validation=10, test=20)
    picture, label = data.train[0]
    assert picture.shape == (64, 64, 3) and picture.dtype == numpy.uint8 and 0 <= label < 5
    counts = [numpy.bincount(getattr(data, part).labels).tolist() for part in PARTS]
    assert counts == [[10] * 5, [2] * 5, [4] * 5]
    assert len(set(data.train.labels[:10])) > 1


def test_the_same_seed_draws_the_same_pictures():
    first, again, other = (load_grain(train=10, validation=5, test=5, seed=seed) for seed in (0, 0, 1))
    assert (pixels(first.train) == pixels(again.train)).all()
    assert same(first.fingerprint, again.fingerprint) and not same(first.fingerprint, other.fingerprint)
    assert (pixels(first.train)[:5] != pixels(other.train)[:5]).any()
    assert (pixels(first.validation) != pixels(first.test)).any()


def test_neighbours_differ_less_the_coarser_the_grain_and_brightness_says_nothing():
    train = load_grain(train=250, validation=5, test=5).train
    grey = pixels(train)[..., 0]
    contrast = grey.std(axis=(1, 2))
    roughness = numpy.abs(numpy.diff(grey, axis=2)).mean(axis=(1, 2)) / contrast
    by_class = [roughness[train.labels == label].mean() for label in range(5)]
    assert by_class == sorted(by_class, reverse=True) and by_class[0] > 1.5 * by_class[-1]
    for nothing in (grey.mean(axis=(1, 2)), contrast):
        means = [nothing[train.labels == label].mean() for label in range(5)]
        assert max(means) - min(means) < nothing.std()


@pytest.mark.parametrize('asked, said', [
    ({'test': 4}, 'The test part of grain cannot have 4 pictures: ask for a whole number from 5'),
    ({'train': 10.5}, 'The train part of grain cannot have 10.5'),
    ({'train': '10'}, "The train part of grain cannot have '10'"),
    ({'seed': -1}, 'load_grain was given the seed -1'), ({'seed': 'a'}, "load_grain was given the seed 'a'")])
def test_what_cannot_be_drawn_is_one_sentence(asked, said):
    with pytest.raises(CourseError) as error:
        load_grain(**asked)
    assert said in str(error.value) and '\n' not in str(error.value)
