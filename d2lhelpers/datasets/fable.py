"""Animals of a fable: 24 kinds, each known by its description."""
import numpy

from .dataset import Dataset, Pictures, check_seed, check_sizes
from .drawn.animals import ATTRIBUTES, animal

_INK = .2  # colours say nothing: each animal has its own, and its picture mixes them
# Invented names, with what each kind has. Any two kinds differ in two attributes or more.
KINDS = {
    'abo': ('legs', 'tail'), 'bimu': ('wings', 'beak'), 'culo': ('long body', 'horns'),
    'dapi': ('spots', 'neck'), 'elim': ('long body', 'legs', 'wings'), 'fugo': ('horns', 'tail', 'spots'),
    'gari': ('legs', 'neck', 'beak'), 'hobu': ('long body', 'spots', 'beak'),
    'iska': ('wings', 'horns', 'neck'), 'jolu': ('long body', 'tail', 'neck'),
    'kemi': ('legs', 'horns', 'beak'), 'luba': ('wings', 'tail', 'spots'),
    'moki': ('long body', 'legs', 'spots', 'neck'), 'nedo': ('wings', 'horns', 'tail', 'beak'),
    'opra': ('legs', 'wings', 'spots', 'beak'), 'pilu': ('long body', 'horns', 'wings', 'spots'),
    'quado': ('long body', 'legs', 'horns', 'spots'), 'rimo': ('wings', 'tail', 'neck', 'beak'),
    'suba': ('legs', 'horns', 'neck', 'spots'), 'tegi': ('long body', 'wings', 'tail', 'beak'),
    'umbo': ('long body', 'legs', 'tail', 'beak', 'horns'),
    'vasi': ('legs', 'wings', 'tail', 'neck', 'spots'),
    'wilo': ('long body', 'wings', 'horns', 'neck', 'beak'),
    'xeru': ('tail', 'spots', 'neck', 'beak', 'horns')}


def described(kinds=tuple(KINDS)):
    """The descriptions of some kinds as rows of numbers.

    Parameters
    ----------
    kinds : sequence of str

    Returns
    -------
    numpy.ndarray of float32, shape (kinds, attributes)
        1 where a kind has the attribute, else 0; in the order of `ATTRIBUTES`.
    """
    return numpy.array([[name in KINDS[kind] for name in ATTRIBUTES] for kind in kinds], dtype='float32')


def load_fable(kinds=tuple(KINDS), *, train, validation, test, seed=0):
    """Drawn animals of some kinds. In both profiles.

    Parameters
    ----------
    kinds : sequence of str
        Some of `KINDS`.
    train, validation, test : int
        Numbers of pictures, equally many of each kind as nearly as whole numbers allow.
    seed : int
        Another seed draws other pictures.

    Returns
    -------
    Dataset
        Pictures of 64 x 64 pixels.

    Raises
    ------
    CourseError
        If a part would be without a picture of some kind, or the seed is no whole number from 0.
    """
    check_seed(seed, 'fable')
    sizes = {'train': train, 'validation': validation, 'test': test}
    check_sizes(sizes, kinds, 'fable')
    parts, rows = {}, list(KINDS)
    for number, (part, n) in enumerate(sizes.items()):
        labels = numpy.arange(n) % len(kinds)
        # a stream for each picture, named by part, seed, place and kind: no two parts share a picture
        drawn = [animal(numpy.random.default_rng((number, seed, i, rows.index(kinds[k]))), KINDS[kinds[k]],
                        _INK) for i, k in enumerate(labels)]
        parts[part] = Pictures(numpy.stack(drawn), labels)
    return Dataset('fable', **parts, classes=list(kinds),
                   about='animals of a fable, drawn by this package, not photos (64 x 64 pixels)').introduce()
