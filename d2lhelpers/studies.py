"""A recorded experiment: one function of the lesson over arms x settings x seeds.

Some hundred runs do not fit into a lesson, so `study` normally returns the committed record. The makers'
commands set ``D2LHELPERS_RECORD``:

- ``run`` computes the record. ``D2LHELPERS_RUNS`` names the folder where each finished run is kept, so that
  an
  interrupt loses one run at most. ``D2LHELPERS_SHARE=0/2`` makes this process the first of two: it computes
  every second run and goes on with an empty table; a last process without a share finds all runs done and
  writes the record.
- ``check`` runs a few rows again and fails where they no longer come out.
- ``confirm`` does so for three rows of every study, and where they are equal notes that the present package
  makes it.
"""
import contextlib
import datetime
import hashlib
import itertools
import json
import math
import os
import platform
import re
import time
from collections import Counter
from pathlib import Path

import pandas

from . import provenance, records
from .environment import settings
from .errors import CourseError
from .files import write_whole
from .messages import quietly, say
from .records import Table, keep, same

_CONFIRMED = 3  # rows of a study
# of all studies of a kernel together; seconds of the machine of the record
_checks_left = {'rows': 3, 'seconds': 20}
# allowed difference of a figure on the kind of CPU of the record, and on others
_NEAR, _ELSEWHERE = 1e-6, .02


def study(run, arms, grid, seeds, *, record, data, units=None, live=False):
    """Run, or recall, an experiment over arms x settings x seeds.

    Parameters
    ----------
    run : callable
        ``run(seed, **arm, **setting)`` builds, trains and returns a dict of named figures. ``validation``
        chooses the setting; figures named ``test…`` are kept only where it was chosen. A `training.History`
        under the name ``history`` is kept there too.
    arms : list of dict
        Their keys become columns: ``dict(arm='fine-tuned', pictures=50)``. Values, here and in `grid`, are
        text, numbers, bool or None.
    grid : list of dict, or dict of list of dict
        The settings that every arm is given: ``dict(lr=.01)``. As a dict, a list for each value of the column
        ``arm``, all equally long.
    seeds : iterable of int
    record : str
        Name of the record in ``data/results``.
    data : Dataset, or sequence
        What the experiment runs on: the dataset, or several, and whatever else with a ``fingerprint`` goes
        into the figures, such as a pretrained backbone. A record made from others is not shown beside them.
    units : dict of str to str, optional
        Units of the figures that are no shares: ``{'divergence': 'nats', 'distance': ''}``.
    live : bool
        Compute everything here and now instead of recalling the record. Interrupt (the stop button) keeps the
        runs that were finished, if `run` returns its history; claims are not judged from a part of a study.

    Returns
    -------
    Table

    Raises
    ------
    CourseError
        If the arms are not given equally many settings, `data` has no dataset or something without a
        fingerprint, `run` does not return what it should, or a record no longer comes out.
    """
    plan = _plan(arms, grid, list(seeds))
    about = {**_known(data if isinstance(data, list | tuple) else [data]), 'units': units or {}}
    if live:
        return _live(run, plan, about)
    mode = os.environ.get('D2LHELPERS_RECORD')
    if mode not in (None, '', 'run', 'check', 'confirm'):
        raise CourseError(f"D2LHELPERS_RECORD is {mode!r}; it can be 'run' (compute the records), 'check' "
                          "(run some rows "
                          "again) or 'confirm' (run some rows again after a change of the package).")
    code = provenance.notebook_code(run)
    provenance.note_study(record, code=code, data=about['data'])
    if mode == 'run' and not _compute(run, plan, about, record, code):
        return _empty(plan, 'Other processes compute the rest of this record.', about)
    table = _recall(plan, about, record)
    if mode == 'check':
        _check(run, plan, table, record)
    elif mode == 'confirm':
        _confirm(run, plan, table, record, code)
    return table


def _plan(arms, grid, seeds):
    """All runs as (seed, arm, setting), seeds outermost, so that an unfinished study has every arm."""
    choices = [grid.get(arm.get('arm'), []) if isinstance(grid, dict) else grid for arm in arms]
    if len({len(each) for each in choices}) != 1 or not seeds or not len(choices[0]):
        raise CourseError('Every arm must be given the same number of settings, and there must be seeds: the '
                          'arms have '
                          f'{[len(each) for each in choices]} settings, and there are {len(seeds)} seeds.')
    return [(seed, arm, setting) for seed in seeds
            for arm, each in zip(arms, choices, strict=True) for setting in each]


