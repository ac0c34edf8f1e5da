"""MNIST and MNIST-M: handwritten digits, and other digits blended with pieces of photos. The classic pair of
domains.
"""
import tarfile
import zlib

import numpy

from .. import files
from ..archives import as_folder
from ..errors import CourseError
from ..names import shown
from .dataset import Dataset, Pictures, check_seed
from .decoding import Unreadable, decode
from .digits import mnist

_SIDE = 28  # pixels, as in MNIST
_HELD_OUT = 1 / 4  # of the photos: backgrounds of the target's test digits and of no others


def load_mnist_m(seed=0):
    """MNIST as the source, and a target made of other digits of MNIST on pieces of photos. Prints what they
    are.

    The recipe of Ganin et al. (2016), *Domain-adversarial training of neural networks*: a digit is cut out
    (every pixel above 0 counts), and where it lies, a random piece of a photo is turned into its negative:
    ``|piece - 255 * digit|``, channel by channel.

    In three things it differs. The digits of MNIST's training part are shared out: half of each class is the
    source's, half the target's, so no digit is learned with its label in one domain and met again in the
    other. A quarter of the photos is kept for the target's test digits. And the photos are those at hand, so
    the target is not the authors' own file.

    Parameters
    ----------
    seed : int
        Another seed cuts other backgrounds, keeps other photos for testing, and shares the digits out in
        another way.

    Returns
    -------
    source, target : Dataset
        Pictures of 28 x 28 pixels in three channels, equal ones in the source. About 27,500 to train and
        2,500 to validate; the test parts of both are MNIST's 10,000 test digits, so that they can be compared
        digit by digit. The labels of the target are there to measure with.

    Raises
    ------
    CourseError
        If MNIST or the photos (`d2lhelpers.files.BACKGROUND_PHOTOS`) cannot be found or fetched, are damaged,
        or a photo is smaller than a digit.
    """
    check_seed(seed, 'load_mnist_m')
    digits = mnist()
    _, path = files.get(files.BACKGROUND_PHOTOS)
    photos = _photos(path)
    sharing, placing = (numpy.random.default_rng((seed, number)) for number in range(2))
    order = sharing.permutation(len(photos))
    kept = max(1, round(_HELD_OUT * len(photos)))
    backgrounds = {'test': order[:kept], 'validation': order[kept:], 'train': order[kept:]}
    source, target = {}, {}
    for part, (pictures, labels) in digits.items():
        mine = theirs = numpy.arange(len(labels))
        if part != 'test':
            mine, theirs = _halves(labels, sharing)
        source[part] = _coloured(pictures[mine]), labels[mine]
        behind = [photos[i] for i in backgrounds[part]]
        target[part] = _blend(pictures[theirs], behind, placing), labels[theirs]
    made = f'on pieces of {len(photos)} photos, {kept} of them kept for the test part'
    return (_dataset('MNIST', source, 'MNIST as source'),
            _dataset('MNIST-M', target, 'MNIST-M as target, made here: other training digits, the same test '
                                        f"digits, {made} (not the authors' own file)"))


def _dataset(name, arrays, about):
    parts = {part: Pictures(*each) for part, each in arrays.items()}
    classes = [str(digit) for digit in range(10)]
    return Dataset(name, **parts, classes=classes, about=about).introduce()


def _photos(path):
    """All photos of a folder or an archive, decoded; where there is a folder ``train``, as in BSDS500, those
    in there, as in the paper.
    """
    encoded = {name: read for name, read in _files(path) if name.lower().endswith(('.jpg', '.jpeg', '.png'))
               and '/.' not in f'/{name}'}
    train = {name: read for name, read in encoded.items() if '/train/' in f'/{name}'}
    photos = []
    for name, read in sorted((train or encoded).items()):
        try:
            photos.append(decode(read()))
        except Unreadable as error:
            raise CourseError(f'{shown(name)} in {shown(path)}: {error}.') from error
        if min(photos[-1].shape[:2]) < _SIDE:
            raise CourseError(f'The photo {name} in {path} has {photos[-1].shape[1]} x {photos[-1].shape[0]} '
                              f'pixels, but a background of {_SIDE} x {_SIDE} must be cut from it: remove '
                              'it, or use a larger one.')
    if len(photos) < 2:
        raise CourseError(f'{path} has {len(photos) or "no"} photo{"" if len(photos) == 1 else "s"} (jpg or '
                          'png) to cut backgrounds from: at least two are needed, one of them for the test '
                          'part.')
    return photos


def _files(path):
    """Name of every file below a folder, or in a zip or tar archive, and a function that reads it."""
    if path.name.endswith('.tgz'):
        try:
            with tarfile.open(path) as archive:
                for member in archive:
                    if member.isfile():
                        # now: the archive is closed when the photos are decoded
                        data = archive.extractfile(member).read()
                        yield member.name, lambda data=data: data
        except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
            raise CourseError(f'{path} cannot be unpacked ({error}): it is damaged, so delete it and fetch '
                              'it again.') from error
        return
    left = [('', as_folder(path))]
    while left:
        name, place = left.pop()
        if place.is_dir():
            left += [(f'{name}/{entry.name}', entry) for entry in place.iterdir()]
        else:
            yield name.lstrip('/'), place.read_bytes


def _halves(labels, generator):
    """Places of one half of each class, and of the other."""
    first = numpy.zeros(len(labels), dtype=bool)
    for digit in numpy.unique(labels):
        places = generator.permutation(numpy.flatnonzero(labels == digit))
        first[places[:len(places) // 2]] = True
    return numpy.flatnonzero(first), numpy.flatnonzero(~first)


def _coloured(pictures):
    return numpy.repeat(pictures[..., None], 3, axis=3)


def _blend(pictures, photos, generator):
    """Every picture on a random piece of a random photo."""
    blended = _coloured(numpy.where(pictures > 0, 255, 0).astype('int16'))
    for picture, number in zip(blended, generator.integers(len(photos), size=len(blended)), strict=True):
        photo = photos[number]
        top, left = generator.integers(numpy.subtract(photo.shape[:2], _SIDE) + 1)
        picture[:] = numpy.abs(photo[top:top + _SIDE, left:left + _SIDE] - picture)
    return blended.astype('uint8')
