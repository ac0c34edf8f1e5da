"""A record under code that the learner has changed: what differs, and what the changed code does."""
from . import provenance
from .messages import say
from .progress import bar
from .records import arm_columns, keep, same

SECONDS = 20  # of live runs beside one table, as its record took


def changed(recorded, now):
    """The names of a notebook whose code is another one than a record was made with.

    Parameters
    ----------
    recorded, now : dict of str to str
        Hashes by name, see `provenance.notebook_code`.

    Returns
    -------
    list of str
    """
    # what the changed code no longer reaches is no change of its own
    return (sorted(name for name in now if recorded.get(name) != now[name])
            or sorted(set(recorded) - set(now)))


class Edited:
    """The learner's own runs beside a record that was made with other code.

    The two arms of a comparison are run once each, at their chosen setting and the first recorded seed, until
    a pair was found that the changed code is part of, or the seconds are over.

    Parameters
    ----------
    names : list of str
        What differs.
    run : callable
        ``run(row)`` makes the run of a recorded row again and returns its figures, or None where it is of
        another study.
    """

    def __init__(self, names, run):
        self._names, self._run = set(names), run
        self._left = SECONDS

    @property
    def why(self):
        """What differs, as a sentence without an end."""
        names = ', '.join(f'`{name}`' for name in sorted(self._names))
        verb = 'differs' if len(self._names) == 1 else 'differ'
        return f'recorded with other code than yours: {names} {verb}'

    def beside(self, table, a, b, figure):
        """Run two arms with the learner's code and say what came out beside what was recorded, unless an
        earlier comparison has shown it.

        Parameters
        ----------
        table : Table
            The record.
        a, b : str or dict
            The arms, as in `comparisons.beats`.
        figure : str
        """
        told = self._told(table, a, b, figure)
        if told:
            say(told)

    def _told(self, table, a, b, figure):
        rows = _rows(table, arm_columns(a), arm_columns(b), figure)
        if self._left <= 0 or not rows:
            return ''
        seconds = sum(row['seconds'] for row in rows)
        if seconds > self._left:
            self._left = 0
            return (f'One run of each with your code would take about {seconds:.0f} s of the machine of the '
                    'record: study(…, live=True) runs them all.')
        self._left -= seconds
        lines, reached = [f'One run of each with your code, seed {rows[0]["seed"]}, {figure}:'], set()
        try:
            with bar(len(rows), 'Your code') as progress:
                for row in rows:
                    with provenance.notebook_names_run() as names:
                        found = self._run(row)
                    if found is None:
                        return ''
                    reached |= names & self._names
                    lines.append(f'  {", ".join(str(row[name]) for name in table.arms)}: {found[figure]:.3f} '
                                 f'(recorded {row[figure]:.3f})')
                    progress.update()
        except KeyboardInterrupt:
            self._left = 0
            return '\n'.join([*lines, '  interrupted'])
        if not reached:
            return 'What you changed has no part in these two.'
        self._left = 0
        return '\n'.join(lines)


def _rows(table, a, b, figure):
    """Rows of two arms, as dicts, at the first level that both have and the first seed; empty if there are
    none.
    """
    one, other = (keep(table.chosen, [side], list(side)) for side in (a, b))
    free = ['seed', *(name for name in table.arms if name not in a)]
    if figure not in table.rows:
        return []
    for row in one.to_dict('records'):
        for rival in other.to_dict('records'):
            if same(row, free) == same(rival, free):
                return [row, rival]
    return []
