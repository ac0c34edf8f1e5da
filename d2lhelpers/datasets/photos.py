"""A folder of class folders of photos, or a zip archive of it, as a `Dataset`."""
import io
from pathlib import Path

import numpy
from mxnet import np
from PIL import Image, ImageFile, ImageOps

from ..errors import CourseError
from ..messages import say
from .dataset import Dataset, Pictures

_ENDINGS = ('.jpg', '.jpeg', '.png', '.pgm')
_CLUTTER = ('__MACOSX', 'Thumbs.db', 'desktop.ini')  # of operating systems; hidden files are skipped too
_TEST, _VALIDATION = 1 / 4, 1 / 5  # of all photos, of the training photos
_ENOUGH = 1024  # pixels, far more than any network here takes


def from_folders(place, name):
    """Photos in class folders as a `Dataset`.

    Either ``<place>/<class>/*.jpg``, which is split here, or ``<place>/train/<class>/*.jpg`` and
    ``<place>/test/<class>/*.jpg``; jpg or png, of any size, grey or in colour. The classes are numbered by
    the sorted names of their folders. Every photo is decoded once to see that it can be read; they stay
    encoded in memory and are decoded when asked for, a jpg of 2048 x 2048 pixels or more at a half, a quarter
    or an eighth of its size.

    Parameters
    ----------
    place : pathlib.Path or zipfile.Path
        A folder; see `d2lhelpers.files.as_folder`. A folder with nothing in it but another folder of folders
        is looked through.
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
        If a file is no photo or cannot be read, a class folder is empty or missing, or there are fewer than
        two classes.
    """
    place = _top(place)
    folders = {entry.name: entry for entry in _visible(place) if entry.is_dir()}
    if any(_has_folders(folders[part]) for part in ('train', 'test') if part in folders):
        wrong = [f'{part} is missing' for part in ('train', 'test') if part not in folders]
        wrong += [f'{other} does not belong there' for other in folders if other not in ('train', 'test')][:1]
        if wrong:
            raise CourseError(f'{place}: {", ".join(wrong)}: if there is a folder train or test, there must '
                              'be both, and no other folder.')
        classes, train = _read(folders['train'])
        test_classes, test = _read(folders['test'])
        if classes != test_classes:
            lonely = sorted(set(classes) ^ set(test_classes))[0]
            raise CourseError(f'{place} has the class {lonely!r} in only one of train and test: both need '
                              'the same class folders.')
    else:
        classes, everything = _read(place)
        train, test = _split(everything, _TEST)
        say(f'{place} has no train and test folders: a quarter of the photos of each class is kept for '
            'testing, always the same ones.')
    train, validation = _split(train, _VALIDATION)
    about = f'{name}: photos from {place} of {len(classes)} classes ({", ".join(classes)})'
    return Dataset(name, *map(_pictures, (train, validation, test)), classes, about)


def album(place):
    """All photos in class folders, not split into parts. Says how many of them are grey: they get three equal
    channels.

    Parameters
    ----------
    place : pathlib.Path or zipfile.Path
        Holds ``<class>/*.jpg``; jpg, png or pgm. See `from_folders`, also for the errors.

    Returns
    -------
    Pictures
    list of str
        Names of the classes.
    """
    classes, part = _read(_top(place))
    grey = sum(Image.open(io.BytesIO(data)).mode in ('1', 'L', 'LA') for data, _ in part)
    if grey:
        say(f'{grey} of {len(part)} pictures are grey: their one channel is used three times, as red, green '
            'and blue.')
    return _pictures(part), classes


def read_picture(path):
    """One picture of the learner's own.

    Parameters
    ----------
    path : str or pathlib.Path
        A jpg or png.

    Returns
    -------
    mxnet.np.ndarray of uint8, shape (height, width, 3)
        A very large jpg is decoded smaller, see `from_folders`.

    Raises
    ------
    CourseError
        If there is no such file, or it is no picture.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CourseError(f'There is no file {str(path)!r}, looked for from {Path.cwd()}: put the picture '
                          'there, or write its whole path.')
    return np.array(decode(_checked(path)), dtype='uint8')


class _Encoded:
    """Photos that are decoded when they are asked for."""

    def __init__(self, photos):
        self._photos = photos

    def __getitem__(self, i):
        return decode(self._photos[i])

    def kept(self, i):
        return self._photos[i]


def _pictures(part):
    """A list of (encoded photo, label) as `Pictures`."""
    return Pictures(_Encoded([data for data, _ in part]), [label for _, label in part])


def decode(data):
    """One encoded photo, bytes, as numpy.uint8, shape (height, width, 3); Pillow's errors if it is none."""
    # Pillow, unlike MXNet's and OpenCV's decoders, does not take a file that breaks off for a picture with a
    # grey lower half; importing gluoncv.data, as the backbones of the full profile do, makes it take one
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with Image.open(io.BytesIO(data)) as image:
        if image.mode.startswith('I'):
            raise ValueError('it has 16 bits a pixel: save it with 8')
        # decodes a large jpg at 1/2, 1/4 or 1/8, no side below: at every access it saves time
        image.draft('RGB', (_ENOUGH, _ENOUGH))
        return numpy.asarray(ImageOps.exif_transpose(image).convert('RGB'))


def _top(place):
    """Archives often hold one folder with everything in it."""
    entries = _visible(place)
    while len(entries) == 1 and entries[0].is_dir() and _has_folders(entries[0]):
        place = entries[0]
        entries = _visible(place)
    return place


def _visible(folder):
    return sorted((entry for entry in folder.iterdir()
                   if not entry.name.startswith('.') and entry.name not in _CLUTTER),
                  key=lambda entry: entry.name)


def _has_folders(folder):
    return any(entry.is_dir() for entry in _visible(folder))


def _read(place):
    """Names of the classes, and a list of (encoded photo, label), each photo checked."""
    folders = [entry for entry in _visible(place) if entry.is_dir()]
    if not folders:
        raise CourseError(f'{place} has no class folders: put the photos of each class into a folder with '
                          'its name, for instance hotdog/ and not-hotdog/.')
    part = []
    for label, folder in enumerate(folders):
        files = _visible(folder)
        if not files:
            raise CourseError(f'The class folder {folder} is empty: put photos into it, or remove it.')
        part += [(_checked(file), label) for file in files]
    return [folder.name for folder in folders], part


def _checked(file):
    if file.is_dir() or not file.name.lower().endswith(_ENDINGS):
        raise CourseError(f'{file} is among the photos, but is not a jpg, png or pgm: remove it.')
    try:
        data = file.read_bytes()
        decode(data)
    except Exception as error:  # decoders raise whatever a damaged file makes them trip over
        raise CourseError(f'The photo {file} cannot be read ({str(error)[:80] or type(error).__name__}): '
                          'replace or remove it.') from error
    return data


def _split(part, share):
    """A stratified split: (the rest, the share), at least one photo of each class in the share."""
    labels = numpy.array([label for _, label in part])
    chosen = numpy.zeros(len(part), dtype=bool)
    generator = numpy.random.default_rng(0)
    for label in numpy.unique(labels):
        places = generator.permutation(numpy.flatnonzero(labels == label))
        chosen[places[:max(1, round(share * len(places)))]] = True
    return [part[i] for i in numpy.flatnonzero(~chosen)], [part[i] for i in numpy.flatnonzero(chosen)]
