"""Pretrained networks by name.

Every network here has two parts, ``features`` (the backbone) and ``output`` (the head, one dense layer), as
in Gluon's model zoo.
"""
import dataclasses
import functools
import hashlib
import json
from pathlib import Path

import numpy
from mxnet import MXNetError, autograd, init, np
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

from . import files, process, provenance  # noqa: F401 - np semantics
from .environment import settings
from .errors import CourseError
from .hardware import devices
from .layers import FiveLayers
from .messages import say
from .surgery import check_classes

# Made by `make weights`
THIN = settings.root / 'data' / 'weights' / 'thin_resnet.params'
HALVES = {half: settings.root / 'data' / 'weights' / f'half_{half}.params' for half in 'AB'}
PEOPLE = settings.root / 'data' / 'weights' / 'people.params'
CHARACTERS = settings.root / 'data' / 'weights' / 'characters.params'
VGG = settings.root / 'data' / 'weights' / 'thin_vgg.params'


def _thin_resnet(classes):
    return vision.ResNetV2(vision.BasicBlockV2, [1, 1, 1, 1], [16, 16, 32, 64, 128], classes=classes)


def _thin_vgg(plan, channels, batch_norm, classes):
    net = vision.VGG(plan, channels, classes=classes, batch_norm=batch_norm)
    # the zoo's end with two dense layers of 4096, each with dropout
    net.features = net.features[:-4]
    net.features.add(nn.GlobalAvgPool2D(), nn.Flatten())
    # of He et al. (2015): the zoo's own makes what leaves a narrow chain so faint that it hardly learns
    net.collect_params('.*weight').setattr('init', init.MSRAPrelu(factor_type='in', slope=0))
    return net


# numbers of convolutions between poolings, and their channels
_VGGS = {'thin_vgg': ([2, 2, 3, 3, 3], [8, 16, 32, 64, 128]),  # as in VGG-16
         'eight_layers': ([1, 1, 2, 2, 2], [8, 16, 32, 64, 64])}  # as in VGG-11

_NETWORKS = {'thin_resnet': _thin_resnet, 'five_layers': FiveLayers,
             **{name + end: functools.partial(_thin_vgg, *sizes, bool(end))
                for name, sizes in _VGGS.items() for end in ('', '_bn')},
             'resnet18_v2': vision.resnet18_v2, 'resnet18_v1': vision.resnet18_v1,
             'mobilenet0.25': vision.mobilenet0_25}

