"""One pass over pictures of which not all fit in memory as numbers: a few at a time, with a bar."""
import math

import numpy

from .evaluation import outputs
from .progress import bar

_AT_ONCE = 256  # pictures: as numbers, at 224 x 224 pixels, 150 MB


def each(pictures, description):
    """The pictures one by one, with a bar.

    Parameters
    ----------
    pictures : Pictures
    description : str
        Of the bar.

    Yields
    ------
    mxnet.np.ndarray, uint8, height x width x 3
    """
    with bar(len(pictures), description) as shown:
        for i in range(len(pictures)):
            yield pictures[i][0]
            shown.update(1)


def features_of(net, pictures, prepare, description='features'):
    """Outputs of a network, or of a part of one, for many pictures: only the outputs are kept.

    Parameters
    ----------
    net : mxnet.gluon.Block
    pictures : Pictures
    prepare : callable
        From a picture to what the network takes, such as a `Preprocessing`.
    description : str
        Of the bar.

    Returns
    -------
    numpy.ndarray of float32, shape (pictures, …)

    Raises
    ------
    CourseError
        If there are no pictures.
    """
    found = []
    with bar(len(pictures), description) as shown:
        for places in numpy.array_split(numpy.arange(len(pictures)),
                                        max(1, math.ceil(len(pictures) / _AT_ONCE))):
            part = pictures.pick(places).transform_first(prepare)
            found.append(outputs(net, part).asnumpy())
            shown.update(len(places))
    return numpy.concatenate(found)
