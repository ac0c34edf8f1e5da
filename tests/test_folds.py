"""Cross-validation for few pictures."""
from d2lhelpers import CourseError
from d2lhelpers.folds import cross_validated, grouped_folds

import numpy
import pytest

LABELS = numpy.repeat([0, 1, 2], [20, 30, 40])
GROUPS = numpy.arange(90) // 2  # each picture has a near-duplicate


def test_a_group_is_never_on_both_sides():
    splits = grouped_folds(LABELS, GROUPS, folds=5, repeats=3)
    assert len(splits) == 15
    for learned, judged in splits:
        assert not set(GROUPS[learned]) & set(GROUPS[judged])
        assert len({*learned, *judged}) == 90
        assert set(LABELS[judged]) == {0, 1, 2}
    for repeat in range(3):
        judged = numpy.concatenate([judged for _, judged in splits[5 * repeat:5 * repeat + 5]])
        assert sorted(judged) == list(range(90))


def test_classes_keep_their_shares():
    for _, judged in grouped_folds(LABELS, GROUPS):
        assert numpy.abs(numpy.bincount(LABELS[judged]) - [4, 6, 8]).max() <= 2


def test_repeats_differ_and_a_seed_repeats_them():
    first, second, again = (grouped_folds(LABELS, GROUPS, repeats=2, seed=seed) for seed in (0, 7, 0))
    assert [one[1].tolist() for one in first] == [one[1].tolist() for one in again]
    assert first[0][1].tolist() != first[5][1].tolist() and first[0][1].tolist() != second[0][1].tolist()


def test_too_few_groups():
    with pytest.raises(CourseError, match='Class 0 has 3 groups'):
        grouped_folds([0] * 12 + [1] * 12, [*range(3)] * 4 + [*range(5, 17)], folds=4)


def test_the_interval_is_wider_than_that_of_independent_splits():
    """Four repeats of the same five folds hold no more than one."""
    splits = [(range(80), range(20))] * 20
    right = [numpy.arange(20) < n for n in (14, 15, 16, 17, 18)] * 4
    found = cross_validated(right, splits)
    naive = 1.96 * numpy.std([numpy.mean(one) for one in right]) / 20 ** .5
    assert found.mean == pytest.approx(.8) and found.high - found.mean > 2 * naive


def test_one_fold_is_no_cross_validation():
    """As where every picture counts as the near-duplicate of every other."""
    with pytest.raises(CourseError, match='two folds or more.*a higher cut'):
        grouped_folds([0, 0, 1, 1], [0, 0, 0, 0], folds=1)
