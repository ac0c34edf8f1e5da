"""What the checks of exercises look at in a network: its weights, before and after, and its gradients."""
import numpy
from mxnet import autograd, gluon


def parameters(*nets):
    """All parameters of several nets; what they share is in it once.

    Returns
    -------
    mxnet.gluon.ParameterDict
    """
    found = gluon.ParameterDict()
    for net in nets:
        found.update(net.collect_params())
    return found


def learning(part):
    """The parameters of a part of a network that get a gradient: those that are not frozen.

    Returns
    -------
    list of mxnet.gluon.Parameter
    """
    return [each for each in part.collect_params().values() if each.grad_req != 'null']


def size(*nets):
    """How many numbers the parameters of several nets hold, what they share counted once. Their shapes must
    be known: pass a picture first.
    """
    return sum(int(numpy.prod(each.shape)) for each in parameters(*nets).values())


def weights(*parts):
    """The numbers of all parameters of parts of a network, running statistics included.

    Returns
    -------
    list of numpy.ndarray
    """
    return [each.data(each.list_ctx()[0]).asnumpy() for each in parameters(*parts).values()]


def moved(before, after):
    """Which arrays of two lists, such as `weights` before and after, differ, if only in the last bit?

    Returns
    -------
    list of bool
    """
    return [not numpy.array_equal(one, other) for one, other in zip(before, after, strict=True)]


def same(before, after):
    """Are two lists of `weights` equal, to the last bit?"""
    return len(before) == len(after) and not any(moved(before, after))


def gradient_of(part):
    """The gradient by all parameters of a part of a network, as one NumPy row."""
    return numpy.concatenate([each.grad().asnumpy().ravel() for each in part.collect_params().values()])


def in_training(part, x):
    """What a part of a network gives while training. Its running statistics stay as they are: MXNet moves
    them in the backward pass.
    """
    with autograd.record():
        return part(x)
