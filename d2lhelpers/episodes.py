"""Very few pictures, one or five of each class: many small tasks, since a single one is mostly luck."""
import numpy

from .errors import CourseError


def episodes(labels, shots, queries, n, seed):
    """Small tasks drawn from one set of examples: a few of each class to learn from, others to be judged by.
    (Vinyals and others 2016, *Matching Networks for One Shot Learning*.)

    Parameters
    ----------
    labels : array_like of int, shape (examples,)
    shots, queries : int
        Examples of each class to learn from, and to be judged by. No example is both.
    n : int
        Number of episodes.
    seed : int

    Yields
    ------
    support, query : numpy.ndarray of int
        Places of the examples, class by class.

    Raises
    ------
    CourseError
        If a class has too few examples.
    """
    labels = numpy.asarray(labels)
    places = [numpy.flatnonzero(labels == k) for k in numpy.unique(labels)]
    fewest = min(map(len, places), default=0)
    if shots < 1 or queries < 1 or shots + queries > fewest:
        raise CourseError(f'An episode was asked for {shots} + {queries} examples of each class, but the '
                          f'rarest has {fewest}: ask for at least one of each kind, and no more than that.')
    generator = numpy.random.default_rng(seed)
    for _ in range(n):
        drawn = [generator.permutation(of_class)[:shots + queries] for of_class in places]
        yield (numpy.concatenate([one[:shots] for one in drawn]),
               numpy.concatenate([one[shots:] for one in drawn]))


def nearest_mean(support, labels, query):
    """The class whose mean feature is nearest, by cosine: a classifier that nothing is trained for. (Snell,
    Swersky and Zemel 2017, *Prototypical Networks*; there by Euclidean distance.)

    Parameters
    ----------
    support : array, shape (examples, features)
    labels : array_like of int, shape (examples,)
    query : array, shape (others, features)

    Returns
    -------
    numpy.ndarray of int, shape (others,)
    """
    labels = numpy.asarray(labels)
    classes = numpy.unique(labels)
    support, query = _unit(support), _unit(query)
    means = _unit(numpy.stack([support[labels == k].mean(axis=0) for k in classes]))
    return classes[(query @ means.T).argmax(axis=1)]


def _unit(rows):
    """Rows of length 1."""
    rows = rows.asnumpy() if hasattr(rows, 'asnumpy') else numpy.asarray(rows)
    return rows / numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
