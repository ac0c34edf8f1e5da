"""When a notebook is due and a record out of date: on what they really used, and on nothing else."""
import json

from d2lhelpers import provenance
from d2lhelpers.environment import settings

import nbformat
import pytest
import tiny
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import freshness

WEIGHTS, LESSON = 'data/weights/tiny.params', 'notebooks/01_first.ipynb'
RECORD = 'data/results/01_study-embedded'


@pytest.fixture
def nb(root):
    """A notebook that has used a module, weights and another notebook's text, as make notebooks leaves it."""
    (root / WEIGHTS).write_text('weights')
    tiny.write(root, '01_first', 'y = 1')
    (root / f'{RECORD}.csv').write_text('seed,test\n')
    about = {'record': '01_study', 'data': ['d1'], 'code': {'run': 'a', 'RATE': 'b'},
             'package': {'d2lhelpers.used': provenance.module_hash('d2lhelpers.used', root)}}
    (root / f'{RECORD}.json').write_text(json.dumps(about))
    files = [WEIGHTS, LESSON, f'{RECORD}.json']
    modules = ['d2lhelpers', 'd2lhelpers.used']
    used = {'modules': {name: provenance.module_hash(name, root) for name in modules},
            'files': {name: provenance.file_hash(root / name) for name in files} | {'data/later.csv': None},
            'versions': {'nbformat': nbformat.__version__},
            'studies': {'01_study': {'code': {'run': 'a', 'RATE': 'b'}, 'data': ['d1']}}}
    cells = [new_markdown_cell('# Title'), new_code_cell('x = 1  # one'), new_code_cell('%matplotlib inline')]
    nb = new_notebook(cells=cells)
    nb.metadata.d2lhelpers = freshness.account(nb, used, freshness.modules(root))
    return nb


def test_nothing_is_due(root, nb):
    assert freshness.reasons(nb, root) == [] and not freshness.edited(nb)
    assert freshness.record_reasons(nb, root) == {}


@pytest.mark.parametrize('path, old, new', [
    ('d2lhelpers/used.py', 'Twice', 'Two times'), ('d2lhelpers/used.py', 'return', '# why\n    return'),
    ('d2lhelpers/used.py', 'A module', 'The module'), ('d2lhelpers/other.py', 'x = 1', 'x = 2'),
    ('requirements.lock', 'mxnet', 'mxnet '), ('README.md', 'Map', 'The map'),
    (f'{RECORD}.csv', 'test', 'it')])
def test_what_makes_nothing_due(root, nb, path, old, new):
    tiny.edit(root / path, old, new)
    assert freshness.reasons(nb, root) == [] and freshness.record_reasons(nb, root) == {}


def test_outputs_of_a_notebook_that_it_reads_do_not_count(root, nb):
    read = tiny.read(root / LESSON)
    read.cells[1].outputs = [nbformat.v4.new_output('stream', name='stdout', text='1')]
    read.cells[1].execution_count = 1
    read.metadata.d2lhelpers = {'made_from': {}}
    tiny.save(root / LESSON, read)
    assert freshness.reasons(nb, root) == []


@pytest.mark.parametrize('path, old, new', [
    ('d2lhelpers/used.py', '2 * x', '3 * x'), ('d2lhelpers/__init__.py', 'import sys', 'import os, sys'),
    (WEIGHTS, 'weights', 'others'), (LESSON, '# About', '# On'), (LESSON, 'y = 1', 'y = 2')])
def test_what_makes_it_due(root, nb, path, old, new):
    tiny.edit(root / path, old, new)
    assert freshness.reasons(nb, root) == [f'{path} changed']


def test_what_is_gone_and_what_is_new(root, nb):
    (root / WEIGHTS).unlink()
    (root / 'd2lhelpers/used.py').unlink()
    (root / 'data/later.csv').write_text('a record')
    assert freshness.reasons(nb, root) == ['d2lhelpers/used.py is gone', f'{WEIGHTS} is gone',
                                           'data/later.csv is new']


@pytest.mark.parametrize('index, source, due', [
    (0, '# Other words', False), (1, '# another comment\nx = 1', False), (1, 'x = 2', True),
    (2, '%matplotlib notebook', True)])
def test_its_own_cells(root, nb, index, source, due):
    nb.cells[index].source = source
    assert freshness.reasons(nb, root) == ['its code changed'] * due
    assert freshness.edited(nb) == due


def test_other_versions(root, nb, monkeypatch):
    monkeypatch.setattr(provenance, 'version', lambda name: '0')
    assert freshness.reasons(nb, root) == ['the version of nbformat changed']


@pytest.mark.parametrize('metadata', [{}, {'made_from': 'a hash of former times'}])
def test_never_executed(root, nb, metadata):
    nb.metadata.d2lhelpers = metadata
    assert freshness.reasons(nb, root) == ['make notebooks has never executed it'] and freshness.edited(nb)


def test_what_was_edited_during_the_execution_is_new(root, nb):
    before = freshness.modules(root)
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', '3 * x')
    modules = {'d2lhelpers.used': provenance.module_hash('d2lhelpers.used', root)}
    nb.metadata.d2lhelpers = freshness.account(nb, {'modules': modules}, before)
    assert freshness.reasons(nb, root) == ['d2lhelpers/used.py changed']


def test_a_record_of_other_code_or_data(root, nb):
    now = nb.metadata.d2lhelpers['studies']['01_study']
    now['code'] = {'run': 'c', 'NEW': 'd'}
    assert freshness.record_reasons(nb, root) == {'01_study': (
        ['in the notebook run changed', 'in the notebook RATE is gone', 'in the notebook NEW is new'], [])}
    now.update(code={'run': 'a', 'RATE': 'b'}, data=['d2'])
    assert freshness.record_reasons(nb, root) == {'01_study': (['its data or weights changed'], [])}
    nb.metadata.d2lhelpers['studies']['02_study'] = now
    assert freshness.record_reasons(nb, root)['02_study'] == (['it was never computed'], [])


def test_a_record_of_another_package(root, nb):
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', '3 * x')
    assert freshness.record_reasons(nb, root) == {'01_study': ([], ['d2lhelpers/used.py changed'])}


def test_of_the_full_profile_only_the_package_can_be_compared(root, nb):
    for ending in ('csv', 'json'):
        (root / f'{RECORD}.{ending}').rename(root / f'data/results/01_study-full.{ending}')
    nb.metadata.d2lhelpers['studies']['01_study']['data'] = ['of the embedded profile']
    assert freshness.record_reasons(nb, root, 'full') == {}
    tiny.edit(root / 'd2lhelpers/used.py', '2 * x', '3 * x')
    assert freshness.record_reasons(nb, root, 'full') == {'01_study': ([], ['d2lhelpers/used.py changed'])}


def test_modules_are_those_of_the_package(root):
    names = freshness.modules(root)
    assert {'d2lhelpers', 'd2lhelpers.used', 'd2lhelpers.datasets', 'd2lhelpers.exercises.e01'} <= set(names)
    assert names['d2lhelpers.datasets'] == provenance.module_hash('d2lhelpers.datasets', settings.root)
