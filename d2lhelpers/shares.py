"""How well is a share known: of the pictures that are right, say? That depends on how many there are."""
import math

from scipy import stats

from .errors import CourseError


def share_interval(right):
    """The 95 % interval of a share, after Wilson (1927): it stays within 0 and 1, and has a width even where
    all are right.

    It is about the examples alone, drawn by chance one by one: near-duplicates among them make it too narrow.

    Parameters
    ----------
    right : array_like of bool, shape (examples,)

    Returns
    -------
    low, high : float

    Raises
    ------
    CourseError
        If there are no examples.
    """
    right = [bool(one) for one in right]
    if not right:
        raise CourseError('There is no example, so no share of them is right: evaluate at least one.')
    low, high = stats.binomtest(sum(right), len(right)).proportion_ci(method='wilson')
    return float(low), float(high)


def pictures_for(share, points=5):
    """How many test pictures make the 95 % interval of a share at most so many points wide on each side.

    Parameters
    ----------
    share : float
        What you expect to be right, from 0 to 1. Nothing known: .5, which needs most.
    points : float
        Percentage points on each side.

    Returns
    -------
    int

    Raises
    ------
    CourseError
        If one of the two is out of range.
    """
    if not 0 <= share <= 1 or not 0 < points < 50:
        raise CourseError(f'pictures_for was given a share of {share!r} and {points!r} points: choose a '
                          'share from 0 to 1, and more than 0, less than 50 points.')
    # half of Wilson's interval, squared, is a quadratic equation in 1 / n
    z2, half2 = stats.norm.ppf(.975) ** 2, (points / 100) ** 2
    a, b, c = half2 * z2 ** 2 - z2 ** 2 / 4, 2 * half2 * z2 - z2 * share * (1 - share), half2
    return math.ceil(2 * a / (-b - math.sqrt(b ** 2 - 4 * a * c)))