# What a running average of batch normalisation keeps of itself at each update, in the zoo's deep networks
# trained from scratch. Gluon's .9 is made for long training: after the tens of updates of a lesson on photos
# the averages of twenty and more layers trail behind the weights, and what has learned is wrong in use.
_KEPT = .5


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A network somebody has trained on a source task, and what one has to know to use it.

    Attributes
    ----------
    name : str
        What `build` calls the architecture.
    size : int
        Side of the square pictures it was trained on, in pixels.
    classes : list of str
        Names of the source task's classes, in the order of the network's outputs.
    weights : pathlib.Path
        The file its weights come from.
    about : str
        One honest line on what it is.
    """

    name: str
    size: int
    classes: list
    weights: Path
    about: str

    @property
    def fingerprint(self):
        """Changes when the weights change: the name and the first 8 hexadecimal digits of the SHA-256 of the
        file, ``thin_resnet-0fc901b2``.

        Name it to a study of this backbone, ``study(..., data=[data, source])``: a recorded study is shown
        only beside the weights it was made with.
        """
        with open(self.weights, 'rb') as file:
            return f'{self.name}-{hashlib.file_digest(file, "sha256").hexdigest()[:8]}'

    def load(self):
        """The network with its pretrained weights, read anew at every call: networks from two calls share
        nothing.

        Returns
        -------
        mxnet.gluon.HybridBlock
            With ``features`` and ``output``, on all `devices`. Takes (batch, 3, `size`, `size`), gives
            (batch, number of source classes).

        Raises
        ------
        CourseError
            If the file is damaged or holds another network.
        """
        if self.weights.suffix == '.safetensors':
            return _set_torchvision_weights(build(self.name, len(self.classes)), self.weights)
        net = _NETWORKS[self.name](classes=len(self.classes))
        try:
            # the file may hold 16-bit numbers to be small
            net.load_parameters(str(self.weights), ctx=devices(), cast_dtype=True)
        except (AssertionError, MXNetError, ValueError) as error:
            raise CourseError(f'{self.weights} does not hold the weights of {self.name} with '
                              f'{len(self.classes)} classes ({_last_line(error)}): it is damaged or of '
                              'another network, so replace it.') from error
        return net


def _last_line(error):
    """What MXNet says of an error, which comes below a trace of its own."""
    lines = [line.strip() for line in str(error).splitlines()
             if line.strip() and not line.startswith(('Stack trace', '  [bt]', 'Traceback'))]
    return (lines or [type(error).__name__])[-1][:160]


def pretrained():
    """The pretrained backbone of this profile; prints one line saying which.

    Embedded: a thin ResNet that the project trained on its own drawn pictures. Full: a network trained on
    ImageNet, the first found in the learner's folder (then in the course's downloads) of ResNet-18 v2,
    ResNet-18 v1 and MobileNet 0.25, else downloaded, tried in that order.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If there is none.
    """
    backbone = embedded() if settings.embedded else _full()
    say(backbone.about)
    return backbone


def half(name):
    """A small network of five layers, pretrained on one half of the things of the picture book; prints a
    line. In both profiles.

    Parameters
    ----------
    name : {'A', 'B'}
        Which half: see `d2lhelpers.datasets.picture_book.HALVES`.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If there is no such half, or its file is missing.
    """
    if name not in HALVES:
        raise CourseError(f'There is no half {name!r} of the things: choose one of {", ".join(HALVES)}.')
    return _ours('five_layers', 32, HALVES[name], f'Network {name}: five layers, pretrained by this project '
                                                  'on drawn pictures of {} things, 32 x 32 pixels.')


def people():
    """The thin ResNet once more, pretrained to tell 40 drawn people apart; prints a line. In both profiles.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If its file is missing.
    """
    return _ours('thin_resnet', 64, PEOPLE, 'Backbone: a thin ResNet pretrained by this project on drawn '
                                            'faces of {} people, 64 x 64 pixels.')


def thin_vgg():
    """A thin VGG, thirteen convolutions without batch normalisation, pretrained on the drawn pictures of the
    thin ResNet; prints a line. In both profiles.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If its file is missing.
    """
    return _ours('thin_vgg', 64, VGG, 'Backbone: a thin VGG pretrained by this project on its own drawn '
                                      'pictures of {} things, 64 x 64 pixels.')


def characters():
    """The small network of five layers once more, pretrained on drawn letters, white on black; prints a line.
    In both profiles.

    For a source that is unlike pictures of things, and was trained as `half` was: the same number of
    pictures, of classes and of epochs.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If its file is missing.
    """
    return _ours('five_layers', 32, CHARACTERS, 'Network C: five layers, pretrained by this project on drawn '
                                                'letters, {} of them, 32 x 32 pixels.')


def _ours(name, size, weights, about):
    """A network that this project trained; `about` says what it is, with braces for the number of classes."""
    classes = _classes(weights)
    backbone = Backbone(name, size, classes, weights, about.format(len(classes)))
    say(backbone.about)
    return backbone


def _classes(weights):
    """The classes of a network that this project trained, from the card beside its weights."""
    card = weights.with_suffix('.json')
    if not weights.is_file() or not card.is_file():
        raise CourseError(f'{weights} and {card.name} beside it are part of the course, but missing here: '
                          'fetch them again with `git checkout -- data/weights`.')
    provenance.read(weights)
    return json.loads(provenance.read(card).read_text(encoding='utf-8'))['classes']


def embedded():
    """The pretrained backbone of the embedded profile, in both profiles; prints nothing.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If its file is missing.
    """
    classes = _classes(THIN)
    return Backbone('thin_resnet', 64, classes, THIN,
                    'Backbone: a thin ResNet pretrained by this project on its own drawn pictures of '
                    f'{len(classes)} things, 64 x 64 pixels.')


def _full():
    from gluoncv.data import ImageNet1kAttr  # here, because it takes most of a second to import

    choice, path = files.get(files.BACKBONE)
    return Backbone(choice.name, 224, ImageNet1kAttr().classes, path,
                    f'Backbone: {choice.name} pretrained on ImageNet (1000 classes), 224 x 224 pixels, from '
                    f'{path}.')


def build(name, classes):
    """An untrained network, for training from scratch: Xavier weights (in a VGG those of He et al., made for
    chains with ReLU), on all `devices`.

    In networks of the zoo, ``resnet18…`` and ``mobilenet…``, the running averages of batch normalisation keep
    half of themselves at each update, not nine tenths: the course trains them for tens of updates.

    Parameters
    ----------
    name : str
        ``thin_resnet``, ``five_layers``, ``thin_vgg`` (thirteen convolutions in a chain) or ``eight_layers``
        (eight), both also with batch normalisation, ``thin_vgg_bn`` and ``eight_layers_bn``; ``resnet18_v2``,
        ``resnet18_v1`` or ``mobilenet0.25``. A `Backbone` tells its own as ``backbone.name``.
    classes : int
        Number of outputs.

    Returns
    -------
    mxnet.gluon.HybridBlock
        With ``features`` and ``output``.

    Raises
    ------
    CourseError
        If there is no such network, or `classes` is not a positive whole number.
    """
    if name not in _NETWORKS:
        raise CourseError(f'There is no network {name!r} here: choose one of {", ".join(_NETWORKS)}.')
    check_classes(classes)
    net = _NETWORKS[name](classes=classes)
    if name.startswith(('resnet', 'mobilenet')):
        net.apply(_follow_closely)
    net.initialize(init.Xavier(), ctx=devices())
    # Gluon draws weights when it first sees a picture: do it now, so that they depend on the seed alone and
    # can be copied at once
    with autograd.pause(train_mode=False):
        net(np.zeros((1, 3, 64, 64), ctx=devices()[0]))
    return net


def _follow_closely(layer):
    if isinstance(layer, nn.BatchNorm):
        layer._kwargs['momentum'] = _KEPT


def _torchvision_names():
    """The parameters of torchvision's ResNet-18, in the order in which the zoo's resnet18_v1, which is the
    same network, has its own.
    """
    layers = ['conv1', 'bn1']
    for stage in range(1, 5):
        for block in range(2):
            layers += [f'layer{stage}.{block}.{layer}' for layer in ('conv1', 'bn1', 'conv2', 'bn2')]
            if stage > 1 and block == 0:
                layers += [f'layer{stage}.0.downsample.0', f'layer{stage}.0.downsample.1']
    for layer in layers:
        normalises = 'bn' in layer or layer.endswith('downsample.1')
        kinds = ('weight', 'bias', 'running_mean', 'running_var') if normalises else ('weight',)
        yield from (f'{layer}.{kind}' for kind in kinds)
    yield from ('fc.weight', 'fc.bias')


def _set_torchvision_weights(net, path):
    arrays = _read_safetensors(path)
    for name, parameter in zip(_torchvision_names(), net.collect_params().values(), strict=True):
        if name not in arrays or arrays[name].shape != parameter.shape:
            has = f'{name} has the shape {arrays[name].shape}' if name in arrays else f'{name} is missing'
            raise CourseError(f"{path} does not hold the weights of torchvision's ResNet-18: {has}, where "
                              f'{parameter.shape} is needed. Replace it.')
        parameter.set_data(np.array(arrays[name]))
    return net


def _read_safetensors(path):
    """Arrays by name. The format: 8 bytes for the length of a JSON header, the header, and the numbers at the
    offsets it gives.
    """
    data = path.read_bytes()
    try:
        start = 8 + int.from_bytes(data[:8], 'little')
        header = json.loads(data[8:start])
        header.pop('__metadata__', None)
        arrays = {}
        for name, entry in header.items():
            first, end = entry['data_offsets']
            if entry['dtype'] == 'F32':  # the rest are counters of batches
                numbers = numpy.frombuffer(data[start + first:start + end], '<f4')
                arrays[name] = numbers.reshape(entry['shape'])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CourseError(f'{path} is not a complete safetensors file (perhaps a download that broke off): '
                          'delete it and fetch it again.') from error
    return arrays
