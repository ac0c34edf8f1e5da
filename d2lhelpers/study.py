"""A recorded experiment: one function of the lesson over arms x settings x seeds.

Some hundred runs do not fit into a lesson, so `study` normally returns the committed record. The makers' commands set ``D2LHELPERS_RECORD``: ``run``
computes the record, ``check`` runs a few rows again and fails where they no longer come out. ``D2LHELPERS_RUNS`` names the folder by which several
processes share the runs of a record, and in which an interrupt leaves the finished ones; without it each process computes them all.
"""
import contextlib
import fcntl
import hashlib
import io
import itertools
import json
import math
import os
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pandas

from .errors import CourseError
from .files import write_whole
from .profile import PROFILE, ROOT
from .progress import bar

RESULTS = ROOT / 'data' / 'results'
_checks_left = {'rows': 3, 'seconds': 20}  # of all studies of a kernel together; seconds of the machine that made the record


class Table:
    """The outcome of a study; prints as mean ± standard deviation over the seeds.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row for each run: seed, the arm's columns, the setting's columns, the figures, ``chosen``. Figures whose names start with ``test`` are
        known only where the setting was chosen.
    arms, settings : list of str
        The columns that name an arm, and those that name a setting.
    history : pandas.DataFrame
        Columns seed, the arm's, epoch, name, value: the course of training at the chosen settings. Empty if the runs returned none.
    why_not : str or None
        Why claims cannot be judged from this table (other data than the record's, interrupted), if so.
    """

    def __init__(self, rows, arms, settings, history, why_not=None):
        self.rows, self.arms, self.settings, self.history, self.why_not = rows, arms, settings, history, why_not

    @property
    def chosen(self):
        """The rows at the setting that was chosen for each arm."""
        return self.rows[self.rows['chosen'].astype(bool)] if len(self.rows) else self.rows

    @property
    def summary(self):
        """pandas.DataFrame: one line an arm, with its chosen setting and each figure as mean ± standard deviation over the seeds."""
        if not len(self.rows):
            return pandas.DataFrame(columns=self.arms)
        figures = [name for name in self.rows if name == 'validation' or name.startswith('test')]
        lines = []
        for _, rows in self.chosen.groupby(self.arms, sort=False, dropna=False):
            lines.append({**{name: rows[name].iloc[0] for name in [*self.arms, *self.settings]},
                          **{name: spread(rows[name]) for name in figures}, 'seeds': len(rows)})
        return pandas.DataFrame(lines)

    def __repr__(self):
        return self.summary.to_string(index=False, na_rep='') if len(self.rows) else f'an empty table: {self.why_not}'

    def _repr_html_(self):
        return self.summary.to_html(index=False, border=0, na_rep='') if len(self.rows) else f'<p>an empty table: {self.why_not}</p>'


def spread(values):
    """Mean ± standard deviation over the seeds, as text."""
    if values.isna().all():
        return ''
    return f'{values.mean():.3f}' + (f' ± {values.std():.3f}' if len(values) > 1 else '')


def study(run, arms, grid, seeds, *, record, data, live=False):
    """Run, or recall, an experiment over arms x settings x seeds.

    Parameters
    ----------
    run : callable
        ``run(seed, **arm, **setting)`` builds, trains and returns a dict of named figures. ``validation`` chooses the setting; figures named
        ``test…`` are kept only where it was chosen. A `training.History` under the name ``history`` is kept there too.
    arms : list of dict
        Their keys become columns: ``dict(arm='fine-tuned', pictures=50)``. Values, here and in `grid`, are text, numbers, bool or None.
    grid : list of dict, or dict of list of dict
        The settings that every arm is given: ``dict(lr=.01)``. As a dict, a list for each value of the column ``arm``, all equally long.
    seeds : iterable of int
    record : str
        Name of the record in ``data/results``.
    data : Dataset, or sequence
        What the experiment runs on: the dataset, or several, and whatever else with a ``fingerprint`` goes into the figures, such as a pretrained
        backbone. A record made from others is not shown beside them.
    live : bool
        Compute everything here and now instead of recalling the record. Interrupt (the stop button) keeps the runs that were finished, if `run`
        returns its history; claims are not judged from a part of a study.

    Returns
    -------
    Table

    Raises
    ------
    CourseError
        If the arms are not given equally many settings, `data` has no dataset or something without a fingerprint, `run` does not return what it
        should, or a record no longer comes out.
    """
    plan = _plan(arms, grid, list(seeds))
    known = _known(data if isinstance(data, list | tuple) else [data])
    path = RESULTS / f'{record}-{PROFILE}.csv'
    mode = os.environ.get('D2LHELPERS_RECORD')
    if mode not in (None, '', 'run', 'check'):
        raise CourseError(f"D2LHELPERS_RECORD is {mode!r}; it can be 'run' (compute the records) or 'check' (run some rows again).")
    if live:
        return _live(run, plan, known)
    if mode == 'run':
        runs = os.environ.get('D2LHELPERS_RUNS')  # whoever sets it sees to it that no run of other code is in there
        results = _shared(run, plan, Path(runs) / _key(record, known, plan)) if runs else [_once(run, *item) for item in plan]
        _write(_table(plan, results, known), path)
    table = _recall(path, plan, known, record)
    if mode == 'check':
        _check(run, plan, table, record)
    return table


