"""A recorded experiment: one function of the lesson over arms x settings x seeds.

Some hundred runs do not fit into a lesson, so `study` normally returns the committed record. The makers'
commands set ``D2LHELPERS_RECORD``:

- ``run`` computes the record, unless it is up to date. ``D2LHELPERS_RUNS`` names a folder where each finished
  run is kept: an interrupt loses the runs of that moment alone, and several processes share the work (see
  `runs`).
- ``check`` runs a few rows again and fails where they no longer come out.
- ``confirm`` does so for three rows of every study, and where they are equal notes that the present package
  makes it.
"""
import contextlib
import dataclasses
import datetime
import functools
import itertools
import math
import os
import platform
import re
import time
from collections import Counter
from pathlib import Path

import numpy
import pandas

from . import edits, engines, provenance, records, warning_signs
from .environment import settings
from .errors import CourseError
from .messages import quietly, say
from .records import Table, keep, same
from .runs import Runs, key

_CONFIRMED = 3  # rows of a study
# of all studies of a kernel together; seconds of the machine of the record
_checks_left = {'rows': 3, 'seconds': 20}
_LONGEST = 25  # seconds of a row: a study of longer ones is checked by `make results CONFIRM=1` alone
# allowed difference of a figure on the kind of CPU of the record; on others, and there in standard deviations
# over the seeds, too: in training a last digit grows, until a run is as another seed would be
_NEAR, _ELSEWHERE, _DEVIATIONS = 1e-6, .02, 3


def study(run, arms, grid, seeds, *, record, data, units=None, choose_on=None, live=False, each=map):
    """Run, or recall, an experiment over arms x settings x seeds.

    Parameters
    ----------
    run : callable
        ``run(seed, **arm, **setting)`` builds, trains and returns a dict of named figures. ``validation``
        chooses the setting; figures named ``test…`` are kept only where it was chosen. A figure may also be
        an array of bool, true where a test item was right (`correct`): the figure is its share, and which
        items were right is kept for comparisons. ``**trained_on(net, examples, history)`` adds what training
        says and what the network says in use. A `training.History` under the name ``history`` is kept too,
        where the setting was chosen.
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
    choose_on : iterable of int, optional
        Seeds whose mean ``validation`` chooses the settings, some of `seeds` or others; by default all of
        `seeds`. The other seeds are then run at the chosen settings alone, which saves most of the time.
    live : bool
        Compute everything here and now instead of recalling the record. Interrupt (the stop button) keeps the
        runs that were finished, if `run` returns its history; claims are not judged from a part of a study.
    each : callable, optional
        How runs are computed, where any are: like `map`, in the order of the runs. ``view.imap`` of a view of
        ipyparallel computes them on its engines, which need what `run` uses (``%%px --local`` above the cells
        that define it).

    Returns
    -------
    Table

    Raises
    ------
    CourseError
        If the arms are not given equally many settings, `data` has no dataset or something without a
        fingerprint, `run` does not return what it should, or a record no longer comes out.
    """
    seeds = list(seeds)
    plan = _Plan(arms, grid, seeds, seeds if choose_on is None else list(choose_on))
    about = {**_known(data if isinstance(data, list | tuple) else [data]), 'units': units or {}}
    if live:
        return _live(run, plan, about, each)
    mode = os.environ.get('D2LHELPERS_RECORD')
    if mode not in (None, '', 'run', 'check', 'confirm'):
        raise CourseError(f"D2LHELPERS_RECORD is {mode!r}; it can be 'run' (compute the records), 'check' "
                          "(run some rows again) or 'confirm' (run some rows again after a change of the "
                          'package).')
    code = provenance.notebook_code(run)
    provenance.note_study(record, code=code, data=about['data'])
    if mode == 'run' and not _up_to_date(plan, about, record, code):
        _record(run, plan, about, record, code, engines.each_of(run) or each)
    table = _recall(plan, about, record)
    if mode == 'check':
        _check(run, plan, table, record)
    elif mode == 'confirm':
        _confirm(run, plan, table, record, code)
    elif not mode:
        _compare_code(run, plan, table, record, code)
    return table


