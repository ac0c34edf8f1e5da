"""Whose photos are taken: the learner's, where they may lie, and never others in their place."""
import io
import zipfile

from d2lhelpers import CourseError, candidates, files
from d2lhelpers.datasets import load_faces, load_hotdog
from d2lhelpers.environment import settings

import broken_photos
import pytest


def fill(folder, n=4):
    folder.mkdir(parents=True)
    for i in range(n):
        (folder / f'{i}.jpg').write_bytes(broken_photos.photo(size=(40 + i, 30)))


def classes(place, *names):
    for name in names or ('cats', 'dogs'):
        fill(place / name)


def archive(path, *names):
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as packed:
        for name in names or ('hotdog', 'not-hotdog'):
            for i in range(4):
                packed.writestr(f'{name}/{i}.jpg', broken_photos.photo(size=(60 + i, 30)))
    path.write_bytes(file.getvalue())


@pytest.fixture
def data(monkeypatch, tmp_path):
    """The learner's folder of data in the full profile; whoever fetches anything fails."""
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path / 'learner'))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')

    def fetch(*args):
        raise AssertionError('something was fetched')

    monkeypatch.setattr(files, '_fetch', fetch)
    files._say_once.cache_clear()
    (tmp_path / 'learner').mkdir()
    return tmp_path / 'learner'


def test_a_folder_of_photos_comes_before_an_archive_and_a_line_says_so(data, capsys):
    archive(data / 'hotdog.zip')
    classes(data / 'hotdog')
    assert load_hotdog().classes == ['cats', 'dogs']
    assert f'{data}/hotdog is used, and not {data}/hotdog.zip' in capsys.readouterr().out


def test_also_before_an_archive_among_the_downloads(data):
    archive(settings.downloads / 'hotdog.zip')
    classes(data / 'hotdog')
    assert load_hotdog().classes == ['cats', 'dogs']


def test_a_folder_that_only_holds_the_archive_is_none_of_photos(data):
    archive(data / 'hotdog/hotdog1.zip')
    assert load_hotdog().classes == ['hotdog', 'not-hotdog']


@pytest.mark.parametrize('name', ['Hotdog', 'HOTDOG', 'hotDog'])
def test_the_folder_may_be_spelled_in_any_way(data, name):
    archive(settings.downloads / 'hotdog.zip')
    classes(data / name)
    assert load_hotdog().classes == ['cats', 'dogs']


@pytest.mark.parametrize('one, other', [('hotdog', 'Hotdog'), ('hotdog.zip', 'hotdog1.zip'),
                                        ('hotdog.zip', 'Hotdog.ZIP'), ('hotdog.zip', 'hotdog/hotdog.zip')])
def test_two_that_could_be_meant_are_an_error_that_names_both(data, one, other):
    for place, names in ((one, ('a', 'b')), (other, ('c', 'd'))):
        archive(data / place, *names) if place.lower().endswith('.zip') else classes(data / place)
    with pytest.raises(CourseError, match='could both be meant') as error:
        load_hotdog()
    assert str(data / one) in str(error.value) and str(data / other) in str(error.value)


def test_two_copies_of_one_archive_are_no_riddle(data):
    archive(data / 'hotdog.zip')
    (data / 'hotdog1.zip').write_bytes((data / 'hotdog.zip').read_bytes())
    assert load_hotdog().classes == ['hotdog', 'not-hotdog']


@pytest.mark.parametrize('place, found', [
    ('', 'cats, dogs'), ('photos', 'photos/cats, photos/dogs'), ('train', 'train/cats, train/dogs'),
    ('my pictures/2023', 'my pictures/2023/cats, my pictures/2023/dogs')])
def test_photos_where_nobody_looks_are_told_before_anything_is_fetched(data, place, found):
    archive(settings.downloads / 'hotdog.zip')  # nor is what was fetched before taken in their place
    classes(data / place)
    with pytest.raises(CourseError, match='holds photos in') as error:
        load_hotdog()
    for words in (found, f'looked for in {data}/hotdog/<class>/', f'put the class folders into {data}/hotdog',
                  'Nothing was fetched'):
        assert words in str(error.value)


def test_a_data_folder_one_level_too_deep_is_told_which_one_to_name(data, monkeypatch):
    classes(data / 'hotdog')
    monkeypatch.setenv('D2LHELPERS_DATA', str(data / 'hotdog'))
    with pytest.raises(CourseError, match=f'name the folder above it, D2LHELPERS_DATA={data}$|'
                                          f'name the folder above it, D2LHELPERS_DATA={data}. Nothing'):
        load_hotdog()


@pytest.mark.parametrize('name', ['hotdog.rar', 'hotdog.7z', 'Hotdog.tar.gz', 'hotdog.tgz'])
def test_an_archive_of_another_kind_is_to_be_unpacked(data, name):
    (data / name).write_bytes(b'Rar!')
    with pytest.raises(CourseError, match=f'{name} is an archive that is not read here: unpack it'):
        load_hotdog()


def test_other_data_in_the_folder_are_not_taken_for_photos_of_this_lesson(data):
    classes(data / 'faces', 'Ana', 'Ben', 'Chi')
    fill(data / 'bsds')
    archive(settings.downloads / 'hotdog1.zip')
    assert load_hotdog().classes == ['hotdog', 'not-hotdog']
    assert len(load_faces().classes) == 2


def test_faces_where_nobody_looks_are_told_too(data):
    classes(data / 'people', 'Ana', 'Ben', 'Chi')
    with pytest.raises(CourseError, match='holds photos in people/Ana, .*but faces are looked for in'):
        load_faces()


def test_an_empty_folder_is_told_and_nothing_is_fetched_in_its_place(data):
    (data / 'hotdog').mkdir()
    with pytest.raises(CourseError, match='has no class folders'):
        load_hotdog()


def test_a_folder_that_may_not_be_looked_into_stops_no_search(data, monkeypatch):
    classes(data / 'photos')
    scan = candidates.os.scandir

    def refusing(path):
        if str(path).endswith('private'):
            raise PermissionError(13, 'Permission denied')
        return scan(path)

    (data / 'private').mkdir()
    monkeypatch.setattr(candidates.os, 'scandir', refusing)
    with pytest.raises(CourseError, match='photos/cats'):
        load_hotdog()


@pytest.mark.parametrize('content, says', [(b'version https://git-lfs.github.com/spec/v1\n', 'Git LFS'),
                                           (b'<!doctype html>', 'a web page'), (b'', 'empty')])
@pytest.mark.parametrize('need', [files.BACKBONE, files.HOTDOG_PHOTOS, files.MNIST_TRAIN[0],
                                  files.BACKGROUND_PHOTOS])
def test_what_lies_in_place_of_a_file_is_told(data, content, says, need):
    place = data / need.files[0].save_as
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    with pytest.raises(CourseError, match=f'{place.name} cannot be used, for it is .*{says}'):
        files.get(need)
    [sentence] = [sentence for other, there, sentence in files.sources() if other is need and not there]
    assert says in sentence


def test_a_file_that_may_not_be_read_is_told(data, monkeypatch):
    place = data / 'weights/resnet18_v2.params'
    place.parent.mkdir()
    place.write_bytes(b'weights')

    def refusing(path):
        raise PermissionError(13, 'Permission denied')

    monkeypatch.setattr(files, '_head', refusing)
    with pytest.raises(CourseError, match=r'resnet18_v2\.params cannot be read \(Permission denied\)'):
        files.get(files.BACKBONE)
