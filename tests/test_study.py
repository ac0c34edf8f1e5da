"""Recorded experiments: computed together, resumed, recalled, checked. The functions of these studies train nothing."""
import asyncio
import fcntl
import importlib
import inspect
import math
import os
import subprocess
import sys
import time
import types
from concurrent.futures import ThreadPoolExecutor

from d2lhelpers import CourseError, study
from d2lhelpers.authoring import execute

import nbformat
import pandas
import pytest
from nbformat.v4 import new_code_cell, new_notebook

module = importlib.import_module('d2lhelpers.study')  # the package's name `study` is the function

ARMS = [{'arm': 'fine-tuned', 'pictures': 25}, {'arm': 'fine-tuned', 'pictures': 50}, {'arm': 'scratch', 'pictures': 25}]
GRID = [{'lr': .001}, {'lr': .1}, {'lr': 1e-6}]
SEEDS = range(3)
calls = []


def data(fingerprint='abc', n=100):
    return types.SimpleNamespace(fingerprint=fingerprint, test=range(n))


def history(*values, interrupted=False):
    return types.SimpleNamespace(table=pandas.DataFrame([(epoch, 'loss', value) for epoch, value in enumerate(values)],
                                                        columns=['epoch', 'name', 'value']), interrupted=interrupted)


def run(seed, arm, pictures, lr):
    """.1 is best for the fine-tuned, 1e-6 for scratch."""
    calls.append((seed, arm, pictures, lr))
    best = {'fine-tuned': .1, 'scratch': 1e-6}[arm]
    right = .6 + pictures / 500 + (.2 if lr == best else 0) + seed / 100
    return {'validation': right, 'test': right - .05, 'source': .5, 'history': history(1, lr * 1000, seed / 10)}


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(module, 'RESULTS', tmp_path / 'results')
    monkeypatch.setattr(module, '_checks_left', {'rows': 3, 'seconds': 20})
    monkeypatch.delenv('D2LHELPERS_RECORD', raising=False)
    monkeypatch.delenv('D2LHELPERS_RUNS', raising=False)
    calls.clear()
    return tmp_path / 'results'


