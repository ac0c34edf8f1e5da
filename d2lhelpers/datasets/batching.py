"""Batches for `fit`: full, equally long for every dataset, from an endless order."""
import math
import zlib

import numpy
from mxnet import gluon

from ..errors import CourseError
from ..messages import say
from ..teams import share_of
from .loading import load


class _EndlessOrder(gluon.data.Sampler):
    """Full batches of indices from an endless order: all examples in random order, then all again in another,
    and so on across epochs.
    """

    def __init__(self, examples, size, updates, random, share):
        self._examples, self._size, self._updates = examples, size, updates
        self._random, self._share = random, share
        self._left = numpy.empty(0, dtype=int)

    def __iter__(self):
        for _ in range(self._updates):
            while len(self._left) < self._size:
                self._left = numpy.concatenate([self._left, self._random.permutation(self._examples)])
            batch, self._left = self._left[:self._size], self._left[self._size:]
            yield share_of(batch.tolist(), self._share)

    def __len__(self):
        return self._updates


class _Batches:
    """Iterable again and again, with a length; see `batches`."""

    def __init__(self, datasets, size, updates, share):
        random, self.order = numpy.random, None
        if share is not None:
            # the same order on every worker, whatever else draws numbers meanwhile; fit compares `order`
            random = numpy.random.RandomState()
            random.set_state(numpy.random.get_state())
            self.order = zlib.crc32(repr(random.get_state()[1:]).encode())
        self._loaders = [load(data, _EndlessOrder(len(data), size, updates, random, share))
                         for data in datasets]
        self._updates = updates

    def __iter__(self):
        for parts in zip(*self._loaders, strict=True):
            yield tuple(array for part in parts
                        for array in (part if isinstance(part, list | tuple) else [part]))

    def __len__(self):
        return self._updates


def batches(*datasets, size, updates=None, share=None):
    """Batches for `fit`: full, equally long for every dataset, and as many in an epoch as you say.

    Each dataset is drawn from its own endless, reshuffled order. So tasks and domains of different size can
    be trained together without cutting the larger one short, two methods can be given equal numbers of
    updates, and no last batch of one picture spoils batch normalisation. The order goes on from one epoch,
    and one `fit`, to the next: for a run that can be repeated, seed and make the batches in the same cell.

    Parameters
    ----------
    *datasets : gluon.data.Dataset
        One or several. A batch holds the arrays of the first dataset, then those of the second, and so on.
    size : int
        Examples of each dataset in a batch.
    updates : int, optional
        Batches in an epoch. By default as many as one pass of the largest dataset needs, rounded up.
    share : machines.Worker, optional
        Where several machines train together: what `machines.join` returned. Each gets its part of every
        batch, and `size` is that of all parts together. All need the same seed (`seed_all`).

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
            raise CourseError(f'Dataset {i} given to batches is a {type(data).__name__}, which has no length '
                              'or no items by number: hand it a Gluon dataset, not a loader or a generator.')
        if len(data) == 0:
            raise CourseError(f'Dataset {i} given to batches is empty: nothing can be drawn from it.')
    if not all(isinstance(number, int | numpy.integer) and number >= 1
               for number in (size, 1 if updates is None else updates)):
        raise CourseError(f'batches was given size={size!r} and updates={updates!r}: both must be whole '
                          'numbers, at least 1.')
    if share is not None and size < share.num_workers:
        raise CourseError(f'A batch of {size} cannot be shared by {share.num_workers} workers: take a larger '
                          'batch.')
    updates = updates or math.ceil(max(len(data) for data in datasets) / size)
    passes = ', '.join(f'{len(data)} examples used {updates * size / len(data):.3g} times'
                       for data in datasets)
    if share is None or share.rank == 0:  # once for all workers
        say(f'An epoch is {updates} batches of {size}: {passes}.')
    return _Batches(datasets, size, updates, share)
