"""A Gluon network as the same network in PyTorch, weights included: layer by layer."""
import functools

from d2lhelpers import outputs, seed_all

import numpy
import torch
from mxnet import np
from mxnet.gluon import nn
from mxnet.gluon.model_zoo.vision import mobilenet, resnet

from . import networks
from .in_torch import Parts, Residual


def prepare(folder, task, examples=128):
    """Write what the contestants of a task read, and see that both libraries compute the same.

    Parameters
    ----------
    folder : pathlib.Path
    task : tasks.Task
    examples : int
        Random ones, with random labels.

    Returns
    -------
    torch.nn.Module
        The network, in PyTorch.
    """
    seed_all(0)
    net = networks.build(task)
    twin = translated(net).eval()
    random = numpy.random.default_rng(0)
    x = random.normal(size=(examples, *task.shape)).astype('float32')
    numpy.save(folder / 'x.npy', x)
    numpy.save(folder / 'y.npy', random.integers(task.classes, size=examples, dtype='int32'))
    net.save_parameters(str(folder / 'gluon.params'))
    torch.save(twin, folder / 'torch.pt')
    called, called_twin = ((net.features, twin.features) if task.kind == 'adversarial' else (net, twin))
    ours = outputs(called, np.array(x[:4])).asnumpy()
    with torch.no_grad():
        theirs = called_twin(torch.tensor(x[:4])).numpy()
    assert numpy.allclose(ours, theirs, rtol=1e-3, atol=1e-4), f'{task.title}: not the same network'
    return twin


@functools.singledispatch
def translated(layer):
    """The same layer in PyTorch, with the same weights.

    Parameters
    ----------
    layer : mxnet.gluon.Block
        Initialized, and called once, so that all its shapes are known.

    Returns
    -------
    torch.nn.Module

    Raises
    ------
    TypeError
        If there is no translation.
    """
    raise TypeError(f'{type(layer).__name__} has no translation into PyTorch here')


def _tensor(parameter):
    return torch.nn.Parameter(torch.tensor(parameter.data().asnumpy()))


@translated.register(resnet.ResNetV1)
@translated.register(resnet.ResNetV2)
@translated.register(mobilenet.MobileNet)
def _(layer):
    return Parts(features=translated(layer.features), output=translated(layer.output))


@translated.register
def _(layer: networks.Digits):
    return Parts(**{name: translated(getattr(layer, name)) for name in ('features', 'label', 'domain')})


def _shortcut(layer):
    return translated(layer.downsample) if layer.downsample else None


@translated.register
def _(layer: resnet.BasicBlockV1):
    return Residual(_shortcut(layer), translated(layer.body))


@translated.register
def _(layer: resnet.BasicBlockV2):
    return Residual(_shortcut(layer), **{name: translated(getattr(layer, name))
                                         for name in ('bn1', 'conv1', 'bn2', 'conv2')})


@translated.register(nn.Sequential)
@translated.register(nn.HybridSequential)
def _(layer):
    return torch.nn.Sequential(*map(translated, layer))


def _with_activation(made, layer):
    return torch.nn.Sequential(made, translated(layer.act)) if layer.act else made


@translated.register
def _(layer: nn.Conv2D):
    about, weight = layer._kwargs, _tensor(layer.weight)
    made = torch.nn.Conv2d(weight.shape[1] * about['num_group'], weight.shape[0], about['kernel'],
                           about['stride'], about['pad'], groups=about['num_group'],
                           bias=not about['no_bias'])
    made.weight = weight
    if made.bias is not None:
        made.bias = _tensor(layer.bias)
    return _with_activation(made, layer)


@translated.register
def _(layer: nn.Dense):
    weight = _tensor(layer.weight)
    made = torch.nn.Linear(weight.shape[1], weight.shape[0])
    made.weight, made.bias = weight, _tensor(layer.bias)
    made = torch.nn.Sequential(torch.nn.Flatten(), made) if layer._flatten else made
    return _with_activation(made, layer)


@translated.register
def _(layer: nn.BatchNorm):
    about = layer._kwargs
    made = torch.nn.BatchNorm2d(layer.gamma.shape[0], about['eps'], 1 - about['momentum'])
    made.weight, made.bias = _tensor(layer.gamma), _tensor(layer.beta)
    made.running_mean, made.running_var = (
        torch.tensor(p.data().asnumpy()) for p in (layer.running_mean, layer.running_var))
    made.weight.requires_grad_(layer.gamma.grad_req != 'null')
    made.bias.requires_grad_(layer.beta.grad_req != 'null')
    return made


@translated.register
def _(layer: nn.Activation):
    return {'relu': torch.nn.ReLU}[layer._act_type]()


@translated.register
def _(layer: nn.MaxPool2D):
    about = layer._kwargs
    return torch.nn.MaxPool2d(about['kernel'], about['stride'], about['pad'])


@translated.register(nn.GlobalAvgPool2D)
def _(layer):
    return torch.nn.AdaptiveAvgPool2d(1)


@translated.register(nn.Flatten)
def _(layer):
    return torch.nn.Flatten()
