"""``make notebooks``: what is due is executed, in tiny repositories; what fails is left as it was."""
import re

from d2lhelpers.errors import CourseError

import pandas
import pytest
import tiny

from tools import freshness, notebooks


def test_only_what_is_due_is_executed(root, capsys):
    first = tiny.write(root, '01_first', 'import os\nos.environ["D2LHELPERS_STRICT"]',
                       'from d2lhelpers import used')
    second = tiny.write(root, 'exercises/01_first', '2 + 2')
    assert notebooks.notebooks(root=root) == ['01_first', 'exercises/01_first']
    assert '01_first: make notebooks has never executed it\n' in capsys.readouterr().out
    nb = tiny.read(first)
    assert nb.cells[1].outputs[0].data == {'text/plain': "'1'"}
    assert tiny.read(second).cells[1].outputs[0].data == {'text/plain': '4'}
    minutes = pandas.read_csv(root / 'data/results/minutes.csv')
    assert list(minutes['notebook']) == ['01_first', 'exercises/01_first'] and (minutes['threads'] == 1).all()
    row = r'\(notebooks/01_first\.ipynb\) \| About 01_first \| 0\.\d \|  \|'  # minutes, of a busy machine too
    assert re.search(row, (root / 'README.md').read_text())

    tiny.edit(first, '# About', '# On')
    tiny.edit(root / 'd2lhelpers/other.py', 'x = 1', 'x = 2')
    assert notebooks.notebooks(root=root) == []
    assert '01_first: nothing changed\n' in capsys.readouterr().out
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', '3 * x')
    assert notebooks.notebooks(root=root) == ['01_first']
    assert '01_first: d2lhelpers/used.py changed\n' in capsys.readouterr().out
    assert notebooks.notebooks('01', root) == ['01_first', 'exercises/01_first']
    assert tiny.read(first).cells[1].id == nb.cells[1].id


def test_failing_notebooks_are_named_and_left_as_they_were(root):
    raises = tiny.write(root, '01_raises', 'x = 1', "raise ValueError('upside down')")
    warns = tiny.write(root, '02_warns', 'x = 1', 'y = 2', "import warnings\nwarnings.warn('deprecated')")
    sound = tiny.write(root, '03_sound', 'print(1)')
    before = {path: path.read_bytes() for path in (raises, warns)}
    with pytest.raises(CourseError, match=r'cell \[2\] .* raised ValueError: upside down(?s:.*)'
                                          r'02_warns.ipynb, cell \[3\] \(import warnings\) wrote to stderr'):
        notebooks.notebooks(root=root)
    assert {path: path.read_bytes() for path in before} == before
    assert tiny.read(sound).cells[1].execution_count == 1


def test_one_that_reads_the_others_comes_last(root):
    """And is not due because they were executed."""
    tiny.write(root, '00_start', "from d2lhelpers.provenance import read, settings\n"
                                 "path = settings.root / 'notebooks/exercises/01_first.ipynb'\nread(path)")
    tiny.write(root, 'exercises/01_first', '1 + 1')
    notebooks.notebooks(root=root)
    assert notebooks.notebooks(root=root) == []
    tiny.edit(root / 'notebooks/exercises/01_first.ipynb', '# About', '# On')
    assert notebooks.notebooks(root=root) == ['00_start']


def test_unknown_notebook(root, capsys):
    tiny.write(root, '01_first', 'x = 1')
    with pytest.raises(CourseError, match='NB=09 names no notebook: there are 01_first'):
        notebooks.notebooks('09', root)
    assert notebooks.main(['there-is-none']) == 1
    assert capsys.readouterr().err.startswith('NB=there-is-none names no notebook: there are 00_gluon_in')


def test_minutes_of_notebooks_that_are_gone_are_dropped(root, monkeypatch):
    monkeypatch.setattr(notebooks.speed, 'seconds', lambda: .12345)
    first = tiny.write(root, '01_first', 'x = 1')
    notebooks.keep_seconds('01_first', 'full', 60, root)
    first.rename(first.with_name('02_first.ipynb'))
    notebooks.keep_seconds('02_first', 'embedded', 3.2, root)
    assert (root / 'data/results/minutes.csv').read_text().splitlines()[1:] == [
        '02_first,embedded,3,1,0.123']


def test_minutes_make_nothing_due(root):
    path = tiny.write(root, '01_first', 'from d2lhelpers.lesson import measured\nmeasured("embedded")')
    notebooks.keep_seconds('01_first', 'embedded', 60, root)
    notebooks.notebooks(root=root)
    assert 'd2lhelpers.lesson' in tiny.read(path).metadata.d2lhelpers['made_from']['modules']
    notebooks.keep_seconds('01_first', 'embedded', 90, root)
    assert freshness.reasons(tiny.read(path), root) == []
