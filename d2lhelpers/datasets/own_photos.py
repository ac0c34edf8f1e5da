"""The learner's own photos, not split yet; without any, a drawn task with all the faults of a real folder."""
import dataclasses
import functools

import numpy

from .. import candidates
from ..archives import as_folder
from ..environment import settings
from ..errors import CourseError
from ..messages import say
from ..names import shown
from . import fingerprints
from .dataset import Pictures, check_seed
from .drawn.scenes import picture
from .picture_book import TARGET_INK, UNSEEN

_COUNTS = {'mushroom': 90, 'butterfly': 54, 'burger': 30}  # as one finds them: some things often
_TWINS = 16  # pictures that are taken a second time
_TINY = 20  # pixels a side of the tiny one
_STREAM = 20  # of random numbers, none of picture_book's


@dataclasses.dataclass(frozen=True)
class Album:
    """Labelled pictures as they lie in a folder: nobody has split them yet. Printed, it says what it is.

    Attributes
    ----------
    pictures : Pictures
    classes : list of str
    about : str
        One honest sentence on where they come from, without a full stop.
    faults : dict of str to list
        Only of the drawn task, which knows its own: ``'near-duplicates'`` (pairs of places), ``'wrong
        label'``, ``'grey'``, ``'tiny'`` (places).
    """

    pictures: Pictures
    classes: list
    about: str
    faults: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        counts = numpy.bincount(self.pictures.labels, minlength=len(self.classes))
        return (f'{self.about}: {len(self.pictures)} pictures ('
                + ', '.join(f'{n} {name}' for n, name in zip(counts, self.classes, strict=True)) + ').')

    @functools.cached_property
    def fingerprint(self):
        """Made from the content, as that of a `Dataset`."""
        return fingerprints.of({'all': self.pictures}, self.classes)


def load_own_photos():
    """The photos in ``my/photos/<class>/…``, or in ``photos/<class>/…`` of D2LHELPERS_DATA, folders or
    archives (``photos.zip``); else `faulty_task`. In both profiles; prints a line.

    Returns
    -------
    Album

    Raises
    ------
    CourseError
        If there are photos in both places, or they cannot be used, see `d2lhelpers.datasets.photos.album`.
    """
    places = [found for folder in (settings.home / 'my', settings.data) if folder and folder.is_dir()
              if (found := candidates.choose(folder, ('photos', 'photos.zip')))]
    if len(places) == 2:
        raise CourseError(f'There are photos in {shown(places[0])} and in {shown(places[1])}: move one of '
                          'them away, or give it another name.')
    if not places:
        album = faulty_task()
    else:
        from .photos import album as read  # here, because the drawn task need not wait for it

        pictures, classes = read(as_folder(places[0]))
        if len(classes) < 2:
            raise CourseError(f'{shown(places[0])} has only the class {classes[0]!r}: a classifier needs two '
                              'folders of photos or more.')
        place = f'{shown(places[0].parent.name)}/{shown(places[0].name)}'
        album = Album(pictures, classes, f'photos from {place}')
    say(str(album))
    return album


def faulty_task(seed=0):
    """Three things that the drawn source task has never seen, with the faults of real folders: some classes
    are rare, some pictures were taken twice, one lies in the wrong folder, one is grey, one is tiny.

    Parameters
    ----------
    seed : int
        Another seed draws other pictures.

    Returns
    -------
    Album

    Raises
    ------
    CourseError
        If the seed is no whole number from 0.
    """
    check_seed(seed, 'faulty_task')
    classes = sorted(_COUNTS)
    labels = numpy.repeat(range(len(classes)), [_COUNTS[name] for name in classes])
    rng = numpy.random.default_rng((_STREAM, seed))
    beside = [name for name in UNSEEN if name not in classes]
    pictures = [picture(numpy.random.default_rng((_STREAM, seed, i)), classes[label], TARGET_INK, beside)
                for i, label in enumerate(labels)]
    # no picture has two faults
    chosen = rng.permutation(len(labels))[:_TWINS + 3].tolist()
    twins, (wrong, grey, tiny) = chosen[:_TWINS], chosen[_TWINS:]
    pairs = [(place, len(pictures) + k) for k, place in enumerate(twins)]
    pictures += [_taken_again(pictures[place], rng) for place in twins]
    labels = numpy.concatenate([labels, labels[twins]])
    labels[wrong] = (labels[wrong] + 1) % len(classes)
    pictures[grey] = numpy.repeat(pictures[grey].mean(axis=2, keepdims=True).astype('uint8'), 3, axis=2)
    step = len(pictures[tiny]) / _TINY
    few = (numpy.arange(_TINY) * step).astype(int)
    pictures[tiny] = pictures[tiny][few][:, few]
    faults = {'near-duplicates': pairs, 'wrong label': [wrong], 'grey': [grey], 'tiny': [tiny]}
    return Album(Pictures(pictures, labels), classes,
                 'drawn by this package, not photos, with the faults of a real folder', faults)


def _taken_again(original, rng):
    """The same scene a moment later: moved by a pixel or two, in a little more or less light."""
    down, right = rng.integers(-2, 3, 2)
    padded = numpy.pad(original, ((2, 2), (2, 2), (0, 0)), 'edge').astype(float)
    side = len(original)
    moved = padded[2 + down:2 + down + side, 2 + right:2 + right + side]
    return (moved * rng.uniform(.93, 1.07)).clip(0, 255).astype('uint8')
