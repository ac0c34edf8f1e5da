"""What every dataset of the course looks like: three parts, pictures or arrays, that share their classes.

A new one is a function that gives arrays or photos, the names of the classes, and one sentence.
"""
import dataclasses
import functools

import cv2
import numpy
from mxnet import gluon, np

from ..errors import CourseError
from ..messages import say
from . import fingerprints

_KEPT = 2**27  # bytes of transformed pictures


def _classes(labels):
    """Labels as whole numbers from 0, int32."""
    if labels is None:
        raise CourseError('These data have no labels, so nothing can be learned from them here: give every '
                          'example a class, Examples(x, labels).')
    labels = numpy.asarray(labels)
    numbers = labels.dtype.kind in 'iubf'
    if (labels.ndim != 1 or not numbers or (labels != numpy.round(labels)).any()
            or (len(labels) and labels.min() < 0)):
        lowest = f', the lowest is {labels.min()}' if numbers and labels.size else ''
        raise CourseError('Labels must be one whole number from 0 for each example, the number of its class; '
                          f'these are {labels.dtype} of shape {labels.shape}{lowest}.')
    return labels.astype('int32')


def check_seed(seed, name):
    """Raise a `CourseError` if `seed` is no whole number from 0; `name` is what was given it."""
    if not isinstance(seed, int | numpy.integer) or seed < 0:
        raise CourseError(f'{name} was given the seed {seed!r}: write a whole number from 0, for instance '
                          'seed=1.')


def check_sizes(sizes, classes, name):
    """Raise a `CourseError` if a part cannot have an example of every class.

    Parameters
    ----------
    sizes : dict of str to int
        How many examples each part shall have.
    classes : sequence
    name : str
        Of the data.
    """
    for part, n in sizes.items():
        if not isinstance(n, int | numpy.integer) or n < len(classes):
            raise CourseError(f'The {part} part of {name} cannot have {n!r} pictures: ask for a whole number '
                              f'from {len(classes)}, one for each class.')


class Pictures(gluon.data.Dataset):
    """Labelled pictures as a Gluon dataset: item ``i`` is ``(picture, label)``.

    Parameters
    ----------
    read : sequence
        ``read[i]`` is picture i, uint8, height x width x 3, as a NumPy or an MXNet array. Any object with
        ``__getitem__`` will do, so that photos can be decoded when they are asked for.
    labels : sequence of int
        Class of each picture, from 0.

    Attributes
    ----------
    labels : numpy.ndarray of int32, shape (n,)

    Raises
    ------
    CourseError
        If there are not as many pictures as labels, or a label is no whole number.
    """

    def __init__(self, read, labels):
        self._read = read
        self.labels = _classes(labels)
        if hasattr(read, '__len__') and len(read) != len(self.labels):
            raise CourseError(f'There are {len(read)} pictures, but {len(self.labels)} labels: every picture '
                              'needs one.')

    def __len__(self):
        return len(self.labels)

    @property
    def fewest(self):
        """How many pictures the rarest class has."""
        counts = numpy.bincount(self.labels)
        return int(counts[counts > 0].min())

    def __getitem__(self, i):
        # Gluon's transforms refuse NumPy pictures, hence mx.np
        return np.array(self._read[i], dtype='uint8'), int(self.labels[i])

    def kept(self, i):
        """Picture i as it is kept: a numpy.ndarray, or the bytes of an encoded photo."""
        kept = self._read.kept(i) if hasattr(self._read, 'kept') else self._read[i]
        return kept.asnumpy() if isinstance(kept, np.ndarray) else kept

    def transform_first(self, fn, lazy=True):
        """The pictures transformed, as for any Gluon dataset; but ``lazy=False``, transformed now and kept,
        holds only while all of it takes less than 128 MiB. A folder of photos at 224 x 224 pixels would fill
        the memory: it is transformed when asked for.
        """
        if lazy or not len(self):
            return super().transform_first(fn, lazy)
        first, label = self[0]
        first = fn(first)
        if len(self) * first.size * first.dtype.itemsize > _KEPT:
            return super().transform_first(fn)
        return gluon.data.SimpleDataset([(first, label), *((fn(x), y) for x, y in map(self.__getitem__,
                                                                                      range(1, len(self))))])

    def pick(self, places):
        """The pictures at the given places, as `Pictures`."""
        return Pictures(Picked(self, places), self.labels[places])


