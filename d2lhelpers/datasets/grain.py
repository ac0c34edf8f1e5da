"""Grain: grey noise from fine to coarse. A world without things, outlines or colours, as far from pictures as
can be.
"""
import numpy

from .balanced import drawn
from .dataset import check_seed

CLASSES = ('very fine', 'fine', 'medium', 'coarse', 'very coarse')
_SIZE = 64  # pixels
_SLOPES = (.4, .7, 1., 1.3, 1.6)  # how fast the amplitude of a wave falls with its number: f ** -slope
_WOBBLE = .03  # standard deviation of the slope within a class


def load_grain(*, train=800, validation=400, test=800, seed=0):
    """How coarse is the grain? Five classes of noise, which differ only in how much of it is in fine and how
    much in coarse waves.

    Parameters
    ----------
    train, validation, test : int
        Numbers of pictures, the same of every class.
    seed : int
        Another seed draws other pictures.

    Returns
    -------
    Dataset
        Pictures of 64 x 64 pixels; the three colour channels are equal.

    Raises
    ------
    CourseError
        If a part would be without a picture of some class, or the seed is no whole number from 0.
    """
    check_seed(seed, 'load_grain')
    sizes = {'train': train, 'validation': validation, 'test': test}
    return drawn('grain', _noise, CLASSES, sizes, seed, 'noise drawn by this package (64 x 64 pixels)')


def _noise(label, generator):
    """Waves of all lengths and directions, with random phases; brightness and contrast tell nothing."""
    rows, columns = numpy.meshgrid(*2 * [numpy.fft.fftfreq(_SIZE)])
    length = numpy.hypot(rows, columns)
    length[0, 0] = 1
    amplitude = length ** -(_SLOPES[label] + generator.normal(0, _WOBBLE))
    noise = numpy.fft.ifft2(amplitude * numpy.fft.fft2(generator.normal(size=(_SIZE, _SIZE)))).real
    noise = (noise - noise.mean()) / noise.std() * generator.uniform(30, 60) + generator.uniform(100, 156)
    return numpy.repeat(noise.clip(0, 255).astype('uint8')[..., None], 3, axis=2)