@pytest.fixture
def mode(monkeypatch):
    return lambda name: monkeypatch.setenv('D2LHELPERS_RECORD', name)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder in which finished runs are kept and shared."""
    monkeypatch.setenv('D2LHELPERS_RUNS', str(tmp_path / 'runs'))
    return tmp_path / 'runs'


def ask(run=run, arms=ARMS, grid=GRID, seeds=SEEDS, data=data(), **options):  # noqa: B008 - it is never changed
    return study(run, arms, grid, seeds, record='99_study', data=data, **options)


@pytest.fixture
def recorded(mode, monkeypatch, capsys):
    """A record, and nothing printed or called yet."""
    mode('run')
    table = ask()
    monkeypatch.delenv('D2LHELPERS_RECORD')
    calls.clear()
    capsys.readouterr()
    return table


# --- live: rows, choice, histories


def test_live_computes_every_run_and_writes_nothing(results):
    table = ask(live=True)
    assert len(calls) == len(table.rows) == 27 and not results.exists() and table.why_not is None
    assert list(table.rows)[:7] == ['seed', 'arm', 'pictures', 'lr', 'validation', 'test', 'source']
    assert table.arms == ['arm', 'pictures'] and table.settings == ['lr']
    assert set(table.rows['data']) == {'abc'} and set(table.rows['n_test']) == {100} and set(table.rows['mxnet']) == {'1.9.1'}


def test_the_mean_validation_figure_chooses_and_test_figures_are_kept_only_there():
    table = ask(live=True)
    assert len(table.chosen) == 9
    assert table.chosen.groupby(['arm', 'pictures'])['lr'].unique().map(list).to_dict() == {
        ('fine-tuned', 25): [.1], ('fine-tuned', 50): [.1], ('scratch', 25): [1e-6]}
    assert table.chosen['test'].notna().all() and table.rows.loc[~table.rows['chosen'], 'test'].isna().all()
    assert table.rows[['validation', 'source']].notna().all(axis=None)


def test_the_mean_over_the_seeds_not_the_best_seed():
    scores = {(0, .1): .9, (1, .1): .1, (0, .2): .6, (1, .2): .6}
    table = ask(lambda seed, arm, lr: {'validation': scores[seed, lr]}, [{'arm': 'a'}], [{'lr': .1}, {'lr': .2}], range(2), live=True)
    assert set(table.chosen['lr']) == {.2}


def test_summary():
    table = ask(live=True)
    assert list(table.summary) == ['arm', 'pictures', 'lr', 'validation', 'test', 'seeds']
    assert table.summary['validation'].tolist() == ['0.860 ± 0.010', '0.910 ± 0.010', '0.860 ± 0.010']
    assert '0.810 ± 0.010' in repr(table) and '0.810 ± 0.010' in table._repr_html_()
    assert ask(seeds=[7], live=True).summary['test'].tolist() == ['0.870', '0.920', '0.870']


def test_histories_of_the_chosen_runs():
    table = ask(live=True)
    assert list(table.history) == ['seed', 'arm', 'pictures', 'epoch', 'name', 'value'] and len(table.history) == 27
    assert table.history.query("arm == 'scratch' and seed == 2")['value'].tolist() == [1, .001, .2]
    assert len(ask(lambda seed, arm: {'validation': 1}, [{'arm': 'a'}], [{}], [0], live=True).history) == 0


def test_a_study_without_settings():
    table = ask(lambda seed, arm: {'test_a': 1, 'validation': seed}, [{'arm': 'a'}, {'arm': 'b'}], [{}], range(2), live=True)
    assert table.rows['chosen'].all() and table.settings == [] and list(table.summary) == ['arm', 'validation', 'test_a', 'seeds']  # in this order


def test_what_a_run_prints_is_not_shown(capsys):
    def loud(seed, arm):
        print('very loud')
        return {'validation': 1}

    ask(loud, [{'arm': 'a'}], [{}], [0], live=True)
    assert 'loud' not in capsys.readouterr().out


@pytest.mark.parametrize('settings', [
    {'a': [{'lr': .1, 'decay': .5}, {'lr': .2, 'decay': .5}], 'b': [{'layers': 2}, {'layers': None}]},
    [{'layers': 0, 'augment': 'None'}, {'layers': 4, 'augment': None}, {'layers': 4, 'augment': 'NA'}],
    [{'frozen': True}, {'frozen': False}, {'frozen': None}],
    [{'rate': 1 / 3}, {'rate': 'cosine'}, {'rate': 1}],
    [{'cut': '1'}, {'cut': '02'}, {'cut': 'a,"b'}],
], ids=['other keys for each arm', 'text and numbers', 'bool', 'mixed', 'digits'])
@pytest.mark.parametrize('arms', [[{'arm': 'a', 'pictures': 50}, {'arm': 'b', 'pictures': None}], [{'arm': 'a', 'parts': 'a'}, {'arm': 'b'}],
                                  [{'arm': 'a'}, {'arm': 'b'}], [{'arm': 'a', 'parts': None}, {'arm': 'b', 'parts': None}]],
                         ids=['a size for one', 'text for one', 'name only', 'nothing for all'])
def test_settings_survive_the_file(settings, arms, mode, capsys):
    """Missing and None, text that looks like a number or like nothing: recorded, recalled and checked."""
    def of(arm):
        return settings[arm['arm']] if isinstance(settings, dict) else settings

    def run(seed, **design):
        got.append(design)
        setting = {name: value for name, value in design.items() if name not in ('arm', 'pictures', 'parts')}
        return {'validation': of(design).index(setting) / 10, 'test': .5, 'history': history(1.)}  # the last setting wins

    got = []
    mode('run')
    live, table = ask(run, arms, settings, range(2), live=True), ask(run, arms, settings, range(2))
    assert 'record' not in capsys.readouterr().out
    for each in (live, table):
        assert len(each.rows) == 4 * len(of(arms[0]))
        assert len(each.chosen) == 4 and each.chosen['test'].notna().all() and len(each.summary) == 2 and len(each.history) == 4
        assert set(each.settings) == {name for arm in arms for setting in of(arm) for name in setting}
    assert table.rows['chosen'].tolist() == live.rows['chosen'].tolist()
    got.clear()
    mode('check')
    ask(run, arms, settings, range(2))
    assert {repr(design) for design in got} == {repr({**arm, **of(arm)[-1]}) for arm in arms}  # run again just as they were given


# --- the record


def test_the_record_is_recalled_and_nothing_runs(recorded, results, capsys):
    table = ask()
    assert calls == [] and capsys.readouterr().out == '' and table.why_not is None
    pandas.testing.assert_frame_equal(table.rows, recorded.rows)
    pandas.testing.assert_frame_equal(table.history, recorded.history)
    live = ask(live=True)
    assert table.arms == live.arms and table.settings == live.settings
    pandas.testing.assert_frame_equal(table.rows.drop(columns=['seconds', 'threads']), live.rows.drop(columns=['seconds', 'threads']))
    pandas.testing.assert_frame_equal(table.history, live.history)
    assert repr(table) == repr(live)
    assert sorted(path.name for path in results.glob('*.csv')) == ['99_study-embedded-history.csv', '99_study-embedded.csv']


def test_small_rates_are_not_rounded_but_figures_are(mode):
    mode('run')
    rates = [3e-7, 1 / 3, .00987633446591477]  # of the last, pandas by itself reads all digits but one
    table = ask(lambda seed, arm, lr: {'validation': 1 / 3, 'history': history(1 / 3)}, [{'arm': 'a'}], [{'lr': rate} for rate in rates], [0])
    assert table.rows['lr'].tolist() == rates and set(table.rows['validation']) == {.33333} and set(table.history['value']) == {.33333}


def test_an_old_history_does_not_outlive_its_record(recorded, results, mode):
    mode('run')
    ask(lambda seed, arm, pictures, lr: {'validation': 1})
    assert [path.name for path in results.glob('*.csv')] == ['99_study-embedded.csv']


def test_part_of_the_arms_and_seeds(recorded, capsys):
    table = ask(arms=ARMS[1:], seeds=[0, 2])
    assert len(table.rows) == 12 and len(table.chosen) == 4
    assert set(table.rows['seed']) == set(table.history['seed']) == {0, 2}
    assert set(zip(table.history['arm'], table.history['pictures'], strict=True)) == {('fine-tuned', 50), ('scratch', 25)}
    assert capsys.readouterr().out == ''


def test_arms_without_record_are_named(recorded, capsys):
    table = ask(arms=[*ARMS, {'arm': 'scratch', 'pictures': 400}])
    assert len(table.rows) == 27
    assert "The record of '99_study' has no runs for {'arm': 'scratch', 'pictures': 400}: study(…, live=True)" in capsys.readouterr().out
    nothing = ask(arms=[{'arm': 'frozen', 'pictures': 25}])
    assert len(nothing.rows) == 0 and 'has none of the arms' in nothing.why_not
    assert len(ask(arms=[{'arm': 'scratch', 'pictures': 25, 'longer': True}]).rows) == 0


@pytest.mark.parametrize('other', [{'grid': GRID[:2]}, {'grid': [*GRID, {'lr': 1.}]}, {'seeds': range(4)}, {'arms': [{'arm': 'fine-tuned'}]}])
def test_other_settings_or_seeds_are_said(recorded, capsys, other):
    assert len(ask(**other).chosen)
    assert 'was made with other settings or seeds than asked for' in capsys.readouterr().out


def test_no_record(capsys):
    table = ask()
    assert calls == [] and len(table.rows) == len(table.chosen) == len(table.history) == 0
    assert table.why_not in capsys.readouterr().out and 'There is no record' in table.why_not
    assert 'There is no record' in repr(table) and 'There is no record' in table._repr_html_() and len(table.summary) == 0


@pytest.mark.parametrize('fingerprint', ['abd', ['abc', 'abc'], '007', '12e4'])
def test_other_data_than_the_record_s(recorded, fingerprint):
    others = [data(each) for each in fingerprint] if isinstance(fingerprint, list) else data(fingerprint)
    table = ask(data=others)
    assert len(table.rows) == 0 and 'other data or weights than these' in table.why_not


def test_weights_count_as_data_do(mode, monkeypatch):
    backbone, other = types.SimpleNamespace(fingerprint='weights'), types.SimpleNamespace(fingerprint='others')
    mode('run')
    assert set(ask(data=[backbone, data()]).rows['n_test']) == {100}
    monkeypatch.delenv('D2LHELPERS_RECORD')
    assert len(ask(data=[backbone, data()]).rows) == 27
    for changed in ([other, data()], [data()], [data(), backbone]):
        assert 'other data or weights than these' in ask(data=changed).why_not


@pytest.mark.parametrize('nothing', [types.SimpleNamespace(fingerprint='weights'), [], [data(), types.SimpleNamespace()], [data(None)]])
def test_data_without_a_dataset_or_a_fingerprint(nothing):
    with pytest.raises(CourseError, match='must hold a dataset, and beside it only what has a fingerprint'):
        ask(data=nothing)


@pytest.mark.parametrize('fingerprints', [['12e4'], ['0071'], ['abc', '12'], ['NA']])
def test_the_same_data_again(fingerprints, mode, capsys):
    """A fingerprint may look like a number; of several datasets all count, and the smallest test part."""
    datasets = [data(each, n) for each, n in zip(fingerprints, (100, 30), strict=False)]
    mode('run')
    table = ask(data=datasets)
    assert len(table.rows) == 27 and set(table.rows['n_test']) == {min(len(each.test) for each in datasets)}
    if len(datasets) > 1:
        assert len(ask(data=datasets[:1]).rows) == 27  # computed anew: it is run mode


# --- computed together, resumed

SHARED = '''
import os
import time
from pathlib import Path

done = []


def run(seed, arm):
    hangs = Path(os.environ['FOLDER']) / 'hangs'
    while done and 'HANG' in os.environ:
        hangs.touch()
        time.sleep(.01)
    while 'HANG' not in os.environ and not hangs.exists():  # so that both take part, however fast either starts
        time.sleep(.01)
    done.append(seed)
    return {'validation': seed, 'test': os.getpid()}
'''
PROCESS = '''
import importlib
import sys
import types
from pathlib import Path
from d2lhelpers import study
sys.path.insert(0, sys.argv[1])
import shared
importlib.import_module('d2lhelpers.study').RESULTS = Path(sys.argv[1]) / 'results'
study(shared.run, [{'arm': 'a'}, {'arm': 'b'}], [{}], range(4), record='99_shared', data=types.SimpleNamespace(fingerprint='abc', test=range(9)))
'''


def test_two_processes_share_the_runs_and_one_takes_over_what_the_other_left(tmp_path, results, runs):
    (tmp_path / 'shared.py').write_text(SHARED)
    environment = {**os.environ, 'D2LHELPERS_PROFILE': 'embedded', 'D2LHELPERS_RECORD': 'run', 'D2LHELPERS_RUNS': str(runs), 'FOLDER': str(tmp_path)}
    killed, whole = (subprocess.Popen([sys.executable, '-c', PROCESS, str(tmp_path)], env={**environment, **more}) for more in ({'HANG': '1'}, {}))
    try:
        deadline = time.monotonic() + 60
        while len(list(runs.glob('*/*.json'))) < 7 and time.monotonic() < deadline:  # the eighth hangs in its second run
            time.sleep(.02)
        assert whole.poll() is None and not list(results.glob('*.csv'))
    finally:
        killed.kill()
        killed.wait()
    assert whole.wait(60) == 0
    rows = pandas.read_csv(results / '99_shared-embedded.csv')
    assert list(zip(rows['seed'], rows['arm'], strict=True)) == [(seed, arm) for seed in range(4) for arm in 'ab']
    assert rows['test'].tolist().count(killed.pid) == 1 and rows['test'].tolist().count(whole.pid) == 7
    assert [path.read_text() for path in runs.glob('*/total')] == ['8'] and not list(tmp_path.rglob('*.part'))


def test_what_the_other_finished_while_one_waited_is_not_repeated(tmp_path):
    plan = [(0, ARMS[0], GRID[0])]
    file = tmp_path / f'{module._key(*plan[0])}.json'
    with ThreadPoolExecutor(1) as thread, open(file.with_suffix('.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = thread.submit(module._shared, run, plan, tmp_path)
        time.sleep(.2)
        file.write_text('"theirs"')
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert waiting.result(20) == ['theirs'] and calls == []


def test_a_run_that_raises_leaves_what_was_finished(mode, runs):
    def fragile(seed, arm, pictures, lr):
        if len(calls) == 5 and len(raised) == 0:
            raised.append(seed)
            raise ZeroDivisionError
        return run(seed, arm, pictures, lr)

    raised = []
    mode('run')
    with pytest.raises(ZeroDivisionError):
        ask(fragile)
    assert len(ask(fragile).rows) == 27 and len(calls) == 27


def test_by_hand_nothing_is_kept_that_changed_code_could_take_up(mode, results):
    def other(seed, arm, pictures, lr):
        return {'validation': .1}

    mode('run')
    ask()
    assert set(ask(other).rows['validation']) == {.1}
    assert {path.suffix for path in results.rglob('*')} == {'.csv'}


def test_runs_with_other_data_are_not_taken_up(mode, runs):
    mode('run')
    ask()
    ask(data=data('other'))
    ask()
    assert len(calls) == 2 * 27


# --- check


def test_check_runs_three_rows_again(recorded, mode, capsys):
    mode('check')
    pandas.testing.assert_frame_equal(ask().rows, recorded.rows)
    assert sorted(calls) == [(0, 'fine-tuned', 25, .1), (0, 'fine-tuned', 50, .1), (0, 'scratch', 25, 1e-6)]
    assert capsys.readouterr().out.count('Checked again: 99_study, seed 0') == 3


def test_check_keeps_to_its_seconds(recorded, results, mode, monkeypatch):
    path = results / '99_study-embedded.csv'
    rows = pandas.read_csv(path)
    rows['seconds'] = 11
    rows.to_csv(path, index=False)
    mode('check')
    ask()
    assert len(calls) == 1
    calls.clear()
    monkeypatch.setattr(module, '_checks_left', {'rows': 3, 'seconds': 20})
    rows['seconds'] = rows['pictures'] + (rows['arm'] == 'scratch')  # 25, 50 and 26 seconds: more than it may take, so only the quickest
    rows.to_csv(path, index=False)
    ask()
    assert calls == [(0, 'fine-tuned', 25, .1)]


def test_the_studies_of_a_lesson_share_the_budget_of_the_check(recorded, mode, capsys):
    mode('check')
    for rows in (3, 1, 1):  # at least one of every study
        ask()
        assert len(calls) == capsys.readouterr().out.count('Checked again') == rows
        calls.clear()


def test_check_takes_every_method_before_a_second_row_of_one(mode):
    def run(seed, arm, pictures):
        calls.append((arm, pictures))
        return {'validation': .5}

    arms = [{'arm': arm, 'pictures': n} for arm in ('fine-tuned', 'frozen', 'scratch') for n in (25, 50, 100)]
    mode('run')
    table = ask(run, arms, [{}], [0])
    path = module.RESULTS / '99_study-embedded.csv'
    table.rows.assign(seconds=range(1, 10)).to_csv(path, index=False)  # scratch is the slowest: 7 seconds at least
    mode('check')
    calls.clear()
    ask(run, arms, [{}], [0])
    assert calls == [('fine-tuned', 25), ('frozen', 25), ('scratch', 25)]


def test_check_goes_red_when_the_function_changes(recorded, mode):
    mode('check')
    ask(lambda seed, **design: {'validation': run(seed, **design)['validation'] + .04, 'test': run(seed, **design)['test'] - .04})
    with pytest.raises(CourseError, match=r'no longer comes out: seed 0, .*: test is 0.860, recorded 0.800 .*run make results'):
        ask(lambda seed, **design: {'validation': run(seed, **design)['validation'], 'test': run(seed, **design)['test'] + .06})
    with pytest.raises(CourseError, match="has no figure 'new'"):
        ask(lambda seed, **design: {'validation': run(seed, **design)['validation'], 'new': 1})


def test_check_allows_three_standard_deviations(mode):
    def noisy(seed, arm):
        return {'validation': .5 + [-.1, 0, .1][seed] + shift}

    shift = 0
    mode('run')
    ask(noisy, [{'arm': 'a'}], [{}])
    mode('check')
    shift = .29
    ask(noisy, [{'arm': 'a'}], [{}])
    shift = .31
    with pytest.raises(CourseError, match=r'allowed difference 0.300'):
        ask(noisy, [{'arm': 'a'}], [{}])


@pytest.mark.parametrize('other', [{'grid': GRID[:2]}, {'seeds': range(4)}, {'arms': [*ARMS, {'arm': 'frozen', 'pictures': 25}]}])
def test_check_goes_red_when_the_lesson_asks_for_other_runs(recorded, mode, other):
    mode('check')
    with pytest.raises(CourseError, match='other arms, settings or seeds than the lesson has now'):
        ask(**other)


def test_check_of_a_part_is_fine(recorded, mode):
    mode('check')
    assert len(ask(arms=ARMS[:1], seeds=[1]).rows) == 3
    assert calls == [(1, 'fine-tuned', 25, .1)]


def test_nothing_to_check_is_red(mode):
    mode('check')
    with pytest.raises(CourseError, match="The record of '99_study' cannot be checked: There is no record"):
        ask()


# --- stopped by hand, and bad input


def test_an_interrupted_study_keeps_what_it_has_and_is_not_judged(capsys):
    def stopped(seed, arm, pictures, lr):
        if len(calls) == 10:
            raise KeyboardInterrupt
        return run(seed, arm, pictures, lr)

    table = ask(stopped, live=True)
    assert len(table.rows) == 10 and table.why_not == 'The study was interrupted after 10 of 27 runs.' and table.why_not in capsys.readouterr().out
    assert len(table.chosen) >= 3 and 'fine-tuned' in repr(table)
    calls.extend([None] * 10)
    calls[:] = calls[:10]
    assert len(ask(stopped, live=True).rows) == 0


def test_a_press_that_fit_took_for_itself_ends_the_study_and_is_not_recorded(mode, runs):
    def stopped(seed, arm, pictures, lr):
        figures = run(seed, arm, pictures, lr)
        return {**figures, 'history': history(1., interrupted=True)} if len(calls) == 5 else figures

    assert len(ask(stopped, live=True).rows) == 4
    calls.clear()
    mode('run')
    with pytest.raises(KeyboardInterrupt):
        ask(stopped)
    assert len(list(runs.glob('*/*.json'))) == 4


@pytest.mark.parametrize('words, options', [
    (r'same number of settings.*\[2, 2, 1\] settings', {'grid': {'fine-tuned': GRID[:2], 'scratch': GRID[:1]}}),
    (r'\[3, 3, 0\] settings', {'grid': {'fine-tuned': GRID}}),
    (r'\[0, 0, 0\] settings', {'grid': []}),
    ('there are 0 seeds', {'seeds': []}),
    ("a dict with a figure named 'validation'.*returned .'test'.", {'run': lambda seed, **design: {'test': 1}}),
    ('it returned NoneType', {'run': lambda seed, **design: None}),
    (r"'validation' is nan with seed 0, {'arm': 'fine-tuned', .*}, {'lr': 0.001}", {'run': lambda *_, **design: {'validation': math.nan}}),
])
def test_bad_input(words, options):
    with pytest.raises(CourseError, match=words) as caught:
        ask(**options, live=True)
    assert '\n' not in str(caught.value)


def test_an_unknown_mode(mode):
    mode('runs')
    with pytest.raises(CourseError, match="D2LHELPERS_RECORD is 'runs'"):
        ask()


def test_in_a_real_kernel(tmp_path):
    """A cell's function, recorded from there."""
    cells = [f'''
import importlib, types
from d2lhelpers import study
module = importlib.import_module('d2lhelpers.study')
module.RESULTS = module.ROOT.__class__({str(tmp_path)!r})
{inspect.getsource(data)}''', '''
def run(seed, arm):
    return {'validation': seed / 10, 'test': .5}
table = study(run, [{'arm': 'a'}], [{}], range(3), record='99_kernel', data=data())
table''']
    path = tmp_path / 'study.ipynb'
    nbformat.write(new_notebook(cells=[new_code_cell(cell.strip()) for cell in cells]), path)
    nb, _ = asyncio.run(execute.execute(path, execute.kernel_environment(D2LHELPERS_RECORD='run')))
    assert '0.100 ± 0.100' in nb.cells[1].outputs[-1].data['text/plain'] and '<table' in nb.cells[1].outputs[-1].data['text/html']
    assert pandas.read_csv(tmp_path / '99_kernel-embedded.csv')['validation'].tolist() == [0, .1, .2]
    assert not any(output.get('name') == 'stderr' for cell in nb.cells for output in cell.outputs)


# --- a record of another lesson


def test_a_record_as_it_stands(recorded):
    table = module.recorded('99_study')
    assert (table.arms, table.settings, table.why_not) == (['arm', 'pictures'], ['lr'], None)
    assert table.rows.equals(recorded.rows) and table.history.equals(recorded.history)


def test_no_such_record(recorded):
    with pytest.raises(CourseError, match=r"no record of '98_study' for the embedded profile; there are 99_study\."):
        module.recorded('98_study', 'embedded')
