"""``make results``: kernels share the runs of a study, an interrupt loses nothing, and records are confirmed.

On a tiny repository.
"""
import json
import os
import signal
import subprocess
import sys
import time

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pandas
import pytest
import tiny

from tools import freshness, notebooks, results

FIRST = """import os, time, types
from d2lhelpers.studies import study
from d2lhelpers.used import double

SECONDS = 0
RATE = .125
data = types.SimpleNamespace(fingerprint='d1', test=[0] * 9)


def run(seed, arm, lr):
    time.sleep(SECONDS)
    open(f'{seed}-{os.getpid()}.ran', 'w').close()
    right = double(RATE) + seed / 100
    who = {'pid': os.getpid()} if 'D2LHELPERS_RUNS' in os.environ else {}
    return {'validation': right, 'test': right, **who}
"""
STUDY = """rows = study(run, [{'arm': 'tuned'}], [{'lr': .1}], range(6), record='01_study', data=[data],
             units={'pid': ''})
len(rows.rows)"""


@pytest.fixture(autouse=True)
def one_core(monkeypatch):
    monkeypatch.setattr(type(settings), 'cores', 1)


@pytest.fixture
def two_cores(one_core, monkeypatch):
    monkeypatch.setattr(type(settings), 'cores', 2)


def lesson(root, *more, name='01_first', slow=0, record='01_study'):
    return tiny.write(root, name, FIRST.replace('SECONDS = 0', f'SECONDS = {slow}'),
                      STUDY.replace('01_study', record), *more)


def table(root, record='01_study'):
    return pandas.read_csv(root / f'data/results/{record}-embedded.csv')


def about(root):
    return json.loads((root / 'data/results/01_study-embedded.json').read_text())


def test_kernels_share_a_study(root, two_cores):
    path = lesson(root, slow=.3)
    results.results('01', root)
    assert len(table(root)) == 6 and table(root)['pid'].nunique() == 2
    assert len(list(path.parent.glob('*.ran'))) == 6  # none twice
    assert table(root)['validation'].tolist() == [.25, .26, .27, .28, .29, .3]
    assert not list((root / 'data/results/.runs').iterdir())
    # executed once more, from the complete record, and kept as make notebooks would
    nb = tiny.read(path)
    assert nb.cells[2].outputs[0].data == {'text/plain': '6'}
    assert freshness.reasons(nb, root) == [] and freshness.record_reasons(nb, root) == {}
    assert '| tuned | 0.275 ± 0.019 |' in (root / 'data/results/README.md').read_text()
    assert '| [`01_first`]' in (root / 'README.md').read_text()
    assert notebooks.notebooks(root=root) == []


def test_in_the_full_profile_the_notebook_is_not_written(root):
    path = lesson(root)
    before = path.read_bytes()
    results.results(None, root, 'full')
    assert path.read_bytes() == before
    written = sorted(path.name for path in (root / 'data/results').glob('01*'))
    assert written == ['01_study-full.csv', '01_study-full.json']
    assert 'first,full' in (root / 'data/results/minutes.csv').read_text()


def test_lessons_without_a_study(root, capsys):
    tiny.write(root, '00_none', 'x = 1')
    results.results(None, root)
    assert '00_none calls no study' in capsys.readouterr().out
    notebooks.notebooks(root=root)
    results.results(None, root)  # that it has none is known now
    assert '00_none' not in capsys.readouterr().out.split('executed')[-1]
    with pytest.raises(CourseError, match='NB=09 names no notebook: there are 00_none'):
        results.results('09', root)


def test_a_failing_kernel_stops_the_others(root, two_cores):
    """The first to come by fails; the other one waits for something else by then."""
    lesson(root, """try:
    open('first', 'x').close()
except FileExistsError:
    time.sleep(60)""", '1 / 0')
    began = time.monotonic()
    with pytest.raises(CourseError, match=r'cell \[4\] .* raised ZeroDivisionError'):
        results.results('01', root)
    assert time.monotonic() - began < 50
    assert len(list((root / 'data/results/.runs/01_first-embedded').glob('*/*.json'))) >= 3


def test_a_claim_that_does_not_hold_loses_no_record(root):
    path = lesson(root, "assert os.environ.get('D2LHELPERS_STRICT') != '1', 'It does not hold.'",
                  STUDY.replace('01_study', '02_study'))
    before = path.read_bytes()
    with pytest.raises(CourseError, match='It does not hold.'):
        results.results('01', root)
    assert len(table(root)) == len(table(root, '02_study')) == 6 and path.read_bytes() == before


def test_interrupt_stops_all_kernels_and_the_next_call_resumes(root):
    lesson(root, slow=.5)
    tiny.edit(root / 'notebooks/01_first.ipynb', 'import os, time, types',
              "import os, time, types\nopen(f'../{os.getpid()}.pid', 'w').close()")
    runs = root / 'data/results/.runs/01_first-embedded'
    code = ('import pathlib, sys\nfrom tools import command, results\ntype(results.settings).cores = 2\n'
            f'sys.exit(command.status(results.results, "01", pathlib.Path({str(root)!r})))')
    process = subprocess.Popen([sys.executable, '-c', code], stderr=subprocess.PIPE, text=True,
                               cwd=settings.root, env=os.environ | {'PYTHONPATH': f'{root}'})
    while process.poll() is None and len(list(runs.glob('*/*.json'))) < 2:
        time.sleep(.05)
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=30)
    assert process.returncode == 130 and 'Interrupted' in printed and 'Traceback' not in printed, printed
    kernels = [int(path.stem) for path in root.glob('*.pid')]
    assert len(kernels) == 2 and not any(os.path.exists(f'/proc/{pid}') for pid in kernels)
    kept = {json.loads(path.read_text())['figures']['pid'] for path in runs.glob('*/*.json')}
    assert kept and len(list(runs.glob('*/*.json'))) < 6

    results.results('01', root)
    assert len(table(root)) == 6 and kept < set(table(root)['pid'])


