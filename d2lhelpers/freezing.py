"""Freezing for real: weights that cannot move, statistics that cannot drift."""
from mxnet.gluon import Block, HybridBlock, nn

from . import process  # noqa: F401 - np semantics
from .errors import CourseError


def freeze(net, part):
    """Freeze a part of a network: what it computes for an example stays exactly the same, whatever is trained
    around it.

    Four things are needed, where ``setattr('grad_req', 'null')`` does only the first: the parameters get no
    gradient; batch normalisation uses and keeps its stored statistics in training mode too; dropout is off;
    and the network is traced anew, because one that has already run hybridized would go on with its old
    graph. Several devices, which have collected statistics of their own, all get the first one's.

    Parameters
    ----------
    net : mxnet.gluon.Block
        The whole network.
    part : mxnet.gluon.Block
        What to freeze: ``net.features``, a slice of it such as ``net.features[:5]``, or one block.

    Raises
    ------
    CourseError
        If `part` does not belong to `net`.
    """
    _check(net, part)
    part.collect_params().setattr('grad_req', 'null')
    for block in _blocks(part):
        if hasattr(block, '_before_freezing'):
            continue
        if isinstance(block, nn.basic_layers._BatchNorm):
            block._before_freezing = block._kwargs['use_global_stats']
            block._kwargs['use_global_stats'] = True
            for statistics in (block.running_mean, block.running_var):
                statistics.frozen = True
                # each device has collected its own; the next Trainer would put the first device's on all
                if statistics._data:
                    statistics.set_data(statistics.data(statistics.list_ctx()[0]))
        elif isinstance(block, nn.Dropout):
            block._before_freezing = block._rate
            block._rate = 0
    _trace_anew(net)


def unfreeze(net, part):
    """Let a frozen part train again. Parameters and errors as in `freeze`."""
    _check(net, part)
    # running statistics stay as they are: Gluon knows that they have no gradient
    part.collect_params().setattr('grad_req', 'write')
    for block in _blocks(part):
        if not hasattr(block, '_before_freezing'):
            continue
        if isinstance(block, nn.basic_layers._BatchNorm):
            block._kwargs['use_global_stats'] = block._before_freezing
            block.running_mean.frozen = block.running_var.frozen = False
        else:
            block._rate = block._before_freezing
        del block._before_freezing
    _trace_anew(net)


def _blocks(block):
    """The block and everything inside it."""
    yield block
    for child in block._children.values():
        yield from _blocks(child)


def _check(net, part):
    if not isinstance(part, Block):
        raise CourseError(f'The part to freeze or unfreeze must be a part of the network itself, such as '
                          f'net.features; it was given as {part!r}.')
    inside = {id(block) for block in _blocks(net)}
    # a slice of a Sequential is a new container around the same layers
    if id(part) not in inside and not (part._children
                                       and all(id(child) in inside for child in part._children.values())):
        raise CourseError(f'The part to freeze or unfreeze ({part.name}) does not belong to the network '
                          f'({net.name}): '
                          'name a part of this network.')


def _trace_anew(net):
    for block in _blocks(net):
        if isinstance(block, HybridBlock):
            block._clear_cached_op()
