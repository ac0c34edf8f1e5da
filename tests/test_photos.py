"""Class folders of photos, in folders and archives, good and bad."""
import io
import shutil
import zipfile

from d2lhelpers import CourseError
from d2lhelpers.archives import as_folder
from d2lhelpers.datasets import load_hotdog
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.datasets.photos import from_folders, read_picture
from d2lhelpers.environment import settings

import numpy
import pytest
from PIL import Image, ImageFile


def picture(colour, size=(20, 14), mode='RGB', kind='JPEG', **options):
    """The bytes of a picture in one colour."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


def fill(folder, n, colour=(200, 100, 50)):
    folder.mkdir(parents=True)
    for i in range(n):
        (folder / f'{i}.jpg').write_bytes(picture(colour, size=(20 + i, 14)))


@pytest.fixture
def split(tmp_path):
    """train and test, two classes, 10 and 4 photos each."""
    place = tmp_path / 'hotdog'
    for part, n in (('train', 10), ('test', 4)):
        fill(place / part / 'hotdog', n)
        fill(place / part / 'not-hotdog', n, (0, 0, 255))
    return place


def counts(data):
    return [numpy.bincount(part.labels).tolist() for part in (data.train, data.validation, data.test)]


def test_a_split_folder(split, capsys):
    data = from_folders(split, 'snacks')
    assert data.classes == ['hotdog', 'not-hotdog'] and data.name == 'snacks'
    assert counts(data) == [[8, 8], [2, 2], [4, 4]]
    assert capsys.readouterr().out == ''
    assert str(data) == (f'snacks: photos from {split} of 2 classes (hotdog, not-hotdog): 16 to train, 4 to '
                         'validate, 8 to test.')
    seen, label = data.train[0]
    assert label == 0 and seen.dtype == 'uint8' and seen.shape[0] == 14 and seen.shape[2] == 3
    assert abs(seen.asnumpy().astype(int) - (200, 100, 50)).max() < 5  # red first
    widths = [sorted(part[i][0].shape[1] for i in range(len(part)) if part[i][1] == 0)
              for part in (data.train, data.validation)]
    # validation is a part of the training photos, and nothing is lost
    assert sorted(widths[0] + widths[1]) == list(range(20, 30))


def test_without_a_split_it_is_split_the_same_way_each_time(tmp_path, capsys):
    for name, n in (('bun', 8), ('corn', 12), ('sub', 16)):
        fill(tmp_path / 'food' / name, n)
    data, again = from_folders(tmp_path / 'food', 'food'), from_folders(tmp_path / 'food', 'food')
    assert counts(data) == [[5, 7, 10], [1, 2, 2], [2, 3, 4]]
    assert 'has no train and test folders: a quarter' in capsys.readouterr().out
    widths = [[part[i][0].shape[1] for i in range(len(part))]
              for part in (data.train, data.validation, data.test)]
    assert widths == [[part[i][0].shape[1] for i in range(len(part))]
                      for part in (again.train, again.validation, again.test)]
    assert sorted(sum(widths, [])) == sorted([20 + i for n in (8, 12, 16) for i in range(n)])


def test_an_archive_gives_what_its_folder_gives(split, tmp_path):
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        for file in sorted(split.rglob('*.jpg')):
            archive.write(file, f'hotdog/{file.relative_to(split)}')
        archive.writestr('__MACOSX/hotdog/train/._0.jpg', b'clutter')
    zipped, unzipped = from_folders(as_folder(tmp_path / 'a.zip'), 'a'), from_folders(split, 'a')
    assert counts(zipped) == counts(unzipped) and same(zipped.fingerprint, unzipped.fingerprint)
    assert all((zipped.test[i][0] == unzipped.test[i][0]).all() for i in range(len(zipped.test)))


def test_the_fingerprint_changes_with_the_photos_and_not_with_their_names(split):
    seen = []
    for comment in (b'a', b'b'):
        (split / 'test/hotdog/0.jpg').write_bytes(picture((1, 2, 3), comment=comment))
        seen.append(from_folders(split, 'a').fingerprint)
    (split / 'test/hotdog/0.jpg').rename(split / 'test/hotdog/00.jpg')
    assert not same(*seen) and same(seen[1], from_folders(split, 'a').fingerprint)
    for part in ('train', 'test'):
        (split / part / 'hotdog').rename(split / part / 'hot dog')
    assert not same(seen[1], from_folders(split, 'a').fingerprint)


@pytest.mark.parametrize('data, expected', [
    (picture(90, mode='L', kind='PNG'), (90, 90, 90)),
    (picture(90, mode='L'), (90, 90, 90)),
    (picture((10, 200, 30, 128), mode='RGBA', kind='PNG'), (132, 227, 142)),
    (picture((10, 200, 30), kind='PNG'), (10, 200, 30)),
    (picture((0, 255, 255, 0), mode='CMYK'), (255, 0, 0)),
    (picture((90, 10), mode='LA', kind='PNG'), (249, 249, 249)),
])
def test_any_photo_becomes_height_by_width_by_3(split, data, expected):
    (split / 'test/hotdog/0.PNG').write_bytes(data)
    (split / 'test/hotdog/0.jpg').unlink()
    seen = from_folders(split, 'a').test[0][0]
    assert seen.shape == (14, 20, 3)
    assert abs(seen.asnumpy().astype(int) - expected).max() < 5


def test_a_photo_taken_upright_stands_upright(split):
    exif = Image.Exif()
    exif[0x112] = 6  # turned by a quarter
    (split / 'test/hotdog/0.jpg').write_bytes(picture((9, 9, 9), exif=exif))
    assert from_folders(split, 'a').test[0][0].shape == (20, 14, 3)


@pytest.mark.parametrize('size, kind, seen', [
    ((4000, 3000), 'JPEG', (384, 512, 3)), ((2048, 9000), 'JPEG', (1688, 384, 3)),
    ((9000, 8192), 'JPEG', (384, 422, 3)), ((385, 400), 'JPEG', (399, 384, 3)),
    ((384, 3000), 'JPEG', (3000, 384, 3)), ((2100, 2100), 'PNG', (384, 384, 3))])
def test_a_photo_larger_than_needed_is_shrunk_to_384_at_its_shorter_side(tmp_path, size, kind, seen):
    path = tmp_path / ('large.jpg' if kind == 'JPEG' else 'large.png')
    path.write_bytes(picture((200, 100, 50), size, kind=kind))
    decoded = read_picture(path).asnumpy()
    assert decoded.shape == seen and abs(decoded.astype(int) - (200, 100, 50)).max() < 5


def test_a_photo_that_breaks_off_is_refused_whatever_pillow_was_told(monkeypatch, tmp_path):
    monkeypatch.setattr(ImageFile, 'LOAD_TRUNCATED_IMAGES', True)
    (tmp_path / 'part.jpg').write_bytes(picture((1, 2, 3), size=(200, 200))[:-100])
    with pytest.raises(CourseError, match='broken off before its end'):
        read_picture(tmp_path / 'part.jpg')


def test_a_large_photo_taken_upright_stands_upright_and_one_that_breaks_off_is_refused(tmp_path):
    exif = Image.Exif()
    exif[0x112] = 6
    data = picture((9, 9, 9), size=(4000, 3000), exif=exif)
    (tmp_path / 'whole.jpg').write_bytes(data)
    assert read_picture(tmp_path / 'whole.jpg').shape == (512, 384, 3)
    (tmp_path / 'part.jpg').write_bytes(data[:-1000])
    with pytest.raises(CourseError, match='broken off before its end'):
        read_picture(tmp_path / 'part.jpg')


def test_files_of_operating_systems_are_ignored(split):
    for name in ('.DS_Store', 'Thumbs.db', '._0.jpg'):
        (split / 'train/hotdog' / name).write_bytes(b'clutter')
        (split / name).write_bytes(b'clutter')
    (split / '.hidden').mkdir()
    assert counts(from_folders(split, 'a')) == [[8, 8], [2, 2], [4, 4]]


@pytest.mark.parametrize('name, content, says', [
    ('notes.txt', b'bought at the corner', r'hotdog: 1 file cannot be used, .* train/hotdog/notes\.txt: not '
                                           'a photo'),
    ('7.jpg', picture((1, 2, 3), size=(200, 200))[:-100], r'train/hotdog/7\.jpg: broken off before its end'),
    ('7.png', picture((1, 2, 3), size=(200, 200), kind='PNG')[:-30], r'train/hotdog/7\.png: broken off'),
])
def test_a_file_that_is_no_photo_is_named(split, name, content, says):
    (split / 'train/hotdog' / name).write_bytes(content)
    with pytest.raises(CourseError, match=says):
        from_folders(split, 'a')


def _empty_class(place):
    for part in ('train', 'test'):
        (place / part / 'third').mkdir()
        (place / part / 'third/Thumbs.db').write_bytes(b'clutter')
    return 'Without a photo: .*train/third. Put photos into each class folder, or remove it'


def _class_missing_in_test(place):
    fill(place / 'train/third', 3)
    return 'third only in train: both need the same class folders'


def _spelled_in_two_ways(place):
    (place / 'test/hotdog').rename(place / 'test/Hotdog')
    return "a class is spelled 'hotdog' in train and 'Hotdog' in test"


def _test_is_called_val(place):
    (place / 'test').rename(place / 'val')
    return 'test is missing, val does not belong there.*rename val to test'


def _trains_twice(place):
    fill(place / 'Train/hotdog', 3)
    return 'two folders train, Train and train: put them together'


def _composed_and_decomposed(place):
    for part in ('train', 'test'):
        for name in ('caf\u00e9', 'cafe\u0301'):
            fill(place / part / name, 3)
    return r"two folders whose names hardly differ \('cafe\\u0301', 'caf\\xe9'\)"


def _two_photos(place):
    (place / 'train').rename(place.parent / 'both')
    for part in place.iterdir():
        shutil.rmtree(part)
    for name in ('buns', 'subs', 'corn'):
        fill(place / name, 2 if name != 'corn' else 5)
    return r'Too few photos of buns \(2\), subs \(2\): each class needs at least 3, which are shared out'


def _no_test(place):
    (place / 'test').rename(place / 'tset')
    return ('hotdog: test is missing, tset does not belong there. Where there is a folder train or test, '
            'there must be both, and no other')


def _third_part(place):
    (place / 'valid').mkdir()
    return 'hotdog: valid does not belong there.*: move the photos of valid into train'


def _folder_among_photos(place):
    (place / 'train/hotdog/more').mkdir()
    return 'train/hotdog/more: a folder among the photos'


def _one_class(place):
    for part in ('train', 'test'):
        (place / part / 'hotdog').rename(place.parent / part)
    return r'only the class'


def _one_photo(place):
    for file in list((place / 'train/hotdog').iterdir())[1:]:
        file.unlink()
    return r'Too few photos in train of hotdog \(1\): each class needs at least 2'


@pytest.mark.parametrize('damage', [_empty_class, _class_missing_in_test, _spelled_in_two_ways, _no_test,
                                    _test_is_called_val, _third_part, _trains_twice,
                                    _composed_and_decomposed, _folder_among_photos, _one_class,
                                    _one_photo, _two_photos])
def test_a_folder_that_is_no_dataset_is_one_sentence(split, damage):
    says = damage(split)
    with pytest.raises(CourseError, match=says):
        from_folders(split, 'a')


def test_no_class_folders(tmp_path):
    (tmp_path / '0.jpg').write_bytes(picture((1, 2, 3)))
    with pytest.raises(CourseError, match='has no class folders'):
        from_folders(tmp_path, 'a')


def test_classes_may_be_called_train_and_bus(tmp_path):
    fill(tmp_path / 'vehicles/train', 4)
    fill(tmp_path / 'vehicles/bus', 4)
    assert from_folders(tmp_path / 'vehicles', 'a').classes == ['bus', 'train']


@pytest.fixture
def full(monkeypatch, tmp_path):
    """The full profile with an empty learner's folder and nowhere to download from."""
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path / 'learner'))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    for name in ('HTTP_PROXY', 'http_proxy'):
        monkeypatch.setenv(name, 'http://me:secret@127.0.0.1:9')  # nothing listens there
    for name in ('NO_PROXY', 'no_proxy'):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / 'learner').mkdir()
    return tmp_path / 'learner'


