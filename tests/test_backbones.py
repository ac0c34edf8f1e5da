"""Pretrained networks with made-up weights, copies, heads, and the conversion of torchvision's weights."""
import hashlib
import json
import re

from d2lhelpers import CourseError, backbones, devices, freeze, new_head, seed_all, true_copy, unfreeze
from d2lhelpers.environment import settings

import numpy
import pytest
from mxnet import autograd, gluon, np, npx
from mxnet.gluon import nn

TWO = [npx.cpu(0), npx.cpu(1)]
X = np.array(numpy.random.default_rng(0).normal(size=(4, 3, 64, 64)).astype('float32'))


def weights(net):
    return {name: parameter.data(parameter.list_ctx()[0]).asnumpy()
            for name, parameter in net.collect_params().items()}


def differences(before, after):
    return {name for name in before if not (before[name] == after[name]).all()}


def train(net, on):
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})
    for device in on:
        with autograd.record():
            loss = (net(X.as_in_ctx(device)) ** 2).mean()
        loss.backward()
    trainer.step(1)


@pytest.fixture
def two_devices(monkeypatch):
    monkeypatch.setattr(backbones, 'devices', lambda: TWO)


@pytest.mark.parametrize('name', ['thin_resnet', 'five_layers', 'thin_vgg', 'thin_vgg_bn', 'eight_layers',
                                  'eight_layers_bn', 'resnet18_v1', 'resnet18_v2', 'mobilenet0.25'])
def test_build_gives_a_network_with_features_and_output(name):
    net = backbones.build(name, 5)
    assert net(X).shape == (4, 5) and net.output(net.features(X)).shape == (4, 5)
    assert all(parameter.list_ctx() == devices() for parameter in net.collect_params().values())


@pytest.mark.parametrize('name', ['thin_vgg', 'eight_layers'])
def test_a_chain_passes_on_what_tells_pictures_apart(name):
    seed_all(1)
    net = backbones.build(name, 5)
    features = net.features(X).asnumpy()
    assert features.shape == (4, {'thin_vgg': 128, 'eight_layers': 64}[name])
    assert features.std(axis=0).mean() > .01 * numpy.abs(X.asnumpy()).std()


def test_the_seed_alone_decides_the_weights_of_build():
    seed_all(1)
    first = weights(backbones.build('thin_resnet', 5)).values()
    seed_all(1)
    second = weights(backbones.build('thin_resnet', 5)).values()
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    third = weights(backbones.build('thin_resnet', 5)).values()
    assert not all((a == b).all() for a, b in zip(first, third, strict=True))


@pytest.mark.parametrize('name, moves',
                         [('mobilenet0.25', .5), ('resnet18_v1', .5), ('eight_layers_bn', .1)])
