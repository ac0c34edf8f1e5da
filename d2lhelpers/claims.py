"""Guesses of the learner and claims of the course, both set beside what was measured."""
import dataclasses
import functools
import math
import textwrap

import numpy
import pandas
from IPython import get_ipython
from IPython.display import HTML

from .environment import settings
from .errors import CourseError
from .messages import say
from .records import keep


class Guess:
    """What the learner guessed; made by `guess`."""

    def __init__(self, question, options, choice, cuts):
        self.question, self.options, self.choice, self.cuts = question, options, choice, cuts

    def compare(self, result):
        """Set the guess and the result side by side.

        Parameters
        ----------
        result : object
            What was measured, in the words of the options; where the guess has cut points, the number itself.
            None or nan where nothing could be measured.
        """
        told = result
        if result is None or result != result:
            result, told = None, 'not measured here'
        elif self.cuts:
            result = self.options[_interval(result, self.cuts)]
            told = f'{result} ({float(told):.3f})'
        lines = [self.question, '  no guess yet' if self.choice is None
                 else f'  your guess:    {self.choice}']
        verdict = ('as you guessed' if self.choice == result
                   else 'not as you guessed: what did you expect, and why?')
        lines.append(f'  measured:      {told}' + (f'   ({verdict})' if None not in (self.choice, result)
                                                   else ''))
        say('\n'.join(lines), kind='guess')


def _interval(number, cuts):
    """In which of the intervals between the cut points, which rise or fall, a number lies."""
    return sum(number >= cut
               for cut in cuts) if sorted(cuts) == list(cuts) else sum(number < cut for cut in cuts)


