"""What the checks of exercises judge with: what an answer returned, and which mistake it is."""
import numpy
from mxnet import np

from .checking import Wrong

ARRAY = np.ndarray | numpy.ndarray  # of either library, for `returned`


# ---- what came back ----------------------------------------------------------------------------------------

def returned(value, kind, what):
    """The value that an answer returned, if it is of the right kind.

    Parameters
    ----------
    value : object
    kind : type or tuple of type
    what : str
        In words, for the learner: ``'a network'``.

    Raises
    ------
    Wrong
        If it is something else, or nothing.
    """
    if value is None:
        raise Wrong(f'The function returned nothing; it is to return {what}: is the line with return '
                    'missing?')
    if not isinstance(value, kind):
        raise Wrong(f'The function returned an object of type {type(value).__name__}; it is to return '
                    f'{what}.')
    return value


def pair(value, kind, what, two=None):
    """The two things that an answer returned. Parameters and errors as for `returned`; `two` is said instead
    of `what` to a learner who returned more or fewer.
    """
    if len(returned(value, kind, what)) != 2:
        raise Wrong(f'The function returned {len(value)} things; it is to return {two or what}.')
    return value


def number(value, what):
    """The number that an answer returned, an array of one element included. Parameters and errors as for
    `returned`.
    """
    if isinstance(value, ARRAY) and value.size == 1:
        value = value.item()
    return returned(value, int | float | numpy.number, what)


def differentiable(value, what, several):
    """The one number that an answer returned, as an mxnet array that has a gradient. Parameters and errors as
    for `returned`; `several` is the sentence for a learner who returned ``{}`` numbers.
    """
    if returned(value, np.ndarray, what).size != 1:
        raise Wrong(several.format(value.size))
    return value


def backward(value, hint):
    """Compute the gradients of a number that is right.

    Parameters
    ----------
    value : mxnet.np.ndarray
    hint : str
        For the learner: how the number gets a gradient.

    Raises
    ------
    Wrong
        If it has none.
    """
    try:
        value.backward()
    except Exception:
        raise Wrong(f'The number is right, but it has no gradient: {hint}.') from None


def as_numpy(value):
    """An array of either library, a number, or a list of them, as a NumPy array."""
    if isinstance(value, list | tuple):
        value = [as_numpy(each) for each in value]
    return value.asnumpy() if isinstance(value, np.ndarray) else numpy.asarray(value)


# ---- which mistake it is -----------------------------------------------------------------------------------

def known_mistake(value, known, rtol=1e-3, atol=0):
    """Recognise a mistake by the value that it gives.

    Parameters
    ----------
    value : float or array
        What the answer gave.
    known : list of tuple
        Pairs ``(wrong, sentence)``: what a mistake gives, and what to tell who made it.
    rtol, atol : float
        As for ``numpy.allclose``.

    Returns
    -------
    str or None
        The sentence of the first mistake that gives this value.
    """
    return next((sentence for wrong, sentence in known if _close(value, wrong, rtol, atol)), None)


def must_equal(value, right, known, otherwise, where='', rtol=1e-3, atol=0):
    """Let the right value pass. Parameters as for `known_mistake`, and:

    Parameters
    ----------
    right : float or array
    otherwise : str
        What to tell who gave a value that is neither right nor known.
    where : str
        How every sentence begins.

    Raises
    ------
    Wrong
        If the value is not right.
    """
    if not _close(value, right, rtol, atol):
        raise Wrong(where + (known_mistake(value, known, rtol, atol) or otherwise))


def _close(value, other, rtol, atol):
    return numpy.allclose(as_numpy(value), as_numpy(other), rtol=rtol, atol=atol, equal_nan=True)
