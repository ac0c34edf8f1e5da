"""From a picture to the numbers that a network takes, in plain NumPy, so that it can leave the course with
the network: `d2lhelpers.handover` writes this file beside the weights.

Libraries resize differently, and each rounds in its own way. So resizing is said here as what it is, a
weighted mean over pixels, and all numbers stay numbers until the end: whoever writes these few lines again in
another language gets the same.
"""
import dataclasses

import numpy


@dataclasses.dataclass(frozen=True)
class Preprocessing:
    """Squeeze a picture into a square, take its centre, and bring the colours to the scale of training.

    Call it with a picture, uint8, height x width x 3, red first; it returns a numpy.ndarray of float32, shape
    (3, `crop`, `crop`).

    Attributes
    ----------
    resize : int
        Side of the square that the whole picture is squeezed into, in pixels.
    crop : int
        Side of its centre, which the network gets.
    mean, std : tuple of float
        Of red, green and blue on the scale from 0 to 1; of ImageNet, as in the book's chapter.
    """

    resize: int
    crop: int
    mean: tuple = (0.485, 0.456, 0.406)
    std: tuple = (0.229, 0.224, 0.225)

    def __call__(self, picture):
        if hasattr(picture, 'asnumpy'):  # an array of MXNet
            picture = picture.asnumpy()
        height, width = picture.shape[:2]
        rows = shares(height, self.resize, self.crop).astype('float32')
        columns = shares(width, self.resize, self.crop).astype('float32')
        flat = rows @ picture.reshape(height, -1).astype('float32')
        small = columns @ flat.reshape(self.crop, width, 3) / 255  # (crop, crop, 3)
        scaled = (small - numpy.float32(self.mean)) / numpy.float32(self.std)
        return numpy.ascontiguousarray(scaled.transpose(2, 0, 1))


def shares(length, resize, crop):
    """How much each old pixel of a line counts in each new one.

    A new pixel is the mean of the old ones around its middle, with weights that fall in a straight line to 0:
    one new pixel away where the picture shrinks (so that no old pixel is skipped), one old pixel away where
    it grows. This is what Pillow calls ``BILINEAR``, without its rounding.

    Parameters
    ----------
    length : int
        Old pixels.
    resize : int
        New pixels of the whole line.
    crop : int
        How many of them are kept, those in the middle.

    Returns
    -------
    numpy.ndarray of float64, shape (crop, length)
        Each row adds up to 1.
    """
    step = length / resize  # old pixels for one new pixel
    middles = ((resize - crop) // 2 + numpy.arange(crop) + .5) * step
    distances = numpy.abs(numpy.arange(length) + .5 - middles[:, None])
    weights = numpy.maximum(0, 1 - distances / max(step, 1))
    return weights / weights.sum(axis=1, keepdims=True)
