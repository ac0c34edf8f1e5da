"""A record under changed code: what counts as a change, and what is run instead. The edits of real lessons
are those that two learners tried.
"""
import json
import os
import subprocess
import sys
import types
from pathlib import Path

from d2lhelpers import beats, every, holds, provenance, study
from d2lhelpers.environment import settings

import pytest
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).resolve().parents[1]
CELLS = {'imports': 'import functools\nimport numpy',
         'each': 'EACH, OTHER = 5, 3',
         'reverse': 'def reverse(x, lam):\n    """Turn the sign."""\n    return -lam * x',
         'score': 'def score(lam):\n    return .5 + reverse(-.1, lam)',
         'flat': 'def flat(lam):\n    return .5 + EACH / 100',
         'ways': 'WAYS = {"DANN": score}\nWAYS["plain"] = flat',
         'run': 'def run(seed, arm, lam):\n    figure = WAYS[arm](lam) + seed / 1000\n'
                '    return {"validation": figure, "test": figure}',
         'bet': 'choice = None'}
HARMLESS = {
    'comment': 'def reverse(x, lam):  # mine\n    """Turn the sign."""\n    return -lam * x',
    'comment above': '# mine\n' + CELLS['reverse'],
    'docstring': 'def reverse(x, lam):\n    """Mine."""\n    return -lam * x',
    'no docstring': 'def reverse(x, lam):\n    return -lam * x',
    'layout': 'def reverse(x, lam):\n    return (-lam\n            * x)',
    'spaces': 'def reverse( x,lam ):\n  return - lam*x',
    'brackets': 'def reverse(x, lam):\n    return (-lam) * x',
    'quotes': "WAYS = {'DANN': score}\nWAYS['plain'] = flat",
    'two lines': 'EACH = 5\nOTHER = 3', 'semicolon': 'EACH = 5; OTHER = 3',
    'another order': 'OTHER = 3\nEACH = 5', 'another name beside': 'EACH, OTHER = 5, 9',
    'unused name': 'EACH, OTHER, MINE = 5, 3, 1', 'the same again': CELLS['ways'],
    'a guess': 'choice = "DANN"', 'a new cell': 'mine = reverse(2, 3)\nprint(mine)',
    'a mistake': 'print(not there)', 'timed': '%%time\n' + CELLS['reverse'],
    'help': 'reverse?', 'another import': 'import numpy\nimport functools, math',
    'a function of one\'s own': 'def mine(x):\n    return reverse(x, 1)',
    'a look at the data': 'WAYS'}
HARMFUL = {'sign': ('def reverse(x, lam):\n    return lam * x', 'reverse'),
           'constant': ('EACH, OTHER = 1, 3', 'EACH'),
           'another way': ('WAYS = {"DANN": score}\nWAYS["plain"] = lambda lam: .1', 'WAYS'),
           'added': ('WAYS["DANN"] = lambda lam: .2', 'WAYS'),
           'the run': (CELLS['run'].replace('1000', '500'), 'run')}
GRID, SEEDS = [{'lam': 1.}, {'lam': 2.}], range(100, 105)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """IPython with the cells of a small notebook, and a record of its study."""
    monkeypatch.setattr(settings, 'root', tmp_path)
    monkeypatch.setenv('D2LHELPERS_STRICT', '0')
    shell = InteractiveShell()
    monkeypatch.setattr(provenance, 'get_ipython', lambda: shell)
    for cell in CELLS.values():
        shell.run_cell(cell, store_history=True).raise_error()
    monkeypatch.setenv('D2LHELPERS_RECORD', 'run')
    ask(shell)
    monkeypatch.delenv('D2LHELPERS_RECORD')
    return shell


def ask(shell, **options):
    data = types.SimpleNamespace(fingerprint='abc', test=range(100))
    return study(shell.user_ns['run'], [{'arm': 'DANN'}, {'arm': 'plain'}], GRID, SEEDS, record='99_study',
                 data=data, **options)


@pytest.mark.parametrize('new', HARMLESS.values(), ids=HARMLESS)
def test_what_changes_nothing_is_no_change(shell, capsys, new):
    shell.run_cell(new, store_history=True)
    capsys.readouterr()
    table = ask(shell)
    assert table.why_not is None and table.edited is None and capsys.readouterr().out == ''
    assert beats(table, 'DANN', 'plain').holds is not None


