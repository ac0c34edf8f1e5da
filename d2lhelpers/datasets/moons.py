"""Two moons and two moons turned: the smallest pair of domains, two numbers an example, so that everything
can be drawn.
"""
import numpy

from .dataset import Dataset, Examples, check_seed

CLASSES = ('lower', 'upper')  # moon
NOISE = .05  # standard deviation of each coordinate; a moon is half a circle of radius 1
_CENTRE = (.5, .25)  # of scikit-learn's two moons
_SIZES = {'train': 150, 'validation': 150, 'test': 1000}


def load_moons(seed=0, *, degrees=35):
    """Two half moons, and other points of the same two moons, turned.

    The toy of Ganin et al. (2016), *Domain-adversarial training of neural networks*: source and target have
    the same classes, and a boundary learned on the source cuts through the turned moons.

    Parameters
    ----------
    seed : int
        Another seed draws other points. MXNet's and NumPy's global generators are left alone.
    degrees : float
        How far the target is turned about the centre, counter-clockwise.

    Returns
    -------
    source, target : Dataset
        Of 150 training, 150 validation and 1000 test examples, the same number of each moon, no point in
        common. ``source.train.x`` has the shape (150, 2) and its mean near 0. The labels of the target are
        there to measure with.

    Raises
    ------
    CourseError
        If `seed` is not a whole number from 0.
    """
    check_seed(seed, 'load_moons')
    source, target = numpy.random.SeedSequence(int(seed)).spawn(2)
    return _moons(source, 0, 'two moons'), _moons(target, degrees, f'two moons turned by {degrees:g} degrees')


def _moons(stream, degrees, name):
    from sklearn.datasets import make_moons  # here, because it takes a second to import

    angle = numpy.deg2rad(degrees)
    turn = numpy.array([[numpy.cos(angle), numpy.sin(angle)], [-numpy.sin(angle), numpy.cos(angle)]])
    parts = {}
    for (part, n), state in zip(_SIZES.items(), stream.generate_state(len(_SIZES)), strict=True):
        x, lower = make_moons(n, noise=NOISE, random_state=int(state))
        parts[part] = Examples((x - _CENTRE) @ turn, 1 - lower)
    return Dataset(name, **parts, classes=list(CLASSES), about=f'points of {name}, computed')
