"""The learner's own photos, and what stands in for them."""
import shutil

from d2lhelpers import CourseError
from d2lhelpers.datasets import load_own_photos, own_photos
from d2lhelpers.datasets.look_over import thumbnail

import numpy
import pytest
from PIL import Image


@pytest.fixture(scope='module')
def album():
    return own_photos.faulty_task()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course without photos, and a folder of data."""
    monkeypatch.setattr(type(own_photos.settings), 'root', tmp_path)
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path / 'data'))
    return tmp_path


def photos(folder, *classes):
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(3):
            Image.new('RGB', (40, 30), (80 * i, 90, 10)).save(folder / name / f'{i}.png')


def test_the_faults_are_where_it_says(album):
    pictures, labels, faults = album.pictures, album.pictures.labels, album.faults
    counts = numpy.bincount(labels)
    assert counts.max() > 2.5 * counts.min()
    small = numpy.stack([thumbnail(pictures[place][0]) for place in range(len(labels))])
    for one, other in faults['near-duplicates']:
        apart = numpy.linalg.norm(small - small[other], axis=1)
        apart[other] = numpy.inf
        assert labels[one] == labels[other] and apart.argmin() == one and apart[one] > 0
    grey, = faults['grey']
    assert (numpy.ptp(pictures[grey][0].asnumpy(), axis=2) == 0).all()
    tiny, = faults['tiny']
    assert pictures[tiny][0].shape == (20, 20, 3)
    alone = {place for kind, places in faults.items() if kind != 'near-duplicates' for place in places}
    assert len(alone) == 3 and not alone & {place for pair in faults['near-duplicates'] for place in pair}


def test_the_wrong_label_is_wrong(album):
    """Its neighbours in the folder, which were drawn in order, have another."""
    wrong, = album.faults['wrong label']
    labels = album.pictures.labels
    assert labels[wrong] not in (labels[max(wrong - 1, 0)], labels[wrong + 1])


def test_a_seed_repeats_it(album):
    assert own_photos.faulty_task().fingerprint == album.fingerprint
    assert own_photos.faulty_task(seed=1).fingerprint != album.fingerprint


def test_without_photos_it_is_drawn(course, capsys):
    assert load_own_photos().faults and 'drawn by this package' in capsys.readouterr().out


@pytest.mark.parametrize('place', ['my/photos', 'data/photos'])
def test_photos_are_found(course, place, capsys):
    photos(course / place, 'cat', 'dog')
    album = load_own_photos()
    assert album.classes == ['cat', 'dog'] and len(album.pictures) == 6 and not album.faults
    assert f'photos from {place}: 6 pictures (3 cat, 3 dog)' in capsys.readouterr().out


def test_an_archive_is_read_too(course):
    photos(course / 'photos', 'cat', 'dog')
    (course / 'data').mkdir()
    shutil.make_archive(course / 'data' / 'Photos', 'zip', course / 'photos')
    assert load_own_photos().classes == ['cat', 'dog']


def test_photos_in_both_places(course):
    for place in ('my/photos', 'data/photos'):
        photos(course / place, 'cat', 'dog')
    with pytest.raises(CourseError, match='my/photos and in .*data/photos'):
        load_own_photos()


def test_one_class(course):
    photos(course / 'my/photos', 'cat')
    with pytest.raises(CourseError, match="only the class 'cat'"):
        load_own_photos()


def test_a_split_is_not_wanted(course):
    for part in ('Train', 'test'):
        photos(course / 'my/photos' / part, 'cat', 'dog')
    with pytest.raises(CourseError, match='is split into Train and test already.*photos/<class>'):
        load_own_photos()