class _Plan:
    """Which runs a study has, each as (seed, arm, setting)."""

    def __init__(self, arms, grid, seeds, choosing):
        self.arms, self.seeds, self.choosing = arms, seeds, choosing
        self.choices = [grid.get(arm.get('arm'), []) if isinstance(grid, dict) else grid for arm in arms]
        if len({len(each) for each in self.choices}) != 1 or not (seeds and choosing and self.choices[0]):
            raise CourseError('Every arm must be given the same number of settings, and there must be seeds: '
                              f'the arms have {[len(each) for each in self.choices]} settings, and there are '
                              f'{len(seeds)} seeds.')
        # columns in order of appearance
        self.columns = list(dict.fromkeys(itertools.chain.from_iterable(arms)))
        settings_of_all = itertools.chain.from_iterable(self.choices)
        self.settings = list(dict.fromkeys(itertools.chain.from_iterable(settings_of_all)))
        self.design = [*self.columns, *self.settings]
        self.place = ['seed', *self.design]  # the columns that name a run
        self.others = [seed for seed in seeds if seed not in choosing]
        self.size = len(choosing) * len(arms) * len(self.choices[0]) + len(self.others) * len(arms)

    def first(self):
        """The runs that choose the settings, seeds outermost, so that an unfinished study has every arm."""
        return [(seed, arm, setting) for seed in self.choosing
                for arm, each in zip(self.arms, self.choices, strict=True) for setting in each]

    def second(self, chosen):
        """The runs of the other seeds, at the settings that were chosen (lines with the columns of arms and
        settings).
        """
        wanted = {same(line, self.design) for line in chosen}
        return [(seed, arm, setting) for seed in self.others
                for arm, each in zip(self.arms, self.choices, strict=True) for setting in each
                if same({**arm, **setting}, self.design) in wanted]

    def all(self, chosen):
        """All runs, given the settings that were chosen."""
        return self.first() + self.second(chosen)

    def items(self, chosen):
        """All runs, each by its place."""
        return {same({'seed': seed, **arm, **setting}, self.place): (seed, arm, setting)
                for seed, arm, setting in self.all(chosen)}

    def made(self, rows):
        """Are the rows of a table those of all runs, each as often as it should be?"""
        asked = [{'seed': seed, **arm, **setting} for seed, arm, setting
                 in self.all(rows[rows['chosen'].astype(bool)].to_dict('records'))]
        return _runs(rows.to_dict('records'), self.place) == _runs(asked, self.place)


def _known(parts):
    """What a record says of the data it was made from."""
    sizes = [len(part.test) for part in parts if hasattr(part, 'test')]
    if not sizes or not all(getattr(part, 'fingerprint', None) for part in parts):
        raise CourseError('The data of a study must include a dataset, and otherwise only things with '
                          'a fingerprint: datasets and pretrained backbones.')
    return {'data': [part.fingerprint for part in parts], 'n_test': min(sizes)}


# ---- computing ---------------------------------------------------------------------------------------------

@dataclasses.dataclass
class _Result:
    """What a run returned, in a form that JSON can write."""

    figures: dict
    items: dict  # by figure how many there are, and which of them were right, see records.pack
    seconds: float
    history: list | None  # lines (epoch, name, value)
    package: dict  # hashes of the modules whose functions the run called, where that was watched
    threads: int


def _plain(run, units, item, watched=False):
    """One run, here or on an engine, in a form that JSON can write."""
    watch = provenance.modules_run if watched else contextlib.nullcontext
    return dataclasses.asdict(_once(run, units, *item, watch))


def _once(run, units, seed, arm, setting, watch=contextlib.nullcontext):
    """One run. What the package says would drown the lesson.

    With `provenance.modules_run` to watch it, also the modules of the package whose functions it called.
    """
    start = time.process_time()  # of one core: other work on the machine does not count
    with quietly(), watch() as modules:
        figures = run(seed, **arm, **setting)
    if not isinstance(figures, dict) or 'validation' not in figures:
        found = sorted(figures) if isinstance(figures, dict) else type(figures).__name__
        raise CourseError("The function of a study must return a dict with a figure named 'validation', "
                          f'used to choose the setting; it returned {found}.')
    history = figures.get('history')
    # fit has taken the press for itself, but the study was meant
    if history is not None and history.interrupted:
        raise KeyboardInterrupt
    items = {name: records.pack(value) for name, value in figures.items()
             if isinstance(value, numpy.ndarray) and value.dtype == bool and value.ndim == 1 and len(value)}
    # in the record, figures begin with validation
    figures = {name: float(numpy.mean(figures[name])) for name in ['validation', *figures]
               if name != 'history'}
    if not math.isfinite(figures['validation']):
        raise CourseError(f"The figure 'validation' is {figures['validation']} with seed {seed}, {arm}, "
                          f"{setting}: no setting can be chosen by such a figure.")
    for name, value in figures.items():
        if abs(value) > 1 and name not in {**records.UNITS, **units}:
            raise CourseError(f'The figure {name!r} is {value:g}, so it is not a share: name its unit, '
                              f"study(…, units={{{name!r}: '…'}}), '' if it has none.")
    return _Result(figures, items, round(time.process_time() - start, 2),
                   None if history is None else history.table.values.tolist(),
                   _stamp(modules or ()), int(os.environ.get('OMP_NUM_THREADS', 0)))