def test_the_averages_of_a_zoo_network_follow_within_a_few_updates(name, moves):
    net = backbones.build(name, 5)
    first = net.features[0](X).asnumpy().mean(axis=(0, 2, 3))  # before the weights change
    train(net, devices()[:1])
    assert net.features[1].running_mean.data().asnumpy() == pytest.approx(moves * first, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize('name, classes, says', [
    ('resnet81', 2, "no network 'resnet81' here: choose one of thin_resnet"),
    ('thin_resnet', 0, 'classes is 0'),
    ('thin_resnet', 2.5, 'classes is 2.5'), ('thin_resnet', ['a', 'b'], r"classes is \['a', 'b'\]"),
    ('thin_resnet', True, 'classes is True')])
def test_build_refuses(name, classes, says):
    with pytest.raises(CourseError, match=says):
        backbones.build(name, classes)


@pytest.mark.parametrize('hybrid', [None, {}, {'static_alloc': True}])
def test_a_true_copy_shares_nothing_even_with_a_trained_hybridized_network(two_devices, hybrid):
    net = backbones.build('thin_resnet', 5)
    if hybrid is not None:
        net.hybridize(**hybrid)
    train(net, TWO)
    twin = true_copy(net)
    assert all(parameter.list_ctx() == TWO for parameter in twin.collect_params().values())
    assert all((net(X.as_in_ctx(device)) == twin(X.as_in_ctx(device))).all() for device in TWO)
    before = weights(net)
    assert differences(before, weights(twin)) == set()
    train(twin, TWO)
    assert differences(before, weights(net)) == set()
    assert 'resnet' in ''.join(differences(before, weights(twin)))
    after = weights(twin)
    train(net, TWO)
    assert differences(after, weights(twin)) == set()
    # the same start and the same step: the copy trains as the original does
    assert differences(after, weights(net)) == set()
    train(net, TWO)
    assert len(differences(after, weights(net))) > 30 and differences(after, weights(twin)) == set()
    assert not (twin(X) == net(X)).all()


def test_a_copy_waits_for_the_last_step():
    net = backbones.build('thin_resnet', 5)
    net.hybridize(static_alloc=True, static_shape=True)
    for _ in range(5):
        train(net, devices())
        twin = true_copy(net)
        assert differences(weights(net), weights(twin)) == set()


def test_assigning_features_is_no_copy():
    source, target = backbones.build('thin_resnet', 5), backbones.build('thin_resnet', 2)
    target.features = source.features
    before = weights(source)
    train(target, devices())
    assert differences(before, weights(source))


def test_a_copy_keeps_learning_rate_factors_and_what_is_frozen():
    net = backbones.build('thin_resnet', 5)
    net.output.collect_params().setattr('lr_mult', 10)
    freeze(net, net.features)
    twin = true_copy(net)
    assert {parameter.lr_mult for parameter in twin.output.collect_params().values()} == {10}
    before = weights(twin)
    train(twin, devices())
    assert {name.split('_')[-2][:5] for name in differences(before, weights(twin))} == {'dense'}
    unfreeze(twin, twin.features)
    train(twin, devices())
    assert any('conv' in name for name in differences(before, weights(twin)))
    assert not any('conv' in name for name in differences(before, weights(net)))
    running = [parameter for name, parameter in twin.collect_params().items() if 'running' in name]
    assert running and all(parameter.grad_req == 'null' for parameter in running)


def test_a_part_of_a_network_can_be_copied_alone():
    net = backbones.build('thin_resnet', 5)
    net.hybridize()
    train(net, devices())
    part = true_copy(net.features)
    assert (part(X) == net.features(X)).all()
    before = weights(part)
    train(net, devices())
    assert differences(before, weights(part)) == set()
    assert part[1].weight.name == net.features[1].weight.name


def test_a_new_head_and_nothing_else_is_new(two_devices):
    net = backbones.build('thin_resnet', 5)
    net.hybridize()
    assert net(X).shape == (4, 5)
    features, old = weights(net.features), net.output
    assert new_head(net, 3) is net
    assert net(X.as_in_ctx(TWO[1])).shape == (4, 3) and net.output is not old
    assert net.output.weight.list_ctx() == TWO and abs(net.output.weight.data().asnumpy()).max() > 0
    assert not net.output.bias.data().asnumpy().any()
    assert differences(features, weights(net.features)) == set()
    assert len(net.output.collect_params().keys() & net.collect_params().keys()) == 2
    assert len(list(net.collect_params())) == len(features) + 2


def test_each_new_head_has_names_of_its_own():
    net = backbones.build('thin_resnet', 5)
    first = set(new_head(net, 3).output.collect_params())
    assert not first & set(new_head(net, 3).output.collect_params())


def _initialized(net):
    net.initialize()
    return net


@pytest.mark.parametrize('net, classes, says', [
    (lambda: _initialized(nn.Dense(3, in_units=2)), 2, 'is not built that way'),
    (lambda: _initialized(gluon.model_zoo.vision.squeezenet1_1()), 2, 'is not built that way'),
    (lambda: gluon.model_zoo.vision.resnet18_v2(), 2, 'has no weights yet, so it cannot be given a new head'),
    (lambda: backbones.build('thin_resnet', 5), 0, 'classes is 0')])
def test_new_head_refuses(net, classes, says):
    with pytest.raises(CourseError, match=says):
        new_head(net(), classes)


@pytest.mark.parametrize('net, gives', [
    (nn.Flatten, (4, 3 * 64 * 64)), (lambda: nn.MaxPool2D(2), (4, 3, 32, 32))])
def test_a_part_without_weights_is_copied_too(net, gives):
    net = net()
    twin = true_copy(net)
    assert twin is not net and twin(X).shape == gives and (twin(X) == net(X)).all()


@pytest.mark.parametrize('net', [lambda: nn.Dense(3), lambda: _initialized(nn.Dense(3))])
def test_true_copy_refuses_a_network_without_weights(net):
    with pytest.raises(CourseError, match='has no weights yet, so it cannot be copied'):
        true_copy(net())


@pytest.fixture
def thin(monkeypatch, tmp_path):
    """Made-up weights in place of the embedded ones, in 16 bits."""
    monkeypatch.setattr(backbones, 'THIN', tmp_path / 'thin.params')
    net = backbones.build('thin_resnet', 7)
    net.cast('float16')
    net.save_parameters(str(backbones.THIN))
    backbones.THIN.with_suffix('.json').write_text(json.dumps({'classes': list('abcdefg')}))
    net.cast('float32')
    return net


def test_the_embedded_backbone(thin, capsys):
    backbone = backbones.pretrained()
    assert capsys.readouterr().out == backbone.about + '\n' and '7 things' in backbone.about
    assert (backbone.name, backbone.size, backbone.classes) == ('thin_resnet', 64, list('abcdefg'))
    first, second = backbone.load(), backbone.load()
    assert (first(X) == thin(X)).all() and first.output.weight.data().dtype == 'float32'
    before = weights(second)
    train(first, devices())
    assert differences(before, weights(second)) == set()


def test_the_fingerprint_changes_with_the_weights(thin):
    first = backbones.pretrained().fingerprint
    assert first == f'thin_resnet-{hashlib.sha256(backbones.THIN.read_bytes()).hexdigest()[:8]}'
    assert backbones.pretrained().fingerprint == first
    backbones.THIN.write_bytes(backbones.THIN.read_bytes()[:-1] + b'x')
    assert backbones.pretrained().fingerprint != first


def listed():
    return (settings.root / 'data/README.md').read_text(encoding='utf-8')


def test_the_embedded_backbone_of_this_repository():
    backbone = backbones.pretrained()
    assert backbone.load()(X).shape == (4, len(backbone.classes)) and 'hotdog' in backbone.classes
    assert backbone.fingerprint.removeprefix('thin_resnet-') in listed()


@pytest.mark.parametrize('name', ['A', 'B'])
def test_the_halves_of_this_repository(name, capsys):
    backbone = backbones.half(name)
    assert capsys.readouterr().out == backbone.about + '\n' and f'Network {name}' in backbone.about
    assert (backbone.name, backbone.size, len(backbone.classes)) == ('five_layers', 32, 19)
    assert backbone.load()(X).shape == (4, 19)
    assert backbone.fingerprint.removeprefix('five_layers-') in listed()


@pytest.mark.parametrize('load, name, size, classes, says', [
    (backbones.people, 'thin_resnet', 64, 40, 'drawn faces of 40 people'),
    (backbones.thin_vgg, 'thin_vgg', 64, 33, 'a thin VGG .* pictures of 33 things'),
    (backbones.characters, 'five_layers', 32, 19, 'Network C: five layers, .* letters, 19 of them')])
def test_the_other_backbones_of_this_repository(load, name, size, classes, says, capsys):
    backbone = load()
    assert capsys.readouterr().out == backbone.about + '\n' and re.search(says, backbone.about)
    assert (backbone.name, backbone.size, len(backbone.classes)) == (name, size, classes)
    assert backbone.load()(X).shape == (4, classes)
    assert backbone.fingerprint.removeprefix(f'{name}-') in listed()


@pytest.mark.parametrize('load, names', [
    (backbones.embedded, ['thin_resnet']), (backbones.people, ['people']),
    (backbones.thin_vgg, ['thin_vgg']), (backbones.characters, ['characters']),
    (lambda: [backbones.half(name) for name in 'AB'], ['half_A', 'half_B'])])
def test_weights_and_their_cards_are_noted_as_read(monkeypatch, load, names):
    monkeypatch.setattr(backbones.provenance, '_read', set())
    load()
    assert backbones.provenance.files_read() == [f'data/weights/{name}.{kind}' for name in names
                                       for kind in ('json', 'params')]


def test_there_are_two_halves():
    assert not set(backbones.half('A').classes) & set(backbones.half('B').classes)
    with pytest.raises(CourseError, match="There is no half 'C' of the things: choose one of A, B"):
        backbones.half('C')


def test_a_missing_half_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(backbones, 'HALVES', {'A': tmp_path / 'half_A.params'})
    with pytest.raises(CourseError, match='missing here'):
        backbones.half('A')


def test_a_missing_embedded_file_is_one_sentence(thin):
    backbones.THIN.with_suffix('.json').unlink()
    with pytest.raises(CourseError, match='missing here'):
        backbones.pretrained()


@pytest.mark.parametrize('damage', [
    lambda path: path.write_bytes(path.read_bytes()[:-1000]), lambda path: path.write_bytes(b'<html>'),
    lambda path: path.write_bytes(b''),
    lambda path: backbones.build('thin_resnet', 8).save_parameters(str(path)),
    lambda path: backbones.build('mobilenet0.25', 7).save_parameters(str(path))])
def test_a_file_with_other_weights_is_one_sentence(thin, damage):
    damage(backbones.THIN)
    with pytest.raises(CourseError, match='does not hold the weights of thin_resnet with 7 classes') as error:
        backbones.pretrained().load()
    assert '\n' not in str(error.value)


@pytest.fixture
def full(monkeypatch, tmp_path):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    (tmp_path / 'weights').mkdir()
    return tmp_path / 'weights'


def test_the_full_profile_takes_the_best_it_finds_and_says_which(full, capsys):
    for file, name in (('mobilenet0.25-adapted.params', 'mobilenet0.25'),
                       ('resnet18.tv_in1k.safetensors', 'resnet18_v1'),
                       ('resnet18_v1-a0666292.params', 'resnet18_v1'), ('resnet18_v2.params', 'resnet18_v2')):
        (full / 'resnet18_v1b-2d9d980c.params').write_bytes(b'weights')  # GluonCV's, another network
        (full / file).write_bytes(b'weights')
        backbone = backbones.pretrained()
        assert (backbone.name, backbone.weights, backbone.size) == (name, full / file, 224)
        assert backbone.classes[934] == 'hotdog' and len(backbone.classes) == 1000
        assert f'{name} pretrained on ImageNet' in capsys.readouterr().out


def test_weights_of_the_zoo_are_loaded(full):
    made_up = backbones.build('mobilenet0.25', 1000)
    made_up.save_parameters(str(full / 'mobilenet0.25.params'))
    assert (backbones.pretrained().load()(X) == made_up(X)).all()


def write_safetensors(path, arrays):
    header, data = {'__metadata__': {'format': 'pt'}}, b''
    for name, array in sorted(arrays.items()):
        kind = {'float32': 'F32', 'int64': 'I64'}[str(array.dtype)]
        header[name] = {'dtype': kind, 'shape': array.shape,
                        'data_offsets': [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    header = json.dumps(header).encode()
    path.write_bytes(len(header).to_bytes(8, 'little') + header + data)


@pytest.fixture(scope='module')
def torchvision():
    """GluonCV's resnet18_v1b, which has torchvision's layout and names, with made-up weights; and these under
    torchvision's names.
    """
    from gluoncv.model_zoo import resnet18_v1b

    net = resnet18_v1b()
    net.initialize()
    net(X)
    generator = numpy.random.default_rng(0)
    arrays = {}
    for name, parameter in net._collect_params_with_prefix().items():
        positive = 'var' in name or 'gamma' in name
        drawn = (generator.uniform(.5, 1.5, parameter.shape) if positive
                 else generator.normal(0, .05, parameter.shape))
        parameter.set_data(np.array(drawn.astype('float32')))
        arrays[name.replace('gamma', 'weight').replace('beta', 'bias')] = parameter.data().asnumpy()
        if 'running_var' in name:
            arrays[name.replace('running_var', 'num_batches_tracked')] = numpy.array(7)
    return net, arrays


def test_torchvisions_weights_become_the_zoos_resnet18_v1(full, torchvision):
    net, arrays = torchvision
    write_safetensors(full / 'resnet18.tv_in1k.safetensors', arrays)
    converted = backbones.pretrained().load()
    assert len(list(converted.collect_params())) == 102
    assert len([name for name in arrays if 'tracked' not in name]) == 102
    assert abs(net(X)).max() > .01 and abs(net(X) - converted(X)).max() == 0
    with autograd.record():  # batch statistics too
        assert abs(net(X) - converted(X)).max() == 0


@pytest.mark.parametrize('change, says', [
    (lambda arrays: arrays.pop('layer3.0.downsample.1.running_mean'),
     r'layer3\.0\.downsample\.1\.running_mean is missing'),
    (lambda arrays: arrays.update({'fc.weight': arrays['fc.weight'][:10]}),
     r'fc\.weight has the shape \(10, 512\), where \(1000, 512\)'),
    (lambda arrays: arrays.update({'fc.bias': arrays['fc.bias'].astype('int64')}), r'fc\.bias is missing')])
def test_weights_of_another_network_are_one_sentence(full, torchvision, change, says):
    arrays = dict(torchvision[1])
    change(arrays)
    write_safetensors(full / 'resnet18.safetensors', arrays)
    with pytest.raises(CourseError, match="does not hold the weights of torchvision's ResNet-18: " + says):
        backbones.pretrained().load()


@pytest.mark.parametrize('content', [lambda good: good[:-1000], lambda good: good[:500],
                                     lambda good: b'<html>error</html>', lambda good: b'',
                                     lambda good: (2).to_bytes(8, 'little') + b'[]',
                                     lambda good: (7).to_bytes(8, 'little') + b'{"a":1}'])
def test_a_damaged_safetensors_file_is_one_sentence(full, torchvision, content):
    path = full / 'resnet18.safetensors'
    write_safetensors(path, torchvision[1])
    path.write_bytes(content(path.read_bytes()))
    with pytest.raises(CourseError, match='is not a complete safetensors file|cannot be used, for it is (a '
                                          'web page|empty)'):
        backbones.pretrained().load()
