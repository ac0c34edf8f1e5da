"""Notebooks executed from fresh kernels: what comes back, what is refused, how they end."""
import asyncio
import os
import time

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pytest
import tiny
from jupyter_client.connect import LocalPortCache
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import execution


def execute(path, timeout=60, **more):
    return execution.run(execution.execute(path, execution.kernel_environment(**more), timeout))


def test_what_comes_back(root):
    path = tiny.write(root, '01_first', "print('hello')\nprint('again')",
                      "import os\nos.environ['D2LHELPERS_STRICT'], os.path.basename(os.getcwd())")
    before = path.read_bytes()
    nb, seconds, used = execute(path, D2LHELPERS_STRICT='1')
    assert [cell.execution_count for cell in nb.cells[1:]] == [1, 2] and len(nb.cells) == 3
    assert nb.cells[1].outputs == [{'output_type': 'stream', 'name': 'stdout', 'text': 'hello\nagain\n'}]
    assert nb.cells[2].outputs[0].data == {'text/plain': "('1', 'notebooks')"}
    assert nb.metadata.language_info == {'name': 'python'} and nb.metadata.kernelspec.name == 'python3'
    assert not nb.cells[1].metadata and 0 < seconds < 60 and used == {}
    assert path.read_bytes() == before


def test_no_port_is_needed(root, monkeypatch):
    """Somebody else could take it before the kernel does."""
    path = tiny.write(root, '01_first', "print(get_ipython().kernel.parent.transport)")
    monkeypatch.setattr(LocalPortCache, 'find_available_port', lambda cache, ip: pytest.fail('a port'))
    nb, *_ = execute(path)
    assert nb.cells[1].outputs[0].text == 'ipc\n'


def test_what_was_used_is_asked_of_the_kernel(root):
    path = tiny.write(root, '01_first', 'from d2lhelpers import provenance, used\nimport nbformat',
                      "provenance.read(provenance.settings.root / 'README.md')",
                      "provenance.note_study('01_s', code={})")
    nb, _, report = execute(path)
    assert 'd2lhelpers.used' in report['modules'] and 'd2lhelpers.other' not in report['modules']
    assert list(report['files']) == ['README.md'] and 'nbformat' in report['versions']
    assert report['studies'] == {'01_s': {'code': {}}}
    assert [cell.execution_count for cell in nb.cells[1:]] == [1, 2, 3]


def test_an_exception_names_its_cell(root):
    path = tiny.write(root, '01_raises', 'x = 1', "raise ValueError('upside down')")
    with pytest.raises(CourseError, match=r'01_raises.ipynb, cell \[2\] \(raise .*\) raised ValueError: up'):
        execute(path)


def test_time_out_and_dead_kernel(root):
    slow = tiny.write(root, '01_slow', 'import time', 'time.sleep(60)')
    with pytest.raises(CourseError, match=r'cell \[2\] \(time.sleep\(60\)\) took more than 1 seconds'):
        execute(slow, timeout=1)
    dead = tiny.write(root, '02_dead', 'import os\nos._exit(1)')
    with pytest.raises(CourseError, match=r'cell \[1\] .* killed its kernel'):
        execute(dead)


@pytest.mark.parametrize('output, sentence', [
    (new_output('stream', name='stderr', text='old'), r'cell \[1\] \(x = 1\) wrote to stderr.*: old'),
    (new_output('stream', name='stdout', text='x' * 600_000), r'have \d+ kB, more than 600.*cell \[1\]')])
def test_what_is_refused(tmp_path, output, sentence):
    nb = new_notebook(cells=[new_code_cell('x = 1', outputs=[output])])
    with pytest.raises(CourseError, match=sentence):
        execution.refuse(nb, tmp_path / '01.ipynb')


def test_kernel_environment(monkeypatch, tmp_path):
    for name, value in {'D2LHELPERS_DATA': str(tmp_path), 'D2LHELPERS_STRICT': '1', 'VSCODE_PID': '1',
                        'MPLBACKEND': 'Agg'}.items():
        monkeypatch.setenv(name, value)
    embedded = execution.kernel_environment()
    full = execution.kernel_environment('full', D2LHELPERS_RECORD='run')
    assert embedded['OMP_NUM_THREADS'] == '1' and embedded['D2LHELPERS_PROFILE'] == 'embedded'
    assert 'D2LHELPERS_DATA' not in embedded and full['D2LHELPERS_DATA'] == str(tmp_path)
    assert full['D2LHELPERS_PROFILE'] == 'full' and full['D2LHELPERS_RECORD'] == 'run'
    assert 'no_network' in embedded['PYTHONPATH'] and 'no_network' not in full.get('PYTHONPATH', '')
    assert not {'D2LHELPERS_STRICT', 'VSCODE_PID', 'MPLBACKEND'} & (set(embedded) | set(full))


def test_the_full_profile_gets_its_own_threads(monkeypatch):
    """Not those that importing the package has set for this process."""
    monkeypatch.setattr('d2lhelpers.environment._set_here', ['OMP_NUM_THREADS'])
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    assert 'OMP_NUM_THREADS' not in execution.kernel_environment('full')


def test_a_relative_folder_of_data_becomes_a_whole_path(monkeypatch):
    monkeypatch.setenv('D2LHELPERS_DATA', 'photos')
    assert os.path.isabs(execution.kernel_environment('full')['D2LHELPERS_DATA'])


def test_as_many_at_once_as_there_are_cores(monkeypatch):
    monkeypatch.setattr(type(settings), 'cores', 2)
    running, most = [], []

    async def work(item):
        running.append(item)
        most.append(len(running))
        await asyncio.sleep(.05)
        running.remove(item)
        if item == 3:
            raise CourseError('three')
        return item * 2
    outcomes = execution.together(work, range(5))
    assert max(most) == 2 and str(outcomes.pop(3)) == 'three' and outcomes == {0: 0, 1: 2, 2: 4, 4: 8}


def test_an_error_that_is_no_sentence_is_raised():
    async def work(item):
        return 1 / item
    with pytest.raises(ZeroDivisionError):
        execution.together(work, [1, 0])


def test_kernels_end_with_their_notebook(root):
    path = tiny.write(root, '01_first', "import os\nopen(f'{os.getpid()}.pid', 'w').close()")
    execute(path)
    pid, = (int(file.stem) for file in path.parent.glob('*.pid'))
    until = time.monotonic() + 10
    while os.path.exists(f'/proc/{pid}') and time.monotonic() < until:
        time.sleep(.05)
    assert not os.path.exists(f'/proc/{pid}')