def _known(parts):
    """What a record says of the data it was made from."""
    sizes = [len(part.test) for part in parts if hasattr(part, 'test')]
    if not sizes or not all(getattr(part, 'fingerprint', None) for part in parts):
        raise CourseError('The data of a study must include a dataset, and otherwise only things with '
                          'a fingerprint: datasets '
                          'and pretrained backbones.')
    return {'data': [part.fingerprint for part in parts], 'n_test': min(sizes)}


# ---- computing ---------------------------------------------------------------------------------------------

def _once(run, units, seed, arm, setting, watch=contextlib.nullcontext):
    """One run: its figures, its seconds and its history in long form. What the package says would drown the
    lesson.

    With `provenance.modules_run` to watch it, also the modules of the package whose functions it called.
    """
    start = time.perf_counter()
    with quietly(), watch() as modules:
        figures = run(seed, **arm, **setting)
    if not isinstance(figures, dict) or 'validation' not in figures:
        found = sorted(figures) if isinstance(figures, dict) else type(figures).__name__
        raise CourseError("The function of a study must return a dict with a figure named 'validation', "
                          "used to "
                          f'choose the setting; it returned {found}.')
    history = figures.get('history')
    # fit has taken the press for itself, but the study was meant
    if history is not None and history.interrupted:
        raise KeyboardInterrupt
    # in the record, figures begin with validation
    figures = {name: float(figures[name]) for name in ['validation', *figures] if name != 'history'}
    if not math.isfinite(figures['validation']):
        raise CourseError(f"The figure 'validation' is {figures['validation']} with seed {seed}, {arm}, "
                          f"{setting}: no "
                          'setting can be chosen by such a figure.')
    for name, value in figures.items():
        if abs(value) > 1 and name not in units:
            raise CourseError(f'The figure {name!r} is {value:g}, so it is not a share: name its unit, '
                              f"study(…, units={{{name!r}: '…'}}), '' if it has none.")
    return {'figures': figures, 'seconds': round(time.perf_counter() - start, 2),
            'history': None if history is None else history.table.values.tolist(),
            'modules': sorted(modules or ()),
            'threads': int(os.environ.get('OMP_NUM_THREADS', 0))}


def _live(run, plan, about):
    from .progress import bar

    results, why_not = [], None
    with bar(len(plan), 'Study') as progress:
        try:
            for item in plan:
                results.append(_once(run, about['units'], *item))
                progress.update()
        except KeyboardInterrupt:
            why_not = f'The study was interrupted after {len(results)} of {len(plan)} runs.'
            say(why_not)
    return _table(plan[:len(results)], results, about, why_not) if results else _empty(plan, why_not, about)


def _compute(run, plan, about, record, code):
    """Compute this process's share of the runs; if all are done then, write the record. Returns whether it
    did.
    """
    # whoever sets it sees to it that no run of other code is in there
    folder = os.environ.get('D2LHELPERS_RUNS')
    share, shares = map(int, (os.environ.get('D2LHELPERS_SHARE') or '0/1').split('/'))
    results = {}
    files = [None] * len(plan)
    if folder:
        folder = Path(folder) / _key(record, about, plan)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'total').write_text(str(len(plan)))
        files = [folder / f'{_key(*item)}.json' for item in plan]
    # in an order that spreads slow arms and settings over all shares
    for place in sorted(range(len(plan)), key=lambda place: _key(*plan[place]))[share::shares]:
        if not (folder and files[place].exists()):
            # once is enough, and costs time
            watch = contextlib.nullcontext if results else provenance.modules_run
            results[place] = _once(run, about['units'], *plan[place], watch)
            if folder:
                write_whole(files[place], json.dumps(results[place]))
    if folder:
        results = {place: json.loads(file.read_text()) for place, file in enumerate(files) if file.exists()}
    if shares > 1 or len(results) < len(plan):
        return False
    results = [results[place] for place in range(len(plan))]
    modules = sorted({name for result in results for name in result['modules']})
    seconds = sum(result['seconds'] for result in results)
    about = {**about, 'code': code, 'package': _stamp(modules), 'cpu': _cpu(),
             'recorded': datetime.date.today().isoformat(), 'minutes': round(seconds / 60, 1),
             'threads': max(result['threads'] for result in results),
             'versions': {name: provenance.version(name) for name in ('mxnet', 'numpy')}}
    records.write(_table(plan, results, about), records.path_of(record))
    return True


