"""Submissions are marked: honest ones as the checks say, cheats are caught, and nothing harms anybody."""
import ast
import contextlib
import csv
import glob
import json
import os
import subprocess
import sys
from pathlib import Path

from d2lhelpers import CourseError
from d2lhelpers.environment import settings
from d2lhelpers.exercises import e06, variants
from d2lhelpers.marking import marking, report, sandbox, submissions
from d2lhelpers.marking.guard import suspicious
from d2lhelpers.marking.marking import Mark, Rules
from d2lhelpers.marking.worker import sign

import nbformat
import numpy
import pytest
from submissions import BY_HEART, CHEATS, HARM, RIGHT, WRONG, write

QUICK = Rules(seed=7, seconds=60)


# ---- who has handed in what

def test_who_has_handed_in_what(tmp_path):
    for name in ('Anna', 'Ben_06_faces', '06_faces', 'Cem Öz_123_file/06_faces'):
        write(tmp_path, name, [RIGHT])
    (tmp_path / 'dora.ipynb').write_bytes(b'\xff{')
    write(tmp_path, '.ipynb_checkpoints/Anna', [RIGHT])
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / 'empty.ipynb')
    found = {each.student: each for each in submissions.find(tmp_path)}
    assert set(found) == {'Anna', 'Ben', '06_faces', 'Cem_Öz_123_file', 'dora', 'empty'}
    assert found['Anna'].lesson == '06' and not found['Anna'].problem
    assert 'cannot be read' in found['dora'].problem and 'No cell calls a check' in found['empty'].problem


def test_an_empty_folder(tmp_path):
    with pytest.raises(CourseError, match='There is no notebook in'):
        submissions.find(tmp_path)


def test_only_definitions_are_run():
    tree = submissions.definitions(submissions.parsed('%matplotlib inline\nimport os\n!ls\nx = 1\nprint(x)\n'
                                                      'while True: pass\ndef f(): pass', 'cell [1]'))
    assert [type(each).__name__ for each in tree.body] == ['Import', 'Assign', 'FunctionDef']


@pytest.mark.parametrize('path', sorted((settings.root / 'notebooks').glob('[es]*/*.ipynb')), ids=str)
def test_the_course_itself_is_not_suspicious(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == 'code':
            assert not suspicious(submissions.parsed(cell.source, 'cell')), cell.source


@pytest.mark.parametrize('code, found', [
    ('f.__closure__', '__closure__'), ('getattr(f, "f_back")', 'f_back'), ('eval("1")', 'eval'),
    ('e01._TABLE', 'e01._TABLE'), ('from d2lhelpers.exercises.checking import Wrong', 'checking'),
    ('from d2lhelpers.exercises import design', 'design'),
    ('from d2lhelpers.exercises.e01 import _TABLE', '_TABLE'), ('import d2lhelpers.marking.guard', 'marking'),
    ('print("Exercise 2: right: yes")', 'prints')])
def test_what_no_answer_needs(code, found):
    assert found in suspicious(ast.parse(code))


# ---- hidden data

def test_hidden_data_is_other_data(monkeypatch):
    assert variants.varied(3) == 3
    monkeypatch.setattr(variants, '_hidden', 7)
    assert variants.varied(3) == variants.varied(3) != 3
    seven = variants.varied(3)
    monkeypatch.setattr(variants, '_hidden', 8)
    assert variants.varied(3) not in (3, seven)


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_a_right_answer_is_right_on_hidden_data(monkeypatch, said, seed):
    monkeypatch.setattr(variants, '_hidden', seed)
    names = {'numpy': numpy}
    exec(RIGHT, names)
    assert said(4, names['answer_4']).startswith('Exercise 4: right')


def test_what_was_learned_by_heart_is_wrong_on_hidden_data(monkeypatch, said):
    names = {'numpy': numpy}
    exec(BY_HEART, names)
    assert said(4, names['answer_4']).startswith('Exercise 4: right')
    monkeypatch.setattr(variants, '_hidden', 7)
    assert 'with your threshold' in said(4, names['answer_4'])


@pytest.fixture
def checks():
    return e06


# ---- table and pages

def marks_of(tmp_path, *marks, name='=cmd|evil'):
    write(tmp_path / 'in', name, [RIGHT])
    report.write({submissions.find(tmp_path / 'in')[0]: list(marks)}, tmp_path, QUICK)
    with open(tmp_path / 'marks.csv') as file:
        return list(csv.DictReader(file))


def test_the_table_is_no_formula_and_the_page_no_script(tmp_path):
    row, other = marks_of(tmp_path, Mark('exercise 4', 'right', '=1+1', 1.25),
                          Mark('cell [2]', 'broken', 'a\n<script>', 0))
    assert row == {'student': "'=cmd|evil", 'exercise': '06.4', 'passed': 'yes', 'sentence': "'=1+1",
                   'seconds': '1.2'}
    assert (other['exercise'], other['passed'], other['sentence']) == ('06 cell [2]', 'no', 'a <script>')
    page, = (tmp_path / 'pages').glob('*.html')
    text = page.read_text()
    assert '1 of 1 right' in text and '&lt;script&gt;' in text and '<script>' not in text
    assert 'only the lecturer knows' in text


# ---- without a process

def test_a_line_without_the_right_signature_is_not_believed():
    line = json.dumps({'kind': 'done'})
    assert marking._believed(f'{sign("key", line)} {line}'.encode(), 'key') == {'kind': 'done'}
    assert marking._believed(f'{sign("other", line)} {line}'.encode(), 'key') is None
    assert marking._believed(b'\xff', 'key') is None


def test_bubblewrap_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox.shutil, 'which', lambda name: f'/usr/bin/{name}')
    assert 'under bubblewrap' in sandbox.walls()
    words = sandbox._bubblewrap(str(tmp_path))
    assert words[:2] == ['/usr/bin/bwrap', '--unshare-all'] and words[-4:] == [
        str(tmp_path), str(tmp_path), '--chdir', str(tmp_path)]
    monkeypatch.setattr(sandbox.shutil, 'which', lambda name: None)
    assert 'without bubblewrap' in sandbox.walls() and sandbox._bubblewrap(str(tmp_path)) == []


