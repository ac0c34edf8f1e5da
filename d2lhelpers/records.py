"""Records of studies: what a study found, as a table, and the files that keep it.

A record is a CSV file with a line for each run, one with the course of training (``…-history.csv``) and one
that says which test items were right (``…-items.csv``), where these are known, and a JSON file that says what
it was made from, when, and in which units its figures are.
"""
import base64
import json

import numpy
import pandas
from IPython.display import display

from . import provenance
from .environment import settings
from .errors import CourseError
from .files import write_whole
from .messages import say

DIGITS = 5  # of a figure in a record, after the point
UNITS = {'training loss': 'nats'}  # of figures that every study may have, see evaluation.trained_on


class Table:
    """The outcome of a study; prints as mean ± standard deviation over the seeds.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row for each run: seed, the arm's columns, the setting's columns, the figures, ``seconds``,
        ``chosen``. Figures whose names start with ``test`` are known only where the setting was chosen.
    arms, settings : list of str
        The columns that name an arm, and those that name a setting.
    history : pandas.DataFrame
        Columns seed, the arm's, epoch, name, value: the course of training at the chosen settings. Empty if
        the runs returned none.
    items : pandas.DataFrame
        Columns seed, the arm's, figure, items (how many there are), right (which of them, packed): for
        figures of which this is known, at the chosen settings. See `right`.
    why_not : str or None
        Why claims cannot be judged from this table (other data, code, settings or seeds than the record's,
        interrupted), if so.
    about : dict
        ``units`` of figures that are no shares, ``n_test`` (size of the smallest test part), and of a record
        what else its JSON file says.
    edited : edits.Edited or None
        Of a record that was made with other code than the notebook's: the learner's own runs beside it.
    """

    def __init__(self, rows, arms, settings, history=None, items=None, why_not=None, about=None):
        self.rows, self.arms, self.settings = rows, arms, settings
        self.history = _frame(arms, 'epoch', 'name', 'value') if history is None else history
        self.items = _frame(arms, 'figure', 'items', 'right') if items is None else items
        self.why_not, self.about, self.edited = why_not, about or {}, None

    @property
    def caption(self):
        """When a record was made and how long that took; empty where the table is none."""
        if 'recorded' not in self.about:
            return ''
        return f'Recorded on {self.about["recorded"]}, in {self.about["minutes"]:g} minutes of one core.'

    @property
    def chosen(self):
        """The rows at the setting that was chosen for each arm."""
        return self.rows[self.rows['chosen'].astype(bool)] if len(self.rows) else self.rows

    def unit(self, figure):
        """The unit of a figure, or None for a share: only shares have points."""
        return {**UNITS, **self.about.get('units', {})}.get(figure)

    def right(self, figure, **where):
        """Which items were right at the chosen settings, or None where the record does not say.

        Returns
        -------
        dict of int to numpy.ndarray of bool, or None
            By seed.
        """
        found = keep(self.items, [{'figure': figure, **where}], ['figure', *where])
        if not len(found) or len(found) != len(self.of(**where)):
            return None
        return {line.seed: unpack(line.items, line.right) for line in found.itertuples()}

    def of(self, **where):
        """The chosen rows with these values in these columns: ``table.of(arm='frozen', pictures=50)``.

        Returns
        -------
        pandas.DataFrame
            Without rows where the table has none.
        """
        return keep(self.chosen, [where], list(where)) if len(self.rows) else self.rows

    def mean(self, figure='test', **where):
        """Mean of a figure over the chosen rows with these values; nan where there are none."""
        rows = self.of(**where)
        return float(rows[figure].mean()) if len(rows) else float('nan')

    def best(self, by='arm', figure='test', **where):
        """The value of the column `by` with the highest mean of a figure; None where there are no rows."""
        rows = self.of(**where)
        return rows.groupby(by, sort=False)[figure].mean().idxmax() if len(rows) else None

    def report(self, function):
        """Show what a function makes of the chosen rows; where there are none, say why.

        Parameters
        ----------
        function : callable
            ``function(rows)`` returns what is shown, or prints and returns None.
        """
        if not len(self.rows):
            say(f'Nothing to show: {self.why_not}')
            return
        shown = function(self.chosen)
        if isinstance(shown, pandas.DataFrame) and self.caption:
            shown = _Captioned(shown, self.caption)
        if shown is not None:
            display(shown)

    def joined(self, other):
        """The rows of two studies of the same arms in one table, so that arms of one can be compared with
        arms of the other.

        Parameters
        ----------
        other : Table
            Its units must be the same.

        Returns
        -------
        Table
            Empty, with the reason, where one of the two is.

        Raises
        ------
        CourseError
            If the columns of the arms or of the settings differ, the units do, or an arm is in both.
        """
        if (self.arms, self.settings) != (other.arms, other.settings):
            raise CourseError(f'Two tables can be joined if their arms and settings have the same columns; '
                              f'these have {self.arms + self.settings} and {other.arms + other.settings}.')
        units = self.about.get('units', {})
        if units != other.about.get('units', {}):
            raise CourseError('Two tables can be joined if their figures have the same units; these have '
                              f"{units} and {other.about.get('units', {})}.")
        if not (len(self.rows) and len(other.rows)):
            return other if len(self.rows) else self
        mine, theirs = ({same(row, self.arms) for row in each.rows.to_dict('records')}
                        for each in (self, other))
        if mine & theirs:
            raise CourseError(f'Both tables have the arm {min(mine & theirs, key=str)}.')
        frames = [pandas.concat([getattr(each, part) for each in (self, other)], ignore_index=True)
                  for part in ('rows', 'history', 'items')]
        about = {'units': units}
        if self.caption and other.caption:
            about |= {'recorded': max(self.about['recorded'], other.about['recorded']),
                      'minutes': round(self.about['minutes'] + other.about['minutes'], 1)}
        found = Table(frames[0], self.arms, self.settings, *frames[1:],
                      why_not=self.why_not or other.why_not, about=about)
        found.edited = self.edited or other.edited
        return found

    @property
    def summary(self):
        """pandas.DataFrame: a line for each arm, its chosen setting, and mean ± standard deviation of each
        figure.
        """
        if not len(self.rows):
            return pandas.DataFrame(columns=self.arms)
        figures = [name for name in self.rows if name == 'validation' or name.startswith('test')]
        lines = []
        for _, rows in self.chosen.groupby(self.arms, sort=False, dropna=False):
            lines.append({**{name: rows[name].iloc[0] for name in [*self.arms, *self.settings]},
                          **{name: spread(rows[name]) for name in figures}, 'seeds': len(rows)})
        return pandas.DataFrame(lines)

    def __repr__(self):
        if not len(self.rows):
            return f'an empty table: {self.why_not}'
        return _under(self.summary.to_string(index=False, na_rep=''), self.caption)

    def _repr_html_(self):
        if not len(self.rows):
            return f'<p>an empty table: {self.why_not}</p>'
        return _captioned(self.summary.to_html(index=False, border=0, na_rep=''), self.caption)


