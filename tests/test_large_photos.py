"""Photos of phones and many of them: shrunk once, and a memory that is bounded."""
import io
import time

from d2lhelpers.datasets import photos, stratified
from d2lhelpers.datasets.dataset import Pictures
from d2lhelpers.datasets.decoding import SIDE, decode, keep
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.datasets.photos import from_folders
from d2lhelpers.environment import settings

import broken_photos
import numpy
import pytest
from mxnet.gluon.data.vision import transforms
from PIL import Image

SQUARE = transforms.Compose([transforms.Resize(256, keep_ratio=True), transforms.CenterCrop(224),
                             transforms.ToTensor()])


@pytest.fixture
def place(tmp_path):
    """Two classes of three small photos, and a large one each."""
    for name in ('cats', 'dogs'):
        (tmp_path / 'hotdog' / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / 'hotdog' / name / f'{i}.jpg').write_bytes(broken_photos.photo(size=(300 + i, 200)))
        (tmp_path / 'hotdog' / name / 'large.jpg').write_bytes(broken_photos.noisy((1600, 1200), quality=95))
    return tmp_path / 'hotdog'


def test_a_large_photo_is_shrunk_once_and_a_line_says_so(place, capsys):
    data = from_folders(place, 'a')
    said = capsys.readouterr().out
    assert '2 of 8 photos are larger than needed: they were shrunk, once, to 384 pixels' in said
    every = [part[i][0] for part in data.parts.values() for i in range(len(part))]
    assert sorted(min(picture.shape[:2]) for picture in every) == 6 * [200] + 2 * [SIDE]


def test_small_photos_are_kept_byte_by_byte_and_their_pixels_are_those_of_the_file():
    file = io.BytesIO()
    pixels = numpy.random.default_rng(0).integers(0, 256, (SIDE, 500, 3)).astype('uint8')
    Image.fromarray(pixels).save(file, 'PNG')
    kept = keep(file.getvalue())
    assert kept.data == kept.content == file.getvalue() and not kept.shrunk
    assert (decode(kept.data) == pixels).all()


def test_a_shrunk_photo_looks_like_the_large_one():
    ramp = numpy.linspace(0, 255, 1600).astype('uint8')
    pixels = numpy.stack([numpy.tile(ramp, (1200, 1)), numpy.tile(ramp[:1200, None], (1, 1600)),
                          numpy.full((1200, 1600), 90, 'uint8')], axis=2)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, 'JPEG', quality=98)
    kept = keep(file.getvalue())
    small = decode(kept.data).astype(int)
    assert kept.shrunk and small.shape == (384, 512, 3) and len(kept.data) < 80_000
    wanted = numpy.asarray(Image.fromarray(pixels).resize((512, 384), Image.Resampling.BOX)).astype(int)
    assert abs(small - wanted).mean() < 2


def test_the_fingerprint_is_that_of_the_files_whatever_shrinks_them(place, monkeypatch):
    before = from_folders(place, 'a').fingerprint
    monkeypatch.setattr('d2lhelpers.datasets.decoding.QUALITY', 60)  # as another version of Pillow might
    assert same(before, from_folders(place, 'a').fingerprint)
    (place / 'cats/large.jpg').write_bytes(broken_photos.noisy((1600, 1200), quality=94))
    assert not same(before, from_folders(place, 'a').fingerprint)


def test_several_photos_are_read_at_the_same_time(place, monkeypatch):
    working = []

    def slow(file, offenders):
        working.append(time.perf_counter())
        time.sleep(.2)
        return kept(file, offenders)

    kept = photos._kept
    monkeypatch.setattr(photos, '_kept', slow)
    monkeypatch.setattr(type(settings), 'cores', 4)
    from_folders(place, 'a')
    assert sorted(working)[3] - sorted(working)[0] < .1


def test_an_interrupt_while_photos_are_read_does_not_wait_for_the_rest(place, monkeypatch):
    read = []

    def interrupted(file, offenders):
        read.append(file)
        raise KeyboardInterrupt

    monkeypatch.setattr(photos, '_kept', interrupted)
    monkeypatch.setattr(type(settings), 'cores', 1)
    with pytest.raises(KeyboardInterrupt):
        from_folders(place, 'a')
    assert len(read) < 8


class _Counted:
    """Pictures that count how often they are read."""

    def __init__(self, n):
        self.read, self.n = 0, n

    def __getitem__(self, i):
        self.read += 1
        return numpy.full((40, 30, 3), i % 256, 'uint8')


@pytest.mark.parametrize('n, eager', [(4, True), (300, False)])
def test_pictures_are_kept_transformed_while_they_are_few(n, eager):
    source = _Counted(n)
    pictures = Pictures(source, [i % 2 for i in range(n)])
    ready = pictures.transform_first(SQUARE, lazy=False)
    read = source.read
    assert read == (n if eager else 1) and len(ready) == n
    for i in (0, 1, n - 1):
        x, label = ready[i]
        assert x.shape == (3, 224, 224) and label == i % 2
        assert (x == SQUARE(pictures[i][0])).all()
    assert source.read - read == (3 if eager else 6)


def test_the_photos_of_the_chapter_fit_into_a_gigabyte_at_224_pixels():
    """What is kept of 2,000 + 800, if a lesson asks for all of them, transformed."""
    kept = 0
    for n in (2000, 800):
        ready = Pictures(_Counted(n), [i % 2 for i in range(n)]).transform_first(SQUARE, lazy=False)
        eager = type(ready).__name__ == 'SimpleDataset'
        kept += eager * n * 3 * 224 * 224 * 4
    assert kept <= 2**28


def test_the_rarest_class_is_counted():
    data = Pictures(numpy.zeros((7, 4, 4, 3), 'uint8'), [0, 0, 0, 1, 1, 2, 2])
    assert data.fewest == 2 and stratified(data, 3, 0).fewest == 1


def test_time_of_an_update_on_phone_photos_is_that_on_small_ones(tmp_path):
    """By what is decoded at each access: no more pixels than of the photos of the book."""
    large = keep(broken_photos.noisy((4000, 3000), quality=85))
    assert decode(large.data).size == 3 * 384 * 512
    began = time.process_time()
    for _ in range(5):
        decode(large.data)
    assert (time.process_time() - began) / 5 < .1  # seconds; the photo itself takes many times that
