"""Which source will suit a task? Scores from features alone, before anything is trained.

They rank sources; they do not say how accurate a network will be.
"""
import numpy

from .errors import CourseError


def logme(features, labels):
    """The log of the maximum evidence of the labels, given the features: how well a linear model with a
    Gaussian prior explains them, however its weights are chosen. (You, Liu, Wang and Long 2021, *LogME:
    Practical Assessment of Pre-trained Models for Transfer Learning*.)

    The widths of prior and noise are found by MacKay's fixed-point steps, for each class against the rest.

    Parameters
    ----------
    features : array, shape (examples, features)
        Of the target's training pictures, by the source's backbone.
    labels : array_like of int, shape (examples,)

    Returns
    -------
    float
        For each example, the mean over the classes. Higher is better. Compare only sources on the same
        examples.

    Raises
    ------
    CourseError
        If there is not a row for each label, or only one class.
    """
    features, labels = _checked(features, labels)
    n, d = features.shape
    u, s, _ = numpy.linalg.svd(features, full_matrices=False)
    return float(numpy.mean([_evidence((labels == k).astype(float), u, s ** 2, n, d)
                             for k in numpy.unique(labels)]) / n)


def _evidence(y, u, sigma, n, d):
    """Log evidence of one column of targets; `u` and `sigma`: left singular vectors, squared singular values
    of the features.
    """
    projected = (u.T @ y) ** 2
    outside = max(y @ y - projected.sum(), 0)  # of y, what no linear model reaches
    alpha = beta = 1.
    for _ in range(100):
        effective = (beta * sigma / (alpha + beta * sigma)).sum()  # how many weights the data determine
        weights = (beta ** 2 * sigma * projected / (alpha + beta * sigma) ** 2).sum()  # squared length
        rest = outside + (projected * (alpha / (alpha + beta * sigma)) ** 2).sum()  # squared error
        alpha, before = effective / max(weights, 1e-12), alpha
        beta = (n - effective) / max(rest, 1e-12)
        if abs(alpha - before) <= 1e-6 * before:
            break
    weights = (beta ** 2 * sigma * projected / (alpha + beta * sigma) ** 2).sum()
    rest = outside + (projected * (alpha / (alpha + beta * sigma)) ** 2).sum()
    unseen = max(d - len(sigma), 0)  # directions without data: there the prior stays
    return .5 * (d * numpy.log(alpha) + n * numpy.log(beta) - n * numpy.log(2 * numpy.pi)
                 - numpy.log(alpha + beta * sigma).sum() - unseen * numpy.log(alpha)
                 - alpha * weights - beta * rest)


def knn_score(features, labels, k=5):
    """Share of examples whose class is the commonest among their `k` nearest others, by cosine.

    Parameters
    ----------
    features : array, shape (examples, features)
    labels : array_like of int, shape (examples,)
    k : int

    Returns
    -------
    float
        From 0 to 1. Near-duplicates flatter it.

    Raises
    ------
    CourseError
        If there is not a row for each label, only one class, or there are not more than `k` examples.
    """
    features, labels = _checked(features, labels)
    if not 1 <= k < len(labels):
        raise CourseError(f'knn_score was asked for {k!r} neighbours of {len(labels)} examples: choose a '
                          f'whole number from 1 to {len(labels) - 1}.')
    unit = features / numpy.maximum(numpy.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    near = unit @ unit.T
    numpy.fill_diagonal(near, -numpy.inf)
    neighbours = labels[numpy.argsort(-near, axis=1, kind='stable')[:, :k]]
    votes = (neighbours[:, :, None] == numpy.arange(labels.max() + 1)).sum(axis=1)
    return float((votes.argmax(axis=1) == labels).mean())


def _checked(features, labels):
    features = features.asnumpy() if hasattr(features, 'asnumpy') else features
    features, labels = numpy.asarray(features, dtype='float64'), numpy.asarray(labels)
    if features.ndim != 2 or len(features) != len(labels):
        raise CourseError(f'Features of the shape {features.shape} do not go with {len(labels)} labels: a '
                          'row for each example.')
    if len(numpy.unique(labels)) < 2:
        raise CourseError('All examples have the same class, so nothing can be told apart: take examples of '
                          'two classes or more.')
    return features, labels