class _Captioned:
    """What a lesson makes of a record, and under it that it is one."""

    def __init__(self, frame, caption):
        self._frame, self._caption = frame, caption

    def __repr__(self):
        return _under(repr(self._frame), self._caption)

    def _repr_html_(self):
        return _captioned(self._frame._repr_html_(), self._caption)


def _under(text, caption):
    return f'{text}\n({caption})' if caption else text


def _captioned(html, caption):
    if not caption:
        return html
    start = '<caption style="caption-side: bottom; text-align: left">'
    return html.replace('<thead', f'{start}{caption}</caption><thead', 1)


def spread(values):
    """Mean ± standard deviation over the seeds, as text."""
    if values.isna().all():
        return ''
    return f'{values.mean():.3f}' + (f' ± {values.std():.3f}' if len(values) > 1 else '')


def recorded(record, profile=None):
    """A committed record as it stands, whatever data are at hand: to set the figures of another lesson, or of
    the other profile, beside one's own.

    Parameters
    ----------
    record : str
        Name of the record in ``data/results``.
    profile : {'embedded', 'full'}, optional
        By default the present one.

    Returns
    -------
    Table

    Raises
    ------
    CourseError
        If there is no such record.
    """
    path = path_of(record, profile)
    if not path.exists():
        profile = path.stem.rpartition('-')[2]
        names = sorted(each.stem.removesuffix(f'-{profile}')
                       for each in settings.results.glob(f'[0-9]*-{profile}.csv'))
        raise CourseError(f'There is no record of {record!r} for the {profile} profile; there are '
                          f'{", ".join(names) or "none"}.')
    return read(path)


