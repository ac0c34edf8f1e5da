"""A folder of class folders of photos, or a zip archive of it, as a `Dataset`."""
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from mxnet import np

from ..class_folders import Offenders, layout, read
from ..environment import settings
from ..errors import CourseError
from ..fonts import cover
from ..messages import say
from ..names import shown, some
from ..progress import bar
from .dataset import Dataset, Pictures
from .decoding import SIDE, Unreadable, decode, keep, quiet

_TEST, _VALIDATION = 1 / 4, 1 / 5  # of all photos, of the training photos


def from_folders(place, name):
    """Photos in class folders as a `Dataset`. Prints what was done to them.

    Either ``<place>/<class>/*.jpg``, which is split here, or ``<place>/train/<class>/*.jpg`` and
    ``<place>/test/<class>/*.jpg``; jpg, png, webp, bmp or pgm, of any size, grey or in colour, whatever their
    names end with. The classes are numbered by the sorted names of their folders. Every photo is decoded
    once, several at a time, and shrunk if its shorter side has more than 384 pixels; they stay encoded in
    memory, some 50 kB each, and are decoded when asked for. Transparent parts are white.

    Parameters
    ----------
    place : pathlib.Path or zipfile.Path
        A folder; see `d2lhelpers.archives.as_folder`. A folder with nothing in it but another folder of
        folders is looked through.
    name : str
        Of the dataset.

    Returns
    -------
    Dataset
        Pictures are numpy.uint8, height x width x 3, red first. A fifth of the training photos of each class
        is kept for validation. All splits are stratified and always the same.

    Raises
    ------
    CourseError
        If files are no photos or cannot be read (it names the first of each kind, and how many there are), a
        class folder is empty or missing, has too few photos, or there are fewer than two classes.
    """
    found = layout(place)
    check_numbers(found)
    parts = _loaded(found)
    if '' in parts:
        say(f'{shown(found.place)} has no train and test folders: a quarter of the photos of each class is '
            'kept for testing, always the same ones.')
    train, validation, test = shared_out(parts)
    classes = found.classes
    about = (f'{name}: photos from {shown(found.place)} of {len(classes)} classes '
             f'({some(classes, 12)})')
    return Dataset(name, *map(_pictures, (train, validation, test)), classes, about)


def shared_out(parts):
    """Lists of (anything, label) to train, to validate and to test with.

    Parameters
    ----------
    parts : dict of str to list of (object, int)
        ``train`` and ``test``, or ``''`` where there is no split yet.

    Returns
    -------
    train, validation, test : list of (object, int)
    """
    train, test = _split(parts[''], _TEST) if '' in parts else (parts['train'], parts['test'])
    return *_split(train, _VALIDATION), test


def album(place):
    """All photos in class folders, not split into parts. Says how many of them are grey: they get three equal
    channels.

    Parameters
    ----------
    place : pathlib.Path or zipfile.Path
        Holds ``<class>/*.jpg``. See `from_folders`, also for the errors.

    Returns
    -------
    Pictures
    list of str
        Names of the classes.
    """
    found = layout(place, split=False)
    part = _loaded(found)['']
    if grey := sum(photo.grey for photo, _ in part):
        say(f'{grey} of {len(part)} pictures are grey: their one channel is used three times, as red, green '
            'and blue.')
    return _pictures(part), found.classes


