"""Cells of a lesson can be run again, twice in a row and out of order, and say the same: see any_order.py."""
import json
import os
import subprocess
import sys
from pathlib import Path

from d2lhelpers.environment import settings

import pytest
import tiny

from tools.selection import lessons


def run_again(path):
    """What the runner says of a notebook."""
    run = subprocess.run([sys.executable, Path(__file__).parent / 'any_order.py', path], capture_output=True,
                         text=True, cwd=settings.root,
                         env=os.environ | {'PYTHONPATH': str(settings.root), 'D2LHELPERS_STRICT': '0',
                                           'D2LHELPERS_PROFILE': 'embedded', 'OMP_NUM_THREADS': '1'})
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.long
@pytest.mark.parametrize('path', lessons(), ids=lambda path: path.stem)
def test_lesson(path):
    found = run_again(path)
    assert found['differences'] == []
    # of the start page's few cells three take long, on a slow machine, too: seconds of CPU, by its speed
    assert found['cells'] - found['again'] <= max(3, .2 * found['cells'])
    assert found['at random'] >= min(20, found['again'])


def test_clashes_are_found(root):
    """And nothing else: the last cell has none."""
    found = run_again(tiny.write(
        root, '01_first', 'n = 0', 'n = n + 1\nprint(n)', 'bet = "first"', 'print(bet)', 'bet = "second"',
        'x = [1]', 'x', 'x.append(2)', '1 / 0', 'y = 1\ny'))
    said = '\n'.join(found['differences'])
    assert "cell 2 (n = n + 1) says run twice in a row: '2', and before: '1'" in said
    assert "cell 4 (print(bet)) says after the end: 'second', and before: 'first'" in said
    assert 'cell 7 (x) says after the end: ' in said and 'cell 9 (1 / 0) raised ZeroDivisionError' in said
    assert {each.split(' (')[0] for each in found['differences']} == {f'cell {n}' for n in (2, 4, 7, 9)}
    assert (found['cells'], found['again'], found['at random']) == (10, 10, 10)
