"""Networks taken apart by layers, and what is said where that does not work."""
from d2lhelpers import CourseError, backbones, cross_entropy, freeze, layers, new_head, seed_all
from d2lhelpers.datasets import Pictures, batches
from d2lhelpers.training import fit

import numpy
import pytest
from mxnet import gluon, np
from mxnet.gluon import nn
from mxnet.gluon.data.vision import transforms

X = np.array(numpy.random.default_rng(0).normal(size=(4, 3, 32, 32)).astype('float32'))


def numbers(part):
    return [parameter.data().asnumpy() for parameter in part.collect_params().values()]


def same(one, other):
    return all((a == b).all() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize('name, n', [('five_layers', 5), ('thin_resnet', 5), ('resnet18_v1', 5),
                                     ('mobilenet0.25', 27), ('thin_vgg', 13), ('thin_vgg_bn', 13),
                                     ('eight_layers', 8), ('eight_layers_bn', 8)])
def test_layers_in_a_row_are_the_backbone(name, n):
    net = backbones.build(name, 3)
    assert layers.count(net) == n
    assert (layers.first(net, n)(X) == net.features(X)).all() and len(layers.first(net, 0)) == 0
    sizes = [len(numbers(layers.first(net, i))) for i in range(n + 1)]
    assert sizes == sorted(set(sizes)) and sizes[-1] == len(numbers(net.features))


def test_a_layer_takes_along_what_follows_it():
    net = backbones.build('five_layers', 3)
    assert [type(child).__name__ for child in layers.first(net, 2)] == [
        'Conv2D', 'BatchNorm', 'Activation', 'Conv2D', 'BatchNorm', 'Activation', 'MaxPool2D']
    assert [layers.first(net, n)(X).shape[1:] for n in (1, 2, 4)] == [(16, 16, 16), (16, 8, 8), (64, 4, 4)]


@pytest.mark.parametrize('name, first_two', [
    ('eight_layers', ['Conv2D', 'Activation', 'MaxPool2D'] * 2),
    ('eight_layers_bn', ['Conv2D', 'BatchNorm', 'Activation', 'MaxPool2D'] * 2),
    ('thin_vgg', ['Conv2D', 'Activation'] * 2 + ['MaxPool2D']),
    ('thin_vgg_bn', ['Conv2D', 'BatchNorm', 'Activation'] * 2 + ['MaxPool2D'])])
def test_layers_of_a_chain(name, first_two):
    net = backbones.build(name, 3)
    assert [type(child).__name__ for child in layers.first(net, 2)] == first_two
    kinds = {type(child).__name__ for child in net.features}
    assert not kinds & {'Dense', 'Dropout'}


@pytest.mark.parametrize('side', [8, 16, 28, 32, 64])
def test_five_layers_takes_pictures_of_many_sizes(side):
    assert backbones.build('five_layers', 7)(np.zeros((2, 3, side, side))).shape == (2, 7)


@pytest.mark.parametrize('n', [6, -1, 2.5, '2', True])
def test_layers_that_are_not_there(n):
    with pytest.raises(CourseError, match='choose a whole number from 0 to 5') as error:
        layers.first(backbones.build('five_layers', 3), n)
    assert '\n' not in str(error.value) and 'FiveLayers has 5' in str(error.value)


@pytest.mark.parametrize('net', [nn.Dense(3), nn.HybridSequential()])
def test_a_network_without_features(net):
    for ask in (layers.count, lambda net: layers.first(net, 1)):
        with pytest.raises(CourseError, match='has no features that could be cut into layers'):
            ask(net)


def test_a_copy_shares_nothing_and_stops_at_the_cut():
    seed_all(0)
    donor, net = backbones.build('five_layers', 3), backbones.build('five_layers', 4)
    own, given = numbers(net), numbers(donor)
    layers.copy_weights(layers.first(donor, 2), layers.first(net, 2))
    assert same(numbers(layers.first(net, 2)), numbers(layers.first(donor, 2)))
    cut = len(numbers(layers.first(net, 2)))
    assert same(numbers(net)[cut:], own[cut:]) and not same(numbers(net)[:cut], own[:cut])
    freeze(net, layers.first(net, 2))
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})
    fit(lambda x, y: cross_entropy(net(x), y), batches(gluon.data.ArrayDataset(X, numpy.arange(4)), size=4,
                                                       updates=3), trainer, 1)
    assert same(numbers(donor), given) and same(numbers(net)[:cut],
                                                given[:cut]) and not same(numbers(net)[cut:], own[cut:])


def test_heads_of_other_sizes_cannot_be_copied():
    seed_all(0)
    one, other = backbones.build('five_layers', 3), backbones.build('five_layers', 4)
    before = numbers(other)
    with pytest.raises(CourseError, match=r'has the shape \(3, 64\), .* has \(4, 64\).*leave the head out'):
        layers.copy_weights(one, other)
    assert same(numbers(other), before)  # nothing was half done


def test_a_head_too_small_for_the_labels_is_one_sentence():
    net = new_head(backbones.build('five_layers', 8), 2)
    with pytest.raises(CourseError, match='give the head as many outputs as there are classes'):
        cross_entropy(net(X), np.array([0, 1, 2, 7]))


def test_networks_of_another_build():
    with pytest.raises(CourseError, match='not built alike'):
        layers.copy_weights(backbones.build('five_layers', 3), backbones.build('thin_resnet', 3))


def test_pictures_of_different_shape():
    def data(side):
        pictures = numpy.zeros((2, side, side, 3), 'uint8')
        return Pictures(pictures, [0, 1]).transform_first(transforms.ToTensor(), lazy=False)

    assert layers.same_shape(data(8), data(8)) == (3, 8, 8)
    with pytest.raises(CourseError, match=r'different shapes, \(3, 8, 8\) and \(3, 16, 16\): make them the '
                                          r'same size, for instance with') as error:
        layers.same_shape(data(8), data(16), data(16))
    assert '\n' not in str(error.value)


def test_cka_ignores_rotation_scale_and_shift():
    rng = numpy.random.default_rng(0)
    x, y = rng.normal(size=(400, 6)), rng.normal(size=(400, 9))
    turn, _ = numpy.linalg.qr(rng.normal(size=(6, 6)))
    assert layers.cka(x, 3 * x @ turn
                      + 7) == pytest.approx(1) and layers.cka(1e-6 * x, 1e-6 * x) == pytest.approx(1)
    assert layers.cka(x, y) == pytest.approx(layers.cka(y, x)) and layers.cka(x, y) < .05
    assert .3 < layers.cka(x, numpy.hstack([x[:, :3], y])) < .8
    assert layers.cka(x[:8], y[:8]) > .4  # few examples: everything is alike
    assert layers.cka(numpy.ones((5, 2)), y[:5]) == 0


def test_cka_averages_maps_and_takes_mxnet_arrays():
    maps = np.array(numpy.random.default_rng(0).normal(size=(20, 3, 4, 4)))
    assert layers.cka(maps, maps.mean(axis=(2, 3))) == pytest.approx(1)


@pytest.mark.parametrize('a, b', [(4, 5), (1, 1)])
def test_cka_needs_the_same_examples(a, b):
    with pytest.raises(CourseError, match='features of the same examples'):
        layers.cka(numpy.zeros((a, 2)), numpy.zeros((b, 2)))


@pytest.mark.parametrize('x', [numpy.zeros(5), numpy.zeros((0, 3)), numpy.zeros((5, 0))])
def test_cka_needs_features(x):
    with pytest.raises(CourseError, match='cka wants features of shape'):
        layers.cka(x, x)