def _live(run, plan, about, each):
    from .progress import bar

    items, results, why_not = [], [], None
    one = functools.partial(_plain, run, about['units'])

    def compute(some):
        for item, result in zip(some, engines.told(each, one, some), strict=True):
            results.append(_Result(**result))
            items.append(item)
            progress.update()

    with bar(plan.size, 'Study') as progress:
        try:
            compute(plan.first())
            compute(plan.second(_choice(plan, _rows(plan, items, results))))
        except KeyboardInterrupt:
            why_not = f'The study was interrupted after {len(results)} of {plan.size} runs.'
            say(why_not)
    return _table(plan, items, results, about, why_not) if results else _empty(plan, why_not, about)


def _up_to_date(plan, about, record, code):
    """Is there a record of these very runs, of this code and of these data?"""
    path = records.path_of(record, _profile(record, about))
    if not (code and path.exists()):  # outside of IPython nothing is known of the code
        return False
    table = records.read(path)
    made_from = {name: table.about.get(name) for name in ('code', 'data', 'units', 'package')}
    now = {'code': code, 'data': about['data'], 'units': about['units'],
           'package': _stamp(made_from['package'] or ())}
    return made_from == now and plan.made(table.rows)


def _record(run, plan, about, record, code, each):
    """Compute all runs, together with other processes where there are any, and write the record."""
    folder = os.environ.get('D2LHELPERS_RUNS')
    runs = Runs(Path(folder) / key(record, about, code), plan.size) if folder else None

    one, seen = functools.partial(_plain, run, about['units']), []

    def first_of_its_arm(item):
        # each arm may call other modules; once is enough, and costs time
        arm = item[1]
        if arm in seen:
            return False
        seen.append(arm)
        return True

    def compute(item):
        return one(item, first_of_its_arm(item))

    def on_engines(items):
        return engines.told(each, one, items, [first_of_its_arm(item) for item in items])

    def all_of(items):
        if each is map:
            results = runs.all(items, compute) if runs else map(compute, items)
        else:
            results = runs.asked_for(items, on_engines) if runs else on_engines(items)
        return [_Result(**result) for result in results]

    items = plan.first()
    results = all_of(items)
    more = plan.second(_choice(plan, _rows(plan, items, results)))
    items, results = items + more, results + (all_of(more) if more else [])
    package = {name: stamp for result in results for name, stamp in result.package.items()}
    about = {**about, 'code': code, 'package': package, 'cpu': _cpu(),
             'recorded': datetime.date.today().isoformat(),
             'minutes': round(sum(result.seconds for result in results) / 60, 1),
             'threads': max(result.threads for result in results),
             'versions': {name: provenance.version(name) for name in ('mxnet', 'numpy')}}
    records.write(_table(plan, items, results, about), records.path_of(record))


def _stamp(modules):
    return {name: provenance.module_hash(name) for name in sorted(modules)}


def _cpu():
    """The kind of CPU: figures are the same from run to run only on the same kind. The name alone may be that
    of several generations.
    """
    try:
        told = dict(re.findall(r'^(.+?)\s*: (.+)$', Path('/proc/cpuinfo').read_text(), re.MULTILINE))
    except OSError:
        told = {}
    if 'model name' not in told:
        return platform.processor() or platform.machine()
    return f'{told["model name"].strip()}, family {told.get("cpu family")}, model {told.get("model")}'


def _empty(plan, why_not, about):
    columns = [*plan.place, 'validation', 'test', 'chosen']
    return Table(pandas.DataFrame(columns=columns), plan.columns, plan.settings, why_not=why_not, about=about)


def _rows(plan, items, results):
    """A line for each run."""
    figures = dict.fromkeys(itertools.chain.from_iterable(result.figures for result in results))
    return pandas.DataFrame([{'seed': seed, **arm, **setting, **result.figures, 'seconds': result.seconds}
                             for (seed, arm, setting), result in zip(items, results, strict=True)],
                            columns=[*plan.place, *figures, 'seconds'])


