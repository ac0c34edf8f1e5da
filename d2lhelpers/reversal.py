"""Gradient reversal (Ganin et al. 2016, *Domain-adversarial training of neural networks*), and its test."""
import math

import numpy
from mxnet import autograd, np

from . import process  # noqa: F401 - np semantics
from .errors import CourseError


def reverse(x, lam=1):
    """Gradient reversal: x itself; on the way back the gradient is multiplied by -lam.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Of any shape.
    lam : float
        The strength, 0 or more.

    Returns
    -------
    mxnet.np.ndarray
        Of the shape of `x`.

    Raises
    ------
    CourseError
        If `lam` is negative.
    """
    if lam < 0:
        raise CourseError(f'lam is {lam}: a negative lambda turns the sign twice, and the features would '
                          'help the domain classifier. Give 0 or more.')
    return ((1 + lam) * x).detach() - lam * x


def effect(function, x, *args, plain=None):
    """What a gradient reversal does: how much it changes the value, and by which factor it multiplies the
    gradient.

    The gradient comes from autograd. It is compared with one that is computed without autograd and without
    the reversal: each number of `x` is moved a little (finite differences).

    Parameters
    ----------
    function : callable
        ``function(x, *args)``: a reversal such as `reverse`, or a network with a reversal at its bottom.
    x : mxnet.np.ndarray of float
        A small one: `plain` is called twice for each of its numbers.
    *args
        For `function`, for instance a lambda.
    plain : callable, optional
        ``plain(x)``: the same network without the reversal. By default `function` is a reversal alone, and
        `plain` gives x itself.

    Returns
    -------
    change : float
        The largest difference between the outputs with and without the reversal; 0 is right.
    factor : float
        The gradient that arrives at `x` is so many times the one without reversal; -lambda is right. nan if
        no single number says it.

    Raises
    ------
    CourseError
        If the gradient without the reversal is 0.
    """
    plain = plain or (lambda x: x)
    x = x.copy()  # a gradient that the caller has attached stays as it is
    x.attach_grad()
    with autograd.record(train_mode=False):
        out = function(x, *args)
        total = _weighted(out) + 0 * x.sum()  # where nothing is passed back, there is a gradient too: 0
    total.backward()
    found, expected = x.grad.asnumpy(), _numeric(lambda x: _weighted(plain(x)), x)
    largest = numpy.abs(expected).max()
    if largest == 0:
        raise CourseError('Without the reversal the gradient is 0 here, so no factor can be seen: test the '
                          'reversal at another x.')
    factor = float((found * expected).sum() / (expected ** 2).sum())
    misfit = numpy.abs(found - factor * expected).max()
    return (float(np.abs(out - plain(x)).max()),
            factor if misfit < .01 * max(1, abs(factor)) * largest else math.nan)


def _weighted(out):
    """One number, to which every output contributes differently."""
    return (out * np.arange(1, out.size + 1, ctx=out.ctx).reshape(out.shape)).sum() / out.size


def _numeric(f, x, step=1e-2):
    """The gradient by finite differences."""
    moves = step * np.eye(x.size, ctx=x.ctx).reshape(x.size, *x.shape)
    return numpy.array([float(f(x + move) - f(x - move)) for move in moves]).reshape(x.shape) / (2 * step)
