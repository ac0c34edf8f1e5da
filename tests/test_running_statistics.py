"""Batch normalisation learns its running averages also where no gradient has to pass it."""
from d2lhelpers import batches, cross_entropy, fit, freeze, seed_all, true_copy, unfreeze

import numpy
import pytest
from mxnet import autograd, gluon, np, npx
from mxnet.gluon import nn

Y = (numpy.arange(96) % 2).astype('int32')
X = numpy.random.default_rng(0).normal(-.5, 1.4, (96, 3)).astype('float32')
DATA = gluon.data.ArrayDataset(np.array(X), np.array(Y))
HYBRIDIZED = [None, {}, {'static_alloc': True}, {'static_alloc': True, 'static_shape': True}]


def network(hybridize=None, devices=None, width=3):
    """As the zoo's ResNet v2: normalisation of the input, without scale and shift, comes first."""
    seed_all(0)
    net = nn.HybridSequential()
    net.add(nn.BatchNorm(in_channels=width, scale=False, center=False), nn.Dense(2, in_units=width))
    net.initialize(ctx=devices or npx.cpu())
    if hybridize is not None:
        net.hybridize(**hybridize)
    return net


def train(net, parameters=None, epochs=15):
    trainer = gluon.Trainer(parameters or net.collect_params(), 'sgd', {'learning_rate': .01})
    return fit(lambda x, y: cross_entropy(net(x), y), batches(DATA, size=48), trainer, epochs)


def learned(layer, device=None):
    return [parameter.data(device or parameter.list_ctx()[0]).asnumpy().copy()
            for parameter in (layer.running_mean, layer.running_var)]


@pytest.mark.parametrize('devices', [[npx.cpu(0)], [npx.cpu(0), npx.cpu(1)]])
@pytest.mark.parametrize('hybridize', HYBRIDIZED)
def test_the_first_layer_learns_them(hybridize, devices):
    net = network(hybridize, devices)
    train(net)
    for device in devices:
        mean, variance = learned(net[0], device)
        assert numpy.abs(mean - X.mean(axis=0)).max() < .25
        assert numpy.abs(variance - X.var(axis=0)).max() < .5
    assert (net[0].gamma.data(devices[0]).asnumpy() == 1).all()  # it has no scale, and gets none


def test_in_use_it_answers_as_in_training():
    net = network({})
    train(net, epochs=40)
    with autograd.pause(train_mode=True):
        training = net(np.array(X)).asnumpy()
    with autograd.pause(train_mode=False):
        use = net(np.array(X)).asnumpy()
    assert numpy.abs(training - use).max() < .1


def test_sizes_that_the_first_batch_tells():
    net = nn.HybridSequential()
    net.add(nn.BatchNorm(scale=False, center=False), nn.Dense(2))
    net.initialize()
    train(net)
    assert numpy.abs(learned(net[0])[0] - X.mean(axis=0)).max() < .25


@pytest.mark.parametrize('hybridize', HYBRIDIZED)
@pytest.mark.parametrize('copied', [False, True])
def test_a_frozen_one_stays_and_costs_no_backward_pass(hybridize, copied):
    net = network(hybridize)
    train(net, epochs=2)
    freeze(net, net[0])
    if copied:
        net = true_copy(net)
    before, seen = learned(net[0]), []
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .01})

    def loss(x, y):
        seen.append(net[0].gamma.data().grad)
        return cross_entropy(net(x), y)
    fit(loss, batches(DATA, size=48), trainer, 5)
    assert all((a == b).all() for a, b in zip(before, learned(net[0]), strict=True))
    assert seen and not any(grad is not None for grad in seen)
    unfreeze(net, net[0])
    train(net, epochs=2)
    assert not (before[0] == learned(net[0])[0]).any()


def test_training_by_hand_goes_by_the_rules_of_mxnet_again():
    net = network()
    train(net, epochs=1)
    before = learned(net[0])
    with autograd.record():
        loss = cross_entropy(net(np.array(X + 9)), np.array(Y))
    loss.backward()
    assert all((a == b).all() for a, b in zip(before, learned(net[0]), strict=True))
