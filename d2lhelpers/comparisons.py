"""Comparisons of a study's arms, each with one interval and one of three verdicts."""
import dataclasses
import functools
import inspect

import numpy
import pandas

from .environment import settings
from .errors import CourseError
from .intervals import Interval, interval
from .records import arm_columns, keep

HOLDS, OPPOSITE, UNDECIDED = 'holds', 'the opposite holds', 'undecided here'
# of a condition, or of "at every level" where the opposite holds at some
FAILS, NOT_JUDGED = 'does not hold', 'not judged'


@dataclasses.dataclass(frozen=True)
class Part:
    """A comparison at one level: a line of `plots.leads`.

    Attributes
    ----------
    where : str
        The level, ``pictures = 50``; empty where there is only one.
    seeds : numpy.ndarray, shape (seeds,)
        The lead of each seed.
    interval : intervals.Interval
    verdict : str
    unit : str or None
        None for a share.
    """

    where: str
    seeds: numpy.ndarray
    interval: Interval
    verdict: str
    unit: str | None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the figures of a study say of a comparison.

    Attributes
    ----------
    verdict : str
        ``holds``, ``the opposite holds`` or ``undecided here``, by the whole of an `intervals.interval`;
        ``does not hold`` of a condition, or of several comparisons of which the opposite of some holds;
        ``not judged``.
    figures : str
        The figures behind it, or why it is not judged.
    parts : tuple of Part
        The comparisons that it consists of, one for each level.
    """

    verdict: str
    figures: str
    parts: tuple = ()

    @property
    def holds(self):
        """Does it hold? True, False (undecided too), or None where it is not judged."""
        return None if self.verdict == NOT_JUDGED else self.verdict == HOLDS

    def named(self, place):
        """The same outcome, its figures led by a word that tells it from others: the place where it was
        measured.
        """
        return dataclasses.replace(self, figures=f'{place}: {self.figures}')


class _Missing(Exception):
    """The table lacks what a comparison needs."""


def _judged(comparison):
    """A comparison that cannot be judged where rows are missing: a learner may leave out arms. Strict,
    missing rows are an error.
    """
    names = inspect.signature(comparison)

    @functools.wraps(comparison)
    def judge(table, *args, **kwargs):
        if table.why_not:
            asked = names.bind(table, *args, **kwargs)
            asked.apply_defaults()
            if table.edited and 'a' in asked.arguments:
                table.edited.beside(table, *(asked.arguments[name] for name in ('a', 'b', 'figure')))
            return Outcome(NOT_JUDGED, table.why_not)
        try:
            return comparison(table, *args, **kwargs)
        except _Missing as missing:
            if settings.strict:
                raise CourseError(str(missing)) from None
            return Outcome(NOT_JUDGED, str(missing))
    return judge


@dataclasses.dataclass
class _Pair:
    """Two sides of a comparison at one level, with the seeds that both have."""

    level: dict  # columns that the comparison leaves open, and their values there
    a: pandas.Series  # a figure by seed
    b: pandas.Series
    right: numpy.ndarray | None  # a - b by seed and test item, where these are known and the same in number

    @property
    def differences(self):
        return (self.a - self.b).to_numpy() if self.right is None else self.right

    def measured(self):
        """How many seeds and items, in words."""
        n = len(self.a)
        items = '' if self.right is None else f' x {self.right.shape[1]} items'
        return f'{n} seed{"s" if n > 1 else ""}{items}'


def _pairs(table, a, b, figure):
    """What is compared at each value of the arm columns that neither a nor b names."""
    a, b = arm_columns(a), arm_columns(b)
    if set(a) != set(b):
        raise CourseError(f'{a} and {b} do not name the same columns, so the pairs of rows are unclear: name '
                          f'{sorted(set(a) ^ set(b))} in both.')
    if figure not in table.rows:
        raise CourseError(f'The table has no figure {figure!r}; it has {list(table.rows)}.')
    free = [name for name in table.arms if name not in a]
    rows = []
    for side in (a, b):
        rows.append(keep(table.chosen, [side], list(side)).dropna(subset=[figure]))
        if not len(rows[-1]):
            raise _Missing(f'The table has no rows for {side}; it has '
                           f'{table.rows[table.arms].drop_duplicates().to_dict("records")}.')
    found = []
    for level in rows[0][free].drop_duplicates().to_dict('records') if free else [{}]:
        one, other = (keep(each, [level], free).set_index('seed')[figure] for each in rows)
        seeds = [seed for seed in one.index if seed in other.index]
        if seeds:
            right = [table.right(figure, **side, **level) for side in (a, b)]
            found.append(_Pair(level, one[seeds], other[seeds], _items(*right, seeds)))
    if not found:
        raise _Missing(f'The table has no seed with {figure!r} for both {a} and '
                       f'{b}' + (f' at the same {free}.' if free else '.'))
    return found, free


def _items(one, other, seeds):
    """Differences by seed and item, where all are known and there are equally many."""
    if one is None or other is None:
        return None
    lines = [(one[seed], other[seed]) for seed in seeds]
    if len({len(each) for line in lines for each in line}) > 1:
        return None
    return numpy.stack([a.astype('int8') - b for a, b in lines])


def _number(value, unit, form=''):
    """A difference as text: of shares in hundredths, which are called points, else as it is."""
    return f'{100 * value:{form}.1f}' if unit is None else f'{value:{form}.3f}'


def _told(found, unit):
    """An interval as text."""
    mean, low, high = (_number(value, unit, '+') for value in (found.mean, found.low, found.high))
    named = ' points' if unit is None else f' {unit}' if unit else ''
    return f'{mean}{named} (95 %: {low} to {high})'


def _judge(table, a, b, figure, rule):
    """The verdict of a rule on the interval of the differences, at every level."""
    pairs, free = _pairs(table, a, b, figure)
    parts, lines, unit = [], [], table.unit(figure)
    for pair in pairs:
        found = interval(pair.differences)
        verdict = rule(found, pair)
        where = ', '.join(f'{name} = {value:g}' if isinstance(value, float) else f'{name} = {value}'
                          for name, value in pair.level.items())
        parts.append(Part(where, (pair.a - pair.b).to_numpy(), found, verdict, unit))
        head = f'{verdict} at {where}: ' if len(pairs) > 1 else f'{where}: ' if free else ''
        lines.append(f'{head}{pair.a.mean():.3f} against {pair.b.mean():.3f}, {_told(found, unit)}, '
                     f'{pair.measured()}')
    return Outcome(_together(part.verdict for part in parts), '\n'.join(lines), tuple(parts))


def _together(verdicts):
    """Of several comparisons, all of which should hold."""
    verdicts = set(verdicts)
    if len(verdicts) == 1:
        return verdicts.pop()
    for verdict in (NOT_JUDGED, FAILS):
        if verdict in verdicts:
            return verdict
    # one that is undecided denies nothing
    return FAILS if OPPOSITE in verdicts else UNDECIDED


def _sign(found, _=None):
    """By which side of 0 the whole interval lies on."""
    return HOLDS if found.low > 0 else OPPOSITE if found.high < 0 else UNDECIDED


@_judged
def beats(table, a, b, figure='test'):
    """Is a better than b? By the 95 % interval of the difference, paired over seeds and test items: it holds
    where the whole interval is above 0, the opposite where all of it is below.

    Parameters
    ----------
    table : Table
        From `study`.
    a, b : str or dict
        An arm by its name, or by its columns: ``dict(arm='scratch', pictures=50)``, the same columns for
        both. Where columns are left open, it must hold at each of their values.
    figure : str
        The figure compared; higher is better.

    Returns
    -------
    Outcome
        Not judged where the table lacks rows for a or b, or seeds that both have.

    Raises
    ------
    CourseError
        If a and b do not name the same columns, or there is no such figure; if ``D2LHELPERS_STRICT`` is 1,
        also where rows are missing.
    """
    return _judge(table, a, b, figure, _sign)


@_judged
def close(table, a, b, figure='test', within=.25):
    """Is a as good as b, or as bad? It holds where the whole 95 % interval of the difference lies within a
    margin, the opposite where all of it lies outside on one side.

    Parameters
    ----------
    table, a, b, figure
        As in `beats`.
    within : float
        The margin, as a part of b's error (1 - its mean), so that it means something near 1 too: .25 is a
        quarter more errors, or fewer. Of a figure that is no share, as a part of b's mean.

    Returns
    -------
    Outcome
    """
    unit, margins = table.unit(figure), []

    def rule(found, pair):
        margins.append(within * abs(1 - pair.b.mean() if unit is None else pair.b.mean()))
        if -margins[-1] < found.low and found.high < margins[-1]:
            return HOLDS
        return OPPOSITE if found.low > margins[-1] or found.high < -margins[-1] else UNDECIDED

    outcome = _judge(table, a, b, figure, rule)
    lines = [f'{line}; margin {_number(margin, unit)}'
             for line, margin in zip(outcome.figures.split('\n'), margins, strict=True)]
    return dataclasses.replace(outcome, figures='\n'.join(lines))


@_judged
def widens(table, a, b, along, figure='test'):
    """Is the lead of a over b larger at the smallest value of the column `along` than at the largest, by the
    interval of the change?

    Parameters
    ----------
    table, a, b, figure
        As in `beats`.
    along : str
        A column of numbers, for instance ``'pictures'``; the only one that a and b leave open.

    Returns
    -------
    Outcome
    """
    pairs, free = _pairs(table, a, b, figure)
    if free != [along]:
        raise CourseError(f'widens compares along {along!r} alone, but a and b leave {free} open: name the '
                          'others in a and b.')
    if len(pairs) < 2:
        raise _Missing(f'The table has only one value of {along!r}: {pairs[0].level[along]}.')
    small, large = (pick(pairs, key=lambda pair: pair.level[along]) for pick in (min, max))
    seeds = [seed for seed in small.a.index if seed in large.a.index]
    if not seeds:
        raise _Missing(f'The table has no seed with {figure!r} at both ends of {along!r}.')
    known = all(each.right is not None and len(each.right) == len(seeds) for each in (small, large))
    if known and small.right.shape == large.right.shape:
        change, items = small.right - large.right, f' x {small.right.shape[1]} items'
    else:
        change, items = ((small.a - small.b) - (large.a - large.b))[seeds].to_numpy(), ''
    found, unit = interval(change), table.unit(figure)
    leads = [_number((each.a - each.b).mean(), unit, '+') for each in (small, large)]
    return Outcome(_sign(found),
                   f'lead {leads[0]} at {along} = {small.level[along]:g}, {leads[1]} at '
                   f'{large.level[along]:g}: change {_told(found, unit)}, {len(seeds)} seeds{items}')


@_judged
def holds(table, condition):
    """Does something hold of the rows of a table that no comparison above says?

    Parameters
    ----------
    table : Table
        From `study`.
    condition : callable
        ``condition(rows)`` is given the rows at the chosen settings and returns true or false.

    Returns
    -------
    Outcome
        Not judged where the table has no rows.
    """
    return Outcome(HOLDS if condition(table.chosen) else FAILS, '')


def winners(table, figure='test', by='validation'):
    """Which arm is best at each value of the other columns, and which ones it does not clearly beat, by
    `beats`?

    The best is chosen by validation, as everything is: chosen by the test figure, its lead would be partly
    luck.

    Parameters
    ----------
    table : Table
        From `study`, with a column ``arm``.
    figure : str
        The figure compared; higher is better.
    by : str
        The figure whose mean says which is best.

    Returns
    -------
    pandas.DataFrame
        A row for each value of the columns beside ``arm`` (a single one where there are none): those columns,
        ``best``, its mean, and ``not clearly worse``, a comma between two. No rows where the table has none.
    """
    others = [name for name in table.arms if name != 'arm']
    groups = table.chosen.groupby(others, sort=False, dropna=False) if others else [((), table.chosen)]
    lines = []
    for values, rows in groups if len(table.chosen) else ():
        place = dict(zip(others, values, strict=True))
        best, *rest = rows.groupby('arm', sort=False)[by].mean().sort_values(
            ascending=False, kind='stable').index
        near = [arm for arm in rest if not beats(table, {'arm': best, **place}, {'arm': arm, **place},
                                                 figure).holds]
        lines.append({**place, 'best': best, figure: rows[rows['arm'] == best][figure].mean(),
                      'not clearly worse': ', '.join(near)})
    return pandas.DataFrame(lines, columns=[*others, 'best', figure, 'not clearly worse'])


def every(*outcomes):
    """Do all of several comparisons hold? Where some are undecided and none is denied, so is the whole; not
    judged if one of them cannot be.

    Parameters
    ----------
    *outcomes : Outcome

    Returns
    -------
    Outcome
        With the verdict and the figures of each.
    """
    if not outcomes:
        raise CourseError('every was given no comparison: every(beats(...), beats(...)).')
    if len(outcomes) == 1:
        return outcomes[0]
    lines = []
    for outcome in outcomes:
        several = '\n' in outcome.figures  # they have their verdicts
        lines.append(outcome.figures if several or outcome.verdict == NOT_JUDGED
                     else f'{outcome.verdict}: {outcome.figures}')
    return Outcome(_together(outcome.verdict for outcome in outcomes), '\n'.join(dict.fromkeys(lines)),
                   sum((outcome.parts for outcome in outcomes), ()))
