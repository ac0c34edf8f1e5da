"""What every dataset of the course looks like, and how batches are drawn from it."""
import dataclasses
import math

import numpy
from mxnet import gluon, np

from ..errors import CourseError


def _classes(labels):
    """Labels as whole numbers, int32."""
    labels = numpy.asarray(labels)
    whole = labels.dtype.kind in 'iub' or labels.dtype.kind == 'f' and bool((labels == numpy.round(labels)).all())
    if labels.ndim != 1 or not whole:
        raise CourseError(f'Labels must be one whole number for each example, the number of its class from 0; these are {labels.dtype} of shape '
                          f'{labels.shape}.')
    return labels.astype('int32')


def check_seed(seed, name):
    """Raise a `CourseError` if `seed` is no whole number from 0; `name` is the function that was given it."""
    if not isinstance(seed, int | numpy.integer) or seed < 0:
        raise CourseError(f'{name} was given the seed {seed!r}: write a whole number from 0, for instance {name}(seed=1).')


class Pictures(gluon.data.Dataset):
    """Labelled pictures as a Gluon dataset: item ``i`` is ``(picture, label)``.

    Parameters
    ----------
    read : sequence
        ``read[i]`` is picture i, uint8, height x width x 3, as a NumPy or an MXNet array. Any object with ``__getitem__`` will do, so that photos
        can be decoded when they are asked for.
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
            raise CourseError(f'There are {len(read)} pictures, but {len(self.labels)} labels: every picture needs one.')

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        # Gluon's transforms refuse NumPy pictures, hence mx.np
        return np.array(self._read[i], dtype='uint8'), int(self.labels[i])

    def pick(self, places):
        """The pictures at the given places, as `Pictures`."""
        return Pictures(Picked(self, places), self.labels[places])


class Examples(gluon.data.Dataset):
    """Labelled arrays of numbers, such as the features of sounds, as a Gluon dataset: item ``i`` is ``(x, label)``.

    Parameters
    ----------
    x : array, shape (n, …)
    labels : sequence of int, length n
        Class of each example, from 0.

    Attributes
    ----------
    x : numpy.ndarray of float32
    labels : numpy.ndarray of int32

    Raises
    ------
    CourseError
        If there are not as many examples as labels, or a label is no whole number.
    """

    def __init__(self, x, labels):
        self.x = numpy.asarray(x, dtype='float32')
        self.labels = _classes(labels)
        if len(self.x) != len(self.labels):
            raise CourseError(f'There are {len(self.x)} examples, but {len(self.labels)} labels: every example needs one.')

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return np.array(self.x[i]), int(self.labels[i])

    def pick(self, places):
        """The examples at the given places, as `Examples`."""
        return Examples(self.x[places], self.labels[places])


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A labelled task: three parts that share their classes.

    Attributes
    ----------
    name : str
    train, validation, test : Pictures
        `validation` is a fixed, stratified part of the training data; `test` is for one look at the end.
    classes : list of str
        Name of each label.
    about : str
        One honest line on where the data come from.
    fingerprint : str
        Changes when the data change: a recorded study is only drawn beside the data it was made from.
    """

    name: str
    train: Pictures
    validation: Pictures
    test: Pictures
    classes: list
    about: str
    fingerprint: str

    def __post_init__(self):
        if len(self.classes) < 2:
            raise CourseError(f'{self.name} has only the class {self.classes}: a classifier needs at least two classes.')
        for part in ('train', 'validation', 'test'):
            labels = getattr(self, part).labels
            if len(labels) == 0:
                raise CourseError(f'The {part} part of {self.name} is empty: give it at least one picture of every class.')
            if labels.min() < 0 or labels.max() >= len(self.classes):
                raise CourseError(f'The {part} part of {self.name} has the label {labels.max() if labels.min() >= 0 else labels.min()}, but its '
                                  f'{len(self.classes)} classes are numbered from 0 to {len(self.classes) - 1}.')
            missing = set(range(len(self.classes))) - set(labels.tolist())
            if missing:
                raise CourseError(f'The {part} part of {self.name} has no picture of {self.classes[min(missing)]!r}: '
                                  'add some, or remove the class.')


def subset(pictures, n, seed):
    """A stratified random part of a labelled dataset: every class keeps its share, as nearly as whole numbers allow.

    Parameters
    ----------
    pictures : Pictures
    n : int
        Number of examples wanted: at least one for each class, at most all.
    seed : int
        Another seed draws other examples. MXNet's and NumPy's global generators are left alone.

    Returns
    -------
    Pictures

    Raises
    ------
    CourseError
        If `n` is out of range, or the dataset has no `labels`, as after ``transform_first``.
    """
    if not hasattr(pictures, 'labels'):
        raise CourseError(f'subset needs pictures with their labels, not a {type(pictures).__name__}: take the subset first, then transform it.')
    labels = pictures.labels
    counts = numpy.bincount(labels)
    present = int((counts > 0).sum())
    if not present <= n <= len(labels):
        raise CourseError(f'subset was asked for {n} of {len(labels)} examples: choose a number from {present} (one for each class) '
                          f'to {len(labels)}.')
    generator = numpy.random.default_rng(seed)
    shares = n * counts / counts.sum()
    take = numpy.maximum(numpy.floor(shares).astype(int), (counts > 0).astype(int))
    for k in numpy.argsort(take - shares, kind='stable'):  # the classes that lost most by rounding down come first
        take[k] += int(take.sum() < n and take[k] < counts[k])
    while take.sum() > n:  # only where many tiny classes were rounded up to one
        take[numpy.argmax(take)] -= 1
    chosen = numpy.concatenate([generator.permutation(numpy.flatnonzero(labels == k))[:take[k]] for k in range(len(counts))])
    chosen.sort()
    return pictures.pick(chosen)


