"""The networks of the race in Gluon."""
from d2lhelpers import backbones

from mxnet import np
from mxnet.gluon import nn


def _chain(*layers):
    part = nn.HybridSequential()
    part.add(*layers)
    return part


class Digits(nn.HybridBlock):
    """The three parts of lesson 5, in the widths of Ganin et al. (2016)."""

    def __init__(self):
        super().__init__()
        self.features = _chain(*(layer for n in (32, 48) for layer in (
            nn.Conv2D(n, 5), nn.MaxPool2D(), nn.Activation('relu'))), nn.Flatten())
        self.label = _chain(nn.Dense(100, 'relu'), nn.Dense(100, 'relu'), nn.Dense(10))
        self.domain = _chain(nn.Dense(100, 'relu'), nn.Dense(2))


def parts(task, net):
    """What is called by itself, so what has to be compiled."""
    return [net.features, net.label, net.domain] if task.kind == 'adversarial' else [net]


def build(task):
    """A network of the task with random weights, all of whose shapes are known."""
    if task.network == 'digits':
        net = Digits()
        net.initialize()
    elif task.network == 'head':
        net = _chain(nn.Dense(task.classes))
        net.initialize()
    else:
        net = backbones.build(task.network, task.classes)  # initialized
    x = np.zeros((2, *task.shape))
    if task.kind == 'adversarial':
        features = net.features(x)
        net.label(features), net.domain(features)
    else:
        net(x)
    return net
