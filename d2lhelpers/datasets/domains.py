"""Two domains of digits: the same ten classes, filled strokes in one, and in the other a style that no
network expects which learned on those.
"""
import dataclasses

import cv2
import numpy

from .. import files
from ..environment import settings
from ..errors import CourseError
from ..layers import same_shape
from .dataset import Dataset, Examples, Pictures, check_seed
from .digits import InColour, handwriting
from .mnist_m import load_mnist_m

SIDE = 20  # pixels
TARGETS = ('outlined', 'textured')
_SIZES = {'train': 3000, 'validation': 500, 'test': 1000}
# Shares of scikit-learn's digits: no digit is in two parts, or in both domains
_SHARES = {('source', 'train'): .37, ('source', 'validation'): .03, ('source', 'test'): .10,
           ('target', 'train'): .30, ('target', 'validation'): .03, ('target', 'test'): .17}
_FONTS = (0, 2, 3, 4, 1, 16, 18, 19)  # OpenCV's Hershey fonts; from 16 on in italics
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_BLACK = 12  # what is darker becomes exactly black: a trace of grey in one domain alone would give it away


def load_domains(seed=0):
    """A source with labels to learn from, and a target whose labels are only there to measure with. Prints
    what they are.

    Embedded: filled and outlined digits, see `digits_in_style`. Full: MNIST and MNIST-M, see `load_mnist_m`.

    Parameters
    ----------
    seed : int
        Another seed gives other pictures and other parts.

    Returns
    -------
    source, target : Dataset
        Pictures of one size, the same ten classes; no digit is in the training parts of both.

    Raises
    ------
    CourseError
        If the seed is no whole number from 0, or the files of the full profile cannot be had.
    """
    check_seed(seed, 'load_domains')
    files.mention_unused_data()
    return digits_in_style(seed) if settings.embedded else load_mnist_m(seed)


def digits_in_style(seed=0, target='outlined'):
    """Filled digits as the source, and other digits in another style as the target; the same in both
    profiles. Prints what they are.

    Half of each domain is handwriting shipped with scikit-learn, shared out between the parts and the
    domains, half is drawn with OpenCV's fonts; all are turned, sheared, scaled, moved and warped a little.

    Parameters
    ----------
    seed : int
        Another seed shares out the handwriting and draws in another way.
    target : {'outlined', 'textured'}
        Outlined: only the edges of the strokes are left. Textured: filled, but dimmed, on a faint texture.

    Returns
    -------
    source, target : Dataset
        Pictures of 20 x 20 pixels, the three channels equal; 3000 to train, 500 to validate, 1000 to test in
        each domain.

    Raises
    ------
    CourseError
        If there is no such target, or the seed is no whole number from 0.
    """
    if target not in TARGETS:
        raise CourseError(f'There is no target {target!r}: choose one of {", ".join(TARGETS)}.')
    check_seed(seed, 'digits_in_style')
    scans = dict(zip(_SHARES, _shared_out(numpy.random.default_rng((seed, 0))), strict=True))
    return tuple(_domain(domain, target if domain == 'target' else 'filled', scans, seed)
                 for domain in ('source', 'target'))


def standard(source, target, scale=None):
    """Both domains as arrays, moved by one number and divided by another, the same for both.

    Numbers of its own for each domain would be a first adaptation, hidden in the preparation.

    Parameters
    ----------
    source, target : Dataset
        Of `Pictures`, all of one size.
    scale : float, optional
        Divide by this, by default by the standard deviation of both together. A larger one works like a lower
        learning rate.

    Returns
    -------
    source, target : Dataset
        Whose parts are `Examples`: ``source.train.x`` has the shape (n, channels, height, width), with one
        channel if all pictures are grey, else three. Over the training parts of both together its mean is 0.

    Raises
    ------
    CourseError
        If the pictures of the two domains have different shapes.
    """
    same_shape(source.train, target.train)
    parts = [{part: _arrays(getattr(data, part)) for part in _SIZES} for data in (source, target)]
    if all((x == x[:, :1]).all() for domain in parts for x in domain.values()):
        parts = [{part: x[:, :1] for part, x in domain.items()} for domain in parts]
    learned = numpy.concatenate([part['train'] for part in parts])
    mean, scale = numpy.float32(learned.mean()), numpy.float32(scale or learned.std())
    return tuple(dataclasses.replace(data, **{name: Examples((x - mean) / scale, getattr(data, name).labels)
                                              for name, x in part.items()})
                 for data, part in zip((source, target), parts, strict=True))


def _arrays(pictures):
    """Pictures as uint8, (n, 3, height, width)."""
    stacked = numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))])
    return numpy.ascontiguousarray(stacked.transpose(0, 3, 1, 2))


