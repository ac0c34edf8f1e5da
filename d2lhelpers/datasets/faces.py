"""Faces: a few pictures each of people that no pretrained network has met. Drawn by this package, or a folder
for each person.
"""
import dataclasses
from pathlib import Path

import numpy
from PIL import Image

from .. import files
from ..archives import as_folder
from ..environment import settings
from ..errors import CourseError
from .dataset import Dataset, Picked, Pictures, check_seed
from .drawn.people import portraits
from .photos import album

PEOPLE = 19
SIZES = {'train': 6, 'validation': 2, 'test': 20}  # drawn pictures of each person
STRANGERS = 20  # as many people, 10 pictures of each


def source(people=40):
    """A source task: who of many other people is it? 30 pictures of each to train with. Takes about ten
    seconds to draw.

    Parameters
    ----------
    people : int

    Returns
    -------
    Dataset
        None of these people is in `load_faces`.
    """
    sizes = {'train': 30, 'validation': 1, 'test': 3}
    parts = {part: portraits('source', 0, people, part, each) for part, each in sizes.items()}
    return Dataset('source people', **parts, classes=[f'source {number}' for number in range(people)],
                   about='faces drawn by this package, of people who do not exist (64 x 64 pixels)')


@dataclasses.dataclass(frozen=True)
class Faces(Dataset):
    """A `Dataset` of people, with pictures of others beside them.

    Attributes
    ----------
    strangers : Pictures
        People who are none of the classes; their labels only tell them apart.
    """

    strangers: Pictures


def load_faces(seed=0):
    """Up to 19 people with ten pictures each, and strangers. Prints which pictures it took.

    Embedded: faces drawn by this package, six of each person for training and two for validation; since
    drawing costs nothing, 20 more of each for testing. Full: a folder for each person in the learner's
    folder, as ``faces/<person>/…`` or an archive of it; else the ORL faces. There the ten are split into six,
    two and two.

    Parameters
    ----------
    seed : int
        Other people, and other parts of their pictures.

    Returns
    -------
    Faces

    Raises
    ------
    CourseError
        If there are no pictures, some of them are damaged, or there are too few of somebody.
    """
    check_seed(seed, 'load_faces')
    files.mention_unused_data()
    return (_drawn_faces(seed) if settings.embedded else _real_faces(seed)).introduce()


def _drawn_faces(seed):
    parts = {part: portraits('known', seed, PEOPLE, part, each) for part, each in SIZES.items()}
    return Faces('faces', **parts, classes=[f'person {number + 1}' for number in range(PEOPLE)],
                 about=f'{PEOPLE} people, drawn by this package, not photos; nobody looks like that (64 x 64 '
                       'pixels)',
                 strangers=portraits('strangers', seed, STRANGERS, 'test', 10))


def _real_faces(seed):
    _, path = files.get(files.FACES)
    pictures, names = album(as_folder(path))
    if len(names) < 3:
        raise CourseError(f'{path} has {len(names)} person(s) only, but at least three are needed: two to '
                          'tell apart, and one who stays a stranger.')
    people = numpy.random.default_rng(seed).permutation(len(names))
    outside = max(1 if len(names) == 3 else 2, len(names) // 4)
    known = numpy.sort(people[:min(PEOPLE, len(names) - outside)])
    others = numpy.flatnonzero(~numpy.isin(pictures.labels, known))
    return Faces('faces', **_split(pictures, known, names, seed), classes=[names[k] for k in known],
                 about=f'{len(known)} of {len(names)} people (the others are strangers), real pictures from '
                       f'{path}',
                 strangers=pictures.pick(others))


def load_people(place, seed=0):
    """Your own people: a folder for each, with at least three pictures of each.

    Parameters
    ----------
    place : str or pathlib.Path
        Holds ``<person>/*.jpg``, or is a zip archive of that; jpg, png or pgm of any size.
    seed : int
        Another seed splits otherwise. A fifth of the pictures of each person is kept for validation, a fifth
        for testing.

    Returns
    -------
    Dataset

    Raises
    ------
    CourseError
        If there is no such folder, a picture is damaged, there are fewer than two people, or fewer than three
        pictures of somebody.
    """
    check_seed(seed, 'load_people')
    path = Path(place).expanduser()
    if not path.exists():
        raise CourseError(f'There is no folder {str(place)!r}, looked for from {Path.cwd()}: make one with a '
                          'folder for each person in it.')
    pictures, names = album(as_folder(path))
    if len(names) < 2:
        raise CourseError(f'{path} has one person only ({names[0]}): to tell people apart there must be at '
                          'least two.')
    some = f'{", ".join(names[:5])}{" and others" if len(names) > 5 else ""}'
    return Dataset('people', **_split(pictures, numpy.arange(len(names)), names, seed), classes=names,
                   about=f'{len(names)} people ({some})').introduce()


def _split(pictures, people, names, seed):
    """Of each person a fifth of the pictures to judge by, a fifth to choose by, the rest to learn from; these
    people are numbered anew.
    """
    rng, parts = numpy.random.default_rng(seed), {'train': [], 'validation': [], 'test': []}
    for number in people:
        own = rng.permutation(numpy.flatnonzero(pictures.labels == number))
        if len(own) < 3:
            raise CourseError(f'{names[number]} has {len(own)} picture{"" if len(own) == 1 else "s"}, but at '
                              'least 3 are needed: one for training, one for validation, one for testing. '
                              'Add some, or remove the folder.')
        fifth = max(1, round(len(own) / 5))
        for part, chosen in zip(parts, (own[2 * fifth:], own[:fifth], own[fifth:2 * fifth]), strict=True):
            parts[part] += chosen.tolist()
    return {part: Pictures(Picked(pictures, places), numpy.searchsorted(people, pictures.labels[places]))
            for part, places in parts.items()}


def real_album():
    """Where the real faces of the full profile are, for `load_people`: all of them, not only those that
    `load_faces` chooses.

    Returns
    -------
    pathlib.Path
    """
    return files.get(files.FACES)[1]


def write_album(folder, names=('Ana', 'Ben', 'Chi', 'Duc', 'Eve', 'Fay'), each=10, seed=0):
    """Write drawn people as one would keep photos: a folder for each, with png files in it.

    Parameters
    ----------
    folder : str or pathlib.Path
    names : sequence of str
    each : int
        Pictures of each person.
    seed : int
        Other people.
    """
    pictures = portraits('known', seed, len(names), 'test', each)
    for i, label in enumerate(pictures.labels):
        place = Path(folder) / names[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[i][0].asnumpy()).save(place / f'{i % each + 1}.png')
