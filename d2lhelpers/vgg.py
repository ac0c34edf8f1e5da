"""VGG16, the network of the tutorial on nineteen faces: its weights, a count of them, and a drawing."""
import dataclasses
import itertools

import matplotlib.pyplot as plt
from mxnet import MXNetError, autograd, np, npx

from . import backbones, files, process  # noqa: F401 - np semantics
from .diagrams import _COPIED, _NEW, _arrow, _box
from .environment import settings
from .errors import CourseError
from .hardware import devices
from .messages import say
from .plots import show

CONVOLUTIONS = (2, 2, 3, 3, 3)  # in each of the five blocks; a pooling behind each block
CHANNELS = (64, 128, 256, 512, 512)
SIDE = 224  # pixels
PEOPLE = settings.root / 'data' / 'weights' / 'vgg_people.params'  # made by `make weights`
# the hash as in mxnet.gluon.model_zoo.model_store; beside torchvision's weights none is published
NEED = files.Need('weights of VGG16 pretrained on ImageNet', 'd2lhelpers.vgg', (
    files.RemoteFile('vgg16', 'weights/vgg16-e660d456.params',
                     ('weights/vgg16.params', 'weights/vgg16-*.params'),
                     ('https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/models/'
                      'vgg16-e660d456.zip',),
                     'sha1:e660d4569ccb679ec68f1fd3cce07a387252a90a', 553, zipped=True),
    files.RemoteFile('vgg16', 'weights/vgg16.tv_in1k.safetensors', ('weights/vgg16*.safetensors',),
                     ('https://huggingface.co/timm/vgg16.tv_in1k/resolve/main/model.safetensors',), None,
                     553)))


def pretrained():
    """The pretrained VGG of this profile; prints one line saying which.

    Embedded: the thin one, `d2lhelpers.backbones.thin_vgg`. Full: VGG16 trained on ImageNet, a copy of the
    learner's, as Gluon's zoo or as torchvision keeps it. It is not downloaded: it has half a gigabyte, for
    one section of one lesson.

    Returns
    -------
    Backbone or None
        None in the full profile where there is no copy; then the line says so.
    """
    if settings.embedded:
        return backbones.thin_vgg()
    found = files.find(NEED)
    if found is None:
        say(f'There is no VGG16 here ({" or ".join(file.save_as for file in NEED.files)} in the folder named '
            'in D2LHELPERS_DATA): the record of the thin VGG is shown instead.')
        return None
    from gluoncv.data import ImageNet1kAttr  # here, because it takes most of a second to import

    backbone = VGG16('vgg16', SIDE, ImageNet1kAttr().classes, found[1],
                     f'Backbone: VGG16 pretrained on ImageNet, {SIDE} x {SIDE} pixels, from {found[1]}.')
    say(backbone.about)
    return backbone


def people():
    """The thin VGG once more, pretrained to tell apart the drawn people of `d2lhelpers.backbones.people`;
    prints a line.

    Returns
    -------
    Backbone

    Raises
    ------
    CourseError
        If its file is missing.
    """
    return backbones._ours('thin_vgg', 64, PEOPLE, 'Backbone: a thin VGG pretrained by this project on drawn '
                                                   'faces of {} people, 64 x 64 pixels.')


