"""Tasks of the picture book: the target tasks of the lessons, and the source task that the embedded backbone
was pretrained on.
"""
import numpy

from ..errors import CourseError
from .dataset import Dataset, Pictures, check_seed, check_sizes
from .drawn.scenes import picture
from .drawn.things import LOOKALIKES, ORDINARY, THINGS

UNSEEN = ('burger', 'boat', 'umbrella', 'mushroom', 'butterfly')  # left out of the source task
SOURCE = tuple(name for name in THINGS if name not in UNSEEN)

# All things in two halves, every second one: two tasks without a class in common
HALVES = {'A': tuple(THINGS)[::2], 'B': tuple(THINGS)[1::2]}
_TARGET_CLASSES = 8  # of a half, when it is the target

# How strongly the colours of each picture are changed. Strongly in the target tasks: else "yellow on brown"
# would do for a hotdog.
SOURCE_INK, TARGET_INK = .16, .28

NEAR_MISSES = ('banana', *LOOKALIKES)
NEAR_MISS_SHARE = .35  # of the pictures without a hotdog

# The second, small thing of a picture never gives anything away: it is no hotdog, nothing like it, and
# nothing left out of the source
_BESIDE = tuple(name for name in ORDINARY if name not in UNSEEN)
_STREAMS = {'source': 0, 'hotdog': 1, 'unseen': 2, 'facing': 3, 'half A': 4, 'half B': 5,
            'half A as a source': 6, 'half B as a source': 7}  # of random numbers, one for each task
_MIRRORED = {'left': True, 'right': False}


def _cycle(names, n):
    return [names[i % len(names)] for i in range(n)]


def _same(label, n):
    """A class that shows what it is called."""
    return [label] * n


def _hotdogs_and_others(label, n):
    """Hotdogs; or other things, near misses and ordinary ones by their shares, each as often as the next."""
    if label == 'hotdog':
        return _same(label, n)
    near, others = round(NEAR_MISS_SHARE * n), [name for name in ORDINARY if name not in NEAR_MISSES]
    return _cycle(NEAR_MISSES, near) + _cycle(others, n - near)


def _task(name, classes, ink_mixing, sizes, seed, things=_same, beside=_BESIDE):
    """A task of balanced classes; `things` names the n things that a class shows, `beside` what may lie next
    to them.
    """
    check_seed(seed, name)
    check_sizes(sizes, classes, name)
    parts = {}
    for number, (part, n) in enumerate(sizes.items()):
        # Every picture has a random stream of its own, named by task, part, seed and place (0 is the order):
        # no two parts share a picture
        streams = [numpy.random.default_rng((_STREAMS[name], number, seed, i)) for i in range(n + 1)]
        labels = numpy.sort(numpy.arange(n) % len(classes))
        names = [thing for k, label in enumerate(classes)
                 for thing in things(label, int((labels == k).sum()))]
        order = streams[0].permutation(n)
        pictures = [picture(rng, names[k], ink_mixing, beside, _MIRRORED.get(classes[labels[k]]))
                    for rng, k in zip(streams[1:], order, strict=True)]
        parts[part] = Pictures(numpy.stack(pictures), labels[order])
    return Dataset(name, **parts, classes=list(classes),
                   about='drawn by this package, not photos (64 x 64 pixels)')


def hotdog_or_not(*, train=800, validation=400, test=800, seed=0):
    """Hotdog or not: the target task of lesson 1.

    Of the pictures without a hotdog 35 % show what looks like one (a bun, a carrot, a banana ...), the others
    any other thing.

    Parameters
    ----------
    train, validation, test : int
        Numbers of pictures; half of them hotdogs.
    seed : int
        Another seed draws other pictures.

    Returns
    -------
    Dataset
        Pictures of 64 x 64 pixels.

    Raises
    ------
    CourseError
        If a part would be without a picture of some class, or the seed is no whole number from 0.
    """
    sizes = {'train': train, 'validation': validation, 'test': test}
    return _task('hotdog', ('hotdog', 'not-hotdog'), TARGET_INK, sizes, seed, _hotdogs_and_others)


def unseen(*, train=800, validation=400, test=800, seed=0):
    """Five things that are in no picture of the source task; parameters as for `hotdog_or_not`."""
    return _task('unseen', UNSEEN, TARGET_INK, {'train': train, 'validation': validation, 'test': test}, seed)


def source(*, train=33 * 600, validation=33 * 15, test=33 * 60, seed=0):
    """The source task: 33 things, a hotdog among them, in colours nearer to nature; parameters as for
    `hotdog_or_not`. Takes about 40 s to draw.
    """
    return _task('source', SOURCE, SOURCE_INK, {'train': train, 'validation': validation, 'test': test}, seed)


def facing(*, train=800, validation=400, test=800, seed=0):
    """Fish that look to the left or to the right; parameters as for `hotdog_or_not`.

    The source task has fish too, but its network was trained on pictures that were mirrored at random: it has
    learned to ignore what this task asks.
    """
    beside = tuple(name for name in _BESIDE if name != 'fish')  # a second fish may look elsewhere
    return _task('facing', tuple(_MIRRORED), TARGET_INK,
                 {'train': train, 'validation': validation, 'test': test}, seed,
                 lambda _, n: _same('fish', n), beside)


def half(name, *, train=800, validation=240, test=800, seed=0):
    """Eight things of one half of `HALVES`, as a target task; other parameters as for `hotdog_or_not`.

    Parameters
    ----------
    name : {'A', 'B'}
    """
    _check_half(name)
    return _task(f'half {name}', HALVES[name][:_TARGET_CLASSES], TARGET_INK,
                 {'train': train, 'validation': validation, 'test': test}, seed,
                 beside=_beside_half(name))


def half_source(name, *, train=19 * 600, validation=19 * 15, test=19 * 60, seed=0):
    """All 19 things of one half, as a source task, in colours nearer to nature; parameters as for `half`.
    Takes about 25 s to draw.
    """
    _check_half(name)
    return _task(f'half {name} as a source', HALVES[name], SOURCE_INK,
                 {'train': train, 'validation': validation, 'test': test}, seed,
                 beside=_beside_half(name))


def _check_half(name):
    if name not in HALVES:
        raise CourseError(f'There is no half {name!r} of the things: choose one of {", ".join(HALVES)}.')


def _beside_half(name):
    """Nothing of the other half is in any picture, or it would be no task of its own."""
    return tuple(thing for thing in ORDINARY if thing in HALVES[name])