def recorded(record, profile=PROFILE):
    """A committed record as it stands, whatever data are at hand: to set the figures of another lesson, or of the other profile, beside one's own.

    Parameters
    ----------
    record : str
        Name of the record in ``data/results``.
    profile : {'embedded', 'full'}

    Returns
    -------
    Table

    Raises
    ------
    CourseError
        If there is no such record.
    """
    path = RESULTS / f'{record}-{profile}.csv'
    if not path.exists():
        names = sorted(path.stem.removesuffix(f'-{profile}') for path in RESULTS.glob(f'[0-9]*-{profile}.csv'))
        raise CourseError(f'There is no record of {record!r} for the {profile} profile; there are {", ".join(names)}.')
    return table_of(path)


def table_of(path):
    """The `Table` that the CSV file of a record holds."""
    rows = read(path)
    # The columns stand in the order seed, arm, setting, figures; one setting is chosen for each arm, so the arm's columns are those it takes
    # to tell the chosen rows of a seed apart.
    columns = list(rows)
    design = columns[columns.index('seed') + 1:columns.index('validation')]
    chosen = rows[rows['chosen'].astype(bool)]
    arms = next((design[:n] for n in range(1, len(design)) if not chosen.duplicated(['seed', *design[:n]]).any()), design)
    history = read(_history_path(path)) if _history_path(path).exists() else pandas.DataFrame(columns=['seed', *arms, 'epoch', 'name', 'value'])
    return Table(rows, arms, design[len(arms):], history)


def _plan(arms, grid, seeds):
    """All runs as (seed, arm, setting), seeds outermost, so that an unfinished study has every arm."""
    settings = [grid.get(arm.get('arm'), []) if isinstance(grid, dict) else grid for arm in arms]
    if len({len(each) for each in settings}) != 1 or not seeds or not len(settings[0]):
        raise CourseError(f'Every arm must be given the same number of settings, and there must be seeds: the arms have '
                          f'{[len(each) for each in settings]} settings, and there are {len(seeds)} seeds.')
    return [(seed, arm, setting) for seed in seeds for arm, each in zip(arms, settings, strict=True) for setting in each]


def _known(parts):
    """What a record says of the data it was made from."""
    sizes = [len(part.test) for part in parts if hasattr(part, 'test')]
    if not sizes or not all(isinstance(getattr(part, 'fingerprint', None), str) for part in parts):
        raise CourseError('The data of a study must hold a dataset, and beside it only what has a fingerprint: datasets and pretrained backbones.')
    return {'data': ' '.join(part.fingerprint for part in parts), 'n_test': min(sizes)}