@dataclasses.dataclass(frozen=True)
class VGG16(backbones.Backbone):
    """Weights of the whole VGG16 in a file; `load` takes those of the convolutions."""

    def load(self):
        """VGG16 without its top, read anew at every call.

        Returns
        -------
        mxnet.gluon.HybridBlock
            On all `devices`. ``features`` ends in global pooling, and gives (batch, 512); ``features[:-2]``
            gives (batch, 512, 7, 7). Its ``output`` has no weights.

        Raises
        ------
        CourseError
            If the file is damaged or holds another network.
        """
        net = backbones._thin_vgg(CONVOLUTIONS, CHANNELS, False, len(self.classes))
        net.features.initialize(ctx=devices())
        with autograd.pause(train_mode=False):  # now the layers know their shapes
            net.features(np.zeros((1, 3, 32, 32), ctx=devices()[0]))
        arrays = self._arrays()
        # the zoo and torchvision number the layers alike: features.0.weight
        for name, parameter in net.features._collect_params_with_prefix('features').items():
            if name not in arrays or arrays[name].shape != parameter.shape:
                has = (f'{name} has the shape {arrays[name].shape}' if name in arrays
                       else f'{name} is missing')
                raise CourseError(f'{self.weights} does not hold the weights of VGG16: {has}, where '
                                  f'{parameter.shape} is needed. Replace it.')
            parameter.set_data(np.array(arrays[name]))
        return net

    def _arrays(self):
        """What the file holds, by name."""
        if self.weights.suffix == '.safetensors':
            return backbones._read_safetensors(self.weights)
        try:
            return {name: array.asnumpy() for name, array in npx.load(str(self.weights)).items()}
        except (MXNetError, AttributeError, ValueError) as error:
            raise CourseError(f'{self.weights} is no complete file of weights '
                              f'({backbones._last_line(error)}): replace it.') from error


def counts(convolutions=CONVOLUTIONS, channels=CHANNELS, head=(1024, 256, 19), positions=49):
    """How many weights and biases each part has, counted from the shapes.

    Parameters
    ----------
    convolutions, channels : sequence of int
        Of each block; all are 3 x 3.
    head : sequence of int
        Units of its dense layers.
    positions : int
        Of the last map, all of which the head sees: 7 x 7 for a picture of 224 x 224; 1 after pooling.

    Returns
    -------
    blocks, layers : list of int
        Of the blocks, and of the head's layers.
    """
    blocks, into = [], 3
    for number, out in zip(convolutions, channels, strict=True):
        blocks.append(9 * into * out + out + (number - 1) * (9 * out * out + out))
        into = out
    sizes = [into * positions, *head]
    return blocks, [(a + 1) * b for a, b in itertools.pairwise(sizes)]


def architecture():
    """The tutorial's network: VGG16 without its top, frozen, and the head 1024-256-19."""
    blocks, layers = counts()
    figure, axis = plt.subplots(figsize=(11, 3.6))
    axis.axis('off')
    axis.set(xlim=(-.9, 13.3), ylim=(-1.2, 2.2), title='VGG16 and a head for nineteen faces')
    parts = [(f'{number} conv\n{out}\nchannels', weights, _COPIED)
             for number, out, weights in zip(CONVOLUTIONS, CHANNELS, blocks, strict=True)]
    parts += [(f'dense\n{units}', weights, _NEW)
              for units, weights in zip((1024, 256, 19), layers, strict=True)]
    for i, (text, weights, colour) in enumerate(parts):
        x = 1.55 * i + (.8 if i >= len(blocks) else 0)
        _box(axis, x, .9, text, colour, width=1.25, height=1.15)
        axis.text(x, -.05, f'{weights:,}', ha='center', fontsize=11)
        if i < len(blocks):
            axis.text(x, 1.65, f'{SIDE >> i + 1} x {SIDE >> i + 1}', ha='center', fontsize=11)
        if i + 1 < len(parts):
            _arrow(axis, (x + .65, .9), (x + (1.7 if i + 1 == len(blocks) else .9), .9))
    axis.text(7.35, 1.05, 'flatten', ha='center', fontsize=11)
    for x, text in ((3.1, f'frozen: {sum(blocks):,} weights'), (10.1, f'trained: {sum(layers):,} weights')):
        axis.text(x, -.85, text, ha='center', fontsize=13, fontweight='bold')
    show(figure, f'Five frozen blocks of {", ".join(map(str, CONVOLUTIONS))} convolutions; a pooling behind '
                 'each halves the map (its side is written above, the number of weights below). Then a head '
                 f'of three dense layers, trained. The blocks have {sum(blocks):,} weights, the head '
                 f'{sum(layers):,}, nearly all of them in its first layer, which sees all positions.')
