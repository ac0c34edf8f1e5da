"""VGG16 of the full profile with made-up weights, in both forms; its weights counted; its drawing."""
import json

from d2lhelpers import CourseError, backbones, outputs, settings, vgg

import matplotlib.pyplot as plt
import numpy
import pytest
from mxnet import np, npx


@pytest.fixture
def full(monkeypatch, tmp_path):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    (tmp_path / 'weights').mkdir()
    return tmp_path / 'weights'


@pytest.fixture(scope='module')
def arrays():
    """Made-up weights under torchvision's names, without the top, which is not read."""
    generator = numpy.random.default_rng(0)
    made, layer, into = {}, 0, 3
    for number, out in zip(vgg.CONVOLUTIONS, vgg.CHANNELS, strict=True):
        for _ in range(number):
            deviation = (2 / (9 * into)) ** .5  # of He et al.: neither fades nor grows
            made[f'features.{layer}.weight'] = generator.normal(0, deviation, (out, into, 3, 3))
            made[f'features.{layer}.bias'] = generator.normal(0, .1, out)
            layer, into = layer + 2, out
        layer += 1
    return {name: array.astype('float32') for name, array in made.items()}


def write_safetensors(path, arrays):
    header, data = {}, b''
    for name, array in arrays.items():
        header[name] = {'dtype': 'F32', 'shape': array.shape,
                        'data_offsets': [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    header = json.dumps(header).encode()
    path.write_bytes(len(header).to_bytes(8, 'little') + header + data)


def test_the_zoos_and_torchvisions_file_give_the_same_network(full, arrays):
    x, found = np.random.normal(size=(1, 3, 64, 64)), []
    write_safetensors(full / 'vgg16.tv_in1k.safetensors', arrays)
    for name in ('vgg16.tv_in1k.safetensors', 'vgg16.params'):
        if name == 'vgg16.params':
            npx.save(str(full / name), {key: np.array(array) for key, array in arrays.items()})
        source = vgg.pretrained()
        assert source.weights == full / name and source.size == 224 and len(source.classes) == 1000
        net = source.load()
        assert sum(p.data().size for p in net.features.collect_params().values()) == 14_714_688
        found.append(outputs(net.features[:-2], x))
    assert found[0].shape == (1, 512, 2, 2) and abs(found[0]).max() > .01
    assert (found[0] == found[1]).all()


@pytest.mark.parametrize('change, says', [
    (lambda arrays: arrays.pop('features.28.bias'), 'features.28.bias is missing'),
    (lambda arrays: arrays.update({'features.0.weight': arrays['features.0.weight'][:8]}),
     r'features.0.weight has the shape \(8, 3, 3, 3\), where \(64, 3, 3, 3\) is needed')])
def test_another_networks_weights_are_one_sentence(full, arrays, change, says):
    other = dict(arrays)
    change(other)
    write_safetensors(full / 'vgg16.safetensors', other)
    with pytest.raises(CourseError, match=says):
        vgg.pretrained().load()


def test_a_damaged_file_is_one_sentence(full):
    (full / 'vgg16.params').write_bytes(b'PK' * 500)
    with pytest.raises(CourseError, match='is no complete file of weights') as error:
        vgg.pretrained().load()
    assert '\n' not in str(error.value)


def test_without_a_copy_there_is_none_and_a_line_says_so(full, capsys):
    assert vgg.pretrained() is None
    assert capsys.readouterr().out.startswith('There is no VGG16 here')


def test_embedded_it_is_the_thin_one(capsys):
    assert vgg.pretrained().name == 'thin_vgg'


def test_there_is_one_that_has_met_people(capsys):
    source = vgg.people()
    assert capsys.readouterr().out == source.about + '\n' and 'drawn faces of 40 people' in source.about
    assert (source.name, source.size, len(source.classes)) == ('thin_vgg', 64, 40)
    assert source.fingerprint != backbones.thin_vgg().fingerprint
    assert source.load()(np.zeros((2, 3, 64, 64))).shape == (2, 40)


def test_the_weights_counted_from_shapes_are_those_of_the_networks():
    blocks, layers = vgg.counts()
    assert (sum(blocks), sum(layers)) == (14_714_688, 25_958_419)
    net = vgg.pretrained().load()
    thin, _ = vgg.counts(channels=(8, 16, 32, 64, 128))
    assert sum(thin) == sum(p.data().size for p in net.features.collect_params().values())


def test_the_drawing_says_what_it_shows_and_keeps_its_text_inside(monkeypatch):
    shown = []
    monkeypatch.setattr(vgg, 'show', lambda figure, reading: shown.append((figure, reading)))
    vgg.architecture()
    (figure, reading), = shown
    assert '14,714,688' in reading and '25,958,419' in reading
    figure.canvas.draw()
    for text in figure.axes[0].texts:
        place = text.get_window_extent()
        assert figure.bbox.x0 <= place.x0 and place.x1 <= figure.bbox.x1, text.get_text()
    plt.close(figure)