def guess(question, options, choice=None, cuts=None):
    """Keep the learner's guess before an experiment. It never waits for an answer.

    Parameters
    ----------
    question : str
    options : sequence
        The possible answers.
    choice : object, optional
        One of the options.
    cuts : sequence of float, optional
        For options that are intervals, the limits between them, one fewer than options: ``(.6, .75)`` for
        ``('below 60 %', '60-75 %', 'above 75 %')``, ``(.75, .6)`` for the opposite order. `Guess.compare`
        then takes a number.

    Returns
    -------
    Guess
        Its ``compare(result)`` sets guess and result side by side later.

    Raises
    ------
    CourseError
        If `choice` is not an option, or the cut points do not fit the options.
    """
    if choice is not None and choice not in options:
        raise CourseError(f'The guess {choice!r} is not among the options: choose one of '
                          f'{", ".join(map(repr, options))}.')
    if cuts and (len(cuts) != len(options) - 1
                 or list(cuts) not in (sorted(cuts), sorted(cuts, reverse=True))):
        raise CourseError(f'The cut points {tuple(cuts)} do not fit {len(options)} options: write the '
                          f'{len(options) - 1} limits between them, rising or falling.')
    chosen = 'no guess yet (write choice=…)' if choice is None else choice
    say(f'{question}\n  options:       {", ".join(map(str, options))}\n  your guess:    {chosen}',
        kind='guess')
    return Guess(question, options, choice, cuts)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the figures of a study say of a comparison.

    Attributes
    ----------
    holds : bool or None
        None where it cannot be judged.
    figures : str
        The figures behind it, or why it cannot be judged.
    """

    holds: bool | None
    figures: str

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
    @functools.wraps(comparison)
    def judge(table, *args, **kwargs):
        if table.why_not:
            return Outcome(None, table.why_not)
        try:
            return comparison(table, *args, **kwargs)
        except _Missing as missing:
            if settings.strict:
                raise CourseError(str(missing)) from None
            return Outcome(None, str(missing))
    return judge


def _clearly_positive(differences):
    """The one rule: positive in every paired seed (three at least), or by more than two standard errors over
    at least five.
    """
    n = len(differences)
    if n < 3:
        return None
    error = differences.std(ddof=1) / math.sqrt(n)
    return bool((differences > 0).all() or (n >= 5 and differences.mean() > 2 * error))


def _paired(table, a, b, figure):
    """Paired differences a - b over the seeds, at each value of the arm columns that neither a nor b names.
    """
    a, b = ({'arm': side} if isinstance(side, str) else side for side in (a, b))
    if set(a) != set(b):
        raise CourseError(f'{a} and {b} do not name the same columns, so the pairs of rows are unclear: name '
                          f'{sorted(set(a) ^ set(b))} in both.')
    if figure not in table.rows:
        raise CourseError(f'The table has no figure {figure!r}; it has {list(table.rows)}.')
    free = [name for name in table.arms if name not in a]

    def pick(side):
        rows = keep(table.chosen, [side], list(side))
        if not len(rows):
            raise _Missing(f'The table has no rows for {side}; it has '
                           f'{table.rows[table.arms].drop_duplicates().to_dict("records")}.')
        return rows.set_index(['seed', *free])

    left, right = pick(a), pick(b)
    pairs = pandas.DataFrame({'a': left[figure], 'b': right[figure]}).dropna()
    if not len(pairs):
        raise _Missing(f'The table has no seed with {figure!r} for both {a} and '
                       f'{b}' + (f' at the same {free}.' if free else '.'))
    groups = pairs.groupby(level=free[0] if len(free) == 1 else free, sort=False,
                           dropna=False) if free else [('', pairs)]
    return dict(iter(groups)), free


def _number(value, unit, form=''):
    """A difference as text: of shares in hundredths, which are called points, else as it is."""
    return f'{100 * value:{form}.1f}' if unit is None else f'{value:{form}.3f}'


def _spread(differences, unit):
    """Mean ± standard deviation with the unit, and over how many seeds."""
    deviation = f' ± {_number(differences.std(ddof=1), unit)}' if len(differences) > 1 else ''
    named = ' points' if unit is None else f' {unit}' if unit else ''
    return (f'{_number(differences.mean(), unit, "+")}{deviation}{named} over {len(differences)} '
            f'seed{"s" if len(differences) > 1 else ""}')


def _resolution(table, pairs, figure):
    """What the test set cannot tell apart, two standard errors of the difference of two shares, in words;
    else ''.
    """
    n_test = table.about.get('n_test')
    if table.unit(figure) is not None or not figure.startswith('test') or not n_test:
        return ''
    p = pairs.to_numpy().mean()
    return f' (below {200 * math.sqrt(2 * max(p * (1 - p), 0) / n_test):.1f} may be chance)'


def _judge(table, a, b, figure, rule):
    """Apply a rule to the paired differences at every level."""
    levels, free = _paired(table, a, b, figure)
    outcomes, lines = [], []
    for level, pairs in levels.items():
        difference = (pairs['a'] - pairs['b']).to_numpy()
        outcomes.append(rule(difference))
        values = level if len(free) > 1 else [level][:len(free)]
        where = ', '.join(f'{name} = {value}' for name, value in zip(free, values, strict=True))
        lines.append(f'{where}{": " if free else ""}{pairs["a"].mean():.3f} against {pairs["b"].mean():.3f}, '
                     f'{_spread(difference, table.unit(figure))}{_resolution(table, pairs, figure)}')
    return Outcome(None if None in outcomes else all(outcomes), '\n'.join(lines))


@_judged
def beats(table, a, b, figure='test'):
    """Is a better than b: in every paired seed (three at least), or by more than two standard errors over at
    least five?

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
    return _judge(table, a, b, figure, _clearly_positive)


@_judged
def close(table, a, b, figure='test', within=.05):
    """Are the means of a and b no further apart than `within` (as a share: .05 is 5 points)? Parameters as in
    `beats`.

    Returns
    -------
    Outcome
    """
    return _judge(table, a, b, figure, lambda difference: bool(abs(difference.mean()) <= within))