class Examples(gluon.data.Dataset):
    """Labelled arrays of numbers as a Gluon dataset: item ``i`` is ``(x, label)``.

    Parameters
    ----------
    x : array, shape (n, …)
    labels : sequence of int, length n
        Class of each example, from 0. The same arrays may have other labels in another task:
        ``Examples(digits.x, digits.labels % 2)``.
    shift : int
        Pictures, shape (n, channels, height, width), are moved by up to this many pixels, at random each time
        one is asked for: cheap new data.

    Attributes
    ----------
    x : numpy.ndarray of float32
    labels : numpy.ndarray of int32
    shift : int

    Raises
    ------
    CourseError
        If there are no labels, they are not whole numbers from 0, or not as many as examples.
    """

    def __init__(self, x, labels, shift=0):
        self.x = numpy.asarray(x, dtype='float32')
        self.labels = _classes(labels)
        if len(self.x) != len(self.labels):
            raise CourseError(f'There are {len(self.x)} examples, but {len(self.labels)} labels: every '
                              'example needs one.')
        if shift and self.x.ndim != 4:
            raise CourseError('Only pictures can be shifted, and these examples have the shape '
                              f'{self.x.shape[1:]}: leave out shift.')
        self.shift = shift
        self._wide = numpy.pad(self.x, ((0, 0), (0, 0), (shift, shift), (shift, shift))) if shift else None

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        label = int(self.labels[i])
        if not self.shift:
            return self.x[i], label
        height, width = self.x.shape[2:]
        # NumPy's own generator, which seed_all seeds
        down, right = numpy.random.randint(0, 2 * self.shift + 1, 2)
        return self._wide[i, :, down:down + height, right:right + width], label

    def rows(self, places):
        """The examples at the given places as arrays x and labels, each shifted anew."""
        if self.shift:
            return numpy.stack([self[i][0] for i in places]), self.labels[places].astype('int64')
        return self.x[places], self.labels[places].astype('int64')

    def kept(self, i):
        """The numbers of example i, as they are before any shift."""
        return self.x[i]

    def pick(self, places):
        """The examples at the given places, as `Examples`."""
        return Examples(self.x[places], self.labels[places], self.shift)


class Picked:
    """The pictures of another `Pictures` at the given places."""

    def __init__(self, pictures, places):
        self._pictures, self._places = pictures, places

    def __getitem__(self, i):
        return self._pictures[int(self._places[i])][0]

    def kept(self, i):
        return self._pictures.kept(int(self._places[i]))


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Labelled data in three parts that share their classes. Printed, it says what it is and how large.

    Attributes
    ----------
    name : str
    train, validation, test : Pictures or Examples
        `validation` is a fixed, stratified part of the training data; `test` is for one look at the end.
    classes : list of str
        Name of each label.
    about : str
        One honest sentence on where the data come from, without a full stop and without numbers of examples.
    """

    name: str
    train: Pictures
    validation: Pictures
    test: Pictures
    classes: list
    about: str

    def __post_init__(self):
        if len(self.classes) < 2:
            raise CourseError(f'{self.name} has only the class {self.classes}: a classifier needs at least '
                              'two classes.')
        for part in ('train', 'validation', 'test'):
            labels = getattr(self, part).labels
            if len(labels) == 0:
                raise CourseError(f'The {part} part of {self.name} is empty: give it at least one picture of '
                                  'every class.')
            if labels.max() >= len(self.classes):
                raise CourseError(f'The {part} part of {self.name} has the label {labels.max()}, but its '
                                  f'{len(self.classes)} classes are numbered from 0 to '
                                  f'{len(self.classes) - 1}.')
            missing = set(range(len(self.classes))) - set(labels.tolist())
            if missing:
                raise CourseError(f'The {part} part of {self.name} has no picture of '
                                  f'{self.classes[min(missing)]!r}: add some, or remove the class.')

    def __str__(self):
        return f'{self.about}: {self.counts}.'

    @property
    def parts(self):
        """All parts by name: ``train``, ``validation``, ``test``, and what a kind of dataset has besides."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if hasattr(value, 'labels')}

    @property
    def counts(self):
        """How many examples there are: ``'800 to train, 400 to validate, 800 to test'``."""
        return f'{len(self.train)} to train, {len(self.validation)} to validate, {len(self.test)} to test'

    @functools.cached_property
    def fingerprint(self):
        """Made from the content, see `d2lhelpers.datasets.fingerprints`: a recorded study is shown only
        beside the data it was made from.
        """
        return fingerprints.of(self.parts, self.classes)

    def introduce(self):
        """Say what the data are and how many, and return them: how a ``load_...`` function ends."""
        say(str(self))
        return self


def grey(pictures, side, shift=0):
    """Pictures of one size in shades of grey from 0 to 1, with their labels.

    Parameters
    ----------
    pictures : Pictures
    side : int
        Height and width, in pixels, that every picture is brought to.
    shift : int
        As in `Examples`.

    Returns
    -------
    Examples
        Its ``x`` has the shape (n, 1, side, side).
    """
    x = []
    for i in range(len(pictures)):
        picture = pictures[i][0].asnumpy().mean(axis=2)
        # averaging over the pixels that become one is right for making pictures smaller, and does nothing for
        # larger ones
        way = cv2.INTER_AREA if len(picture) > side else cv2.INTER_LINEAR
        x.append(cv2.resize(picture, (side, side), interpolation=way) / 255)
    return Examples(numpy.array(x, dtype='float32').reshape(len(x), 1, side, side), pictures.labels, shift)
