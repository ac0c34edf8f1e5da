"""Surgery on networks: a true copy, and a new head."""
import copy

import numpy
from mxnet import gluon, init, npx
from mxnet.gluon import nn

from . import process  # noqa: F401 - np semantics
from .errors import CourseError


def true_copy(net):
    """An independent copy of a network: same weights, same devices, nothing shared.

    Assigning is no copy: after ``target.features = source.features`` both networks hold the same layers, and
    training one destroys the other. The copy has the original's learning-rate factors, frozen parts and
    hybridization. Its parameters have the same names, so one trainer cannot hold both networks.

    Parameters
    ----------
    net : mxnet.gluon.Block
        A network, or a part of one; its weights, if it has any, initialized.

    Returns
    -------
    mxnet.gluon.Block

    Raises
    ------
    CourseError
        If its weights are not initialized yet.
    """
    _devices_of(net, 'copied')
    # with static_shape MXNet lets running statistics be read while the last step is still writing them
    npx.waitall()
    blocks = []
    net.apply(blocks.append)
    scopes = {id(block._scope) for block in blocks}
    memo = {}  # id of what deepcopy must not follow: what the copy has in its place
    for block in blocks:
        if id(block._scope._old_scope) not in scopes:
            # a part of a network remembers the whole it was built in
            memo[id(block._scope._old_scope)] = None
        if isinstance(block, gluon.HybridBlock):
            # compiled for the original; made anew when the copy is called
            memo[id(block._cached_op)], memo[id(block._cached_graph)] = None, ()
    # copied as they are, parameters would take the trainer along, and lose their gradients
    for old in net.collect_params().values():
        new = gluon.Parameter(old.name, old.grad_req, old.shape, old.dtype, old.lr_mult, old.wd_mult,
                              differentiable=old._differentiable)
        new.frozen = getattr(old, 'frozen', False)
        new.initialize('zeros', ctx=old.list_ctx())
        new.set_data(old.data(old.list_ctx()[0]))
        memo[id(old)] = new
    return copy.deepcopy(net, memo)


def new_head(net, classes):
    """Replace the head of a network, ``net.output``, by a fresh dense layer with Xavier weights on the same
    devices.

    Parameters
    ----------
    net : mxnet.gluon.Block
        With ``features`` and ``output``; it is changed.
    classes : int
        Number of outputs of the new head.

    Returns
    -------
    mxnet.gluon.Block
        The same network.

    Raises
    ------
    CourseError
        If the network has no ``features`` and ``output``, its ``output`` is not a dense layer, it has no
        weights yet, or `classes` is not a positive whole number.
    """
    features, output = getattr(net, 'features', None), getattr(net, 'output', None)
    if not isinstance(features, gluon.Block) or not isinstance(output, nn.Dense):
        raise CourseError('A new head replaces net.output, a dense layer after net.features, but this '
                          f'{type(net).__name__} is not built that way: take a network of '
                          "d2lhelpers.backbones, or of the zoo's resnet, mobilenet (version 1) or densenet.")
    check_classes(classes)
    on = _devices_of(net, 'given a new head')
    with net.name_scope():
        net.output = nn.Dense(classes, in_units=net.output.weight.shape[1])
    net.output.initialize(init.Xavier(), ctx=on)
    return net


def check_classes(classes):
    """Raise a `CourseError` if this is no number of outputs."""
    if not isinstance(classes, int | numpy.integer) or isinstance(classes, bool) or classes < 1:
        raise CourseError(f'classes is {classes!r}, but must be a whole number from 1: the number of '
                          'outputs.')


def _devices_of(net, what):
    """The devices that hold the weights; none where there are no weights to hold, as in a Flatten."""
    if not isinstance(net, gluon.Block):
        raise CourseError(f'Only a network, or a part of one, can be {what}; this is {net!r}.')
    try:
        on = [parameter.list_data() and parameter.list_ctx() for parameter in net.collect_params().values()]
    except RuntimeError as error:
        raise CourseError(f'This {type(net).__name__} has no weights yet, so it cannot be {what}: '
                          'initialize it and call it once on a picture.') from error
    return on[0] if on else []