@_judged
def widens(table, a, b, along, figure='test'):
    """Is the lead of a over b larger at the smallest value of the column `along` than at the largest, by the
    rule of `beats`?

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
    levels, free = _paired(table, a, b, figure)
    if free != [along]:
        raise CourseError(f'widens compares along {along!r} alone, but a and b leave {free} open: name the '
                          'others in a and b.')
    if len(levels) < 2:
        raise _Missing(f'The table has only one value of {along!r}: {min(levels)}.')
    small, large = ((pairs['a'] - pairs['b']).droplevel(along)
                    for pairs in (levels[min(levels)], levels[max(levels)]))
    change = (small - large).dropna().to_numpy()
    unit = table.unit(figure)
    return Outcome(_clearly_positive(change),
                   f'lead {_number(small.mean(), unit, "+")} at {along} = {min(levels)}, '
                   f'{_number(large.mean(), unit, "+")} at {max(levels)}: change {_spread(change, unit)}')


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
    return Outcome(bool(condition(table.chosen)), '')


def winners(table, figure='test'):
    """Which arm is best at each value of the other columns, and which ones it does not clearly beat, by the
    rule of `beats`?

    Parameters
    ----------
    table : Table
        From `study`, with a column ``arm``.
    figure : str
        The figure compared; higher is better.

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
        best, *rest = rows.groupby('arm', sort=False)[figure].mean().sort_values(ascending=False,
                                                                                 kind='stable').index
        near = [arm for arm in rest if not beats(table, {'arm': best, **place}, {'arm': arm, **place},
                                                 figure).holds]
        lines.append({**place, 'best': best, figure: rows[rows['arm'] == best][figure].mean(),
                      'not clearly worse': ', '.join(near)})
    return pandas.DataFrame(lines, columns=[*others, 'best', figure, 'not clearly worse'])


def every(*outcomes):
    """Do all of several comparisons hold? Not judged if one of them cannot be.

    Parameters
    ----------
    *outcomes : Outcome

    Returns
    -------
    Outcome
        With the figures of all of them.
    """
    if not outcomes:
        raise CourseError('every was given no comparison: every(beats(...), beats(...)).')
    holds = [outcome.holds for outcome in outcomes]
    return Outcome(None if None in holds else all(holds),
                   '\n'.join(dict.fromkeys(outcome.figures for outcome in outcomes)))


_claims = {}  # what this notebook has claimed so far: text -> (outcome in words, figures, cell)


def claim(text, outcome, expected=True):
    """Print whether a claim holds here, with its figures, and remember it for `claims_table`.

    Parameters
    ----------
    text : str
        The claim, as a sentence.
    outcome : Outcome, bool or None
        None where it could not be measured.
    expected : bool
        False for a textbook claim that does not reproduce: then it is an error if it starts to hold.

    Raises
    ------
    CourseError
        If the outcome is something else, such as a number.
    AssertionError
        If the outcome is not the expected one and ``D2LHELPERS_STRICT`` is 1, as in the course's own tests. A
        learner who changes a setting is not punished.
    """
    if not isinstance(outcome, Outcome):
        if outcome is not None and not isinstance(outcome, bool | numpy.bool_):
            raise CourseError('A claim is judged by a comparison, beats(...), or by true or false, but was '
                              'given a '
                              f'{type(outcome).__name__}: write the condition, for instance x > .9.')
        outcome = Outcome(None if outcome is None else bool(outcome), '')
    words = {True: 'holds', False: 'does not hold here', None: 'not judged'}[outcome.holds]
    figures = textwrap.indent(f'\n{outcome.figures}' if outcome.figures else '', '  ')
    say(f'{words}: {text}{figures}', kind='claim', verdict=words)
    shell = get_ipython()
    # execution_count is this cell's or the next's, by version
    cell = len(shell.history_manager.input_hist_parsed) - 1 if shell else None
    _claims[text] = (words, outcome.figures, cell)
    if settings.strict and outcome.holds is not None and outcome.holds != expected:
        raise AssertionError('The course expects that this claim '
                             f'{"holds" if expected else "does not hold"}, but it {words}: {text} '
                             f'{outcome.figures}')


def claims_table():
    """All claims of this notebook, each with its outcome and the cell that checked it.

    Returns
    -------
    IPython.display.HTML
    """
    rows = [(text, words, figures.split('\n')[0], f'In [{cell}]') for text,
            (words, figures, cell) in _claims.items()]
    table = pandas.DataFrame(rows, columns=['claim', 'outcome here', 'figures (first line)',
                                            'cell']).style.hide(axis='index').format(escape='html')
    table.set_table_styles([{'selector': 'th, td', 'props': 'text-align: left; white-space: normal'}])
    return HTML(table.set_uuid('claims').to_html())  # the same in every execution