@pytest.mark.parametrize('place', ['hotdog.zip', 'hotdog1.zip', 'hotdog/hotdog1.zip', 'hotdog/{part}',
                                   'hotdog/hotdog/{part}', 'hotdog'])
def test_load_hotdog_finds_photos_in_every_layout(full, split, capsys, place):
    if place.endswith('.zip'):
        (full / place).parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(full / place, 'w') as archive:
            for file in split.rglob('*.jpg'):
                archive.write(file, f'hotdog/{file.relative_to(split)}')
    elif place == 'hotdog':  # classes without a split
        (split / 'train').rename(full / 'hotdog')
    else:
        (full / place).parent.mkdir(parents=True, exist_ok=True)
        for part in ('train', 'test'):
            (split / part).rename(full / place.format(part=part))
    data = load_hotdog()
    assert data.classes == ['hotdog', 'not-hotdog'] and f'{data}\n' in capsys.readouterr().out
    assert str(full / place.split('{')[0].rstrip('/')) in data.about


def test_without_photos_and_network_load_hotdog_says_what_to_do(full):
    with pytest.raises(CourseError, match=r'No hotdog photos: none are in .*the proxy does not let it '
                                          r'through \(it is set by http_proxy=127\.0\.0\.1:9, .*correct '
                                          r'that, or '
                                          r'unset it.*Put hotdog\.zip into a folder') as error:
        load_hotdog()
    assert not list(settings.downloads.glob('*')) and 'secret' not in str(error.value)


def test_drawn_ones_in_the_embedded_profile(capsys):
    data = load_hotdog()
    assert capsys.readouterr().out == ('drawn by this package, not photos (64 x 64 pixels): 800 to train, '
                                       '400 '
                                       'to validate, 800 to test.\n')
    assert data.classes == ['hotdog', 'not-hotdog']


def test_a_single_picture_of_the_learner(tmp_path):
    Image.new('L', (30, 20), 128).save(tmp_path / 'grey.png')
    picture = read_picture(tmp_path / 'grey.png')
    assert picture.shape == (20, 30, 3) and picture.dtype == 'uint8'
    (tmp_path / 'note.jpg').write_text('no picture')
    for name, words in (('missing.jpg', 'There is no file'), ('note.jpg', 'not a picture, whatever its name '
                                                                          'says')):
        with pytest.raises(CourseError, match=words):
            read_picture(tmp_path / name)
