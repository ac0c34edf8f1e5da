"""Signs that an experiment is broken, or cannot show what it was made for.

A broken run looks like a finding. A network of this course once trained to a loss of .005 and was right on 53
of 100 pictures in use: two of five seeds showed it, and nobody had looked. So every record is looked through,
and what it shows must be answered in words, in ``data/results/answers/01.csv`` (by the number of the lesson),
before the lesson is executed for the course.
"""
import math

from .environment import settings
from .errors import CourseError
from .messages import say
from .provenance import read as noted
from .records import read_csv

_SPAN = .25  # of the validation figure over the seeds of an arm
# A network whose probabilities are right errs, in the mean, at most half as often as its loss in bits
# (Hellman and Raviv, 1970). In use the share of errors may be a little higher.
_NATS, _TOLERANCE = 2 * math.log(2), .1


def signs(table):
    """What a table of a study shows that should be answered.

    Parameters
    ----------
    table : Table

    Returns
    -------
    list of str
        A sentence for each kind of sign, with the arms or settings where it is seen.
    """
    found, arms = [], list(_arms(table))
    if seen := _seeds_disagree(table, arms):
        found.append(f'Seeds disagree: validation spans more than {_SPAN} with {"; ".join(seen)}.')
    if seen := _broken_in_use(table, arms):
        found.append('Wrong in use on what it was trained on, more than its training loss allows: '
                     f'{"; ".join(seen)}.')
    return found + [sign for setting in table.settings for sign in _at_the_edge(setting, arms)]


def report(table, record, profile):
    """Print what `signs` finds in a record, each with the authors' answer.

    Parameters
    ----------
    table : Table
    record : str
        Its name, such as ``'01_rates'``.
    profile : {'embedded', 'full'}
        Of the record, which may be another than the present one.

    Raises
    ------
    CourseError
        If a sign has no answer and ``D2LHELPERS_STRICT`` is 1, as when the course's own notebooks are
        executed.
    """
    answers = _answers(record, profile)
    for sign in signs(table):
        if sign in answers:
            say(f'Noticed in this record. {sign}\n  Our answer: {answers[sign]}', kind='sign')
        elif settings.strict:
            raise CourseError(f'The record of {record!r} shows something that has no answer. {sign} Look at '
                              f'the runs, and mend the study; or answer in {_path(record)}, with this '
                              'sentence as the sign.')


def _answers(record, profile):
    path = noted(settings.root / _path(record))
    if not path.exists():
        return {}
    lines = read_csv(path).query('record == @record and profile == @profile')
    return dict(zip(lines['sign'], lines['answer'], strict=True))


def _path(record):
    return f'data/results/answers/{record[:2]}.csv'


def _arms(table):
    """Of each arm its name, all its rows, and those at the chosen setting."""
    for values, rows in table.rows.groupby(table.arms, sort=False, dropna=False) if len(table.rows) else ():
        values = values if isinstance(values, tuple) else (values,)
        named = [f'{name} {value:g}' if isinstance(value, float) else str(value) if name == 'arm'
                 else f'{name} {value}' for name, value in zip(table.arms, values, strict=True)
                 if value == value and value is not None]
        chosen = rows[rows['chosen'].astype(bool)]
        if len(chosen):
            yield ', '.join(named), rows, chosen


def _seeds_disagree(table, arms):
    if table.unit('validation') is not None:
        return []
    return [name for name, _, chosen in arms
            if chosen['validation'].max() - chosen['validation'].min() > _SPAN]


def _broken_in_use(table, arms):
    if not {'training', 'training loss'} <= set(table.rows):
        return []
    return [name for name, _, chosen in arms
            if (1 - chosen['training'] > chosen['training loss'] / _NATS + _TOLERANCE).any()]


def _at_the_edge(setting, arms):
    """A sentence, where the best value of a setting may lie outside of what was tried."""
    at_edge, tried = 0, set()
    for _, rows, chosen in arms:
        values = sorted({value for value in rows[setting].dropna() if not isinstance(value, str)})
        tried.update(values)
        at_edge += len(values) > 1 and chosen[setting].iloc[0] in (values[0], values[-1])
    if at_edge:
        values = ', '.join(f'{value:g}' for value in sorted(tried))
        yield f'At the edge of its grid: {setting}, of {values}, in {at_edge} of {len(arms)} arms.'
