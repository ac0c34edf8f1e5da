"""Guesses of the learner and claims of the course, both set beside what was measured."""
import dataclasses
import functools
import math
import textwrap

import pandas
from IPython import get_ipython
from IPython.display import HTML

from .errors import CourseError
from .profile import strict
from .study import keep


class Guess:
    """What the learner guessed; made by `guess`."""

    def __init__(self, question, options, choice):
        self.question, self.options, self.choice = question, options, choice

    def compare(self, result):
        """Set the guess and the result side by side.

        Parameters
        ----------
        result : object
            What was measured, in the words of the options.
        """
        if self.choice is None:
            print(f'{self.question}\n  no guess yet\n  measured:      {result}')
        else:
            verdict = 'as you guessed' if self.choice == result else 'not as you guessed: what did you expect, and why?'
            print(f'{self.question}\n  your guess:    {self.choice}\n  measured:      {result}   ({verdict})')


def guess(question, options, choice=None):
    """Keep the learner's guess before an experiment. It never waits for an answer.

    Parameters
    ----------
    question : str
    options : sequence
        The possible answers.
    choice : object, optional
        One of the options.

    Returns
    -------
    Guess
        Its ``compare(result)`` sets guess and result side by side later.

    Raises
    ------
    CourseError
        If `choice` is not an option.
    """
    if choice is not None and choice not in options:
        raise CourseError(f'The guess {choice!r} is not among the options: choose one of {", ".join(map(repr, options))}.')
    print(f'{question}\n  options:       {", ".join(map(str, options))}')
    print(f'  your guess:    {"no guess yet (write choice=…)" if choice is None else choice}')
    return Guess(question, options, choice)


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
        """The same outcome, its figures led by a word that tells it from others: the place where it was measured."""
        return dataclasses.replace(self, figures=f'{place}: {self.figures}')


class _Missing(Exception):
    """The table lacks what a comparison needs."""


def _judged(comparison):
    """A comparison that cannot be judged where rows are missing: a learner may leave out arms. Strict, missing rows are an error."""
    @functools.wraps(comparison)
    def judge(table, *args, **kwargs):
        if table.why_not:
            return Outcome(None, table.why_not)
        try:
            return comparison(table, *args, **kwargs)
        except _Missing as missing:
            if strict():
                raise CourseError(str(missing)) from None
            return Outcome(None, str(missing))
    return judge


def _clearly_positive(differences):
    """The one rule: positive in every paired seed (three at least), or by more than two standard errors over at least five."""
    n = len(differences)
    if n < 3:
        return None
    error = differences.std(ddof=1) / math.sqrt(n)
    return bool((differences > 0).all() or (n >= 5 and differences.mean() > 2 * error))


def _paired(table, a, b, figure):
    """Paired differences a - b over the seeds, at each value of the arm columns that neither a nor b names."""
    a, b = ({'arm': side} if isinstance(side, str) else side for side in (a, b))
    if set(a) != set(b):
        raise CourseError(f'{a} and {b} do not name the same columns, so it is open which rows to pair: name {sorted(set(a) ^ set(b))} in both.')
    if figure not in table.rows:
        raise CourseError(f'The table has no figure {figure!r}; it has {list(table.rows)}.')
    free = [name for name in table.arms if name not in a]

    def pick(side):
        rows = keep(table.chosen, [side], list(side))
        if not len(rows):
            raise _Missing(f'The table has no rows for {side}; it has {table.rows[table.arms].drop_duplicates().to_dict("records")}.')
        return rows.set_index(['seed', *free])

    left, right = pick(a), pick(b)
    pairs = pandas.DataFrame({'a': left[figure], 'b': right[figure]}).dropna()
    if not len(pairs):
        raise _Missing(f'The table has no seed with {figure!r} for both {a} and {b}' + (f' at the same {free}.' if free else '.'))
    groups = pairs.groupby(level=free[0] if len(free) == 1 else free, sort=False, dropna=False) if free else [('', pairs)]
    return dict(iter(groups)), free, int(left['n_test'].iloc[0])


def _spread(differences):
    """Mean ± standard deviation in points, and over how many seeds."""
    deviation = f' ± {100 * differences.std(ddof=1):.1f}' if len(differences) > 1 else ''
    return f'{100 * differences.mean():+.1f}{deviation} points over {len(differences)} seed{"s" if len(differences) > 1 else ""}'


def _resolves(pairs, n_test):
    """Two standard errors of the difference of two shares, in points: less than that the test set cannot tell apart."""
    p = pairs.to_numpy().mean()
    return 200 * math.sqrt(2 * max(p * (1 - p), 0) / n_test)


def _judge(table, a, b, figure, rule):
    """Apply a rule to the paired differences at every level."""
    levels, free, n_test = _paired(table, a, b, figure)
    outcomes, lines = [], []
    for level, pairs in levels.items():
        difference = (pairs['a'] - pairs['b']).to_numpy()
        outcomes.append(rule(difference))
        values = level if len(free) > 1 else [level]
        where = ', '.join(f'{name} = {value}' for name, value in zip(free, values, strict=True)) + ': ' if free else ''
        resolves = f' (below {_resolves(pairs, n_test):.1f} may be chance)' if figure.startswith('test') else ''
        lines.append(f'{where}{pairs["a"].mean():.3f} against {pairs["b"].mean():.3f}, {_spread(difference)}{resolves}')
    return Outcome(None if None in outcomes else all(outcomes), '\n'.join(lines))


