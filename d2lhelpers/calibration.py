"""Is a network as sure as it is right? Temperature, reliability, and a threshold below which it says nothing.

Guo, Pleiss, Sun and Weinberger (2017), On Calibration of Modern Neural Networks.
"""
import numpy
import pandas
from scipy import optimize, special

from .errors import CourseError
from .shares import share_interval


def softmax(scores, temperature=1.):
    """Scores as probabilities.

    Parameters
    ----------
    scores : array_like, shape (examples, classes)
    temperature : float
        The scores are divided by it: above 1 the network becomes less sure, below 1 more; the order of the
        classes stays.

    Returns
    -------
    numpy.ndarray of float64, shape (examples, classes)
    """
    return special.softmax(numpy.asarray(scores, dtype='float64') / temperature, axis=1)


def best_temperature(scores, labels):
    """The temperature with which the true classes get the highest likelihood: one number, to be fitted on
    examples that the network did not learn from, and that are not the test's.

    Parameters
    ----------
    scores : array_like, shape (examples, classes)
    labels : array_like of int, shape (examples,)

    Returns
    -------
    float
        From .05 to 20.

    Notes
    -----
    Twenty examples, all of them right, do not show that the network is never wrong; by likelihood alone it
    would be made surer without end. So, after Platt (1999), the true class is worth not 1 but
    1 - 1 / (n + 2), and the others share the rest: with many examples that changes nothing.
    """
    labels = _checked(scores, labels)
    scores = numpy.asarray(scores, dtype='float64')
    doubt = 1 / (len(labels) + 2)

    def loss(log_temperature):
        logs = special.log_softmax(scores / numpy.exp(log_temperature), axis=1)
        true = logs[numpy.arange(len(labels)), labels]
        others = (logs.sum(axis=1) - true) / max(1, logs.shape[1] - 1)
        return -((1 - doubt) * true + doubt * others).mean()

    found = optimize.minimize_scalar(loss, bounds=(numpy.log(.05), numpy.log(20)), method='bounded')
    return float(numpy.exp(found.x))


def reliability(probabilities, labels, bins=10):
    """How often the network is right where it is so and so sure: the numbers of a reliability diagram.

    Parameters
    ----------
    probabilities : array_like, shape (examples, classes)
    labels : array_like of int, shape (examples,)
    bins : int
        Equally wide parts of the scale from 0 to 1 of the highest probability; empty ones are left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``sure`` (mean of the highest probability), ``right`` (share), ``low``, ``high`` (95 %
        interval of that share, Wilson 1927) and ``examples``.
    """
    labels = _checked(probabilities, labels)
    p = numpy.asarray(probabilities, dtype='float64')
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    places = numpy.minimum((sure * bins).astype(int), bins - 1)
    rows = [(sure[places == k].mean(), right[places == k].mean(), *share_interval(right[places == k]),
             int((places == k).sum())) for k in numpy.unique(places)]
    return pandas.DataFrame(rows, columns=['sure', 'right', 'low', 'high', 'examples'])


def calibration_error(probabilities, labels, bins=10):
    """Expected calibration error: the mean distance between sure and right over the bins of `reliability`,
    each counted by its examples (float, 0 is best). With few examples it is above 0 by chance alone.
    """
    table = reliability(probabilities, labels, bins)
    return float(numpy.average((table['sure'] - table['right']).abs(), weights=table['examples']))


def threshold_for(probabilities, labels, right):
    """The lowest threshold above which the network is right as often as wanted.

    Choose it on examples that are not the test's.

    Parameters
    ----------
    probabilities : array_like, shape (examples, classes)
    labels : array_like of int, shape (examples,)
    right : float
        Share of the answers given that shall be right, for instance .95.

    Returns
    -------
    threshold : float
        Answers below it become "I don't know". 0 where all may be answered.
    answered : float
        Share of these examples that are answered.

    Raises
    ------
    CourseError
        If not even the surest answers are right so often, or there is not an example for every label.
    """
    labels = _checked(probabilities, labels)
    p = numpy.asarray(probabilities, dtype='float64')
    sure = p.max(axis=1)
    order = numpy.argsort(-sure, kind='stable')
    shares = numpy.cumsum((p.argmax(axis=1) == labels)[order]) / numpy.arange(1, len(order) + 1)
    # a threshold cannot part equally sure examples
    ends = numpy.append(sure[order][1:] < sure[order][:-1], True)
    enough = numpy.flatnonzero(ends & (shares >= right))
    if not len(enough):
        raise CourseError(f'No threshold makes {right:.0%} of the answers right here: not even the surest '
                          'are. Ask for less, or train more.')
    last = enough[-1]
    return (0. if last == len(order) - 1 else float(sure[order][last])), float((last + 1) / len(order))


def _checked(rows, labels):
    """Labels as an array, one for each row."""
    labels = numpy.asarray(labels)
    if numpy.ndim(rows) != 2 or len(rows) != len(labels) or not len(labels):
        raise CourseError(f'Scores or probabilities of the shape {numpy.shape(rows)} do not go with '
                          f'{len(labels)} labels: a row for each example, a column for each class.')
    return labels
