"""One and five pictures of a class."""
from d2lhelpers import CourseError
from d2lhelpers.episodes import episodes, nearest_mean

import numpy
import pytest

LABELS = numpy.array([0] * 7 + [1] * 9 + [2] * 12)


def test_an_episode_has_as_many_of_each_class_and_none_twice():
    drawn = list(episodes(LABELS, 2, 3, 50, seed=1))
    assert len(drawn) == 50
    for support, query in drawn:
        assert LABELS[support].tolist() == [0, 0, 1, 1, 2, 2] and len(query) == 9
        assert len({*support, *query}) == 15
    assert len({tuple(support) for support, _ in drawn}) > 40


def test_the_same_seed_draws_the_same():
    one, two, other = (next(episodes(LABELS, 1, 1, 1, seed))[0].tolist() for seed in (3, 3, 4))
    assert one == two != other


@pytest.mark.parametrize('shots, queries', [(0, 1), (1, 0), (5, 3)])
def test_too_many_asked_for(shots, queries):
    with pytest.raises(CourseError, match='the rarest has 7'):
        next(episodes(LABELS, shots, queries, 1, 0))


def test_nearest_mean():
    support = numpy.array([[1., 0], [3, 1], [0, 1], [0, 5]])
    query = numpy.array([[10., 1], [.1, .2], [-.1, 4]])
    assert nearest_mean(support, [4, 4, 7, 7], query).tolist() == [4, 7, 7]


def test_length_does_not_count():
    """A bright picture has long features."""
    query = numpy.array([[.01, .001]])
    assert nearest_mean(numpy.array([[100., 0], [0, .02]]), [0, 1], query).tolist() == [0]
