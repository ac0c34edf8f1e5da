"""How well is a share known?"""
from d2lhelpers import CourseError
from d2lhelpers.shares import pictures_for, share_interval

import numpy
import pytest


@pytest.mark.parametrize('share', [.5, .8, .97])
def test_the_interval_holds_the_truth_as_often_as_it_says(share):
    draws = numpy.random.default_rng(0).random((2000, 60)) < share
    covered = [low <= share <= high for low, high in map(share_interval, draws)]
    assert .92 < numpy.mean(covered) < .98


def test_all_right_is_not_certain():
    low, high = share_interval([True] * 8)
    assert low < .7 and high == 1


@pytest.mark.parametrize('share', [0, .5, .9, 1])
def test_pictures_for_is_the_smallest_number_that_will_do(share):
    def width(n):  # of a share that need not be a whole number of n, both sides together
        z2 = 3.841458820694124
        return 2 / (1 + z2 / n) * (z2 * (share * (1 - share) / n + z2 / (4 * n ** 2))) ** .5
    n = pictures_for(share, 5)
    assert width(n) <= .1 < width(n - 1)


def test_more_pictures_for_half_the_points():
    assert pictures_for(.5, 5) == 381 and 3.9 < pictures_for(.5, 2.5) / 381 < 4.1


@pytest.mark.parametrize('wrong', [(1.2, 5), (-.1, 5), (.5, 0), (.5, 60)])
def test_out_of_range(wrong):
    with pytest.raises(CourseError, match='pictures_for was given'):
        pictures_for(*wrong)


def test_no_examples():
    with pytest.raises(CourseError, match='no example'):
        share_interval([])