def _domain(domain, style, scans, seed):
    parts = {}
    for number, (part, n) in enumerate(_SIZES.items(), start=1):
        generator = numpy.random.default_rng((seed, number, domain == 'target'))
        pictures, labels = _digits(n, *scans[domain, part], generator)
        parts[part] = Pictures(InColour(_STYLES[style](pictures, generator)), labels)
    about = (f'{domain}: {style} digits, {SIDE} x {SIDE} pixels, half of them handwriting shipped with '
             'scikit-learn, half drawn with fonts')
    return Dataset(f'{style} digits', **parts, classes=[str(digit) for digit in range(10)],
                   about=about).introduce()


def _shared_out(generator):
    """The handwriting of each part of each domain, the same share of every digit."""
    pictures, digits = handwriting()
    places = [[] for _ in _SHARES]
    for digit in range(10):
        order = generator.permutation(numpy.flatnonzero(digits == digit))
        ends = (numpy.cumsum(list(_SHARES.values())) * len(order)).round().astype(int)
        for mine, some in zip(places, numpy.split(order, ends[:-1]), strict=True):
            mine.append(some)
    return [(pictures[some], digits[some]) for some in map(numpy.concatenate, places)]


def _digits(n, scans, digits, generator):
    """n digits, equally many of each, every second one written, every second one drawn. Float, 0 to 255, (n,
    SIDE, SIDE).
    """
    labels = numpy.arange(n) // 2 % 10
    scans = [_enlarged(scan) for scan in scans]
    of = [numpy.flatnonzero(digits == digit) for digit in range(10)]
    pictures = numpy.empty((n, SIDE, SIDE), dtype='float32')
    for i, label in enumerate(labels):
        if i % 2:
            picture = _warped(_typed(label, generator), generator, turn=12, shear=.2, scale=(.9, 1.1),
                              elastic=.5)
        else:
            picture = _warped(scans[generator.choice(of[label])], generator, turn=8, shear=.1,
                              scale=(.95, 1.08), elastic=.35)
        pictures[i] = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    pictures[pictures < _BLACK] = 0
    order = generator.permutation(n)
    return pictures[order], labels[order]


def _enlarged(scan):
    """8 x 8 pixels to 40 x 40, with the contrast that a smooth enlargement takes away, and a margin."""
    large = cv2.resize(scan.astype('float32') / 255, (40, 40), interpolation=cv2.INTER_CUBIC)
    return numpy.pad(255 * (2 * (large - .5) + .5).clip(0, 1), 4)


def _typed(digit, generator):
    picture = numpy.zeros((64, 64), dtype='uint8')
    font, thickness = int(generator.choice(_FONTS)), int(generator.integers(3, 8))
    (_, height), _ = cv2.getTextSize(str(digit), font, 1, thickness)
    size = 44 / height
    (width, height), _ = cv2.getTextSize(str(digit), font, size, thickness)
    cv2.putText(picture, str(digit), ((64 - width) // 2, (64 + height) // 2), font, size, 255, thickness,
                cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 1.6).astype('float32')


def _warped(picture, generator, *, turn, shear, scale, elastic):
    """Turned (degrees), sheared, scaled, moved by up to a pixel of the small picture, and bent a little
    (`elastic`, in such pixels).
    """
    side = len(picture)
    angle, slant = numpy.deg2rad(generator.uniform(-turn, turn)), generator.uniform(-shear, shear)
    turned = numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    back = numpy.linalg.inv(generator.uniform(*scale) * turned @ [[1, slant], [0, 1]])
    x = numpy.arange(side, dtype='float32') - (side - 1) / 2
    moved = generator.uniform(-1, 1, 2) * side / SIDE
    bent = cv2.resize(generator.normal(0, elastic * side / SIDE, (4, 4, 2)).astype('float32'), (side, side),
                      interpolation=cv2.INTER_CUBIC)
    across, down = (row[0] * x[None, :] + row[1] * x[:, None] + (side - 1) / 2 + shift + bent[..., k]
                    for k, (row, shift) in enumerate(zip(back, moved, strict=True)))
    return cv2.remap(picture, across.astype('float32'), down.astype('float32'), cv2.INTER_LINEAR)


def _filled(pictures, generator):
    return pictures.round().astype('uint8')


def _outlined(pictures, generator):
    return numpy.stack([cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, _CROSS)
                        for picture in _filled(pictures, generator)])


def _textured(pictures, generator):
    """Half as bright, on smooth grey noise."""
    noise = generator.normal(size=(len(pictures), 10, 10)).astype('float32')
    noise = numpy.stack([cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for one in noise])
    return (.5 * pictures + (40 + 25 * noise).clip(0, None)).clip(0, 255).round().astype('uint8')


_STYLES = {'filled': _filled, 'outlined': _outlined, 'textured': _textured}
