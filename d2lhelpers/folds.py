"""Cross-validation for few pictures: repeated, stratified, and near-duplicates never on both sides."""
import numpy
from scipy import stats
from sklearn.model_selection import StratifiedGroupKFold

from .errors import CourseError
from .intervals import Interval


def grouped_folds(labels, groups, folds=5, repeats=4, seed=0):
    """Repeated stratified cross-validation in which a group is never on both sides of a split.

    Parameters
    ----------
    labels : array_like of int, shape (examples,)
    groups : array_like of int, shape (examples,)
        The same number for examples that belong together: near-duplicates, photos of one thing. Each alone:
        ``range(len(labels))``.
    folds, repeats : int
    seed : int

    Returns
    -------
    list of tuple of numpy.ndarray of int
        (to learn from, to be judged by), `folds` x `repeats` of them; within a repeat each example is judged
        once.

    Raises
    ------
    CourseError
        If a class has fewer groups than there are folds, for then a fold would be without it; and if there is
        only one fold, as where all examples of a class are one group.
    """
    labels, groups = numpy.asarray(labels), numpy.asarray(groups)
    if folds < 2:
        raise CourseError('Cross-validation takes two folds or more. If all pictures of a class ended up in '
                          'one group of near-duplicates, let fewer count as alike (a higher cut), or take '
                          'more pictures of it.')
    for k in numpy.unique(labels):
        found = len(numpy.unique(groups[labels == k]))
        if found < folds:
            raise CourseError(f'Class {k} has {found} groups of examples, too few for {folds} folds: take '
                              'fewer folds, or more pictures that are no near-duplicates.')
    splits = []
    for repeat in range(repeats):
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed + repeat)
        splits += list(splitter.split(labels, labels, groups))
    return splits


def cross_validated(right, splits):
    """Mean accuracy over repeated folds and its 95 % interval.

    Parameters
    ----------
    right : list of array_like of bool
        For each split, which of the judged examples were right.
    splits : list of tuple of array
        Of `grouped_folds`.

    Returns
    -------
    Interval
        After Nadeau and Bengio (2003, *Inference for the Generalization Error*): the splits share their
        examples, so their spread alone would make the interval far too narrow.
    """
    shares = numpy.array([numpy.mean(one) for one in right])
    n, (learned, judged) = len(shares), map(len, splits[0])
    half = stats.t.ppf(.975, n - 1) * numpy.sqrt((1 / n + judged / learned) * shares.var(ddof=1))
    return Interval(float(shares.mean()), float(shares.mean() - half), float(shares.mean() + half))
