"""The drawn world for exercises, in both profiles: it takes seconds, and says the same everywhere."""
import functools

from mxnet.gluon.data.vision import transforms

from .. import backbones
from ..datasets import picture_book
from .variants import varied

COLOURS = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]  # mean and deviation, red first
_CENTRE = (transforms.Resize(73), transforms.CenterCrop(64))


@functools.cache
def hotdog():
    """Hotdog or not, as in lesson 1, with fewer pictures: 400 to train with, 200 to choose by, 400 to test.

    Returns
    -------
    Dataset
    """
    return picture_book.hotdog_or_not(train=400, validation=200, test=400, seed=varied(0))


@functools.cache
def source():
    """The source model of the embedded profile; its ``load()`` gives a fresh network at every call.

    Returns
    -------
    Backbone
    """
    return backbones.embedded()


def ready(pictures, to_size=_CENTRE):
    """Pictures in the form that the network takes: its size, normalized, transformed once and for all.

    Parameters
    ----------
    pictures : Pictures
    to_size : sequence of transforms
        Bring a picture to the size of the network; by default to that of the source model, 64 x 64 pixels.

    Returns
    -------
    gluon.data.Dataset
        Items ``(x, label)``, x of shape (3, height, width).
    """
    form = transforms.Compose([*to_size, transforms.ToTensor(), transforms.Normalize(*COLOURS)])
    return pictures.transform_first(form, lazy=False)
