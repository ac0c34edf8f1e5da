"""Letters, white on black: a source task that is as large as a half of the picture book, and as unlike it as
pictures can be.
"""
import numpy

from .balanced import drawn
from .dataset import check_seed
from .domains import _typed, _warped

# none is the mirror image of another, as J and L or S and Z nearly are
LETTERS = tuple('ABCDEFGHKLMNPRSTVXY')


def source(*, train=19 * 600, validation=19 * 15, test=19 * 60, seed=0):
    """Which letter is it? 19 letters in OpenCV's Hershey fonts, turned, sheared, scaled, bent and dimmed; as
    many as `picture_book.half_source` has things, and as many pictures of each.

    How strongly they are bent was chosen so that the letters are about as hard as the things are.

    Parameters
    ----------
    train, validation, test : int
        Numbers of pictures, the same of every letter.
    seed : int
        Another seed draws other pictures.

    Returns
    -------
    Dataset
        Pictures of 64 x 64 pixels; the three colour channels are equal.

    Raises
    ------
    CourseError
        If a part would be without a picture of some letter, or the seed is no whole number from 0.
    """
    check_seed(seed, 'characters')
    sizes = {'train': train, 'validation': validation, 'test': test}
    return drawn('characters', _letter, LETTERS, sizes, seed,
                 'letters drawn by this package with fonts (64 x 64 pixels)')


def _letter(label, generator):
    """White strokes, more or less bright, on black."""
    picture = _typed(LETTERS[label], generator)
    picture = _warped(picture, generator, turn=35, shear=.4, scale=(.4, 1.1), elastic=1.6)
    picture = (picture * generator.uniform(.5, 1)).clip(0, 255).round().astype('uint8')
    return numpy.repeat(picture[..., None], 3, axis=2)