def _choice(plan, rows):
    """The setting of each arm with the highest mean validation figure, as lines."""
    choosing = rows[rows['seed'].isin(plan.choosing)]
    means = choosing.groupby(plan.design, sort=False, dropna=False)['validation'].mean().reset_index()
    best = means.groupby(plan.columns, sort=False, dropna=False)['validation'].idxmax()
    return means.loc[best].to_dict('records')


def _table(plan, items, results, about, why_not=None):
    """Rows, choice, histories and test items of the runs of a study."""
    rows = _rows(plan, items, results)
    at_best = keep(rows, _choice(plan, rows), plan.design).index
    rows['chosen'] = rows.index.isin(at_best) & rows['seed'].isin(plan.seeds)
    rows.loc[~rows['chosen'], [name for name in rows if name.startswith('test')]] = float('nan')

    histories, right = [], []
    for (seed, arm, _), result, chosen in zip(items, results, rows['chosen'], strict=True):
        place = (seed, *(arm.get(name) for name in plan.columns))
        if chosen:
            histories += [(*place, *line) for line in result.history or ()]
            right += [(*place, name, *packed) for name, packed in result.items.items()]
    lead = ['seed', *plan.columns]
    return Table(rows, plan.columns, plan.settings,
                 pandas.DataFrame(histories, columns=[*lead, 'epoch', 'name', 'value']),
                 pandas.DataFrame(right, columns=[*lead, 'figure', 'items', 'right']), why_not, about)


# ---- recalling and checking --------------------------------------------------------------------------------

def _recall(plan, about, record):
    def nothing(why):
        say(why)
        return _empty(plan, why, about)

    profile = _profile(record, about)
    path = provenance.read(records.path_of(record, profile))
    if not path.exists():
        return nothing(f'There is no record of {record!r} for the {settings.profile} profile: study(…, '
                       'live=True) computes it here.')
    table = records.read(path)
    if not _same_data(table, about):
        return nothing(f'The record of {record!r} was made from data or weights that differ from yours, so '
                       'it is not shown here: study(…, live=True) computes it from yours.')
    lead = ['seed', *plan.columns]
    places = [{'seed': seed, **arm} for seed in {*plan.seeds, *plan.choosing} for arm in plan.arms]
    rows = keep(table.rows, places, lead)
    if not len(rows):
        return nothing(f'The record of {record!r} has none of the arms and seeds asked for: study(…, '
                       'live=True) computes them.')
    why_not = None
    there = {same(row, plan.columns) for row in rows.to_dict('records')}
    absent = [str(arm) for arm in plan.arms if same(arm, plan.columns) not in there]
    if absent:
        say(f'The record of {record!r} has no runs for {", ".join(absent)}: study(…, live=True) '
            'computes them.')
    elif not plan.made(rows):
        why_not = 'recorded with other settings or seeds than yours'
        say(f'The record of {record!r} was made with other settings or seeds than asked for, and is shown as '
            'it is, so claims about it are not judged: study(…, live=True) computes yours.')
    found = Table(rows, plan.columns, [name for name in plan.settings if name in rows],
                  *(keep(each, places, lead) for each in (table.history, table.items)), why_not=why_not,
                  about={**table.about, 'units': about['units']})
    warning_signs.report(found, record, profile)
    return found


def _profile(record, about):
    """Of which profile the record is: the present one, or, where it has none, the embedded one, if that was
    made from the same data, as in a lesson that draws its pictures in both.
    """
    if provenance.read(records.path_of(record)).exists():  # noted also where it is missing: it may come
        return settings.profile
    drawn = records.path_of(record, 'embedded')
    return 'embedded' if drawn.exists() and _same_data(records.read(drawn), about) else settings.profile


def _same_data(table, about):
    from .datasets.fingerprints import same

    theirs, ours = table.about['data'], about['data']
    return len(theirs) == len(ours) and all(map(same, theirs, ours))


def _compare_code(run, plan, table, record, code):
    """Claims from a record are not judged where the learner's code is another one."""
    names = edits.changed(table.about.get('code', {}), code) if code and len(table.rows) else []
    if not names:
        return
    items = plan.items(table.chosen.to_dict('records'))

    def again(row):
        item = items.get(same(row, plan.place))
        return item and _once(run, table.about['units'], *item).figures

    table.edited = edits.Edited(names, again)
    table.why_not = table.edited.why
    say(f'{record} was {table.why_not}. What is shown is the record, so claims about it are not judged. '
        'study(…, live=True) runs all of it with your code.')


def _runs(rows, names):
    """Which runs there are, and how often each."""
    return Counter(same(row, names) for row in rows)


