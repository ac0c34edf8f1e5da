"""Letters: balanced, the same every time, and white on black."""
from d2lhelpers import CourseError
from d2lhelpers.datasets import characters, picture_book
from d2lhelpers.datasets.fingerprints import same

import numpy
import pytest

PARTS = ('train', 'validation', 'test')
FEW = {'train': 38, 'validation': 19, 'test': 57}


def pixels(pictures):
    return numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))]).astype(float)


def test_as_many_letters_as_a_half_has_things():
    data = characters.source(**FEW)
    assert len(data.classes) == len(set(data.classes)) == len(picture_book.HALVES['B']) == 19
    counts = [numpy.bincount(getattr(data, part).labels).tolist() for part in PARTS]
    assert counts == [[2] * 19, [1] * 19, [3] * 19]
    picture, label = data.train[0]
    assert picture.shape == (64, 64, 3) and picture.dtype == numpy.uint8 and 0 <= label < 19
    assert len(set(data.train.labels[:19])) > 1


def test_strokes_are_bright_on_black_and_have_no_colour():
    x = pixels(characters.source(**FEW).train)
    assert (x == x[..., :1]).all() and x.max(axis=(1, 2, 3)).min() > 90
    assert numpy.median((x < 20).mean(axis=(1, 2, 3))) > .6  # black, most of it


def test_the_same_seed_draws_the_same_letters():
    first, again, other = (characters.source(**FEW, seed=seed) for seed in (0, 0, 1))
    assert (pixels(first.train) == pixels(again.train)).all()
    assert same(first.fingerprint, again.fingerprint) and not same(first.fingerprint, other.fingerprint)
    assert (pixels(first.validation) != pixels(first.test)[:19]).any(axis=(1, 2, 3)).all()


def test_a_letter_looks_like_itself():
    data = characters.source(train=19 * 30, validation=19, test=19 * 10)
    train, test = (pixels(part)[..., 0].reshape(len(part), -1) for part in (data.train, data.test))
    means = numpy.stack([train[data.train.labels == k].mean(axis=0) for k in range(19)])
    guessed = ((test[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (guessed == data.test.labels).mean() > .15  # three times chance, by the mean picture alone


@pytest.mark.parametrize('asked, said', [
    ({'test': 18}, 'The test part of characters cannot have 18 pictures: ask for a whole number from 19'),
    ({'seed': -1}, 'characters was given the seed -1')])
def test_what_cannot_be_drawn_is_one_sentence(asked, said):
    with pytest.raises(CourseError) as error:
        characters.source(**asked)
    assert said in str(error.value) and '\n' not in str(error.value)