@pytest.mark.parametrize('new, name', HARMFUL.values(), ids=HARMFUL)
def test_a_change_is_named_and_claims_are_not_judged(shell, capsys, new, name):
    shell.run_cell(new, store_history=True)
    capsys.readouterr()
    table = ask(shell)
    told = capsys.readouterr().out
    assert told.startswith(f'99_study was recorded with other code than yours: `{name}` differs.')
    assert len(table.rows) == 20  # it is shown all the same
    outcome = beats(table, 'DANN', 'plain')
    assert outcome.verdict == 'not judged' and outcome.figures.endswith(f'`{name}` differs')
    assert capsys.readouterr().out.startswith('One run of each with your code')
    assert holds(table, lambda rows: True).verdict == 'not judged'


def test_one_pair_is_run_with_the_changed_code_beside_the_record(shell, capsys):
    shell.run_cell(HARMFUL['sign'][0], store_history=True)
    table = ask(shell)
    capsys.readouterr()
    first = beats(table, 'DANN', 'plain')
    assert capsys.readouterr().out.splitlines() == [
        'One run of each with your code, seed 100, test:', '  DANN: 0.400 (recorded 0.800)',
        '  plain: 0.650 (recorded 0.650)']
    beats(table, 'DANN', 'plain')
    assert capsys.readouterr().out == ''  # once is enough
    assert every(first, first).verdict == 'not judged'


def test_a_pair_without_the_changed_code_leaves_it_to_the_next(shell, capsys):
    shell.run_cell(HARMFUL['constant'][0], store_history=True)
    table = ask(shell)
    capsys.readouterr()
    beats(table, {'arm': 'DANN'}, {'arm': 'DANN'})
    assert capsys.readouterr().out == 'What you changed has no part in these two.\n'
    beats(table, 'DANN', 'plain')
    assert 'plain: 0.610 (recorded 0.650)' in capsys.readouterr().out


def test_too_long_is_offered_not_run(shell, capsys):
    shell.run_cell(HARMFUL['sign'][0], store_history=True)
    table = ask(shell)
    table.rows['seconds'] = 15.
    for _ in range(2):
        beats(table, 'DANN', 'plain')
    assert capsys.readouterr().out.count('would take about 30 s') == 1


def test_interrupt_keeps_what_was_finished(shell, monkeypatch, capsys):
    shell.run_cell(HARMFUL['sign'][0], store_history=True)
    table = ask(shell)
    once, made = table.edited._run, []

    def stopped(row):
        if made:
            raise KeyboardInterrupt
        made.append(row)
        return once(row)

    monkeypatch.setattr(table.edited, '_run', stopped)
    beats(table, 'DANN', 'plain')
    assert capsys.readouterr().out.splitlines()[-2:] == ['  DANN: 0.400 (recorded 0.800)', '  interrupted']


def test_the_whole_is_run_live(shell):
    shell.run_cell(HARMFUL['sign'][0], store_history=True)
    table = ask(shell, live=True)
    assert beats(table, 'plain', 'DANN').holds and table.caption == ''


# --- what two learners tried

TRIALS = {
    'the sign of the reversal': ('05_domain_adversarial_training', 'cell-61', {'cell-24': [[
        '((1 + lam) * x).detach() - lam * x', '((1 - lam) * x).detach() + lam * x']]}, 'reverse'),
    'one picture of each': ('03_conservative_training', 'cell-42', {'cell-05': [[
        'EACH, VALIDATION = 5, 40', 'EACH, VALIDATION = 1, 40']]}, 'EACH'),
    'a distance without the source': ('03_conservative_training', 'cell-42', {'cell-21': [[
        'np.square(now.data() - then.data())', 'np.square(now.data())']]}, 'distance2'),
    'a narrow trunk': ('04_multi_task_learning', 'cell-23', {'cell-10': [[
        'def trunk(width=16, dense=64)', 'def trunk(width=1, dense=2)']]}, 'trunk')}


@pytest.mark.parametrize('lesson, cell, edit, name', TRIALS.values(), ids=TRIALS)
def test_what_learners_tried_shows(lesson, cell, edit, name):
    run = subprocess.run([sys.executable, ROOT / 'tests' / 'lesson_cells.py', lesson, cell, json.dumps(edit)],
                         capture_output=True, text=True, cwd=ROOT, check=True,
                         env=os.environ | {'D2LHELPERS_STRICT': '0', 'D2LHELPERS_PROFILE': 'embedded',
                                           'PYTHONPATH': str(ROOT)})
    assert f'recorded with other code than yours: `{name}` differs. What is shown is the record' in run.stdout
    claimed = [line for line in run.stdout.splitlines() if line.startswith(('holds: ', 'not judged: '))]
    assert claimed and all(line.startswith('not judged: ') for line in claimed)
    assert f'`{name}` differs\n' in run.stdout and (
        'One run of each with your code, seed 100' in run.stdout or 'would take about' in run.stdout)
