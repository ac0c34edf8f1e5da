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
# An error costs at least ln 2 nats, for the true class then has at most half of the probability: so the share
# of errors in training is at most the loss / ln 2. In use it may be a little higher.
_NATS, _TOLERANCE = math.log(2), .1


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
    found = []
    if seen := _seeds_disagree(table):
        found.append(f'Seeds disagree: validation spans more than {_SPAN} with {"; ".join(seen)}.')
    if seen := _broken_in_use(table):
        found.append('Wrong in use on what it was trained on, more than its training loss allows: '
                     f'{"; ".join(seen)}.')
    return found + _at_the_edge(table)


def report(table, record):
    """Print what `signs` finds in a record, each with the authors' answer.

    Raises
    ------
    CourseError
        If a sign has no answer and ``D2LHELPERS_STRICT`` is 1, as when the course's own notebooks are
        executed.
    """
    answers = _answers(record)
    for sign in signs(table):
        if sign in answers:
            say(f'Noticed in this record. {sign}\n  Answer: {answers[sign]}', kind='sign')
        elif settings.strict:
            raise CourseError(f'The record of {record!r} shows something that has no answer. {sign} Look at '
                              f'the runs, and mend the study; or answer in {_path(record)}, with this '
                              'sentence as the sign.')


def _answers(record):
    path = noted(settings.root / _path(record))
    if not path.exists():
        return {}
    lines = read_csv(path).query('record == @record and profile == @settings.profile')
    return dict(zip(lines['sign'], lines['answer'], strict=True))


def _path(record):
    return f'data/results/answers/{record[:2]}.csv'


def _of_arms(table):
    """The chosen rows of each arm, under its name."""
    for values, rows in table.chosen.groupby(table.arms, sort=False, dropna=False) if len(table.rows) else ():
        values = values if isinstance(values, tuple) else (values,)
        named = [f'{name} {value:g}' if isinstance(value, float) else str(value) if name == 'arm'
                 else f'{name} {value}' for name, value in zip(table.arms, values, strict=True)
                 if value == value and value is not None]
        yield ', '.join(named), rows


def _seeds_disagree(table):
    if table.unit('validation') is not None:
        return []
    return [name for name, rows in _of_arms(table)
            if rows['validation'].max() - rows['validation'].min() > _SPAN]


def _broken_in_use(table):
    if not {'training', 'training loss'} <= set(table.rows):
        return []
    return [name for name, rows in _of_arms(table)
            if (1 - rows['training'] > rows['training loss'] / _NATS + _TOLERANCE).any()]


def _at_the_edge(table):
    """A sentence for each setting whose best value may lie outside of what was tried."""
    found = []
    for setting in table.settings:
        places = list(_of_arms(table))
        at_edge, tried = [], set()
        for name, rows in places:
            there = [str(rows[each].iloc[0]) for each in table.arms]
            all_of = table.rows[(table.rows[table.arms].astype(str) == there).all(axis=1)]
            values = sorted({value for value in all_of[setting].dropna() if not isinstance(value, str)})
            tried.update(values)
            if len(values) > 1 and rows[setting].iloc[0] in (values[0], values[-1]):
                at_edge.append(name)
        if at_edge:
            values = ', '.join(f'{value:g}' for value in sorted(tried))
            found.append(f'At the edge of its grid: {setting}, of {values}, in {len(at_edge)} of '
                         f'{len(places)} arms.')
    return found
