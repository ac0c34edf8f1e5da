"""Networks taken apart by layers: the first n of them, copies of weights, and how alike two layers are.

A *layer* is here a child of ``net.features`` that has weights of its own (a convolution, a stage of a
ResNet), with what follows it and has none to speak of (normalisation, activation, pooling).
"""
import numpy
from mxnet import gluon
from mxnet.gluon import nn

from . import process  # noqa: F401 - np semantics
from .errors import CourseError


class FiveLayers(gluon.HybridBlock):
    """A small network for small pictures: five convolutions, each with batch normalisation and ReLU, then one
    dense layer.

    It takes (batch, 3, height, width), from 8 x 8 pixels on, since the last features are averaged over all
    positions.

    Parameters
    ----------
    classes : int
        Number of outputs.
    """

    CHANNELS = (16, 16, 32, 64, 64)

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix='')
            for i, channels in enumerate(self.CHANNELS):
                side, stride = (3, 1) if i else (5, 2)  # filters of 5 x 5 can be looked at
                self.features.add(nn.Conv2D(channels, side, stride, side // 2, use_bias=False),
                                  nn.BatchNorm(), nn.Activation('relu'))
                if i in (1, 2):
                    self.features.add(nn.MaxPool2D())
            self.features.add(nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes, in_units=self.CHANNELS[-1])

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


def _starts(net):
    """Places in ``net.features`` at which a layer begins."""
    features = getattr(net, 'features', None)
    if not isinstance(features, nn.HybridSequential | nn.Sequential):
        raise CourseError(f'This {type(net).__name__} has no features that could be cut into layers: take a '
                          'network with a Sequential net.features '
                          'and a head, net.output, like those of d2lhelpers.backbones or of Gluon\'s zoo.')
    return [place for place, child in enumerate(features)
            if any(parameter.name.endswith('weight') for parameter in child.collect_params().values())]


def count(net):
    """How many layers the backbone of a network has.

    Parameters
    ----------
    net : mxnet.gluon.Block
        With ``features``.

    Returns
    -------
    int

    Raises
    ------
    CourseError
        If it has no ``features``.
    """
    return len(_starts(net))


def first(net, n):
    """The first n layers of a network, counted from the input: not a copy, but those very layers.

    Parameters
    ----------
    net : mxnet.gluon.Block
        With ``features``.
    n : int
        From 0 to ``count(net)``.

    Returns
    -------
    mxnet.gluon.nn.HybridSequential
        To be called on pictures, copied, or frozen: ``freeze(net, first(net, n))``.

    Raises
    ------
    CourseError
        If the network has no ``features``, or not so many layers.
    """
    starts = _starts(net)
    if not isinstance(n, int | numpy.integer) or isinstance(n, bool) or not 0 <= n <= len(starts):
        raise CourseError(f'The first {n!r} layers were asked for, but the backbone of this '
                          f'{type(net).__name__} has {len(starts)}: '
                          f'choose a whole number from 0 to {len(starts)}.')
    if n == 0:
        return net.features[:0]
    return net.features[:starts[n] if n < len(starts) else len(net.features)]


def copy_weights(source, target):
    """Copy all weights (running statistics included) of one part of a network into another part of the same
    build. Nothing is shared afterwards.

    Parameters
    ----------
    source, target : mxnet.gluon.Block
        For instance the first n layers of two networks, as `first` gives them.

    Raises
    ------
    CourseError
        If they are not built alike: other layers, other numbers of channels, heads for other numbers of
        classes.
    """
    theirs, ours = (list(part.collect_params().values()) for part in (source, target))
    if len(theirs) != len(ours):
        raise CourseError(f'These parts are not built alike: one has {len(theirs)} arrays of weights, the '
                          f'other {len(ours)}. '
                          'Copy between networks of the same kind, with the same number of layers.')
    for one, other in zip(theirs, ours, strict=True):
        if one.shape != other.shape:
            raise CourseError(f'{one.name} has the shape {one.shape}, {other.name} has {other.shape}, so it '
                              'cannot be copied. If these are heads '
                              'for different numbers of classes: leave the head out, and copy layers of '
                              'net.features only.')
    for one, other in zip(theirs, ours, strict=True):
        other.set_data(one.data(one.list_ctx()[0]))


def same_shape(*datasets):
    """The one shape that all pictures of several datasets have, as after their transforms.

    Layers can only move between tasks whose pictures have the same form: else they meet things at another
    scale, or do not fit at all.

    Parameters
    ----------
    *datasets : gluon.data.Dataset
        Items ``(picture, label)``; the first picture of each is looked at.

    Returns
    -------
    tuple of int

    Raises
    ------
    CourseError
        If they differ.
    """
    shapes = [tuple(data[0][0].shape) for data in datasets]
    if len(set(shapes)) > 1:
        raise CourseError('The pictures of source and target have different shapes, '
                          f'{" and ".join(map(str, dict.fromkeys(shapes)))}: '
                          'make them the same size, for instance with transforms.Resize.')
    return shapes[0]


def cka(x, y):
    """Linear centred kernel alignment: how alike two sets of features of the same examples are, whatever the
    order or the scale of the channels.

    1 if one is a rotated and scaled copy of the other. Unrelated features come out near 0 only where there
    are far more examples than channels: with few examples everything looks alike. (Kornblith et al. 2019,
    *Similarity of neural network representations revisited*.)

    Parameters
    ----------
    x, y : array, shape (examples, channels) or (examples, channels, height, width)
        Maps of channels are averaged over their positions first, so it is compared which channels answer, not
        where. (The authors flatten them.)

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    CourseError
        If they do not hold the same number of examples, at least two, each with its channels.
    """
    x, y = (_centred(features) for features in (x, y))
    if len(x) != len(y) or len(x) < 2:
        raise CourseError(f'cka compares features of the same examples, but was given {len(x)} and {len(y)}: '
                          'pass the same number of both, two or more.')
    size = numpy.linalg.norm(x.T @ x) * numpy.linalg.norm(y.T @ y)
    # features that never change are like nothing
    return float(numpy.linalg.norm(x.T @ y) ** 2 / size) if size else 0.


def _centred(features):
    features = features.asnumpy() if hasattr(features, 'asnumpy') else numpy.asarray(features)
    if features.ndim < 2 or not features.size:
        raise CourseError('cka wants features of shape (examples, channels) or (examples, channels, height, '
                          f'width), not {features.shape}.')
    features = features.reshape(*features.shape[:2], -1).mean(axis=2).astype('float64')
    return features - features.mean(axis=0)
