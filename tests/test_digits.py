"""Handwritten digits: fixed parts, classes by choice, scikit-learn's or MNIST's."""
import gzip

from d2lhelpers import CourseError, files
from d2lhelpers.datasets import digits, load_digits
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.environment import settings

import numpy
import pytest

PARTS = ('train', 'validation', 'test')


def pixels(pictures):
    return numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))])


def counts(data):
    return [numpy.bincount(getattr(data, part).labels).tolist() for part in PARTS]


def test_all_of_scikit_learns_digits_once():
    data = load_digits()
    assert data.classes == [str(i) for i in range(10)]
    train, validation, test = counts(data)
    assert validation == [30] * 10 and test == [50] * 10 and sum(train) == 1797 - 800 and min(train) > 90
    picture, label = data.train[0]
    assert picture.shape == (8, 8, 3) and picture.dtype == numpy.uint8 and label == data.train.labels[0]
    everything = numpy.concatenate([pixels(getattr(data, part)) for part in PARTS])
    assert everything.max() == 255 and (everything[..., 0] == everything[..., 2]).all()
    # every digit is in one part
    assert everything.sum() == 3 * numpy.round(digits_shipped() * 255 / 16).sum()


def digits_shipped():
    from sklearn.datasets import load_digits as shipped
    return shipped().images


def test_a_choice_of_classes_is_labelled_from_0_and_keeps_the_parts():
    every, upper = load_digits(), load_digits(range(5, 10))
    assert upper.classes == ['5', '6', '7', '8', '9']
    for part in PARTS:
        whole, some = getattr(every, part), getattr(upper, part)
        assert (some.labels == whole.labels[whole.labels >= 5] - 5).all()
        assert (pixels(some) == pixels(whole)[whole.labels >= 5]).all()
    assert load_digits([7, 1]).classes == ['7', '1']
    sevens = load_digits([7, 1]).test
    assert (pixels(sevens)[sevens.labels == 0] == pixels(every.test)[every.test.labels == 7]).all()


def test_a_part_can_be_made_smaller_and_stays_the_same(capsys):
    data, again = (load_digits(range(5), train=40, validation=10, test=20) for _ in range(2))
    assert counts(data) == [[8] * 5, [2] * 5, [4] * 5]
    assert (pixels(data.train) == pixels(again.train)).all() and same(data.fingerprint, again.fingerprint)
    said = ('digits: handwriting shipped with scikit-learn, 8 x 8 pixels, 0, 1, 2, 3, 4: 40 to train, 10 to '
            'validate, 20 to test.\n')
    assert capsys.readouterr().out == 2 * said
    others = [load_digits(range(5)), load_digits(range(5, 10), train=40, validation=10, test=20),
              load_digits(range(5), train=41, validation=10, test=20)]
    assert not any(same(data.fingerprint, other.fingerprint) for other in others)
    for wrong in (10_000, 10.5):
        with pytest.raises(CourseError, match=f'asked for {wrong}'):
            load_digits(train=wrong)


@pytest.mark.parametrize('classes', [[3], 5, [], [1, 1, 2], [0, 10], ['a', 'b']])
def test_classes_that_are_no_digits_are_one_sentence(classes):
    with pytest.raises(CourseError, match='at least two different digits'):
        load_digits(classes)


@pytest.fixture
def mnist(tmp_path, monkeypatch):
    """A made-up MNIST in the learner's folder: 30 and 20 pictures, each in the grey of its number."""
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    monkeypatch.setattr(digits, '_MNIST_VALIDATION', 1)
    (tmp_path / 'mnist').mkdir()
    for (images, labels), n in ((files.MNIST_TRAIN, 30), (files.MNIST_TEST, 20)):
        grey = numpy.repeat(numpy.arange(n, dtype='uint8'), 28 * 28).tobytes()
        (tmp_path / images.files[0].save_as).write_bytes(idx((n, 28, 28), grey))
        digit = numpy.arange(n, dtype='uint8') % 10
        (tmp_path / labels.files[0].save_as).write_bytes(idx((n,), digit.tobytes()))
    return tmp_path / 'mnist'


def idx(shape, content):
    """A file in MNIST's form."""
    return gzip.compress(bytes((0, 0, 8, len(shape))) + numpy.array(shape, dtype='>i4').tobytes() + content)


def test_mnist_from_the_learners_folder(mnist, capsys):
    data = load_digits()
    assert f'{mnist / "train-images-idx3-ubyte.gz"} is used, but it is not the' in capsys.readouterr().out
    assert counts(data) == [[2] * 10, [1] * 10, [2] * 10] and 'MNIST, 28 x 28' in data.about
    for part in PARTS:
        pictures = getattr(data, part)
        assert pixels(pictures).shape == (len(pictures), 28, 28, 3)
        assert (pixels(pictures)[:, 5, 7, 1] % 10 == pictures.labels).all()
    assert (pixels(data.test)[:, 0, 0, 0] == numpy.arange(20)).all()
    assert set(pixels(data.train)[:, 0, 0, 0]).isdisjoint(pixels(data.validation)[:, 0, 0, 0])


@pytest.mark.parametrize('damage', [lambda whole: whole[:-20], lambda whole: b'<html>',
                                    lambda whole: whole[:12] + b'\xff\xff\xff' + whole[15:]])
def test_a_damaged_file_is_named(mnist, damage):
    file = mnist / 'train-images-idx3-ubyte.gz'
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(CourseError, match='train-images.* (cannot be unpacked|for it is a web page)'):
        load_digits()


@pytest.mark.parametrize('content', [b'', b'<html>', b'h' * 90, idx((30,), b'1' * 30),
                                     idx((29, 28, 28), b'1' * 30 * 28 * 28),
                                     idx((30, 27, 28), b'1' * 30 * 27 * 28)],
                         ids=['empty', 'a page', 'other bytes', 'labels', 'another number', 'another size'])
def test_other_content_is_named(mnist, content):
    (mnist / 'train-images-idx3-ubyte.gz').write_bytes(content if content[:2] == b'\x1f\x8b'
                                                       else gzip.compress(content))
    with pytest.raises(CourseError, match='train-images.* does not hold what it should'):
        load_digits()


def test_files_that_do_not_belong_together(mnist):
    (mnist / 'train-labels-idx1-ubyte.gz').write_bytes(idx((29,), b'\1' * 29))
    with pytest.raises(CourseError, match='30 pictures and one with 29 labels'):
        load_digits()


def test_without_mnist_the_shipped_digits_take_its_place_and_a_line_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setattr(settings, 'root', tmp_path)

    def nowhere(need, folder, looked):
        raise files.MissingData(f'No {need.what}: it could not be fetched.')

    monkeypatch.setattr(files, '_fetch_best', nowhere)
    data = load_digits(train=5000, validation=100, test=2000)
    assert (len(data.train), len(data.validation), len(data.test)) == (997, 100, 500)
    out = capsys.readouterr().out
    assert 'Until then the digits that scikit-learn ships take its place.' in out
    assert 'handwriting shipped with scikit-learn, 8 x 8 pixels' in out