def read_picture(path):
    """One picture of the learner's own.

    Parameters
    ----------
    path : str or pathlib.Path
        A photo in one of the formats of `from_folders`.

    Returns
    -------
    mxnet.np.ndarray of uint8, shape (height, width, 3)
        A large one is shrunk, see `from_folders`.

    Raises
    ------
    CourseError
        If there is no such file, or it is no picture.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise CourseError(f'There is no file {shown(path)!r}, looked for from {shown(Path.cwd())}: put the '
                          'picture there, or write its whole path.')
    offenders = Offenders(path.parent)
    with quiet():
        photo = _kept(path, offenders)
    if photo is None:
        raise CourseError(f'{shown(path.parent)}/{" ".join(offenders.sentences())}')
    return np.array(decode(photo.data), dtype='uint8')


class _Encoded:
    """Photos that are decoded when they are asked for."""

    def __init__(self, photos):
        self._photos = photos

    def __getitem__(self, i):
        return decode(self._photos[i].data)

    def kept(self, i):
        return self._photos[i].content


def _pictures(part):
    """A list of (kept photo, label) as `Pictures`."""
    return Pictures(_Encoded([photo for photo, _ in part]), [label for _, label in part])


def check_numbers(found):
    """Raise a `CourseError` if a class of a `Layout` has too few photos to share out."""
    # of every class one to learn from, one to choose by, one to test on
    least = {'': 3, 'train': 2, 'test': 1}
    for part, files in found.parts.items():
        counts = numpy.bincount([label for _, label in files], minlength=len(found.classes))
        few = [f'{found.classes[k]} ({counts[k]})' for k in numpy.flatnonzero(counts < least[part])]
        if few:
            raise CourseError(f'Too few photos{f" in {part}" if part else ""} of {some(few)}: each class '
                              f'needs at least {least[part]}, which are shared out to '
                              f'{"train and to validate" if part else "train, to validate and to test"}. Add '
                              f'some, or take the class out of {shown(found.place)}.')


def read_all(found):
    """Read the photos of a layout, several at the same time, with a bar.

    Parameters
    ----------
    found : d2lhelpers.class_folders.Layout
        What is no photo is among its offenders then.

    Returns
    -------
    dict of str to list of (Kept or None, int)
        By part; None stands for what is no photo.
    """
    files = [file for part in found.parts.values() for file, _ in part]
    pool = ThreadPoolExecutor(settings.cores)  # decoding holds no lock of Python's
    try:
        with quiet(), bar(len(files), 'Reading photos') as progress:
            photos = []
            for photo in pool.map(lambda file: _kept(file, found.offenders), files):
                photos.append(photo)
                progress.update()
    finally:
        pool.shutdown(cancel_futures=True)  # who interrupts does not want to wait for the rest
    photos = iter(photos)
    return {part: [(next(photos), label) for _, label in content] for part, content in found.parts.items()}


def _loaded(found):
    """The parts of a layout with their photos read: dict of str to list of (kept photo, label)."""
    parts = read_all(found)
    found.offenders.check()
    cover(found.classes)
    _tell(found.classes, [pair for part in parts.values() for pair in part])
    return parts


def _kept(file, offenders):
    """A photo as it is kept, or None, and the file is among the offenders."""
    if file.is_dir():
        offenders.add(file, 'folder')
        return None
    data, why = read(file)
    if why == 'photo':
        try:
            return keep(data)
        except Unreadable as error:
            why = str(error)
    offenders.add(file, why)
    return None


def _tell(classes, photos):
    """Say what was done to the photos."""
    if shrunk := sum(photo.shrunk for photo, _ in photos):
        say(f'{shrunk:,} of {len(photos):,} photos are larger than needed: they were shrunk, once, to {SIDE} '
            'pixels at their shorter side.')
    labels = numpy.array([label for photo, label in photos if photo.transparent], dtype=int)
    if len(labels):
        counts = numpy.bincount(labels, minlength=len(classes))
        totals = numpy.bincount([label for _, label in photos], minlength=len(classes))
        told = some([f'{classes[k]} {counts[k]} of {totals[k]}' for k in numpy.argsort(-counts / totals)], 6)
        say(f'{len(labels):,} of {len(photos):,} photos have transparent parts, which are white here '
            f'({told}). Where classes differ in that, a network may learn the white.')


def _split(part, share):
    """A stratified split: (the rest, the share), at least one photo of each class in the share."""
    labels = numpy.array([label for _, label in part])
    chosen = numpy.zeros(len(part), dtype=bool)
    generator = numpy.random.default_rng(0)
    for label in numpy.unique(labels):
        places = generator.permutation(numpy.flatnonzero(labels == label))
        chosen[places[:max(1, round(share * len(places)))]] = True
    return [part[i] for i in numpy.flatnonzero(~chosen)], [part[i] for i in numpy.flatnonzero(chosen)]