def _key(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _plain(value):
    """A value of an arm or a setting as it comes out of a CSV file: 2 and 2.0 and '2' are one, and so are None and a column without a value."""
    if value is None or value != value:
        return None
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def _same(row, names):
    """What two rows (of a record, of a plan) have in common if they are the same in the columns `names`."""
    return tuple(_plain(row.get(name)) for name in names)


def keep(frame, rows, names):
    """The rows of a table that are among `rows` in the columns `names`."""
    wanted = {_same(row, names) for row in rows}
    return frame.loc[[_same(row, names) in wanted for row in frame.to_dict('records')]]


def _runs(rows, names):
    """Which runs there are, and how often each."""
    return Counter(_same(row, names) for row in rows)


def _names(plan, place):
    """The columns of the arms (place 1) or of the settings (place 2), in order of appearance."""
    return list(dict.fromkeys(itertools.chain.from_iterable(item[place] for item in plan)))


def _once(run, seed, arm, setting):
    """One run: its figures, its seconds and its history in long form. What it prints would drown the lesson, so it is not shown."""
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        figures = run(seed, **arm, **setting)
    if not isinstance(figures, dict) or 'validation' not in figures:
        found = sorted(figures) if isinstance(figures, dict) else type(figures).__name__
        raise CourseError("The function of a study must return a dict with a figure named 'validation', which chooses the setting; "
                          f'it returned {found}.')
    history = figures.get('history')
    if history is not None and history.interrupted:  # fit has taken the press for itself, but the whole study was meant
        raise KeyboardInterrupt
    figures = {name: float(figures[name]) for name in ['validation', *figures] if name != 'history'}  # in the record, figures begin with validation
    if not math.isfinite(figures['validation']):
        raise CourseError(f"The figure 'validation' is {figures['validation']} with seed {seed}, {arm}, {setting}: no setting can be chosen by that.")
    return {'figures': figures, 'seconds': round(time.perf_counter() - start, 2),
            'history': None if history is None else history.table.values.tolist()}


def _live(run, plan, known):
    results, why_not = [], None
    with bar(len(plan), 'Study') as progress:
        try:
            for item in plan:
                results.append(_once(run, *item))
                progress.update()
        except KeyboardInterrupt:
            why_not = f'The study was interrupted after {len(results)} of {len(plan)} runs.'
            print(why_not)
    return _table(plan[:len(results)], results, known, why_not) if results else _empty(plan, why_not)


def _shared(run, plan, folder):
    """Compute all runs together with any other process that does the same; what was finished before an interrupt is kept.

    Each run has a file that is locked while a process works on it: the lock goes with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'total').write_text(str(len(plan)))
    files = [folder / f'{_key(*item)}.json' for item in plan]
    for wait in (False, True):  # first what nobody works on, then wait for the others (and take over what one of them left)
        for item, file in zip(plan, files, strict=True):
            if file.exists():
                continue
            with open(file.with_suffix('.lock'), 'w') as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                except BlockingIOError:
                    continue
                if not file.exists():
                    write_whole(file, json.dumps(_once(run, *item)))
    return [json.loads(file.read_text()) for file in files]


def _empty(plan, why_not):
    arms, settings = _names(plan, 1), _names(plan, 2)
    return Table(pandas.DataFrame(columns=['seed', *arms, *settings, 'validation', 'test', 'chosen']), arms, settings,
                 pandas.DataFrame(columns=['seed', *arms, 'epoch', 'name', 'value']), why_not)


def _table(plan, results, known, why_not=None):
    """Rows, choice and histories of the runs of a study."""
    arms, settings = _names(plan, 1), _names(plan, 2)
    rows = pandas.DataFrame([{'seed': seed, **arm, **setting, **result['figures'], 'seconds': result['seconds']}
                             for (seed, arm, setting), result in zip(plan, results, strict=True)])
    means = rows.groupby(arms + settings, sort=False, dropna=False)['validation'].mean().reset_index()
    best = means.loc[means.groupby(arms, sort=False, dropna=False)['validation'].idxmax()]
    rows['chosen'] = rows.index.isin(keep(rows, best.to_dict('records'), arms + settings).index)
    rows.loc[~rows['chosen'], [name for name in rows if name.startswith('test')]] = float('nan')
    for name, value in {**known, 'threads': os.environ.get('OMP_NUM_THREADS'), 'mxnet': version('mxnet'), 'numpy': version('numpy')}.items():
        rows[name] = value
    histories = [(seed, *(arm.get(name) for name in arms), *line) for (seed, arm, _), result, chosen
                 in zip(plan, results, rows['chosen'], strict=True) if chosen and result['history'] for line in result['history']]
    return Table(rows, arms, settings, pandas.DataFrame(histories, columns=['seed', *arms, 'epoch', 'name', 'value']), why_not)


def _history_path(path):
    return path.with_name(f'{path.stem}-history.csv')


def _write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    design = ['seed', *table.arms, *table.settings]
    rows = table.rows.round({name: 5 for name in table.rows.select_dtypes('number') if name not in design})  # a rate of 1e-6 must stay what it is
    write_whole(path, rows.to_csv(index=False, lineterminator='\n'))
    if len(table.history):
        write_whole(_history_path(path), table.history.round({'value': 5}).to_csv(index=False, lineterminator='\n'))
    else:
        _history_path(path).unlink(missing_ok=True)


def read(path):
    """A CSV file as it was written: 'None' and 'NA' are words, digits are not a fingerprint's number, floats are exact."""
    return pandas.read_csv(path, dtype={'data': str}, keep_default_na=False, na_values=[''], float_precision='round_trip')


def _recall(path, plan, known, record):
    def nothing(why):
        print(why)
        return _empty(plan, why)

    if not path.exists():
        return nothing(f'There is no record of {record!r} for the {PROFILE} profile: study(…, live=True) computes it here.')
    rows = read(path)
    if rows['data'].iloc[0] != known['data']:
        return nothing(f'The record of {record!r} was made from other data or weights than these, so it is not shown beside them: '
                       'study(…, live=True) computes it from yours.')
    arms, settings = _names(plan, 1), _names(plan, 2)
    asked = [{'seed': seed, **arm, **setting} for seed, arm, setting in plan]
    rows = keep(rows, asked, ['seed', *arms])
    if not len(rows):
        return nothing(f'The record of {record!r} has none of the arms and seeds asked for: study(…, live=True) computes them.')
    recorded = {_same(row, arms) for row in rows.to_dict('records')}
    absent = {_same(arm, arms): str(arm) for _, arm, _ in plan if _same(arm, arms) not in recorded}
    if absent:
        print(f'The record of {record!r} has no runs for {", ".join(absent.values())}: study(…, live=True) computes them.')
    elif _runs(rows.to_dict('records'), ['seed', *arms, *settings]) != _runs(asked, ['seed', *arms, *settings]):
        print(f'The record of {record!r} was made with other settings or seeds than asked for, and is shown as it is: '
              'study(…, live=True) computes yours.')
    history = read(_history_path(path)) if _history_path(path).exists() else _empty(plan, None).history
    return Table(rows, arms, [name for name in settings if name in rows], keep(history, asked, ['seed', *arms]))


def _check(run, plan, table, record):
    """Run a few recorded rows again, at their chosen setting and the first seed: one in any case, others as the kernel's budget allows."""
    if table.why_not:
        raise CourseError(f'The record of {record!r} cannot be checked: {table.why_not}')
    design = ['seed', *table.arms, *_names(plan, 2)]
    items = {_same({'seed': seed, **arm, **setting}, design): (seed, arm, setting) for seed, arm, setting in plan}
    if _runs(table.rows.to_dict('records'), design) != Counter(items.keys()):
        raise CourseError(f'The record of {record!r} was made with other arms, settings or seeds than the lesson has now: run make results.')
    first = table.chosen[table.chosen['seed'] == table.chosen['seed'].iloc[0]].sort_values('seconds')
    turn = first.groupby(table.arms[0], sort=False, dropna=False).cumcount()  # the quickest of each method first, not the quickest method alone
    for place, row in enumerate(first.loc[turn.sort_values(kind='stable').index].to_dict('records')):
        if place and (_checks_left['rows'] < 1 or _checks_left['seconds'] < row['seconds']):
            continue
        _checks_left['rows'] -= 1
        _checks_left['seconds'] -= row['seconds']
        seed, arm, setting = items[_same(row, design)]
        same = keep(table.chosen, [arm], table.arms)
        for name, value in _once(run, seed, arm, setting)['figures'].items():
            if name not in row:
                raise CourseError(f'The record of {record!r} has no figure {name!r}: run make results.')
            allowed = max(.05, 3 * same[name].std())
            if not abs(value - row[name]) <= allowed:
                raise CourseError(f'The record of {record!r} no longer comes out: seed {seed}, {arm}, {setting}: {name} is {value:.3f}, '
                                  f'recorded {row[name]:.3f} (allowed difference {allowed:.3f}). If the change is meant, run make results.')
        print(f'Checked again: {record}, seed {seed}, {arm}, {setting}.')