# ---- with processes

def run(folder, out, seconds=60, seed=7):
    """Mark as from a terminal: a process of its own adopts what is left behind, and is told by its output."""
    done = subprocess.run([sys.executable, '-m', 'd2lhelpers', 'mark', str(folder), '--out', str(out),
                           '--seed', str(seed), '--seconds', str(seconds), '--jobs', '2'],
                          capture_output=True, text=True, check=True, cwd=settings.root,
                          env={**os.environ, 'PYTHONPATH': str(settings.root), 'TMPDIR': str(out.parent)})
    with open(out / 'marks.csv') as file:
        rows = list(csv.DictReader(file))
    return done.stdout, rows


def told(rows, student):
    """The verdict on exercise 4, and all sentences of a student."""
    own = [row for row in rows if row['student'] == student.replace(' ', '_')]
    passed = {row['passed'] for row in own if row['exercise'] == '06.4'}
    return passed, ' '.join(row['sentence'] for row in own)


@pytest.mark.long
def test_cheats_are_caught(tmp_path):
    for name, (cells, _) in CHEATS.items():
        write(tmp_path / 'in', name, cells)
    write(tmp_path / 'in', 'honest', [RIGHT])
    write(tmp_path / 'in', 'wrong', [WRONG])
    _, rows = run(tmp_path / 'in', tmp_path / 'out')
    passed, said = told(rows, 'honest')
    assert passed == {'yes'} and 'aught' not in said
    assert told(rows, 'wrong')[0] == {'no'} and 'with your threshold' in told(rows, 'wrong')[1]
    for name, (_, sentence) in CHEATS.items():
        passed, said = told(rows, name)
        assert passed == {'no'} and sentence in said, (name, said)


@pytest.mark.long
def test_nothing_harms_anybody_and_the_rest_is_marked(tmp_path):
    for name, (cells, _) in HARM.items():
        write(tmp_path / 'in', name, cells)
    _, rows = run(tmp_path / 'in', tmp_path / 'out', seconds=20)
    assert not processes_of(tmp_path)
    for name, (cells, sentence) in HARM.items():
        passed, said = told(rows, name)
        assert passed == {'yes' if RIGHT in cells else 'no'} and sentence in said, (name, said)
    assert set(os.listdir(tmp_path / 'out')) == {'marks.csv', 'pages', 'finished'}


@pytest.mark.long
def test_it_goes_on_where_it_was(tmp_path):
    write(tmp_path / 'in', 'anna', [RIGHT])
    run(tmp_path / 'in', tmp_path / 'out')
    write(tmp_path / 'in', 'ben', [WRONG])
    said, rows = run(tmp_path / 'in', tmp_path / 'out')
    assert '1 of them are marked already' in said and 'anna.ipynb:' not in said and 'ben.ipynb:' in said
    assert {row['student'] for row in rows} == {'anna', 'ben'}
    said, _ = run(tmp_path / 'in', tmp_path / 'out', seed=8)
    assert 'marked already' not in said


def processes_of(folder):
    """The processes whose home is in a folder, wherever they have gone (Linux); no other test's."""
    found = []
    for file in map(Path, glob.glob('/proc/[0-9]*/environ')):
        with contextlib.suppress(OSError):  # one that has just ended
            if f'\0HOME={folder}/'.encode() in b'\0' + file.read_bytes():
                found.append(file.parent.name)
    return found
