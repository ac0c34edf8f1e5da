"""Datasets that are drawn, with equally many pictures of each class."""
import numpy

from .dataset import Dataset, Pictures, check_sizes


def drawn(name, draw, classes, sizes, seed, about):
    """A dataset whose pictures a function draws; each part has random numbers of its own.

    Parameters
    ----------
    name : str
    draw : callable
        ``draw(label, generator)`` returns a picture, uint8, height x width x 3.
    classes : sequence of str
    sizes : dict of str to int
        Numbers of pictures of 'train', 'validation' and 'test'.
    seed : int
        Another seed draws other pictures.
    about : str
        A line on where the pictures come from.

    Returns
    -------
    Dataset

    Raises
    ------
    CourseError
        If a part would be without a picture of some class.
    """
    check_sizes(sizes, classes, name)
    parts = {}
    for number, (part, n) in enumerate(sizes.items()):
        generator = numpy.random.default_rng((seed, number))
        labels = generator.permutation(numpy.arange(n) % len(classes))
        parts[part] = Pictures(numpy.stack([draw(label, generator) for label in labels]), labels)
    return Dataset(name, **parts, classes=list(classes), about=about)
