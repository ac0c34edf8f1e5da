"""Recorded experiments: computed together, resumed, recalled, checked. The functions of these studies train
nothing.
"""
import asyncio
import contextlib
import inspect
import json
import math
import types

from d2lhelpers import (
    CourseError,
    beats,
    datasets,
    provenance,
    records,
    seed_all,
    studies,
    study,
    warning_signs,
)
from d2lhelpers.comparisons import NOT_JUDGED
from d2lhelpers.environment import settings
from d2lhelpers.messages import say
from d2lhelpers.runs import Runs, clear, key

import nbformat
import numpy
import pandas
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ARMS = [{'arm': 'fine-tuned', 'pictures': 25}, {'arm': 'fine-tuned', 'pictures': 50},
        {'arm': 'scratch', 'pictures': 25}]
GRID = [{'lr': .001}, {'lr': .1}, {'lr': 1e-6}]
SEEDS = range(3)
calls = []


def data(fingerprint='abc', n=100):
    return types.SimpleNamespace(fingerprint=fingerprint, test=range(n))


def history(*values, interrupted=False):
    return types.SimpleNamespace(table=pandas.DataFrame([(epoch, 'loss', value) for epoch,
                                                         value in enumerate(values)],
                                                        columns=['epoch', 'name', 'value']),
                                 interrupted=interrupted)


# --- computed together, resumed


def run(seed, arm, pictures, lr):
    """.1 is best for the fine-tuned, 1e-6 for scratch."""
    calls.append((seed, arm, pictures, lr))
    best = {'fine-tuned': .1, 'scratch': 1e-6}[arm]
    right = .6 + pictures / 500 + (.2 if lr == best else 0) + seed / 100
    return {'validation': right, 'test': right - .05, 'source': .5,
            'history': history(1, lr * 1000, seed / 10)}


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, 'root', tmp_path)
    monkeypatch.setattr(studies, '_checks_left', {'rows': 3, 'seconds': 20})
    monkeypatch.delenv('D2LHELPERS_RECORD', raising=False)
    for name in ('RUNS', 'PROFILE', 'STRICT'):
        monkeypatch.delenv(f'D2LHELPERS_{name}', raising=False)
    calls.clear()
    return settings.results


