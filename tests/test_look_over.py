"""``python -m d2lhelpers doctor FOLDER``."""
import io

from d2lhelpers.__main__ import main
from d2lhelpers.datasets.look_over import look_over

import broken_photos
import numpy
import pytest
from PIL import Image


def noise(seed, size=(120, 90)):
    pixels = numpy.random.default_rng(seed).integers(0, 256, (9, 12, 3)).astype('uint8')
    file = io.BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(file, 'JPEG', quality=90)
    return file.getvalue()


@pytest.fixture
def place(tmp_path):
    for k, name in enumerate(('cats', 'dogs')):
        for part, n in (('train', 4), ('test', 2)):
            folder = tmp_path / 'pets' / part / name
            folder.mkdir(parents=True)
            for i in range(n):
                (folder / f'{i}.jpg').write_bytes(noise(100 * k + 10 * (part == 'test') + i))
    return tmp_path / 'pets'


def said(place):
    return [f'{state} {sentence}' for state, sentence in look_over(place)]


def test_a_sound_folder(place, capsys):
    assert main(['doctor', str(place)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith('OK') for line in lines)
    text = '\n'.join(lines)
    for words in ('2 classes (cats, dogs): train 8 files, 4 of each class; test 4 files, 2 of each class',
                  '12 JPEG', 'No photo to test on is nearly the same', 'of memory'):
        assert words in text


def test_everything_wrong_is_told_in_one_go(place, capsys):
    (place / 'train/cats/a.heic').write_bytes(broken_photos.BROKEN['phone.HEIC'][0])
    (place / 'train/cats/b.jpg').write_bytes(b'')
    (place / 'test/dogs/2023').mkdir()
    (place / 'train/dogs/c.png').write_bytes(broken_photos.cut_out())
    (place / 'train/dogs/large.jpg').write_bytes(broken_photos.noisy((900, 800)))
    (place / 'test/cats/again.jpg').write_bytes(noise(2, size=(240, 180)))  # train/cats/2.jpg, larger
    assert main(['doctor', str(place)]) == 1
    out = capsys.readouterr().out
    for words in ('train/cats/a.heic: HEIC', 'train/cats/b.jpg: empty', 'test/dogs/2023: a folder among the '
                                                                        'photos',
                  '1 shrunk when they are loaded', '1 of 15 photos have transparent parts',
                  '1 of 5 photos to test on are nearly the same', 'train/cats/2.jpg and test/cats/again.jpg'):
        assert words in out


def test_a_folder_of_data_an_archive_and_no_folder(place, tmp_path):
    place.rename(tmp_path / 'hotdog')
    assert said(tmp_path)[0] == f'OK The photos are in {tmp_path}/hotdog.'
    members = [(path.relative_to(tmp_path).as_posix(), path.read_bytes())
               for path in (tmp_path / 'hotdog').rglob('*.jpg')]
    (tmp_path / 'pets.zip').write_bytes(broken_photos.zipped(*members))
    assert '2 classes (cats, dogs)' in said(tmp_path / 'pets.zip')[0]
    assert main(['doctor', str(tmp_path / 'gone')]) == 1


def test_too_few_photos_and_a_split_of_the_course(tmp_path):
    for name in ('cats', 'dogs'):
        (tmp_path / 'pets' / name).mkdir(parents=True)
        for i in range(8 if name == 'cats' else 2):
            (tmp_path / 'pets' / name / f'{i}.jpg').write_bytes(noise(i % 2))
    text = '\n'.join(said(tmp_path / 'pets'))
    assert 'FAIL Too few photos of dogs (2)' in text
    assert 'By the split that the course makes' in text