def _rows_to_check(plan, table, record):
    """Recorded rows at their chosen setting and the first seed, each with its item of the plan, in a good
    order.
    """
    if not len(table.rows):
        raise CourseError(f'The record of {record!r} cannot be checked: {table.why_not}')
    if not plan.made(table.rows):
        raise CourseError(f'The record of {record!r} was made with other arms, settings or seeds than the '
                          'lesson has now: run make results.')
    # the longest of the seeds: some runs found a network that another run in their kernel had trained
    names = [name for name in plan.place if name != 'seed']
    seconds = table.chosen.groupby(names, dropna=False)['seconds'].transform('max')
    chosen = table.chosen.assign(seconds=seconds)
    first = chosen[chosen['seed'] == chosen['seed'].iloc[0]].sort_values('seconds', kind='stable')
    items = plan.items(table.chosen.to_dict('records'))
    # the quickest of each method first, not the quickest method alone
    turn = first.groupby(table.arms[0], sort=False, dropna=False).cumcount()
    for row in first.loc[turn.sort_values(kind='stable').index].to_dict('records'):
        yield row, items[same(row, plan.place)]


def _allowed(table, row, names):
    """How far each figure of a run may be from the recorded one."""
    shares = {name: max(1, abs(row[name])) for name in names}  # figures with a unit may be large
    if table.about.get('cpu') == _cpu():
        return {name: _NEAR * share for name, share in shares.items()}
    seeds = table.of(**{name: row[name] for name in table.arms})
    apart = seeds[list(names)].std().fillna(0)
    return {name: max(_ELSEWHERE * share, _DEVIATIONS * apart[name]) for name, share in shares.items()}


def _difference(row, figures, record, allowed):
    """The name of the figure that is furthest beyond what is allowed, by how much it differs, and what is
    allowed.
    """
    if missing := sorted(set(figures) - set(row)):
        raise CourseError(f'The record of {record!r} has no figure {missing[0]!r}: run make results.')
    apart = {name: 0. if math.isnan(value) and math.isnan(row[name])
             else abs(numpy.round(value, records.DIGITS) - row[name])
             for name, value in figures.items()}
    allowed = allowed(row, figures)
    worst = max(apart, key=lambda name: math.inf if math.isnan(apart[name]) else apart[name] / allowed[name])
    return worst, apart[worst], allowed[worst]


def _check(run, plan, table, record):
    """Run a few recorded rows again: one of every study, others as the kernel's budget allows."""
    for place, (row, item) in enumerate(_rows_to_check(plan, table, record)):
        if not place and row['seconds'] > _LONGEST:
            say(f'Not checked again here: {record}, whose quickest run takes {row["seconds"]:.0f} seconds '
                '(make results CONFIRM=1 does).')
            return
        if place and (_checks_left['rows'] < 1 or _checks_left['seconds'] < row['seconds']):
            continue
        _checks_left['rows'] -= 1
        _checks_left['seconds'] -= row['seconds']
        figures = _once(run, table.about['units'], *item).figures
        name, apart, allowed = _difference(row, figures, record, functools.partial(_allowed, table))
        told = f'seed {item[0]}, {item[1]}, {item[2]}'
        if not apart <= allowed:
            raise CourseError(f'The record of {record!r} no longer comes out: {told}: {name} is '
                              f'{figures[name]:.5f}, recorded {row[name]:.5f} (allowed difference '
                              f'{allowed:g}). If the change is meant, run make results.')
        say(f'Checked again: {record}, {told}.')


def _confirm(run, plan, table, record, code):
    """Run three recorded rows again; where they come out equal, the present package makes this record."""
    path = records.path_of(record)
    about = records.read(path).about if path.exists() else {}
    if about.get('code') != code:  # others of the same lesson may be confirmed all the same
        say(f'Not confirmed: {record}, which was never computed, or with other code in the notebook.')
        return
    modules = set(about.get('package', ()))
    for _, (row, item) in zip(range(_CONFIRMED), _rows_to_check(plan, table, record), strict=False):
        result = _once(run, table.about['units'], *item, provenance.modules_run)
        modules |= set(result.package)
        name, apart, _ = _difference(row, result.figures, record,
                                     lambda _, names: dict.fromkeys(names, _NEAR))
        if not apart <= _NEAR:
            raise CourseError(f'The record of {record!r} no longer comes out with this package: seed '
                              f'{item[0]}, {item[1]}, {item[2]}: {name} is {result.figures[name]:.5f}, '
                              f'recorded {row[name]:.5f}: run make results.')
    records.write_about(path, {**about, 'package': _stamp(sorted(modules))})
    say(f'Confirmed: {record}.')
