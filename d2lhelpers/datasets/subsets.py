"""Random parts of a labelled dataset: with the shares of its classes, or with equally many of each."""
import numpy

from ..errors import CourseError
from .dataset import check_seed


def stratified(data, n, seed):
    """A stratified random part of a labelled dataset: every class keeps its share, as nearly as whole numbers
    allow.

    Parameters
    ----------
    data : Pictures or Examples
    n : int
        Number of examples wanted: at least one for each class, at most all.
    seed : int
        Another seed draws other examples. MXNet's and NumPy's global generators are left alone.

    Returns
    -------
    Pictures or Examples

    Raises
    ------
    CourseError
        If `n` is out of range, the seed is no whole number from 0, or the dataset has no `labels`, as after
        ``transform_first``.
    """
    check_seed(seed, 'stratified')
    labels = _labels(data, 'stratified')
    counts = numpy.bincount(labels)
    present = int((counts > 0).sum())
    if not isinstance(n, int | numpy.integer) or not present <= n <= len(labels):
        raise CourseError(f'stratified was asked for {n!r} of {len(labels)} examples: choose a whole number '
                          f'from {present} (one for each class) to {len(labels)}.')
    generator = numpy.random.default_rng(seed)
    shares = n * counts / counts.sum()
    take = numpy.maximum(numpy.floor(shares).astype(int), (counts > 0).astype(int))
    # the classes that lost most by rounding down come first
    for k in numpy.argsort(take - shares, kind='stable'):
        take[k] += int(take.sum() < n and take[k] < counts[k])
    while take.sum() > n:  # only where many tiny classes were rounded up to one
        take[numpy.argmax(take)] -= 1
    chosen = numpy.concatenate([generator.permutation(numpy.flatnonzero(labels == k))[:take[k]]
                                for k in range(len(counts))])
    chosen.sort()
    return data.pick(chosen)


def per_class(data, each, seed):
    """A random part of a labelled dataset with the same number of examples of every class.

    Parameters
    ----------
    data : Pictures or Examples
    each : int
        Number of examples of each class.
    seed : int
        Another seed draws other examples. MXNet's and NumPy's global generators are left alone. The examples
        drawn for a smaller `each` are among those for a larger one.

    Returns
    -------
    Pictures or Examples

    Raises
    ------
    CourseError
        If a class has fewer examples, the seed is no whole number from 0, or the dataset has no `labels`, as
        after ``transform_first``.
    """
    check_seed(seed, 'per_class')
    labels = _labels(data, 'per_class')
    counts = numpy.bincount(labels)
    fewest = int(counts[counts > 0].min())
    if not isinstance(each, int | numpy.integer) or not 1 <= each <= fewest:
        raise CourseError(f'per_class was asked for {each!r} examples of each class, but the rarest class '
                          f'has {fewest}: choose a whole number from 1 to {fewest}.')
    generator = numpy.random.default_rng(seed)
    chosen = [generator.permutation(numpy.flatnonzero(labels == k))[:each]
              for k in numpy.flatnonzero(counts)]
    return data.pick(numpy.sort(numpy.concatenate(chosen)))


def _labels(data, name):
    if not hasattr(data, 'labels'):
        raise CourseError(f'{name} needs data with their labels, not a {type(data).__name__}: take a part '
                          'first, then transform it.')
    return data.labels
