"""Random parts of a dataset: stratified, or with equally many of each class."""
from d2lhelpers import CourseError, per_class, seed_all, stratified
from d2lhelpers.datasets import Examples, Pictures

import numpy
import pytest


def pictures(*counts):
    """As many pictures of each class as said; every pixel of picture i has the value i."""
    labels = numpy.repeat(numpy.arange(len(counts)), counts)
    return Pictures([numpy.full((2, 2, 3), i, dtype='uint8') for i in range(len(labels))], labels)


def examples(*counts):
    return Examples(numpy.arange(3 * sum(counts)).reshape(-1, 3), numpy.repeat(range(len(counts)), counts))


def numbers(part):
    """Which of `pictures` these are."""
    return [int(picture[0, 0, 0]) for picture, _ in part]


def test_a_stratified_part_keeps_the_shares_of_the_classes():
    part = stratified(pictures(10, 30, 60), 20, seed=0)
    assert numpy.bincount(part.labels).tolist() == [2, 6, 12] and len(part) == 20
    seven = numpy.bincount(stratified(pictures(5, 5, 5), 7, seed=0).labels).tolist()
    assert sorted(seven) == [2, 2, 3]


@pytest.mark.parametrize('n', range(4, 105))
def test_a_stratified_part_has_the_size_asked_for_and_every_class(n):
    part = stratified(pictures(1, 1, 2, 100), n, seed=n)
    assert len(part) == n == len(set(numbers(part)))
    assert set(part.labels) == {0, 1, 2, 3}


def test_the_pictures_of_a_part_keep_their_labels():
    everything = pictures(20, 20)
    part = stratified(everything, 10, seed=3)
    assert [label for _, label in part] == part.labels.tolist()
    assert [everything[i][1] for i in numbers(part)] == part.labels.tolist()
    again = stratified(part, 4, seed=0)  # a part of a part
    assert [everything[i][1] for i in numbers(again)] == again.labels.tolist()
    assert set(numbers(again)) < set(numbers(part))


def test_the_seed_of_a_stratified_part():
    def drawn(seed):
        return numbers(stratified(pictures(50, 50), 10, seed=seed))

    seed_all(1)
    expected = numpy.random.rand()
    seed_all(1)
    assert drawn(0) == drawn(0) != drawn(1)
    assert numpy.random.rand() == expected
    assert drawn(0) == sorted(drawn(0))


def test_a_larger_part_of_the_same_seed_holds_the_smaller():
    small, large = (set(numbers(stratified(pictures(50, 50), n, seed=4))) for n in (10, 40))
    assert small < large


@pytest.mark.parametrize('n', [0, 2, 31, 10.5, '10'])
def test_a_stratified_part_that_cannot_be(n):
    with pytest.raises(CourseError, match=rf'asked for {n!r} of 30 examples: choose a whole number from 3 '
                                          r'\(one for each class\) to 30'):
        stratified(pictures(10, 10, 10), n, seed=0)


@pytest.mark.parametrize('make', [pictures, examples])
def test_equally_many_of_each_class(make):
    def known(part):
        return {(tuple(numpy.ravel(x.tolist())), label) for x, label in part}

    data = make(5, 20, 9)
    part = per_class(data, 4, seed=1)
    assert type(part) is type(data) and numpy.bincount(part.labels).tolist() == [4, 4, 4]
    assert len(known(part)) == 12 and known(part) <= known(data)
    assert known(per_class(data, 2, seed=1)) < known(part)
    assert known(per_class(data, 2, seed=2)) != known(per_class(data, 2, seed=1))


@pytest.mark.parametrize('each', [0, 6, -1, 2.5, '2'])
def test_more_of_a_class_than_there_are(each):
    with pytest.raises(CourseError, match='the rarest class has 5: choose a whole number from 1 to 5'):
        per_class(pictures(5, 20), each, seed=0)


@pytest.mark.parametrize('take', [stratified, per_class])
def test_a_part_after_the_transforms(take):
    with pytest.raises(CourseError, match=f'{take.__name__} needs data with their labels, not a '
                                          '_LazyTransformDataset: take a part first, then transform it'):
        take(pictures(5, 5).transform_first(lambda picture: picture), 4, seed=0)


@pytest.mark.parametrize('take', [stratified, per_class])
@pytest.mark.parametrize('seed', [-1, 1.5, None])
def test_a_seed_that_is_none(take, seed):
    with pytest.raises(CourseError, match=f'{take.__name__} was given the seed {seed}: write a whole'):
        take(pictures(5, 5), 4, seed)