def _stamp(modules):
    return {name: provenance.module_hash(name) for name in modules}


def _cpu():
    """The kind of CPU: figures are the same from run to run only on the same kind."""
    try:
        name = re.search(r'model name\s*: (.+)', Path('/proc/cpuinfo').read_text())
    except OSError:
        name = None
    return name[1].strip() if name else platform.processor() or platform.machine()


def _key(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _columns(plan, place):
    """The columns of the arms (place 1) or of the settings (place 2), in order of appearance."""
    return list(dict.fromkeys(itertools.chain.from_iterable(item[place] for item in plan)))


def _empty(plan, why_not, about):
    arms, choices = _columns(plan, 1), _columns(plan, 2)
    return Table(pandas.DataFrame(columns=['seed', *arms, *choices, 'validation', 'test', 'chosen']), arms,
                 choices,
                 pandas.DataFrame(columns=['seed', *arms, 'epoch', 'name', 'value']), why_not, about)


def _table(plan, results, about, why_not=None):
    """Rows, choice and histories of the runs of a study."""
    arms, choices = _columns(plan, 1), _columns(plan, 2)
    rows = pandas.DataFrame([{'seed': seed, **arm, **setting, **result['figures'],
                              'seconds': result['seconds']}
                             for (seed, arm, setting), result in zip(plan, results, strict=True)])
    rows = rows[[name for name in ['seed', *arms, *choices] if name in rows]
                + [name for name in rows if name not in ('seed', *arms, *choices)]]
    means = rows.groupby(arms + choices, sort=False, dropna=False)['validation'].mean().reset_index()
    best = means.loc[means.groupby(arms, sort=False, dropna=False)['validation'].idxmax()]
    rows['chosen'] = rows.index.isin(keep(rows, best.to_dict('records'), arms + choices).index)
    rows.loc[~rows['chosen'], [name for name in rows if name.startswith('test')]] = float('nan')
    histories = [(seed, *(arm.get(name) for name in arms), *line)
                 for (seed, arm, _), result, chosen in zip(plan, results, rows['chosen'], strict=True)
                 if chosen and result['history'] for line in result['history']]
    return Table(rows, arms, choices,
                 pandas.DataFrame(histories, columns=['seed', *arms, 'epoch', 'name', 'value']),
                 why_not, about)


# ---- recalling and checking --------------------------------------------------------------------------------

def _recall(plan, about, record):
    from .datasets.fingerprints import same as same_data

    def nothing(why):
        say(why)
        return _empty(plan, why, about)

    path = provenance.read(records.path_of(record))  # also where it is missing: it may come
    if not path.exists():
        return nothing(f'There is no record of {record!r} for the {settings.profile} profile: study(…, '
                       'live=True) '
                       'computes it here.')
    table = records.read(path)
    theirs, ours = table.about['data'], about['data']
    if len(theirs) != len(ours) or not all(map(same_data, theirs, ours)):
        return nothing(f'The record of {record!r} was made from data or weights that differ from yours, so '
                       'it is not '
                       'shown here: study(…, live=True) computes it from yours.')
    arms, choices = _columns(plan, 1), _columns(plan, 2)
    asked = [{'seed': seed, **arm, **setting} for seed, arm, setting in plan]
    rows = keep(table.rows, asked, ['seed', *arms])
    if not len(rows):
        return nothing(f'The record of {record!r} has none of the arms and seeds asked for: study(…, '
                       'live=True) computes '
                       'them.')
    there = {same(row, arms) for row in rows.to_dict('records')}
    absent = {same(arm, arms): str(arm) for _, arm, _ in plan if same(arm, arms) not in there}
    design = ['seed', *arms, *choices]
    if absent:
        say(f'The record of {record!r} has no runs for {", ".join(absent.values())}: study(…, live=True) '
            'computes them.')
    elif _runs(rows.to_dict('records'), design) != _runs(asked, design):
        say(f'The record of {record!r} was made with other settings or seeds than asked for, and is shown as '
            'it is: '
            'study(…, live=True) computes yours.')
    return Table(rows, arms, [name for name in choices if name in rows],
                 keep(table.history, asked, ['seed', *arms]),
                 about={**table.about, 'units': about['units']})


def _runs(rows, names):
    """Which runs there are, and how often each."""
    return Counter(same(row, names) for row in rows)


def _rows_to_check(plan, table, record):
    """Recorded rows at their chosen setting and the first seed, each with its item of the plan, in a good
    order.
    """
    if table.why_not:
        raise CourseError(f'The record of {record!r} cannot be checked: {table.why_not}')
    design = ['seed', *table.arms, *_columns(plan, 2)]
    items = {same({'seed': seed, **arm, **setting}, design): (seed, arm, setting) for seed, arm,
             setting in plan}
    if _runs(table.rows.to_dict('records'), design) != Counter(items.keys()):
        raise CourseError(f'The record of {record!r} was made with other arms, settings or seeds than the '
                          'lesson has '
                          'now: run make results.')
    first = table.chosen[table.chosen['seed'] == table.chosen['seed'].iloc[0]].sort_values('seconds')
    # the quickest of each method first, not the quickest method alone
    turn = first.groupby(table.arms[0], sort=False, dropna=False).cumcount()
    for row in first.loc[turn.sort_values(kind='stable').index].to_dict('records'):
        yield row, items[same(row, design)]


def _difference(row, figures, record):
    """The name of the figure that differs most from the recorded one, and by how much."""
    if missing := sorted(set(figures) - set(row)):
        raise CourseError(f'The record of {record!r} has no figure {missing[0]!r}: run make results.')
    apart = {name: 0. if math.isnan(value) and math.isnan(row[name])
             else abs(round(value, records.DIGITS) - row[name])
             for name, value in figures.items()}
    worst = max(apart, key=lambda name: math.inf if math.isnan(apart[name]) else apart[name])
    return worst, apart[worst]


def _check(run, plan, table, record):
    """Run a few recorded rows again: one in any case, others as the kernel's budget allows."""
    allowed = _NEAR if table.about.get('cpu') == _cpu() else _ELSEWHERE
    for place, (row, item) in enumerate(_rows_to_check(plan, table, record)):
        if place and (_checks_left['rows'] < 1 or _checks_left['seconds'] < row['seconds']):
            continue
        _checks_left['rows'] -= 1
        _checks_left['seconds'] -= row['seconds']
        figures = _once(run, table.about['units'], *item)['figures']
        name, apart = _difference(row, figures, record)
        told = f'seed {item[0]}, {item[1]}, {item[2]}'
        if not apart <= allowed * max(1, abs(row[name])):  # figures with a unit may be large
            raise CourseError(f'The record of {record!r} no longer comes out: {told}: {name} is '
                              f'{figures[name]:.5f}, '
                              f'recorded {row[name]:.5f} (allowed difference {allowed:g}). If the change is '
                              'meant, run '
                              'make results.')
        say(f'Checked again: {record}, {told}.')


def _confirm(run, plan, table, record, code):
    """Run three recorded rows again; where they come out equal, the present package makes this record."""
    path = records.path_of(record)
    about = records.read(path).about
    if about.get('code') != code:
        differ = sorted(name for name in {**about.get('code', {}), **code}
                        if about.get('code', {}).get(name) != code.get(name))
        raise CourseError(f'The record of {record!r} was made with other code in the notebook '
                          f'({", ".join(differ)}): run '
                          'make results.')
    modules = set(about.get('package', ()))
    for _, (row, item) in zip(range(_CONFIRMED), _rows_to_check(plan, table, record), strict=False):
        result = _once(run, table.about['units'], *item, provenance.modules_run)
        modules |= set(result['modules'])
        name, apart = _difference(row, result['figures'], record)
        if not apart <= _NEAR:
            raise CourseError(f'The record of {record!r} no longer comes out with this package: seed '
                              f'{item[0]}, '
                              f'{item[1]}, {item[2]}: {name} is {result["figures"][name]:.5f}, recorded '
                              f'{row[name]:.5f}: '
                              'run make results.')
    records.write_about(path, {**about, 'package': _stamp(sorted(modules))})
    say(f'Confirmed: {record}.')
