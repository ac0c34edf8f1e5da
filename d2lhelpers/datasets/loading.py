"""Examples of a dataset, batch by batch: what Gluon's DataLoader gives, without a stop at every example."""
import numpy
from mxnet import gluon, np

from .. import process  # noqa: F401 - np semantics
from .dataset import Examples


class _AtOnce:
    """Batches of a dataset whose examples are rows of arrays: iterable again and again."""

    def __init__(self, rows, order):
        self._rows, self._order = rows, order

    def __iter__(self):
        for places in self._order:
            yield [_on_device(array) for array in self._rows(places)]


def load(data, order):
    """Batches of a dataset in a given order.

    Parameters
    ----------
    data : gluon.data.Dataset
        Where its examples are the rows of arrays they are taken at once, for one by one costs more than
        training a small head does. Any other goes through Gluon's DataLoader.
    order : iterable of list of int
        The places of each batch, as a ``batch_sampler`` gives them.

    Returns
    -------
    iterable
        Of mxnet.np.ndarray, or a list of them where examples have several parts.
    """
    if isinstance(data, Examples):
        return _AtOnce(data.rows, order)
    # a subclass, or a transformed dataset, has examples of its own
    if type(data) is gluon.data.ArrayDataset and all(isinstance(array, numpy.ndarray | np.ndarray)
                                                     for array in data._data):  # Gluon has no public name
        return _AtOnce(lambda places: [_rows(array, places) for array in data._data], order)
    # without workers: they would put batches on another device and repeat each other's augmentations
    return gluon.data.DataLoader(data, num_workers=0, batch_sampler=order)


def _rows(array, places):
    if isinstance(array, numpy.ndarray):
        return array[places]
    return np.take(array, np.array(places, dtype='int32', ctx=array.ctx), axis=0)


def _on_device(array):
    return np.array(array, dtype=array.dtype) if isinstance(array, numpy.ndarray) else array