def path_of(record, profile=None):
    """Where the CSV file of a record is; by default of the present profile."""
    return settings.results / f'{record}-{profile or settings.profile}.csv'


def read(path):
    """The `Table` that the files of a record hold."""
    about_path = path.with_suffix('.json')
    about = json.loads(about_path.read_text(encoding='utf-8'))
    beside = [_beside(path, name) for name in ('history', 'items')]
    for each in (path, about_path, *beside):
        provenance.read(each)
    return Table(read_csv(path), about['arms'], about['settings'],
                 *(read_csv(each) if each.exists() else None for each in beside), about=about)


def write(table, path):
    """Write the files of a record, each whole or not at all."""
    design = ['seed', *table.arms, *table.settings]
    figures = [name for name in table.rows.select_dtypes('number') if name not in design]
    rows = table.rows.round(dict.fromkeys(figures, DIGITS))  # a rate of 1e-6 must stay what it is
    write_whole(path, rows.to_csv(index=False, lineterminator='\n'))
    history = table.history.round({'value': DIGITS})
    for frame, beside in ((history, _beside(path, 'history')), (table.items, _beside(path, 'items'))):
        if len(frame):
            write_whole(beside, frame.to_csv(index=False, lineterminator='\n'))
        else:
            beside.unlink(missing_ok=True)
    write_about(path, {**table.about, 'arms': table.arms, 'settings': table.settings})


def write_about(path, about):
    """Write what a record says of itself."""
    lines = [f' {json.dumps(key)}: {json.dumps(about[key], sort_keys=True, ensure_ascii=False)}'
             for key in sorted(about)]
    write_whole(path.with_suffix('.json'), '{\n' + ',\n'.join(lines) + '\n}\n')


def _beside(path, name):
    return path.with_name(f'{path.stem}-{name}.csv')


def _frame(arms, *columns):
    return pandas.DataFrame(columns=['seed', *arms, *columns])


def pack(right):
    """Which items were right, compactly.

    Parameters
    ----------
    right : numpy.ndarray of bool, shape (n,)

    Returns
    -------
    (int, str)
        n, and a bit for each item in base64.
    """
    return len(right), base64.b64encode(numpy.packbits(right).tobytes()).decode()


def unpack(n, packed):
    """What `pack` has packed."""
    return numpy.unpackbits(numpy.frombuffer(base64.b64decode(packed), 'uint8'), count=n).astype(bool)


def read_csv(path):
    """A CSV file as it was written: 'None' and 'NA' are words, floats are exact."""
    return pandas.read_csv(path, keep_default_na=False, na_values=[''], float_precision='round_trip')


def _plain(value):
    """A value of an arm or a setting as it comes out of a CSV file: 2 and 2.0 and '2' are one, and so are
    None and a column without a value.
    """
    if value is None or value != value:
        return None
    if type(value) in (int, float):  # most are, and text takes ten times as long
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def arm_columns(arm):
    """The columns of an arm that is given by its name, or by its columns."""
    return {'arm': arm} if isinstance(arm, str) else arm


def same(row, names):
    """What two rows (of a record, of a plan) have in common if they are the same in the columns `names`."""
    return tuple(_plain(row.get(name)) for name in names)


def keep(frame, rows, names):
    """The rows of a table that are among `rows` in the columns `names`."""
    wanted = {same(row, names) for row in rows}
    if not len(frame):
        return frame
    columns = [map(_plain, frame[name] if name in frame else [None] * len(frame)) for name in names]
    found = zip(*columns, strict=True) if columns else [()] * len(frame)
    return frame.loc[[values in wanted for values in found]]
