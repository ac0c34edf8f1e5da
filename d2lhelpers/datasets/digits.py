"""Handwritten digits: a target far from pictures of things, and two halves of one task."""
import gzip
import math
import zlib

import numpy

from .. import files
from ..environment import settings
from ..errors import CourseError
from ..messages import say
from .dataset import Dataset, Pictures
from .subsets import stratified

# of each of scikit-learn's digits; the rest, 94 to 103, is for training
_HELD_OUT = {'test': 50, 'validation': 30}
_MNIST_VALIDATION = 500  # of each of MNIST's training digits; MNIST has a test part of its own


def load_digits(classes=range(10), *, train=None, validation=None, test=None):
    """Which digit is it? Handwriting of many people, white on black. Prints which digits it took.

    Embedded: the 1797 digits that scikit-learn ships, 8 x 8 pixels. Full: MNIST, 28 x 28 pixels, from the
    learner's folder (the four original files, ``mnist/train-images-idx3-ubyte.gz`` and so on), else
    downloaded once; where that cannot be, a line says so, and the digits of scikit-learn take its place, as
    many of those that are asked for as there are.

    Parameters
    ----------
    classes : sequence of int
        The digits to tell apart. The first gets the label 0, the next 1: ``load_digits(range(5, 10))`` are
        the digits 5 to 9 with the labels 0 to 4.
    train, validation, test : int, optional
        How many pictures of these classes each part should have, always the same ones. By default all: of
        scikit-learn's digits about 100, 30 and 50 a class, of MNIST's about 5500, 500 and 1000. A picture is
        in the same part whatever is asked for.

    Returns
    -------
    Dataset
        The three colour channels of a picture are equal.

    Raises
    ------
    CourseError
        If `classes` are not at least two different digits, a part is asked for more pictures than there are,
        or MNIST is damaged.
    """
    classes = list(classes) if hasattr(classes, '__iter__') else [classes]
    if len(classes) < 2 or len(set(classes)) < len(classes) or not set(classes) <= set(range(10)):
        raise CourseError(f'load_digits was asked for the classes {classes}: name at least two different '
                          'digits from 0 to 9, for instance range(5, 10).')
    files.mention_unused_data()
    instead = False
    if settings.embedded:
        name, parts = _shipped()
    else:
        try:
            name, parts = 'MNIST', mnist()
        except files.MissingData as error:
            say(f'{error} Until then the digits that scikit-learn ships take its place.')
            (name, parts), instead = _shipped(), True
    chosen = {}
    for (part, (pictures, digits)), n in zip(parts.items(), (train, validation, test), strict=True):
        places = numpy.flatnonzero(numpy.isin(digits, classes))
        one = Pictures(InColour(pictures[places]), [classes.index(digit) for digit in digits[places]])
        chosen[part] = one if n is None or (instead and n > len(one)) else stratified(one, n, seed=0)
    side = parts['train'][0].shape[1]
    about = f'digits: {name}, {side} x {side} pixels, {", ".join(map(str, classes))}'
    return Dataset('digits', **chosen, classes=[str(digit) for digit in classes], about=about).introduce()


class InColour:
    """Grey pictures, three times in a row as red, green and blue when they are asked for."""

    def __init__(self, pictures):
        self._pictures = pictures

    def __len__(self):
        return len(self._pictures)

    def __getitem__(self, i):
        return numpy.repeat(self._pictures[i][..., None], 3, axis=2)

    def kept(self, i):
        return self._pictures[i]


def handwriting(part=None):
    """Real handwriting, collected for the UCI machine learning repository and shipped with scikit-learn: 1797
    digits, in both profiles.

    Parameters
    ----------
    part : {'train', 'validation', 'test'}, optional
        The part of `load_digits` in the embedded profile; by default all digits, in the order in which they
        are shipped.

    Returns
    -------
    pictures : numpy.ndarray of uint8, shape (n, 8, 8)
        0 is black.
    digits : numpy.ndarray of int, shape (n,)
    """
    from sklearn.datasets import load_digits as shipped  # here, because it takes a second to import

    pictures, digits = shipped(return_X_y=True)
    pictures = (pictures.reshape(-1, 8, 8) * 255 / 16).round().astype('uint8')
    return _parts(pictures, digits, _HELD_OUT)[part] if part else (pictures, digits)


def _shipped():
    return 'handwriting shipped with scikit-learn', _parts(*handwriting(), _HELD_OUT)


def mnist():
    """MNIST as arrays: from the learner's folder, else downloaded once.

    Returns
    -------
    dict of str to (pictures, digits)
        ``train``, ``validation`` (500 of each training digit, always the same ones) and ``test``. Pictures
        are numpy.uint8, shape (n, 28, 28), white on black.

    Raises
    ------
    CourseError
        If MNIST cannot be found or fetched, or is damaged.
    """
    (pictures, digits), test = [(_idx(images, 28, 28), _idx(labels))
                                for images, labels in (files.MNIST_TRAIN, files.MNIST_TEST)]
    for images, labels in ((pictures, digits), test):
        if len(images) != len(labels):
            raise CourseError(f'The copy of MNIST has a file with {len(images)} pictures and one with '
                              f'{len(labels)} labels, which do not belong together: take all four files '
                              'from one place.')
    return {**_parts(pictures, digits, {'validation': _MNIST_VALIDATION}), 'test': test}


def _idx(need, *shape):
    """What one of MNIST's files holds, an array of bytes; `shape` is that of one example."""
    _, path = files.get(need)
    try:
        with gzip.open(path) as file:
            found = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise CourseError(f'{path} cannot be unpacked ({error}): it is damaged, so delete it and fetch it '
                          'again.') from error
    header = 8 + 4 * len(shape)
    shape = (max(len(found) - header, 0) // math.prod(shape), *shape)
    # the form is called idx: two zeros, 8 for bytes, the number of dimensions, the dimensions
    start = bytes((0, 0, 8, len(shape))) + numpy.array(shape, dtype='>i4').tobytes()
    if found[:header] != start or len(found) != header + math.prod(shape):
        raise CourseError(f'{path} does not hold what it should ({need.what}): delete it and fetch it again.')
    return numpy.frombuffer(found, dtype='uint8', offset=header).reshape(shape)


def _parts(pictures, digits, held_out):
    """Take so many pictures of each class for the parts held out, drawn once and for all; the rest is for
    training.
    """
    generator = numpy.random.default_rng(0)
    part_of = numpy.full(len(digits), 'train', dtype='<U10')
    for digit in range(10):
        order = generator.permutation(numpy.flatnonzero(digits == digit))
        for part, n in held_out.items():
            part_of[order[:n]] = part
            order = order[n:]
    return {part: (pictures[part_of == part], digits[part_of == part])
            for part in ('train', 'validation', 'test') if part in part_of}
