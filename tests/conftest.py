"""What tests share. A file test_e01.py is about the checks in d2lhelpers.exercises.e01."""
import importlib

from d2lhelpers.environment import settings

import nbformat
import pytest
import tiny


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A tiny repository, see tiny.py, in which the makers' tools can work with kernels of their own."""
    monkeypatch.setenv('PYTHONPATH', str(tmp_path))
    return tiny.repository(tmp_path)


@pytest.fixture(autouse=True)
def no_data_of_the_maker(request, monkeypatch):
    """What tests expect does not depend on a folder of data that the maker's shell names."""
    if request.module.__name__ not in ('test_real_data', 'test_mnist_m'):  # these have tests on real data
        monkeypatch.delenv('D2LHELPERS_DATA', raising=False)


@pytest.fixture
def as_a_learner(monkeypatch):
    """A wrong answer is a sentence, no error."""
    monkeypatch.delenv('D2LHELPERS_STRICT', raising=False)


@pytest.fixture(scope='module')
def checks(request):
    """The module of checks that the test file is about."""
    return importlib.import_module(f'd2lhelpers.exercises.{request.module.__name__.removeprefix("test_")}')


@pytest.fixture
def said(checks, as_a_learner, capsys):
    """What the check of an exercise says of an answer."""
    def say(number, answer):
        getattr(checks, f'check_{number}')(answer)
        return ' '.join(capsys.readouterr().out.split())
    return say


@pytest.fixture(scope='module')
def solutions(checks):
    """The answers of the solution notebook, by number."""
    path, = (settings.root / 'notebooks/solutions').glob(f'{checks.__name__[-2:]}_*.ipynb')
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == 'code']
    names = {}
    exec(next(cell.source for cell in cells if 'from d2lhelpers.exercises import' in cell.source), names)
    for cell in cells:
        if 'answer' in cell.metadata.get('tags', []):
            exec(cell.source, names)
    return {int(name.removeprefix('answer_')): value for name, value in names.items()
            if name.startswith('answer_')}


@pytest.fixture(params=[1, 2])
def on_gpus(request, monkeypatch):
    """A machine with one or two GPUs; further CPUs stand in for them."""
    module = importlib.import_module('d2lhelpers.hardware')
    monkeypatch.setattr(module.context, 'num_gpus', lambda: request.param)
    monkeypatch.setattr(module.npx, 'gpu', lambda i: module.npx.cpu(1 + i))
