"""A folder of photos looked over in one go: what a lesson would make of it, and all that is wrong with it."""
import collections
import time
from pathlib import Path

import cv2
import numpy
from sklearn.neighbors import NearestNeighbors

from .. import candidates, files
from ..archives import as_folder
from ..class_folders import layout
from ..doctor import FAIL, NOTE, OK
from ..environment import settings
from ..errors import CourseError
from ..names import shown, some
from .decoding import decode
from .photos import check_numbers, read_all, shared_out

_THUMBNAIL = 16  # pixels a side
ALIKE = 5        # of 255: root mean square difference of two thumbnails below which they are near-duplicates


def look_over(place):
    """Look a folder of photos over: classes, numbers, formats, what is no photo, near-duplicates in both
    train and test, memory and time.

    Parameters
    ----------
    place : str or pathlib.Path
        A folder of class folders, or of ``train`` and ``test``, or a zip archive of that; also a folder of
        data that holds one as ``hotdog``.

    Yields
    ------
    state, sentence : str
        OK, NOTE or FAIL, as `d2lhelpers.doctor.examine`.
    """
    path = Path(place).expanduser()
    if not path.exists():
        raise CourseError(f'There is no folder {shown(path)!r}, looked for from {shown(Path.cwd())}.')
    inside = candidates.choose(path, files.HOTDOG_PHOTOS.files[0].copies) if path.is_dir() else None
    if inside:
        yield OK, f'The photos are in {shown(inside)}.'
    found = layout(as_folder(inside or path))
    yield OK, _numbers(found)
    try:
        check_numbers(found)
    except CourseError as error:
        yield FAIL, str(error)
    began = time.perf_counter()
    parts = read_all(found)
    seconds = time.perf_counter() - began
    for sentence in found.offenders.sentences():
        yield FAIL, sentence
    photos = [photo for part in parts.values() for photo, _ in part if photo]
    if not photos:
        return
    formats = collections.Counter(photo.kind for photo in photos)
    more = {'shrunk when they are loaded': sum(photo.shrunk for photo in photos),
            'grey': sum(photo.grey for photo in photos)}
    yield OK, (f'{", ".join(f"{n:,} {name}" for name, n in formats.most_common())}'
               + ''.join(f'; {n:,} {what}' for what, n in more.items() if n))
    if clear := sum(photo.transparent for photo in photos):
        yield NOTE, (f'{clear:,} of {len(photos):,} photos have transparent parts, which are white for the '
                     'network.')
    yield from _twins(found, parts)
    megabytes = sum(len(photo.data) for photo in photos) / 1e6
    yield OK, (f'Loading took {seconds:.0f} seconds here ({settings.cores} at a time), and the photos take '
               f'{megabytes:,.0f} MB of memory; a lesson needs some 2 GB besides.')


def _numbers(found):
    """How many classes and photos there are."""
    labels = {part or 'in all': numpy.array([label for _, label in content])
              for part, content in found.parts.items()}
    told = []
    for part, of_part in labels.items():
        counts = numpy.bincount(of_part, minlength=len(found.classes))
        each = f'{counts.min()}' if counts.min() == counts.max() else f'{counts.min()} to {counts.max()}'
        told.append(f'{part} {len(of_part):,} files, {each} of each class')
    return f'{len(found.classes)} classes ({some(found.classes, 6)}): {"; ".join(told)}'


def _twins(found, parts):
    """Photos that are nearly the same in what is learned from and in what is tested on."""
    named = {}
    for part, content in found.parts.items():
        both = zip(content, parts[part], strict=True)
        named[part] = [((file, photo), label) for (file, label), (photo, _) in both if photo]
    train, validation, test = shared_out(named)
    learned, tested = train + validation, test
    if not learned or not tested:
        return
    a, b = (numpy.stack([thumbnail(decode(photo.data)) for (_, photo), _ in part])
            for part in (learned, tested))
    distance, nearest = NearestNeighbors(n_neighbors=1).fit(a).kneighbors(b)
    pairs = [(learned[nearest[j, 0]], tested[j])
             for j in numpy.flatnonzero(distance < ALIKE * a.shape[1] ** .5)]
    if not pairs:
        yield OK, 'No photo to test on is nearly the same as one to learn from.'
        return
    said = [f'{_short(found, one)} and {_short(found, other)}' for ((one, _), _), ((other, _), _) in pairs]
    split = 'By the split that the course makes ' if '' in found.parts else ''
    yield NOTE, (f'{split}{len(pairs):,} of {len(tested):,} photos to test on are nearly the same as one to '
                 f'learn from ({some(said)}): the test is too easy. Keep one of each.')


def thumbnail(picture):
    """A picture as a few numbers, alike for two copies of one file.

    Parameters
    ----------
    picture : array, uint8, height x width x 3

    Returns
    -------
    numpy.ndarray of float32, shape (768,)
        From 0 to 255. Near-duplicates differ by less than `ALIKE`, in the root mean square.
    """
    picture = picture.asnumpy() if hasattr(picture, 'asnumpy') else picture
    small = cv2.resize(picture, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA)
    return small.ravel().astype('float32')


def _short(found, file):
    return shown(file).removeprefix(shown(found.place)).lstrip('/')
