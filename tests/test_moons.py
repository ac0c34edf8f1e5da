"""Two moons: fixed by the seed, the target other points of the same moons, turned."""
from d2lhelpers import CourseError
from d2lhelpers.datasets import load_moons
from d2lhelpers.datasets.fingerprints import same

import numpy
import pytest

PARTS = ('train', 'validation', 'test')


def everything(data):
    """All points, and all labels."""
    parts = [getattr(data, part) for part in PARTS]
    return numpy.concatenate([part.x for part in parts]), numpy.concatenate([part.labels for part in parts])


def test_the_same_seed_gives_the_same_points():
    for one, again, other in zip(load_moons(3), load_moons(3), load_moons(4), strict=True):
        assert (everything(one)[0] == everything(again)[0]).all()
        assert same(one.fingerprint, again.fingerprint) and not same(one.fingerprint, other.fingerprint)
        assert not (everything(one)[0] == everything(other)[0]).any()
        counts = [numpy.bincount(getattr(one, part).labels).tolist() for part in PARTS]
        assert counts == [[75, 75], [75, 75], [500, 500]]


def test_other_degrees_are_other_data():
    (source, turned), (same_source, less) = load_moons(3), load_moons(3, degrees=34)
    assert same(source.fingerprint, same_source.fingerprint)
    assert not same(turned.fingerprint, less.fingerprint)


def test_no_point_is_there_twice_not_even_in_the_other_domain():
    points = numpy.concatenate([everything(data)[0] for data in load_moons(0, degrees=0)])
    assert len(numpy.unique(points, axis=0)) == len(points)


@pytest.mark.parametrize('degrees', [0, 35, 90])
def test_the_target_is_the_source_turned_about_its_centre(degrees):
    (x, labels), (u, turned) = (everything(data) for data in load_moons(1, degrees=degrees))
    angle = numpy.deg2rad(degrees)
    back = u @ numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    for k, side in ((0, -1), (1, 1)):  # the lower moon is the right one, open to the top
        moon = x[labels == k]
        assert numpy.allclose(moon.mean(axis=0), back[turned == k].mean(axis=0), atol=.05)
        assert (side * moon.mean(axis=0) * [-1, 1] > .3).all()
        # a circle of radius 1, and noise
        assert numpy.allclose(numpy.linalg.norm(moon - [-.5 * side, -.25 * side], axis=1), 1, atol=.3)


def test_the_global_generators_are_left_alone():
    numpy.random.seed(0)
    before = numpy.random.rand()
    numpy.random.seed(0)
    load_moons(5)
    assert numpy.random.rand() == before


@pytest.mark.parametrize('seed', [-1, 'a', 1.5])
def test_a_seed_that_is_none_is_one_sentence(seed):
    with pytest.raises(CourseError, match='whole number from 0'):
        load_moons(seed)
