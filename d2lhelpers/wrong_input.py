"""What is wrong with the arrays that a network was given, in one sentence instead of MXNet's eighty lines.

MXNet 1.9.1 does not look at the number of channels before batch normalisation computes: given another number
than it has scales, it writes behind them, and the process dies sooner or later. So `guard` looks first.
"""
import functools
import re

import numpy
from mxnet.gluon.nn import basic_layers
from mxnet.ndarray import NDArray

from . import process  # noqa: F401 - np semantics
from .errors import CourseError

_PICTURES = '(batch, channels, height, width)'


def guard():
    """Let every batch normalisation refuse arrays with another number of channels than it has."""
    compute = basic_layers._BatchNorm.hybrid_forward

    @functools.wraps(compute)
    def checked(self, F, x, gamma, **others):
        # in compiled code x is a symbol: there MXNet itself looks
        if isinstance(x, NDArray):
            axis = self._kwargs['axis']
            channels = x.shape[axis] if -x.ndim <= axis < x.ndim else None
            if channels != gamma.shape[0]:
                raise CourseError(f'A batch normalisation of {gamma.shape[0]} channels was given an array of '
                                  f'shape {x.shape}. {_meant(x.shape, gamma.shape[0])}')
        return compute(self, F, x, gamma=gamma, **others)

    basic_layers._BatchNorm.hybrid_forward = checked


def explained(error, arrays):
    """An error of MXNet about what a network was given, as a sentence.

    Parameters
    ----------
    error : mxnet.MXNetError
    arrays : sequence of array
        What went in, as far as it is known.

    Returns
    -------
    CourseError
    """
    text = str(error)
    came = ' and '.join(f'shape {array.shape}, {numpy.dtype(array.dtype).name}' for array in arrays)
    head = f'The network cannot use these arrays: {came}.'
    shape = arrays[0].shape if len(arrays) else ()
    wanted = re.search(r'Shape inconsistent, Provided = \[([\d,]+)\], inferred shape=[\[(]([\d,]+)', text)
    if 'uint8' in text or any(array.dtype == numpy.uint8 for array in arrays):
        return CourseError(f'{head} They are 8-bit numbers, as pictures are in a file: transform them first, '
                           'data.transform_first(...) with ToTensor() in it.')
    if 'Input data should be 4D' in text:
        return CourseError(f'{head} A convolution takes pictures, {_PICTURES}. {_meant(shape, None)}')
    if wanted:
        layer, given = ([int(number) for number in group.strip(',').split(',')] for group in wanted.groups())
        if len(layer) == 4:
            return CourseError(f'{head} A convolution takes {layer[1]} channels and was given {given[1]}. '
                               f'{_meant(shape, layer[1])}')
        if len(layer) == 2:
            return CourseError(f'{head} A dense layer takes {layer[1]} numbers for each example and was '
                               f'given {given[1]}: pictures of another size, or the output of another layer.')
    lines = [line.strip() for line in text.splitlines() if 'Check failed' in line or 'Error' in line]
    return CourseError(f'{head} MXNet says: {(lines or text.splitlines() or ["nothing"])[-1][:200]}')


def _meant(shape, channels):
    """What was probably meant."""
    if len(shape) == 2:
        return 'If these are features, they go to the head alone: net.output(features), not net(features).'
    if len(shape) == 3:
        return f'If it is a single picture, make it a batch of one, x[None]: a network takes {_PICTURES}.'
    if len(shape) == 4 and (channels or 3) == shape[-1]:
        return (f'The channels are last, as in a file; a network takes {_PICTURES}: transform with '
                'ToTensor().')
    if len(shape) == 4 and shape[1] == 1:
        return 'Pictures in shades of grey have one channel: repeat it three times, or build another network.'
    return f'A network takes {_PICTURES}, as the layer was made for.'


guard()