@pytest.fixture
def mode(monkeypatch):
    return lambda name: monkeypatch.setenv('D2LHELPERS_RECORD', name)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder in which finished runs are kept and shared."""
    monkeypatch.setenv('D2LHELPERS_RUNS', str(tmp_path / 'runs'))
    return tmp_path / 'runs'


DATA = data()


def ask(run=run, arms=ARMS, grid=GRID, seeds=SEEDS, data=DATA, **options):
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
    assert table.about == {'data': ['abc'], 'n_test': 100, 'units': {}}


def test_the_mean_validation_figure_chooses_and_test_figures_are_kept_only_there():
    table = ask(live=True)
    assert len(table.chosen) == 9
    assert table.chosen.groupby(['arm', 'pictures'])['lr'].unique().map(list).to_dict() == {
        ('fine-tuned', 25): [.1], ('fine-tuned', 50): [.1], ('scratch', 25): [1e-6]}
    assert table.chosen['test'].notna().all() and table.rows.loc[~table.rows['chosen'], 'test'].isna().all()
    assert table.rows[['validation', 'source']].notna().all(axis=None)


def test_the_mean_over_the_seeds_not_the_best_seed():
    scores = {(0, .1): .9, (1, .1): .1, (0, .2): .6, (1, .2): .6}
    table = ask(lambda seed, arm, lr: {'validation': scores[seed, lr]}, [{'arm': 'a'}],
                [{'lr': .1}, {'lr': .2}], range(2), live=True)
    assert set(table.chosen['lr']) == {.2}


def test_summary():
    table = ask(live=True)
    assert list(table.summary) == ['arm', 'pictures', 'lr', 'validation', 'test', 'seeds']
    assert table.summary['validation'].tolist() == ['0.860 ± 0.010', '0.910 ± 0.010', '0.860 ± 0.010']
    assert '0.810 ± 0.010' in repr(table) and '0.810 ± 0.010' in table._repr_html_()
    assert ask(seeds=[7], live=True).summary['test'].tolist() == ['0.870', '0.920', '0.870']


def test_histories_of_the_chosen_runs():
    table = ask(live=True)
    assert list(table.history) == ['seed', 'arm', 'pictures', 'epoch', 'name',
                                   'value'] and len(table.history) == 27
    assert table.history.query("arm == 'scratch' and seed == 2")['value'].tolist() == [1, .001, .2]
    assert len(ask(lambda seed, arm: {'validation': 1}, [{'arm': 'a'}], [{}], [0], live=True).history) == 0


def test_a_study_without_settings():
    table = ask(lambda seed, arm: {'test_a': 1, 'validation': seed}, [{'arm': 'a'}, {'arm': 'b'}], [{}],
                range(2), live=True)
    # in this order
    assert table.rows['chosen'].all() and table.settings == [] and list(table.summary) == ['arm',
                                                                                           'validation',
                                                                                           'test_a', 'seeds']


def test_what_the_package_says_in_a_run_is_not_shown(capsys):
    def loud(seed, arm):
        say('An epoch is 10 batches')
        print('by the learner')
        return {'validation': 1}

    ask(loud, [{'arm': 'a'}], [{}], [0], live=True)
    assert capsys.readouterr().out == 'by the learner\n'
    say('again')
    assert capsys.readouterr().out == 'again\n'


@pytest.mark.parametrize('settings', [
    {'a': [{'lr': .1, 'decay': .5}, {'lr': .2, 'decay': .5}], 'b': [{'layers': 2}, {'layers': None}]},
    [{'layers': 0, 'augment': 'None'}, {'layers': 4, 'augment': None}, {'layers': 4, 'augment': 'NA'}],
    [{'frozen': True}, {'frozen': False}, {'frozen': None}],
    [{'rate': 1 / 3}, {'rate': 'cosine'}, {'rate': 1}],
    [{'cut': '1'}, {'cut': '02'}, {'cut': 'a,"b'}],
], ids=['other keys for each arm', 'text and numbers', 'bool', 'mixed', 'digits'])
@pytest.mark.parametrize('arms', [[{'arm': 'a', 'pictures': 50}, {'arm': 'b', 'pictures': None}],
                                  [{'arm': 'a', 'parts': 'a'}, {'arm': 'b'}],
                                  [{'arm': 'a'}, {'arm': 'b'}],
                                  [{'arm': 'a', 'parts': None}, {'arm': 'b', 'parts': None}]],
                         ids=['a size for one', 'text for one', 'name only', 'nothing for all'])
def test_settings_survive_the_file(settings, arms, mode, capsys):
    """Missing and None, text that looks like a number or like nothing: recorded, recalled and checked."""
    def of(arm):
        return settings[arm['arm']] if isinstance(settings, dict) else settings

    def run(seed, **design):
        got.append(design)
        setting = {name: value for name, value in design.items() if name not in ('arm', 'pictures', 'parts')}
        # the last setting wins
        return {'validation': of(design).index(setting) / 10, 'test': .5, 'history': history(1.)}

    got = []
    mode('run')
    live, table = ask(run, arms, settings, range(2), live=True), ask(run, arms, settings, range(2))
    assert 'record' not in capsys.readouterr().out
    for each in (live, table):
        assert len(each.rows) == 4 * len(of(arms[0]))
        assert (
            len(each.chosen) == 4
            and each.chosen['test'].notna().all()
            and len(each.summary) == 2
            and len(each.history) == 4
        )
        assert set(each.settings) == {name for arm in arms for setting in of(arm) for name in setting}
    assert table.rows['chosen'].tolist() == live.rows['chosen'].tolist()
    got.clear()
    mode('check')
    ask(run, arms, settings, range(2))
    # run again just as they were given
    assert {repr(design) for design in got} == {repr({**arm, **of(arm)[-1]}) for arm in arms}




# --- which items were right, and the seeds that choose


def test_two_tables_are_joined_with_their_items_and_histories():
    def which(seed, arm, lr):
        return {'validation': .5, 'test': numpy.arange(8) < len(arm) + seed, 'history': history(seed)}

    one, other = (ask(which, [{'arm': arm}], GRID[:1], seeds, live=True)
                  for arm, seeds in (('far', range(4)), ('near', range(1, 3))))
    both = one.joined(other)
    assert len(both.rows) == 6 and len(both.history) == 6 and both.about['units'] == {}
    assert both.right('test', arm='near')[2].sum() == 6 and both.right('test', arm='far')[3].sum() == 6
    assert '+12.5 points' in beats(both, 'near', 'far').figures and '2 seeds x 8 items' in beats(
        both, 'near', 'far').figures


def test_tables_that_do_not_fit_are_not_joined():
    table = ask(live=True)
    with pytest.raises(CourseError, match="Both tables have the arm .'fine-tuned', 25"):
        table.joined(table)
    other = ask(lambda seed, arm: {'validation': .5}, [{'arm': 'a'}], [{}], live=True)
    with pytest.raises(CourseError, match='have the same columns'):
        table.joined(other)
    nats = ask(lambda seed, **_: {'validation': .5}, [{'arm': 'b', 'pictures': 3}], GRID, live=True,
               units={'x': 'nats'})
    with pytest.raises(CourseError, match='the same units'):
        table.joined(nats)


def test_joined_to_an_empty_table_it_is_empty_and_says_why():
    table = ask(live=True)
    empty = records.Table(table.rows[:0], table.arms, table.settings, why_not='other data', about={})
    assert table.joined(empty).why_not == empty.joined(table).why_not == 'other data'


def test_which_items_were_right_is_kept_where_the_setting_was_chosen(mode, results, monkeypatch):
    """Also where an arm has a column n, as the lessons on layers have."""
    def which(seed, arm, n, lr):
        right = numpy.arange(11) < 5 + n + seed + (lr == .1)
        return {'validation': right, 'test': right[:10], 'test other': .5}

    options = {'arms': [{'arm': 'a', 'n': n} for n in (1, 2)], 'grid': GRID[:2], 'seeds': range(2)}
    mode('run')
    ask(which, **options)
    monkeypatch.delenv('D2LHELPERS_RECORD')
    for table in (ask(which, **options), ask(which, **options, live=True)):
        assert table.mean('test', n=1) == pytest.approx(.75) and set(table.chosen['lr']) == {.1}
        right = table.right('test', arm='a', n=2)
        assert sorted(right) == [0, 1] and right[1].tolist() == [True] * 9 + [False]
        assert table.right('test other', n=2) is None and table.right('validation', n=1)[0].sum() == 7
    assert (results / '99_study-embedded-items.csv').read_text().startswith('seed,arm,n,figure,items,right')
    mode('check')
    ask(which, **options)


@pytest.mark.parametrize('choosing, runs_made', [([0, 1], 6 * 3 + 3 * 2), ([7], 3 * 3 + 3 * 4),
                                                 (None, 12 * 3)])
def test_some_seeds_choose_and_the_others_run_what_was_chosen(choosing, runs_made, mode, capsys):
    mode('run')
    table = ask(seeds=range(4), choose_on=choosing)
    assert len(calls) == len(table.rows) == runs_made
    assert sorted(set(table.chosen['seed'])) == [0, 1, 2, 3] and len(table.chosen) == 12
    assert table.chosen['test'].notna().all()
    mode('check')
    calls.clear()
    ask(seeds=range(4), choose_on=choosing)
    assert len(calls) == 3 and 'made with other' not in capsys.readouterr().out
    calls.clear()
    assert len(ask(seeds=range(4), choose_on=choosing, live=True).rows) == len(calls) == runs_made
    mode('')
    ask(seeds=range(4), choose_on=[0, 1, 2])
    assert 'made with other settings or seeds' in capsys.readouterr().out


def test_a_record_that_is_up_to_date_is_not_computed_again(mode, monkeypatch):
    monkeypatch.setattr(provenance, 'notebook_code', lambda function: {'run': code})
    code = 'abc'
    mode('run')
    ask()
    calls.clear()
    ask()
    assert not calls
    for other in ({'grid': GRID[:2]}, {'seeds': range(4)}, {'data': data('abd')}):
        ask(**other)
        assert calls
        ask()
        calls.clear()
    code = 'abd'
    ask()
    assert len(calls) == 27


# --- the record


def test_the_record_is_recalled_and_nothing_runs(recorded, results, capsys):
    table = ask()
    assert calls == [] and capsys.readouterr().out == '' and table.why_not is None
    pandas.testing.assert_frame_equal(table.rows, recorded.rows)
    pandas.testing.assert_frame_equal(table.history, recorded.history)
    live = ask(live=True)
    assert table.arms == live.arms and table.settings == live.settings
    pandas.testing.assert_frame_equal(table.rows.drop(columns='seconds'), live.rows.drop(columns='seconds'))
    pandas.testing.assert_frame_equal(table.history, live.history)
    assert repr(table) == f'{live!r}\n({table.caption})' and 'minutes of one core' in table.caption
    assert sorted(path.name for path in results.glob('*.csv')) == ['99_study-embedded-history.csv',
                                                                   '99_study-embedded.csv']


def test_small_rates_are_not_rounded_but_figures_are(mode):
    mode('run')
    rates = [3e-7, 1 / 3, .00987633446591477]  # of the last, pandas by itself reads all digits but one
    table = ask(lambda seed, arm, lr: {'validation': 1 / 3, 'history': history(1 / 3)}, [{'arm': 'a'}],
                [{'lr': rate} for rate in rates], [0])
    assert (
        table.rows['lr'].tolist() == rates
        and set(table.rows['validation']) == {0.33333}
        and set(table.history['value']) == {0.33333}
    )


def test_an_old_history_does_not_outlive_its_record(recorded, results, mode):
    mode('run')
    ask(lambda seed, arm, pictures, lr: {'validation': 1})
    assert [path.name for path in results.glob('*.csv')] == ['99_study-embedded.csv']


def test_part_of_the_arms_and_seeds(recorded, capsys):
    table = ask(arms=ARMS[1:], seeds=[0, 2])
    assert len(table.rows) == 12 and len(table.chosen) == 4
    assert set(table.rows['seed']) == set(table.history['seed']) == {0, 2}
    assert set(zip(table.history['arm'], table.history['pictures'],
                   strict=True)) == {('fine-tuned', 50), ('scratch', 25)}
    assert capsys.readouterr().out == ''


def test_arms_without_record_are_named(recorded, capsys):
    table = ask(arms=[*ARMS, {'arm': 'scratch', 'pictures': 400}])
    assert len(table.rows) == 27
    assert (
        "The record of '99_study' has no runs for {'arm': 'scratch', 'pictures': 400}: study(…, live=True)"
        in capsys.readouterr().out
    )
    nothing = ask(arms=[{'arm': 'frozen', 'pictures': 25}])
    assert len(nothing.rows) == 0 and 'has none of the arms' in nothing.why_not
    assert len(ask(arms=[{'arm': 'scratch', 'pictures': 25, 'longer': True}]).rows) == 0


@pytest.mark.parametrize('other', [{'grid': GRID[:2]}, {'grid': [*GRID, {'lr': 1.}]}, {'seeds': range(4)},
                                   {'arms': [{'arm': 'fine-tuned'}]}])
def test_other_settings_or_seeds_are_said(recorded, capsys, other):
    table = ask(**other)
    assert len(table.chosen)
    assert 'was made with other settings or seeds than asked for' in capsys.readouterr().out
    outcome = beats(table, {'arm': 'fine-tuned'}, {'arm': 'scratch'})
    assert outcome.verdict == NOT_JUDGED
    assert outcome.figures == 'recorded with other settings or seeds than yours'


def test_no_record(capsys):
    table = ask()
    assert calls == [] and len(table.rows) == len(table.chosen) == len(table.history) == 0
    assert table.why_not in capsys.readouterr().out and 'There is no record' in table.why_not
    assert (
        'There is no record' in repr(table)
        and 'There is no record' in table._repr_html_()
        and len(table.summary) == 0
    )


@pytest.mark.parametrize('fingerprint', ['abd', ['abc', 'abc'], '007', '12e4'])
def test_other_data_than_the_record_s(recorded, fingerprint):
    others = [data(each) for each in fingerprint] if isinstance(fingerprint, list) else data(fingerprint)
    table = ask(data=others)
    assert len(table.rows) == 0 and 'data or weights that differ from yours' in table.why_not


def test_weights_count_as_data_do(mode, monkeypatch):
    backbone, other = (
        types.SimpleNamespace(fingerprint='weights'),
        types.SimpleNamespace(fingerprint='others'),
    )
    mode('run')
    assert ask(data=[backbone, data()]).about['n_test'] == 100
    monkeypatch.delenv('D2LHELPERS_RECORD')
    assert len(ask(data=[backbone, data()]).rows) == 27
    for changed in ([other, data()], [data()], [data(), backbone]):
        assert 'data or weights that differ from yours' in ask(data=changed).why_not


@pytest.mark.parametrize('nothing', [types.SimpleNamespace(fingerprint='weights'), [],
                                     [data(), types.SimpleNamespace()], [data(None)]])
def test_data_without_a_dataset_or_a_fingerprint(nothing):
    with pytest.raises(CourseError, match='must include a dataset, and otherwise only things with a '
                                          'fingerprint'):
        ask(data=nothing)


@pytest.mark.parametrize('fingerprints', [['12e4'], ['0071'], ['abc', '12'], ['NA']])
def test_the_same_data_again(fingerprints, mode, capsys):
    """A fingerprint may look like a number; of several datasets all count, and the smallest test part."""
    datasets = [data(each, n) for each, n in zip(fingerprints, (100, 30), strict=False)]
    mode('run')
    table = ask(data=datasets)
    assert len(table.rows) == 27 and table.about['n_test'] == min(len(each.test) for each in datasets)
    if len(datasets) > 1:
        assert len(ask(data=datasets[:1]).rows) == 27  # computed anew: it is run mode



def test_processes_share_the_runs_and_each_has_the_whole_table(mode, runs, results):
    """Another process has begun one run, and finishes it while this one waits."""
    import threading

    mode('run')
    ask()
    folder, = runs.iterdir()
    assert (folder / 'total').read_text() == '27' and len(list(folder.glob('*.json'))) == 27
    one, *others = sorted(folder.glob('*.json'))
    whole = one.read_text()
    one.unlink()
    others[0].unlink()
    one.with_suffix('.begun').touch()
    (results / '99_study-embedded.csv').unlink()
    other = threading.Timer(.5, lambda: one.write_text(whole))
    other.start()
    calls.clear()
    table = ask()
    assert len(calls) == 1 and len(table.rows) == 27 and table.why_not is None
    assert list(zip(table.rows['seed'], table.rows['arm'],
                    strict=True))[::9] == [(seed, 'fine-tuned') for seed in SEEDS]


def test_a_run_that_another_process_gives_back_is_taken(tmp_path):
    """It had begun it, and failed."""
    import threading

    shared = Runs(tmp_path / 'one', 2)
    begun = tmp_path / 'one' / f'{key([1])}.begun'
    begun.touch()
    other = threading.Timer(.5, begun.unlink)
    other.start()
    assert shared.all([[1], [2]], lambda item: item[0] * 10) == [10, 20]
    assert sorted(path.suffix for path in (tmp_path / 'one').iterdir()) == ['', '.json', '.json']


def test_what_an_interrupt_left_half_done_is_cleared(tmp_path):
    study_folder = tmp_path / 'one'
    study_folder.mkdir()
    for name in ('a.json', 'a.begun', 'b.begun'):
        (study_folder / name).touch()
    clear(tmp_path)
    assert [path.name for path in study_folder.iterdir()] == ['a.json']


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
    assert {path.suffix for path in results.rglob('*')} == {'.csv', '.json'}


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


def took(table, seconds):
    """The record as if its runs had taken so many seconds: a number, or one for each row."""
    table.rows.assign(seconds=seconds).to_csv(settings.results / '99_study-embedded.csv', index=False)


def test_check_keeps_to_its_seconds(recorded, mode, monkeypatch):
    took(recorded, 11)
    mode('check')
    ask()
    assert len(calls) == 1
    calls.clear()
    monkeypatch.setattr(studies, '_checks_left', {'rows': 3, 'seconds': 20})
    # 25, 50 and 26 seconds: more than it may take, so only the quickest
    took(recorded, recorded.rows['pictures'] + (recorded.rows['arm'] == 'scratch'))
    ask()
    assert calls == [(0, 'fine-tuned', 25, .1)]


def test_a_run_that_found_anothers_work_is_no_quick_one(recorded, mode):
    rows = recorded.rows
    took(recorded, [5 if arm == 'fine-tuned' else 1 if seed == 0 else 20
                    for arm, seed in zip(rows['arm'], rows['seed'], strict=True)])
    mode('check')
    ask()
    assert calls[0][1] == 'fine-tuned'


def test_a_study_of_long_runs_is_not_checked_in_a_lesson(recorded, mode, capsys):
    took(recorded, 26)
    mode('check')
    ask()
    assert not calls
    assert '99_study, whose quickest run takes 26 seconds (make results CONFIRM=1 does)' in (
        capsys.readouterr().out)


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
    took(table, range(1, 10))  # scratch is the slowest: 7 seconds at least
    mode('check')
    calls.clear()
    ask(run, arms, [{}], [0])
    assert calls == [('fine-tuned', 25), ('frozen', 25), ('scratch', 25)]


def shifted(by):
    def run_shifted(seed, **design):
        figures = run(seed, **design)
        return {**figures, 'test': figures['test'] + by}
    return run_shifted


def test_check_goes_red_when_the_function_changes(recorded, mode):
    mode('check')
    with pytest.raises(CourseError, match=r'no longer comes out: seed 0, .*: test is 0.80001, recorded '
                                          r'0.80000 \(allowed '
                                          r'difference 1e-06\).*run make results'):
        ask(shifted(1e-5))
    ask(shifted(1e-7))
    with pytest.raises(CourseError, match="has no figure 'new'"):
        ask(lambda seed, **design: {**run(seed, **design), 'new': 1})


@pytest.mark.parametrize('by, allowed', [(.019, True), (-.021, False)])
def test_on_another_kind_of_cpu_two_points_are_allowed(mode, monkeypatch, by, allowed):
    def level(seed, arm):
        return {'validation': 1, 'test': .5 + more}

    more, one = 0, {'arms': [{'arm': 'a'}], 'grid': [{}]}
    mode('run')
    ask(level, **one)
    monkeypatch.setattr(studies, '_cpu', lambda: 'another')
    mode('check')
    more = by
    with contextlib.nullcontext() if allowed else pytest.raises(CourseError, match=r'difference 0.02\)'):
        ask(level, **one)


def test_on_another_kind_of_cpu_a_run_may_be_as_another_seed_would_be(mode, monkeypatch):
    def scattered(seed, arm):
        return {'validation': 1, 'test': [.5, .6, .7][seed] + more}  # standard deviation .1

    more, one = 0, {'arms': [{'arm': 'a'}], 'grid': [{}], 'seeds': range(3)}
    mode('run')
    ask(scattered, **one)
    monkeypatch.setattr(studies, '_cpu', lambda: 'another')
    mode('check')
    more = .29
    ask(scattered, **one)
    more = .31
    with pytest.raises(CourseError, match=r'test is 0.81000, recorded 0.50000 \(allowed difference 0.3\)'):
        ask(scattered, **one)


def test_a_kind_of_cpu_is_more_than_its_name(monkeypatch):
    told = 'processor\t: 0\ncpu family\t: 25\nmodel\t\t: {}\nmodel name\t: AMD EPYC\n'
    for model in (1, 17):
        monkeypatch.setattr(studies.Path, 'read_text', lambda path, model=model: told.format(model))
        assert studies._cpu() == f'AMD EPYC, family 25, model {model}'


def test_figures_with_a_unit_may_differ_by_a_share_of_themselves(mode, monkeypatch):
    def far(seed, arm):
        return {'validation': 1, 'metres': 1000 + more}

    more, one = 0, {'arms': [{'arm': 'a'}], 'grid': [{}], 'units': {'metres': 'm'}}
    mode('run')
    assert ask(far, **one).unit('metres') == 'm'
    monkeypatch.setattr(studies, '_cpu', lambda: 'another')
    mode('check')
    more = 19
    ask(far, **one)
    more = 21
    with pytest.raises(CourseError, match='metres is 1021'):
        ask(far, **one)


def test_a_figure_that_is_no_share_needs_a_unit():
    for value in (1.5, -2):
        with pytest.raises(CourseError, match=r"The figure 'nats' is .*, so it is not a share: name its "
                                              r"unit, "
                                              r"study\(…, units="):
            ask(lambda seed, arm, value=value: {'validation': 1, 'nats': value}, [{'arm': 'a'}], [{}],
                live=True)
    table = ask(lambda seed, arm: {'validation': 1, 'nats': 1.5}, [{'arm': 'a'}], [{}],
                units={'nats': 'nats'}, live=True)
    assert table.unit('nats') == 'nats' and table.unit('validation') is None


# --- confirm


def test_the_same_data_need_no_record_of_the_full_profile(recorded, monkeypatch, capsys):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    answered = []  # for which profile answers to warning signs are looked up
    monkeypatch.setattr(warning_signs, 'report', lambda table, record, profile: answered.append(profile))
    assert ask().rows.equals(recorded.rows) and capsys.readouterr().out == '' and answered == ['embedded']
    other = data()
    other.fingerprint = 'other'
    assert not len(ask(data=other).rows)
    assert 'There is no record' in capsys.readouterr().out


def test_the_same_data_are_not_computed_again_for_the_full_profile(mode, monkeypatch):
    monkeypatch.setattr(provenance, 'notebook_code', lambda function: {'run': 'abc'})
    mode('run')
    ask()
    calls.clear()
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    ask()
    assert not calls and not records.path_of('99_study').exists()
    other = data()
    other.fingerprint = 'other'
    ask(data=other)
    assert calls and records.path_of('99_study').exists()


@pytest.fixture
def confirm(mode, monkeypatch, capsys):
    """Ask in confirm mode; what the record then says of itself."""
    monkeypatch.setattr(provenance, 'notebook_code', lambda function: {'run': 'abc'})
    mode('run')
    ask()
    calls.clear()
    capsys.readouterr()
    mode('confirm')

    def ask_again(run=run, **code):
        monkeypatch.setattr(provenance, 'notebook_code', lambda function: {'run': 'abc', **code})
        ask(run)
        return records.read(records.path_of('99_study')).about
    return ask_again


def test_confirm_stamps_a_record_that_comes_out(confirm, monkeypatch, capsys):
    monkeypatch.setattr(provenance, 'module_hash', lambda name: 'new')
    assert confirm(lambda seed, **design: seed_all(seed)
                   or run(seed, **design))['package'] == {'d2lhelpers.hardware': 'new'}
    assert len(calls) == 3 and 'Confirmed: 99_study' in capsys.readouterr().out


def test_confirm_refuses_another_outcome_and_other_code(confirm, capsys):
    before = records.read(records.path_of('99_study')).about
    with pytest.raises(CourseError, match='no longer comes out with this package'):
        confirm(shifted(1e-5))
    confirm(f='new')  # it does not raise, for other records of the same lesson may be confirmed
    assert 'Not confirmed: 99_study' in capsys.readouterr().out
    assert records.read(records.path_of('99_study')).about == before


def test_a_record_says_what_it_was_made_from(mode, monkeypatch):
    monkeypatch.setattr(provenance, 'notebook_code', lambda function: {'run': 'abc'})
    monkeypatch.setattr(provenance, '_studies', {})
    mode('run')
    ask(lambda seed, arm: seed_all(seed) or {'validation': 1}, [{'arm': 'a'}], [{}], units={'x': 'm'})
    about = records.read(records.path_of('99_study')).about
    assert about['code'] == {'run': 'abc'} and about['data'] == ['abc'] and about['units'] == {'x': 'm'}
    assert about['package'] == {'d2lhelpers.hardware': provenance.module_hash('d2lhelpers.hardware')}
    assert about['cpu'] == studies._cpu() and about['n_test'] == 100 and about['versions']['mxnet'] == '1.9.1'
    assert provenance.report()['studies'] == {'99_study': {'code': {'run': 'abc'}, 'data': ['abc']}}


def test_a_record_names_the_modules_that_any_of_its_arms_called(mode, monkeypatch):
    monkeypatch.setattr(provenance, 'notebook_code', lambda function: {'run': 'abc'})
    mode('run')

    def run(seed, arm):
        seed_all(seed) if arm == 'a' else datasets.load_moons(seed)
        return {'validation': 1}

    ask(run, [{'arm': 'a'}, {'arm': 'b'}], [{}])
    package = records.read(records.path_of('99_study')).about['package']
    assert {'d2lhelpers.hardware', 'd2lhelpers.datasets.moons'} <= set(package)


@pytest.mark.parametrize('other', [{'grid': GRID[:2]}, {'seeds': range(4)},
                                   {'arms': [*ARMS, {'arm': 'frozen', 'pictures': 25}]}])
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
    assert (
        len(table.rows) == 10
        and table.why_not == 'The study was interrupted after 10 of 27 runs.'
        and table.why_not in capsys.readouterr().out
    )
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
    (r'same number of settings.*\[2, 2, 1\] settings',
     {'grid': {'fine-tuned': GRID[:2], 'scratch': GRID[:1]}}),
    (r'\[3, 3, 0\] settings', {'grid': {'fine-tuned': GRID}}),
    (r'\[0, 0, 0\] settings', {'grid': []}),
    ('there are 0 seeds', {'seeds': []}),
    ("a dict with a figure named 'validation'.*returned .'test'.",
     {'run': lambda seed, **design: {'test': 1}}),
    ('it returned NoneType', {'run': lambda seed, **design: None}),
    (r"'validation' is nan with seed 0, {'arm': 'fine-tuned', .*}, {'lr': 0.001}",
     {'run': lambda *_, **design: {'validation': math.nan}}),
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
    """A cell's function, recorded from there, with the code that it reaches."""
    from tools import execution

    cells = [f'''
import pathlib, types
from d2lhelpers import settings, study
settings.root = pathlib.Path({str(tmp_path)!r})
{inspect.getsource(data)}''', 'TENTH = .1  # a comment', '''
def run(seed, arm):
    return {'validation': seed * TENTH, 'test': .5}
table = study(run, [{'arm': 'a'}], [{}], range(3), record='99_kernel', data=data())
table''']
    path = tmp_path / 'study.ipynb'
    nbformat.write(new_notebook(cells=[new_code_cell(cell.strip()) for cell in cells]), path)
    nb, *_ = asyncio.run(execution.execute(path, execution.kernel_environment(D2LHELPERS_RECORD='run')))
    output = nb.cells[2].outputs[-1].data
    assert '0.100 ± 0.100' in output['text/plain'] and '<table' in output['text/html']
    kept = tmp_path / 'data/results/99_kernel-embedded.csv'
    assert pandas.read_csv(kept)['validation'].tolist() == [0, .1, .2]
    assert set(json.loads(kept.with_suffix('.json').read_text())['code']) == {'run', 'TENTH'}
    assert not any(output.get('name') == 'stderr' for cell in nb.cells for output in cell.outputs)


# --- a record of another lesson


def test_a_record_as_it_stands(recorded):
    table = records.recorded('99_study')
    assert (table.arms, table.settings, table.why_not) == (['arm', 'pictures'], ['lr'], None)
    assert table.rows.equals(recorded.rows) and table.history.equals(recorded.history)


def test_no_such_record(recorded):
    with pytest.raises(CourseError, match=r"no record of '98_study' for the embedded profile; there are "
                                          r"99_study\."):
        records.recorded('98_study', 'embedded')
