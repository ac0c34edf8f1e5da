"""Real handwritten digits, plain and blended with drawn backgrounds: the recipe of MNIST-M for everybody."""
import cv2
import numpy

from .dataset import Dataset, Pictures, check_seed
from .digits import InColour
from .domains import SIDE, _enlarged, _shared_out, _warped
from .drawn.scenes import picture
from .drawn.things import ORDINARY

_SIZES = {'train': 3000, 'validation': 500, 'test': 1000}
# Pictures that backgrounds are cut from; none is in two parts
_DRAWN = {'train': 75, 'validation': 25, 'test': 25}
_INKS = .1  # how much the colours of a drawn picture change


def load_blended(seed=0):
    """White handwriting on black as the source, and other handwriting blended with drawn pictures as the
    target; the same in both profiles. Prints what they are.

    The recipe for MNIST-M of Ganin et al. (2016), *Domain-adversarial training of neural networks*, with what
    needs no download: the digits that scikit-learn ships, enlarged, instead of MNIST, and pieces of pictures
    drawn by this package instead of photos. See `blend`.

    Parameters
    ----------
    seed : int
        Another seed shares out the handwriting and draws the backgrounds in another way.

    Returns
    -------
    source, target : Dataset
        Pictures of 20 x 20 pixels in three channels, equal ones in the source; 3000 to train, 500 to
        validate, 1000 to test in each domain. No digit and no drawn picture is in two parts, and no digit in
        both domains; each is shown several times, turned, moved and bent a little.

    Raises
    ------
    CourseError
        If the seed is no whole number from 0.
    """
    check_seed(seed, 'load_blended')
    shares = iter(_shared_out(numpy.random.default_rng((seed, 0))))
    return tuple(_domain(domain, [next(shares) for _ in _SIZES], seed) for domain in ('source', 'target'))


def blend(digit, background):
    """The rule of MNIST-M: where the digit lies, the background is turned into its negative.

    Parameters
    ----------
    digit : numpy.ndarray of uint8, shape (height, width)
        White on black; what is brighter than half counts as ink.
    background : numpy.ndarray of uint8, shape (height, width, 3)

    Returns
    -------
    numpy.ndarray of uint8, shape (height, width, 3)
        ``|background - 255 * ink|``, channel by channel.
    """
    ink = 255 * (digit[..., None] > 127).astype('int16')
    return numpy.abs(background - ink).astype('uint8')


def _domain(domain, shares, seed):
    parts = {}
    for number, ((part, n), (scans, digits)) in enumerate(zip(_SIZES.items(), shares, strict=True), start=1):
        generator = numpy.random.default_rng((seed, number, domain == 'target'))
        pictures, labels = _handwritten(n, scans, digits, generator)
        if domain == 'source':
            pictures = InColour(pictures)
        else:
            drawn = [picture(generator, ORDINARY[i % len(ORDINARY)], _INKS) for i in range(_DRAWN[part])]
            pictures = numpy.stack([blend(digit, _piece(drawn, generator)) for digit in pictures])
        parts[part] = Pictures(pictures, labels)
    look = {'source': 'white on black', 'target': 'blended with pictures drawn by this package'}[domain]
    return Dataset(f'{look} digits', **parts, classes=[str(digit) for digit in range(10)],
                   about=f'{domain}: handwriting shipped with scikit-learn, {look}, {SIDE} x {SIDE} pixels'
                   ).introduce()


def _handwritten(n, scans, digits, generator):
    """n warped digits, equally many of each: uint8, shape (n, SIDE, SIDE), and labels."""
    labels = generator.permutation(numpy.arange(n) % 10)
    scans = [_enlarged(scan) for scan in scans]
    of = [numpy.flatnonzero(digits == digit) for digit in range(10)]
    warped = [_warped(scans[generator.choice(of[label])], generator, turn=8, shear=.1, scale=(.95, 1.08),
                      elastic=.35) for label in labels]
    small = [cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one in warped]
    return numpy.stack(small).round().astype('uint8'), labels


def _piece(drawn, generator):
    """A random piece of a random drawn picture, as large as a digit."""
    one = drawn[generator.integers(len(drawn))]
    top, left = generator.integers(numpy.subtract(one.shape[:2], SIDE) + 1)
    return one[top:top + SIDE, left:left + SIDE]