def test_what_runs_do_not_use_may_change_while_they_are_unfinished(root, capsys):
    path = lesson(root, 'unused = 1')

    def left():
        runs = results._compute(path, root, 'embedded')
        record = root / 'data/results/01_study-embedded.csv'
        record.unlink()  # as if it had not been finished
        return {f'{file.parent.name}/{file.name}': file.read_text() for file in runs.glob('*/*.json')}
    before = left()
    tiny.edit(root / 'd2lhelpers/other.py', 'x = 1', 'x = 2')
    tiny.edit(path, 'unused = 1', 'unused = 2')
    assert left() == before and 'going on with the runs' in capsys.readouterr().out
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', 'x + x')
    after = left()
    assert 'd2lhelpers.used changed, so the runs' in capsys.readouterr().out
    assert len(after) == 6 and not set(before.values()) & set(after.values())
    tiny.edit(path, '.125', '.25')
    assert len(left()) == 12  # of other code: not taken up


def test_a_record_that_is_up_to_date_is_not_computed_again(root):
    path = lesson(root, 'SEEDS = range(2)',
                  STUDY.replace('01_study', '02_study').replace('range(6)', 'SEEDS'))
    results.results('01', root)
    first = table(root)
    tiny.edit(path, 'range(2)', 'range(3)')
    results.results('01', root)
    pandas.testing.assert_frame_equal(table(root), first)
    assert len(table(root, '02_study')) == 3


def test_lessons_and_profiles_leave_each_other_s_runs_alone(root, capsys):
    """An interrupt in a later lesson: the earlier one is not computed again, nor are runs of another lesson
    or profile dropped.
    """
    lesson(root)
    lesson(root, '1 / 0', name='02_second', record='02_study')
    runs = root / 'data/results/.runs'
    full = runs / '02_second-full'
    full.mkdir(parents=True)
    with pytest.raises(CourseError, match='ZeroDivisionError'):
        results.results(None, root)
    assert sorted(path.name for path in runs.iterdir()) == ['01_first-embedded', '02_second-embedded',
                                                            '02_second-full']
    finished = table(root)
    with pytest.raises(CourseError, match='ZeroDivisionError'):
        results.results(None, root)
    assert capsys.readouterr().out.count('going on with the runs that an earlier call left') == 2
    pandas.testing.assert_frame_equal(table(root), finished)
    assert full.exists()


@pytest.fixture
def recorded(root):
    path = lesson(root)
    results.results('01', root)
    return path


def test_nothing_to_confirm(root, recorded, capsys):
    results.confirm(None, root)
    assert 'Every record is up to date.' in capsys.readouterr().out


def test_confirming_a_record_of_another_package(root, recorded, capsys):
    before = recorded.read_bytes(), table(root)
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', 'x + x')
    assert freshness.record_reasons(tiny.read(recorded), root) == {
        '01_study': ([], ['d2lhelpers/used.py changed'])}
    results.confirm(None, root)
    assert '01_study: three rows came out as recorded, so it is confirmed.' in capsys.readouterr().out
    assert freshness.record_reasons(tiny.read(recorded), root) == {} and recorded.read_bytes() == before[0]
    pandas.testing.assert_frame_equal(table(root), before[1])


def test_a_record_that_does_not_come_out_is_not_confirmed(root, recorded):
    before = about(root)
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', '3 * x')
    with pytest.raises(CourseError, match=r'01_study is out of date \(d2lhelpers/used.py changed\): make '
                                          r'results NB=01\n(?s:.*)no longer comes out'):
        results.confirm('01', root)
    assert about(root) == before


def test_other_code_of_the_lesson_cannot_be_confirmed(root, recorded, capsys):
    tiny.edit(recorded, '.125', '.25')
    with pytest.raises(CourseError, match='01_first was edited and not executed since: make notebooks NB=01'):
        results.confirm(None, root)
    notebooks.notebooks('01', root)
    assert ('its record 01_study is out of date (in the notebook RATE changed): make results NB=01\n'
            in capsys.readouterr().out)
    before = set(root.glob('notebooks/*.ran'))
    with pytest.raises(CourseError, match=r'01_study is out of date \(in the notebook RATE changed\): make'):
        results.confirm(None, root)
    assert set(root.glob('notebooks/*.ran')) == before  # nothing was executed


def test_the_command(monkeypatch):
    calls = []
    monkeypatch.setattr(results, 'results', lambda only: calls.append(('results', only)))
    monkeypatch.setattr(results, 'confirm', lambda only: calls.append(('confirm', only)))
    assert results.main([]) == results.main(['01', '--confirm']) == 0
    assert calls == [('results', None), ('confirm', '01')]
