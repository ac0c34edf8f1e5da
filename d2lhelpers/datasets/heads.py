"""Drawn faces, each of another person: where eyes, nose and mouth are, and how the head is turned."""
import cv2
import numpy

from .dataset import Dataset, Examples, check_seed, check_sizes
from .drawn.people import person, posed

SIDE = 32  # pixels of what a network gets
CLASSES = ('to the left', 'ahead', 'to the right')
_AHEAD = 8  # degrees to each side


class Heads(Examples):
    """Faces in shades of grey; the label is how the head is turned.

    Attributes
    ----------
    landmarks : numpy.ndarray of float32, shape (n, 8)
        Left eye, right eye, tip of the nose, middle of the mouth: pixels to the right and down, of 64.
    pictures : numpy.ndarray of uint8, shape (n, 64, 64, 3)
        As drawn.
    """

    def __init__(self, x, labels, landmarks, pictures):
        super().__init__(x, labels)
        self.landmarks, self.pictures = numpy.asarray(landmarks, dtype='float32'), pictures

    def pick(self, places):
        return Heads(self.x[places], self.labels[places], self.landmarks[places], self.pictures[places])


def load_heads(*, train=600, validation=150, test=400, seed=0):
    """Faces of people who do not exist; nobody comes twice. In both profiles; takes some seconds to draw.

    Parameters
    ----------
    train, validation, test : int
        Numbers of faces.
    seed : int
        Another seed draws other people.

    Returns
    -------
    Dataset
        Its parts are `Heads`: ``x`` has the shape (n, 1, 32, 32), values from 0 to 1.

    Raises
    ------
    CourseError
        If a part would be without a face of some class, or the seed is no whole number from 0.
    """
    check_seed(seed, 'load_heads')
    sizes = {'train': train, 'validation': validation, 'test': test}
    check_sizes(sizes, CLASSES, 'load_heads')
    parts = {part: _drawn(n, seed, number) for number, (part, n) in enumerate(sizes.items())}
    about = 'faces drawn by this package, of people who do not exist (64 x 64 pixels)'
    return Dataset('heads', **parts, classes=list(CLASSES), about=about).introduce()


def _drawn(n, seed, part):
    found = [posed(numpy.random.default_rng((seed, part, i)), person('passers-by', part * 100_000 + i, seed))
             for i in range(n)]
    pictures, landmarks, turns = (numpy.stack(column) for column in zip(*found, strict=True))
    grey = [cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            for picture in pictures]
    return Heads(numpy.stack(grey)[:, None] / 255, numpy.digitize(turns, (-_AHEAD, _AHEAD)),
                 landmarks.reshape(n, 8), pictures)
