"""Frozen for real: exactly no drift, on a network that had trained hybridized before; and back again."""
from d2lhelpers import CourseError, batches, cross_entropy, fit, freeze, outputs, seed_all, unfreeze

import numpy
import pytest
from mxnet import autograd, gluon, np, npx
from mxnet import init as initializers
from mxnet.gluon import nn

Y = numpy.arange(48) % 3
# far from the statistics a new network has
X = (numpy.random.default_rng(0).normal(0, .3, (48, 4)) + 2 * numpy.eye(4)[Y] + 1).astype('float32')
DATA = gluon.data.ArrayDataset(np.array(X), np.array(Y, dtype='int32'))

HYBRIDIZED = [None, {}, {'static_alloc': True}, {'static_alloc': True, 'static_shape': True}]


class Net(nn.HybridBlock):
    """As the zoo's networks, with all that can drift in a frozen part."""

    def __init__(self):
        super().__init__()
        self.features, self.output = nn.HybridSequential(), nn.Dense(3, in_units=8)
        self.features.add(nn.Dense(8, in_units=4), nn.BatchNorm(in_channels=8), nn.Activation('relu'),
                          nn.Dropout(.5),
                          nn.Dense(8, in_units=8), nn.BatchNorm(in_channels=8, scale=False), nn.Dropout(.3))

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


def network(hybridize=None, context=None):
    seed_all(0)
    net = Net()
    net.initialize(initializers.Xavier(), ctx=context or npx.cpu())
    if hybridize is not None:
        net.hybridize(**hybridize)
    return net


def train(net, parameters=None, epochs=1):
    trainer = gluon.Trainer(parameters or net.collect_params(), 'sgd',
                            {'learning_rate': .1, 'momentum': .9, 'wd': .01})
    return fit(lambda x, y: cross_entropy(net(x), y), batches(DATA, size=12), trainer, epochs)


def weights(block):
    return {name: parameter.data(parameter.list_ctx()[0]).asnumpy().copy() for name,
            parameter in block.collect_params().items()}


def drift(before, block):
    return {name: float(numpy.abs(value - before[name]).max()) for name, value in weights(block).items()}


@pytest.mark.parametrize('hybridize', HYBRIDIZED)
def test_no_drift_at_all_after_training_hybridized(hybridize):
    net = network(hybridize)
    train(net)
    freeze(net, net.features)
    before, head, answers = weights(net.features), weights(net.output), outputs(net.features, DATA).asnumpy()
    train(net, epochs=2)
    assert set(drift(before, net.features).values()) == {0}
    assert min(drift(head, net.output).values()) > 0
    numpy.testing.assert_array_equal(outputs(net.features, DATA).asnumpy(), answers)


@pytest.mark.parametrize('hybridize', HYBRIDIZED)
def test_in_training_mode_too_it_computes_the_same_for_an_example(hybridize):
    net = network(hybridize)
    train(net)
    freeze(net, net.features)
    expected, x = net(np.array(X)).asnumpy(), np.array(X)
    with autograd.record():
        numpy.testing.assert_allclose(net(x).asnumpy(), expected, rtol=1e-4, atol=1e-5)
        numpy.testing.assert_allclose(net(x[:3]).asnumpy(), expected[:3], rtol=1e-4, atol=1e-5)


def test_setting_grad_req_alone_is_not_enough():
    """The reason for `freeze`: the answers of the part drift, or at least its dropout is still on."""
    net = network({})
    train(net)
    net.features.collect_params().setattr('grad_req', 'null')
    with autograd.record():
        assert numpy.abs(net(np.array(X)).asnumpy() - net(np.array(X)).asnumpy()).max() > .01


def test_gradients_flow_through_a_frozen_part():
    """A frozen network behind a trained one, as in distillation by features or adversarial examples."""
    net = network({})
    train(net)
    freeze(net, net.features[4:])
    before, start = weights(net.features[4:]), weights(net.features[:4])
    train(net)
    assert set(drift(before, net.features[4:]).values()) == {0}
    assert min(drift(start, net.features[:4]).values()) > 0


@pytest.mark.parametrize('part', [lambda net: net.features[:4], lambda net: net.features[1],
                                  lambda net: net.features[0], lambda net: net.output])
def test_slices_and_single_blocks(part):
    net = network({'static_alloc': True})
    train(net)
    everything = weights(net)
    freeze(net, part(net))
    train(net)
    frozen = set(part(net).collect_params())
    moved = {name for name, value in drift(everything, net).items() if value > 0}
    assert moved and moved.isdisjoint(frozen)
    trainable = {name for name, parameter in net.collect_params().items() if parameter.grad_req != 'null'
                 or 'running' in name}
    assert trainable - frozen - moved == set()


@pytest.mark.parametrize('hybridize', HYBRIDIZED)
def test_unfreeze_restores_everything(hybridize):
    net, same = network(hybridize), network(hybridize)
    requests = [parameter.grad_req for parameter in net.collect_params().values()]
    freeze(net, net.features)
    freeze(net, net.features)  # twice is as good as once
    train(net)
    unfreeze(net, net.features)
    assert [parameter.grad_req for parameter in net.collect_params().values()] == requests
    assert 'null' in requests and 'write' in requests
    for parameter, other in zip(net.collect_params().values(), same.collect_params().values(), strict=True):
        parameter.set_data(other.data())
    for one in (net, same):  # dropout, statistics and gradients: as if it had never been frozen
        seed_all(1)
        train(one)
    for one, other in zip(weights(net).values(), weights(same).values(), strict=True):
        numpy.testing.assert_array_equal(one, other)


def test_unfreezing_bit_by_bit():
    net = network({})
    freeze(net, net.features)
    unfreeze(net, net.features[4:])
    before = weights(net)
    train(net)
    moved = {name for name, value in drift(before, net).items() if value > 0}
    assert moved.isdisjoint(net.features[:4].collect_params())
    assert {name for name in net.features[4:].collect_params() if not name.endswith('gamma')} < moved


def test_one_trainer_before_and_after():
    net = network({})
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})

    def loss(x, y):
        return cross_entropy(net(x), y)

    moved = []
    for change in (freeze, unfreeze):
        change(net, net.features)
        before = weights(net.features)
        fit(loss, batches(DATA, size=12), trainer, 1)
        moved.append(max(drift(before, net.features).values()))
    assert moved[0] == 0 and moved[1] > 0


def test_a_frozen_network_on_two_devices():
    net = network({}, [npx.cpu(0), npx.cpu(1)])
    train(net)
    freeze(net, net.features)
    before = {name: [data.asnumpy().copy() for data in parameter.list_data()] for name,
              parameter in net.features.collect_params().items()}
    # the running statistics, too, which the devices had collected apart
    assert all((one == two).all() for one, two in before.values())
    head = weights(net.output)
    train(net)
    for name, parameter in net.features.collect_params().items():
        for old, new in zip(before[name], parameter.list_data(), strict=True):
            numpy.testing.assert_array_equal(old, new.asnumpy())
    assert min(drift(head, net.output).values()) > 0
    unfreeze(net, net.features)
    train(net)
    assert drift({name: both[0] for name, both in before.items()},
                 net.features)[net.features[0].weight.name] > 0


def test_a_part_of_another_network_is_refused():
    net, other = network(), network()
    for function in (freeze, unfreeze):
        for part in (other.features, other.features[:2], other.features[0], net.features[7:]):
            with pytest.raises(CourseError, match='does not belong to the network'):
                function(net, part)
    assert all(parameter.grad_req == 'write' for parameter in other.output.collect_params().values())