def few(data, each, seed):
    """A random part of a labelled dataset with the same number of examples of every class.

    Parameters
    ----------
    data : Pictures or Examples
    each : int
        Number of examples of each class.
    seed : int
        Another seed draws other examples. MXNet's and NumPy's global generators are left alone. The examples drawn for a smaller `each` are among
        those for a larger one.

    Returns
    -------
    Pictures or Examples

    Raises
    ------
    CourseError
        If a class has fewer examples, or the dataset has no `labels`, as after ``transform_first``.
    """
    if not hasattr(data, 'labels'):
        raise CourseError(f'few needs data with their labels, not a {type(data).__name__}: take a few first, then transform them.')
    counts = numpy.bincount(data.labels)
    fewest = int(counts[counts > 0].min())
    if not isinstance(each, int | numpy.integer) or not 1 <= each <= fewest:
        raise CourseError(f'few was asked for {each} examples of each class, but the rarest class has {fewest}: '
                          f'choose a whole number from 1 to {fewest}.')
    generator = numpy.random.default_rng(seed)
    chosen = [generator.permutation(numpy.flatnonzero(data.labels == k))[:each] for k in numpy.flatnonzero(counts)]
    return data.pick(numpy.sort(numpy.concatenate(chosen)))


class Picked:
    """The pictures of another `Pictures` at the given places."""

    def __init__(self, pictures, places):
        self._pictures, self._places = pictures, places

    def __getitem__(self, i):
        return self._pictures[int(self._places[i])][0]


class _EndlessOrder(gluon.data.Sampler):
    """Full batches of indices from an endless order: all examples in random order, then all again in another, and so on across epochs."""

    def __init__(self, examples, size, updates):
        self._examples, self._size, self._updates = examples, size, updates
        self._left = numpy.empty(0, dtype=int)

    def __iter__(self):
        for _ in range(self._updates):
            while len(self._left) < self._size:
                self._left = numpy.concatenate([self._left, numpy.random.permutation(self._examples)])
            batch, self._left = self._left[:self._size], self._left[self._size:]
            yield batch.tolist()

    def __len__(self):
        return self._updates


class _Batches:
    """Iterable again and again, with a length; see `batches`."""

    def __init__(self, datasets, size, updates):
        # Workers would put batches on another device and repeat each other's random augmentations, so none are used
        self._loaders = [gluon.data.DataLoader(data, batch_sampler=_EndlessOrder(len(data), size, updates), num_workers=0) for data in datasets]
        self._updates = updates

    def __iter__(self):
        for parts in zip(*self._loaders, strict=True):
            yield tuple(array for part in parts for array in (part if isinstance(part, list | tuple) else [part]))

    def __len__(self):
        return self._updates


def batches(*datasets, size, updates=None):
    """Batches for `fit`: full, equally long for every dataset, and as many in an epoch as you say.

    Each dataset is drawn from its own endless, reshuffled order. So tasks and domains of different size can be trained together without cutting the
    larger one short, two methods can be given equal numbers of updates, and no last batch of one picture spoils batch normalisation. The order goes
    on from one epoch, and one `fit`, to the next: for a run that can be repeated, seed and make the batches in the same cell.

    Parameters
    ----------
    *datasets : gluon.data.Dataset
        One or several. A batch holds the arrays of the first dataset, then those of the second, and so on.
    size : int
        Examples of each dataset in a batch.
    updates : int, optional
        Batches in an epoch. By default as many as one pass of the largest dataset needs, rounded up.

    Returns
    -------
    iterable of tuple of mxnet.np.ndarray
        Can be iterated again and again, and has a length.

    Raises
    ------
    CourseError
        If there is no dataset, one is empty, or a number is not a positive whole one.
    """
    if not datasets:
        raise CourseError('batches needs at least one dataset: batches(data.train, size=32).')
    for i, data in enumerate(datasets, start=1):
        if not hasattr(data, '__getitem__') or not hasattr(data, '__len__'):
            raise CourseError(f'Dataset {i} given to batches is a {type(data).__name__}, which has no length or no items by number: '
                              'hand it a Gluon dataset, not a loader or a generator.')
        if len(data) == 0:
            raise CourseError(f'Dataset {i} given to batches is empty: nothing can be drawn from it.')
    if not all(isinstance(number, int | numpy.integer) and number >= 1 for number in (size, 1 if updates is None else updates)):
        raise CourseError(f'batches was given size={size!r} and updates={updates!r}: both must be whole numbers, at least 1.')
    updates = updates or math.ceil(max(len(data) for data in datasets) / size)
    passes = ', '.join(f'{len(data)} examples passed {updates * size / len(data):.3g} times' for data in datasets)
    print(f'An epoch is {updates} batches of {size}: {passes}.')
    return _Batches(datasets, size, updates)
