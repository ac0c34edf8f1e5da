"""MNIST-M made here: digits shared out, photos kept for the test part, and a sentence for what is not there.
"""
import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

from d2lhelpers import CourseError, files
from d2lhelpers.datasets import digits, load_mnist_m
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.environment import settings

import cv2
import numpy
import pytest

PARTS = ('train', 'validation', 'test')
COLOURS = [(20 * i, 255 - 20 * i, 7 * i) for i in range(8)]  # one a photo, so that it is known again


def pixels(pictures):
    return numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))])


def idx(shape, content):
    """A file in MNIST's form."""
    return gzip.compress(bytes((0, 0, 8, len(shape))) + numpy.array(shape, dtype='>i4').tobytes() + content)


def png(colour, size=(28, 40)):
    return cv2.imencode('.png', numpy.full((*size, 3), colour[::-1], dtype='uint8'))[1].tobytes()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A learner's folder with a made-up MNIST (each picture: its number in the first pixels, grey there) and
    eight photos of one colour each.
    """
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    monkeypatch.setattr(digits, '_MNIST_VALIDATION', 2)
    (tmp_path / 'mnist').mkdir()
    for (images, labels), n in ((files.MNIST_TRAIN, 80), (files.MNIST_TEST, 40)):
        pictures = numpy.zeros((n, 28, 28), dtype='uint8')
        for i in range(n):
            pictures[i, 0, :7] = [100 * (i >> bit & 1) for bit in range(7)]
        (tmp_path / images.files[0].save_as).write_bytes(idx(pictures.shape, pictures.tobytes()))
        digit = numpy.arange(n, dtype='uint8') % 10
        (tmp_path / labels.files[0].save_as).write_bytes(idx((n,), digit.tobytes()))
    (tmp_path / 'bsds').mkdir()
    for i, colour in enumerate(COLOURS):
        (tmp_path / f'bsds/{i}.png').write_bytes(png(colour))
    return tmp_path


def numbers(pictures, blank):
    """Which made-up digits these are: where the first pixels are not as the background."""
    return ((pictures[:, 0, :7] != blank(pictures)).any(axis=2) * 2 ** numpy.arange(7)).sum(axis=1).tolist()


def test_other_digits_and_other_photos(folder, capsys):
    source, target = load_mnist_m()
    out = capsys.readouterr().out
    assert '8 photos, 2 of them kept' in target.about and f'{source}\n{target}\n' in out
    assert 'MNIST as source: 30 to train, 10 to validate, 40 to test.' in out
    assert [[len(getattr(data, part)) for part in PARTS] for data in (source, target)] == [[30, 10, 40]] * 2
    seen, backgrounds = {}, {}
    for part in PARTS:
        mine, theirs = pixels(getattr(source, part)), pixels(getattr(target, part))
        seen[part] = numbers(mine, lambda x: 0), numbers(theirs, lambda x: x[:, 1, :7])
        for data, found in zip((source, target), seen[part], strict=True):
            assert (getattr(data, part).labels == numpy.array(found) % 10).all()
        backgrounds[part] = {tuple(colour) for colour in theirs[:, 20, 20].tolist()}
    assert sorted(sum([*seen['train'], *seen['validation']], [])) == list(range(80))
    assert seen['test'][0] == seen['test'][1] == list(range(40))
    assert len(backgrounds['test']) == 2
    assert backgrounds['test'].isdisjoint(backgrounds['train'] | backgrounds['validation'])
    assert backgrounds['train'] | backgrounds['test'] == set(COLOURS)


def test_a_digit_is_a_hole_with_the_negative_in_it(folder):
    source, target = load_mnist_m()
    x, u = pixels(source.test)[3], pixels(target.test)[3]  # the same digit: 1 + 2
    assert (x[..., 0] == x[..., 1]).all() and (x[..., 0] == x[..., 2]).all() and x.max() == 100
    assert (u[0, :2] == 255 - u[5, 5].astype(int)).all()
    assert (u[0, 2:] == u[5, 5]).all() and (u[1:] == u[5, 5]).all()


def test_seeded(folder):
    first, again, other = load_mnist_m(), load_mnist_m(), load_mnist_m(seed=1)
    for one, alike, different in zip(first, again, other, strict=True):
        assert same(one.fingerprint, alike.fingerprint) and not same(one.fingerprint, different.fingerprint)
        assert (pixels(one.train) == pixels(alike.train)).all()


def archive(path, members):
    if path.suffix == '.tgz':
        with tarfile.open(path, 'w:gz') as tar:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    else:
        with zipfile.ZipFile(path, 'w') as whole:
            for name, data in members.items():
                whole.writestr(name, data)


@pytest.mark.parametrize('name', ['bsds/some.zip', 'bsds/BSR_bsds500.tgz', 'bsds100.zip'])
def test_archives_and_only_the_training_photos_of_bsds500(folder, name):
    shutil.rmtree(folder / 'bsds')
    (folder / 'bsds').mkdir()
    if name == 'bsds100.zip':
        (folder / 'bsds').rmdir()
    members = {f'BSR/images/train/{i}.png': png(colour) for i, colour in enumerate(COLOURS)}
    archive(folder / name, {**members, 'BSR/images/test/9.png': png((9, 9, 9)),
                            'BSR/images/train/Thumbs.db': b'', 'BSR/images/train/._0.png': b'x'})
    assert '8 photos' in load_mnist_m()[1].about


def test_what_is_wrong_with_the_photos_is_one_sentence(folder):
    photo = folder / 'bsds/3.png'
    photo.write_bytes(png((1, 2, 3), size=(40, 27)))
    with pytest.raises(CourseError, match='3.png .* has 27 x 40 pixels, but a background of 28 x 28'):
        load_mnist_m()
    photo.write_bytes(png((1, 2, 3))[:60])
    with pytest.raises(CourseError, match='3.png in .*: broken off before its end'):
        load_mnist_m()
    for i in range(1, 8):
        (folder / f'bsds/{i}.png').unlink()
    with pytest.raises(CourseError, match='has 1 photo .*two are needed'):
        load_mnist_m()
    (folder / 'bsds/0.png').rename(folder / 'bsds/0.txt')
    with pytest.raises(CourseError, match='has no photos'):
        load_mnist_m()


def test_damaged_archives_are_named(folder):
    for photo in (folder / 'bsds').glob('*.png'):
        photo.unlink()  # photos beside an archive are taken, and the archive is not
    (folder / 'bsds/BSR_bsds500.tgz').write_bytes(b'<html>')
    with pytest.raises(CourseError, match='BSR_bsds500.tgz cannot be used, for it is a web page'):
        load_mnist_m()
    archive(folder / 'bsds/BSR_bsds500.tgz', {'train/0.png': numpy.random.default_rng(0).bytes(9000)})
    whole = (folder / 'bsds/BSR_bsds500.tgz').read_bytes()
    (folder / 'bsds/BSR_bsds500.tgz').write_bytes(whole[:5000])
    with pytest.raises(CourseError, match='BSR_bsds500.tgz cannot be unpacked'):
        load_mnist_m()
    (folder / 'bsds/BSR_bsds500.tgz').rename(folder / 'bsds/a.zip')
    with pytest.raises(CourseError, match='a.zip is no zip archive, but an archive of another kind'):
        load_mnist_m()


def test_no_photos_anywhere_is_one_sentence(folder, monkeypatch):
    shutil.rmtree(folder / 'bsds')
    monkeypatch.setattr(files, 'BACKGROUND_PHOTOS', files.Need('photos to cut backgrounds from', 'a module', (
        files.RemoteFile('a.tgz', 'bsds/a.tgz', ('bsds',), ('http://127.0.0.1:9/a.tgz',), None),)))
    with pytest.raises(CourseError, match='No photos to cut backgrounds from: none are in .*Put bsds/a.tgz '
                                          'into a folder'):
        load_mnist_m()


@pytest.mark.skipif(not os.environ.get('D2LHELPERS_DATA'),
                    reason='D2LHELPERS_DATA is not set: no real data here')
def test_real_digits_on_real_photos():
    code = ('from d2lhelpers.datasets import load_mnist_m; s, t = load_mnist_m(); '
            'print(len(s.train), len(t.train), len(t.test), t.test[0][0].shape)')
    run = subprocess.run([sys.executable, '-c', code], env=os.environ | {'D2LHELPERS_PROFILE': 'full'},
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert 'MNIST-M as target, made here' in run.stdout
    assert run.stdout.splitlines()[-1] == '27497 27503 10000 (28, 28, 3)'