@_judged
def beats(table, a, b, figure='test'):
    """Is a better than b: in every paired seed (three at least), or by more than two standard errors over at least five?

    Parameters
    ----------
    table : Table
        From `study`.
    a, b : str or dict
        An arm by its name, or by its columns: ``dict(arm='scratch', pictures=50)``, the same columns for both. Where columns are left open, it must
        hold at each of their values.
    figure : str
        The figure compared; higher is better.

    Returns
    -------
    Outcome
        Not judged where the table lacks rows for a or b, or seeds that both have.

    Raises
    ------
    CourseError
        If a and b do not name the same columns, or there is no such figure; if ``D2LHELPERS_STRICT`` is 1, also where rows are missing.
    """
    return _judge(table, a, b, figure, _clearly_positive)


@_judged
def close(table, a, b, figure='test', within=.05):
    """Are the means of a and b no further apart than `within` (as a share: .05 is 5 points)? Parameters as in `beats`.

    Returns
    -------
    Outcome
    """
    return _judge(table, a, b, figure, lambda difference: bool(abs(difference.mean()) <= within))


@_judged
def widens(table, a, b, along, figure='test'):
    """Is the lead of a over b larger at the smallest value of the column `along` than at the largest, by the rule of `beats`?

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
    levels, free, _ = _paired(table, a, b, figure)
    if free != [along]:
        raise CourseError(f'widens compares along {along!r} alone, but a and b leave {free} open: name the others in a and b.')
    if len(levels) < 2:
        raise _Missing(f'The table has only one value of {along!r}: {min(levels)}.')
    small, large = ((pairs['a'] - pairs['b']).droplevel(along) for pairs in (levels[min(levels)], levels[max(levels)]))
    change = (small - large).dropna().to_numpy()
    return Outcome(_clearly_positive(change), f'lead {100 * small.mean():+.1f} at {along} = {min(levels)}, '
                                              f'{100 * large.mean():+.1f} at {max(levels)}: change {_spread(change)}')


def winners(table, figure='test'):
    """Which arm is best at each value of the other columns, and which ones it does not clearly beat, by the rule of `beats`?

    Parameters
    ----------
    table : Table
        From `study`, with a column ``arm``.
    figure : str
        The figure compared; higher is better.

    Returns
    -------
    pandas.DataFrame
        A row for each value of the columns beside ``arm`` (a single one where there are none): those columns, ``best``, its mean, and
        ``not clearly worse``, a comma between two. No rows where the table has none.
    """
    others = [name for name in table.arms if name != 'arm']
    groups = table.chosen.groupby(others, sort=False, dropna=False) if others else [((), table.chosen)]
    lines = []
    for values, rows in groups if len(table.chosen) else ():
        place = dict(zip(others, values, strict=True))
        best, *rest = rows.groupby('arm', sort=False)[figure].mean().sort_values(ascending=False, kind='stable').index
        near = [arm for arm in rest if not beats(table, {'arm': best, **place}, {'arm': arm, **place}, figure).holds]
        lines.append({**place, 'best': best, figure: rows[rows['arm'] == best][figure].mean(), 'not clearly worse': ', '.join(near)})
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
    return Outcome(None if None in holds else all(holds), '\n'.join(dict.fromkeys(outcome.figures for outcome in outcomes)))


_claims = {}  # what this notebook has claimed so far: text -> (outcome in words, figures, cell)


def claim(text, outcome, expected=True):
    """Print whether a claim holds here, with its figures, and remember it for `claims_table`.

    Parameters
    ----------
    text : str
        The claim, as a sentence.
    outcome : Outcome or bool
    expected : bool
        False for a textbook claim that does not reproduce: then it is an error if it starts to hold.

    Raises
    ------
    AssertionError
        If the outcome is not the expected one and ``D2LHELPERS_STRICT`` is 1, as in the course's own tests. A learner who changes a setting is not
        punished.
    """
    if not isinstance(outcome, Outcome):
        outcome = Outcome(bool(outcome), '')
    words = {True: 'holds', False: 'does not hold here', None: 'not judged'}[outcome.holds]
    print(f'{words}: {text}' + textwrap.indent(f'\n{outcome.figures}' if outcome.figures else '', '  '))
    shell = get_ipython()
    cell = len(shell.history_manager.input_hist_parsed) - 1 if shell else None  # execution_count is this cell's or the next's, by version
    _claims[text] = (words, outcome.figures, cell)
    if strict() and outcome.holds is not None and outcome.holds != expected:
        raise AssertionError(f'The course expects that this claim {"holds" if expected else "does not hold"}, but it {words}: {text} '
                             f'{outcome.figures}')


def claims_table():
    """All claims of this notebook, each with its outcome and the cell that checked it.

    Returns
    -------
    IPython.display.HTML
    """
    rows = [(text, words, figures.split('\n')[0], f'In [{cell}]') for text, (words, figures, cell) in _claims.items()]
    table = pandas.DataFrame(rows, columns=['claim', 'outcome here', 'figures (first line)', 'cell']).style.hide(axis='index').format(escape='html')
    table.set_table_styles([{'selector': 'th, td', 'props': 'text-align: left; white-space: normal'}])
    return HTML(table.set_uuid('claims').to_html())  # the same in every execution
