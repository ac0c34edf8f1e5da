"""What a result was made from: hashes of code without its comments, and of what a function of a notebook
reaches.
"""
import os
import subprocess
import sys
import types

from d2lhelpers import provenance
from d2lhelpers.environment import settings

import pytest
from IPython.core.inputtransformer2 import TransformerManager


def test_comments_docstrings_and_layout_do_not_count():
    before = provenance.code_hash('def f(x):\n    """Once."""\n    return x + 1\n')
    assert before == provenance.code_hash('# new\ndef f(x):\n\n    "Twice."\n    return (x +\n            1) '
                                          ' # one\n')
    assert before != provenance.code_hash('def f(x):\n    """Once."""\n    return x + 2\n')


CELLS = ['import numpy\nfrom d2lhelpers import fit, plots, seed_all', 'seed_all(1)\nplots.bands(1)',
         'OTHER, EACH = 3, 5  # of each',
         'def g(x):\n    OTHER = 1\n    seed_all(plots)\n    return numpy.sum(x) + OTHER',
         'def f(x):\n    """Doc."""\n    return g(x) + EACH', 'WAYS = {}\nWAYS["a"] = f',
         'if settings.embedded:\n    RATE = 1\nelse:\n    RATE = 2',
         'def run(seed, arm):\n    return WAYS[arm](seed) * RATE', 'print(OTHER)']


@pytest.fixture
def code(monkeypatch):
    """The hashes of what `run` uses, after these cells."""
    def of(cells):
        parsed = [TransformerManager().transform_cell(cell) for cell in ['', *cells]]
        shell = types.SimpleNamespace(history_manager=types.SimpleNamespace(input_hist_parsed=parsed))
        monkeypatch.setattr(provenance, 'get_ipython', lambda: shell)
        return provenance.notebook_code(types.SimpleNamespace(__name__='run'))
    return of


def test_the_code_that_a_function_needs_runs_elsewhere(code):
    code(CELLS)
    source = provenance.notebook_source(types.SimpleNamespace(__name__='run'))
    assert 'print' not in source and 'import numpy' in source
    there = {'settings': provenance.settings}
    exec(source, there)
    there['seed_all'] = lambda _: None
    assert there['run'](1, 'a') == 7


def changed(code, place, new):
    """Names whose code differs after one cell was edited and run again."""
    before, after = code(CELLS), code([*CELLS, new])
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_a_function_reaches_its_functions_and_constants(code):
    assert set(code(CELLS)) == {'run', 'WAYS', 'f', 'g', 'EACH', 'RATE', 'numpy', 'plots', 'seed_all'}


@pytest.mark.parametrize('place, new, names', [
    (2, 'EACH = 1\nOTHER = 3', {'EACH'}), (2, 'EACH = 5\nOTHER = 4', set()),
    (2, 'OTHER, EACH = 4, 5', set()), (2, 'OTHER, EACH = 3, 1', {'EACH'}),
    (4, '%%time\ndef f(x):\n    return g(x) + EACH', set()), (2, '%%time\nEACH = 7', {'EACH'}),
    (3, 'def g(x):\n    OTHER = 1\n    seed_all(plots)\n    return numpy.mean(x) + OTHER', {'g'}),
    (1, 'seed_all(2)\nplots.bands(2)', set()),
    (4, 'def f(x):\n    """Other doc."""\n    # and a comment\n    return g(x) + EACH', set()),
    (5, 'WAYS = {}\nWAYS["a"] = g', {'WAYS', 'f', 'EACH'}), (5, 'WAYS = {}\nWAYS["a"] = f', set()),
    (6, 'if settings.embedded:\n    RATE = 3\nelse:\n    RATE = 2', {'RATE'}),
    (6, 'if settings.embedded:\n    RATE = 1\nelse:\n    RATE = 7', set()),  # of the other profile
    (7, 'def run(seed, arm):\n    return WAYS[arm](seed) / RATE', {'run'}), (8, 'print(EACH)', set()),
    (3, 'def g(x):\n  syntax error', set())])
def test_which_names_differ(code, monkeypatch, place, new, names):
    monkeypatch.delenv('D2LHELPERS_PROFILE', raising=False)
    assert changed(code, place, new) == names


def test_what_adds_to_a_name_counts_once(code):
    assert code([*CELLS, 'WAYS["b"] = g']) == code([*CELLS, 'WAYS["b"] = g', 'WAYS["b"] = g']) != code(CELLS)


def test_modules_in_which_functions_run():
    from d2lhelpers import evaluation, hardware

    with provenance.modules_run() as names:
        hardware.seed_all(0)
    assert names == {hardware.__name__} and sys.getprofile() is None
    with provenance.modules_run() as names, pytest.raises(ValueError):
        evaluation.outputs(None, None)
    assert evaluation.__name__ in names and sys.getprofile() is None


def test_files_and_modules(monkeypatch, tmp_path):
    monkeypatch.setattr(provenance, '_read', set())
    assert provenance.read(settings.root / 'data/weights/people.params').name == 'people.params'
    provenance.read(tmp_path / 'photo.jpg')  # the learner's, not the course's
    assert provenance.files_read() == ['data/weights/people.params']
    assert provenance.module_path('d2lhelpers.datasets') == settings.root / 'd2lhelpers/datasets/__init__.py'
    assert provenance.module_path('d2lhelpers.datasets.digits',
                                  tmp_path) == tmp_path / 'd2lhelpers/datasets/digits.py'


def test_only_what_is_used_is_loaded():
    """Another lesson's module is not; nor is MXNet for what needs none."""
    code = ('from d2lhelpers import files, doctor, provenance, my\nimport sys\nprint("mxnet" in '
            'sys.modules)\n'
            'from d2lhelpers.datasets import load_moons\nprint(*provenance.modules_loaded())')
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env=os.environ,
                         check=True)
    mxnet, modules = run.stdout.splitlines()
    assert mxnet == 'False'
    assert 'd2lhelpers.datasets.moons' in modules.split() and 'd2lhelpers.datasets.vowels' not in modules
