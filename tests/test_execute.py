"""Tiny notebooks in repositories made on the fly: what is executed when, what is refused, and how kernels share a study."""
import base64
import json
import os
import signal
import subprocess
import sys
import time

from d2lhelpers.authoring import execute, readme
from d2lhelpers.errors import CourseError

import nbformat
import pandas
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

README = ('<!-- picture:begin -->\n<!-- picture:end -->\nMap\n<!-- map:begin -->\nold\n<!-- map:end -->\n'
          'Results\n<!-- results:begin -->\n<!-- results:end -->\nEnd\n')
# What study does, without a network to train: runs are shared by locks in the runs folder, and what is finished is kept.
STUDY = """
import fcntl, json, os, pathlib, time
def study(record, seconds):
    results = pathlib.Path('../data/results')
    if os.environ.get('D2LHELPERS_RECORD') == 'run':
        folder = pathlib.Path(os.environ['D2LHELPERS_RUNS']) / record
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'total').write_text('6')
        for wait in (0, fcntl.LOCK_NB):
            for seed in range(6):
                file = folder / f'{seed}.json'
                with open(folder / f'{seed}.lock', 'w') as lock:
                    try:
                        fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB - wait))
                    except BlockingIOError:
                        continue
                    if not file.exists():
                        time.sleep(seconds)
                        file.write_text(json.dumps([time.time(), os.getpid()]))
        rows = [json.loads((folder / f'{seed}.json').read_text()) for seed in range(6)]
        lines = [f'{seed},fine-tuned,{.9 + seed / 100},{.8 + seed / 100},True,{when},{pid}' for seed, (when, pid) in enumerate(rows)]
        (results / f'{record}-embedded.csv').write_text('\\n'.join(['seed,arm,validation,test,chosen,when,pid', *lines]))
    return len((results / f'{record}-embedded.csv').read_text().splitlines())
"""


@pytest.fixture
def root(tmp_path):
    """A repository without notebooks."""
    for folder in ('notebooks/exercises', 'data/results', 'data/weights', 'd2lhelpers/authoring'):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / 'd2lhelpers' / 'training.py').write_text('rate = .1\n')
    (tmp_path / 'requirements.lock').write_text('mxnet==1.9.1\n')
    (tmp_path / 'README.md').write_text(README)
    return tmp_path


def write(root, name, *sources):
    path = root / 'notebooks' / f'{name}.ipynb'
    nbformat.write(new_notebook(cells=[new_markdown_cell(f'# About {name}'), *map(new_code_cell, sources)]), path)
    return path


def read(path):
    return nbformat.read(path, as_version=4)


def test_only_what_changed_is_executed(root, capsys):
    first = write(root, '01_first', "print('hello')\nprint('again')", "import os\nrecord = '01_study'\nos.environ['D2LHELPERS_STRICT']")
    second = write(root, 'exercises/01_first', '2 + 2')
    assert execute.notebooks(root=root) == ['01_first', 'exercises/01_first']
    nb = read(first)
    assert [cell.execution_count for cell in nb.cells if cell.cell_type == 'code'] == [1, 2]
    assert nb.cells[1].outputs == [{'output_type': 'stream', 'name': 'stdout', 'text': 'hello\nagain\n'}]
    assert nb.cells[2].outputs[0].data == {'text/plain': "'1'"}
    assert nb.metadata.language_info == {'name': 'python'} and nb.metadata.kernelspec.name == 'python3' and not nb.cells[1].metadata
    assert read(second).cells[1].outputs[0].data == {'text/plain': '4'}
    minutes = pandas.read_csv(root / 'data/results/minutes.csv')
    assert list(minutes['notebook']) == ['01_first', 'exercises/01_first'] and (minutes['threads'] == 1).all()
    assert '| [`01_first`](notebooks/01_first.ipynb) | About 01_first | 0.1 |  |' in (root / 'README.md').read_text()

    assert execute.notebooks(root=root) == []
    nb.cells[0].source = '# Other words'
    nbformat.write(nb, first)
    (root / 'data/results/02_other-embedded-history.csv').write_text('not named in these notebooks')
    (root / 'd2lhelpers/authoring/slides.py').write_text('makers = 1')
    assert execute.notebooks(root=root) == []
    (root / 'data/results/01_study-embedded-history.csv').write_text('named in the first')
    assert execute.notebooks(root=root) == ['01_first']
    assert execute.notebooks('01', root) == ['01_first', 'exercises/01_first']
    assert read(first).cells[1].id == nb.cells[1].id


@pytest.mark.parametrize('path', ['d2lhelpers/training.py', 'data/weights/thin.params', 'requirements.lock', 'd2lhelpers/datasets/new.py'])
def test_hash_of_what_a_notebook_depends_on(root, path):
    nb = read(write(root, '01_first', 'x = 1'))
    before = execute.made_from(nb, root)
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text('changed')
    assert execute.made_from(nb, root) != before
    same, other = read(write(root, '01_first', 'x = 1')), read(write(root, '01_first', 'x = 2'))
    assert execute.source_hash(same) == execute.source_hash(nb) != execute.source_hash(other)


def test_failing_notebooks_are_named_and_left_as_they_were(root):
    raises = write(root, '01_raises', 'x = 1', "raise ValueError('upside down')")
    warns = write(root, '02_warns', 'x = 1', 'y = 2', "import warnings\nwarnings.warn('deprecated')")
    large = write(root, '03_large', "print('x\\n' * 99_999)")
    sound = write(root, '04_sound', 'print(1)')
    before = {path: path.read_bytes() for path in (raises, warns, large)}
    with pytest.raises(CourseError) as error:
        execute.notebooks(root=root)
    assert "01_raises.ipynb, cell [2] (raise ValueError('upside down')) raised ValueError: upside down" in str(error.value)
    assert '02_warns.ipynb, cell [3] (import warnings) wrote to stderr' in str(error.value) and 'deprecated' in str(error.value)
    assert '03_large.ipynb would have ' in str(error.value) and "cell [1] (print('x\\n' * 99_999))" in str(error.value)
    assert {path: path.read_bytes() for path in before} == before
    assert read(sound).cells[1].execution_count == 1


def test_time_out_and_dead_kernel(root):
    slow = write(root, '01_slow', 'import time', 'time.sleep(60)')
    with pytest.raises(CourseError, match=r'cell \[2\] \(time.sleep\(60\)\) took more than 1 seconds'):
        execute._run(execute.execute(slow, execute.kernel_environment(), timeout=1))
    dead = write(root, '02_dead', 'import os\nos._exit(1)')
    with pytest.raises(CourseError, match=r'cell \[1\] .* killed its kernel'):
        execute._run(execute.execute(dead, execute.kernel_environment()))


def test_unknown_notebook(root):
    write(root, '01_first', 'x = 1')
    with pytest.raises(CourseError, match='NB=09 names no notebook: there are 01_first'):
        execute.notebooks('09', root)
    with pytest.raises(CourseError, match=r'01_first.ipynb calls no study'):
        execute.results('01', root)


def test_kernel_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('D2LHELPERS_DATA', 'photos')
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    monkeypatch.setenv('VSCODE_PID', '1')
    embedded, full = execute.kernel_environment(), execute.kernel_environment('full', D2LHELPERS_RECORD='run')
    assert embedded['OMP_NUM_THREADS'] == '1' and 'D2LHELPERS_DATA' not in embedded and embedded['D2LHELPERS_PROFILE'] == 'embedded'
    assert full['D2LHELPERS_DATA'] == str(tmp_path / 'photos') and full['D2LHELPERS_RECORD'] == 'run' and full['D2LHELPERS_PROFILE'] == 'full'
    assert 'no_network' in embedded['PYTHONPATH'] and 'no_network' not in full.get('PYTHONPATH', '')
    assert not {'D2LHELPERS_STRICT', 'VSCODE_PID'} & (set(embedded) | set(full))


def test_kernels_share_a_study(root, monkeypatch):
    monkeypatch.setattr(execute, 'CORES', 2)
    path = write(root, '01_first', STUDY, "study('01_study', .2)")
    execute.results('01', root, 'embedded')
    record = pandas.read_csv(root / 'data/results/01_study-embedded.csv')
    assert len(record) == 6 and record['pid'].nunique() == 2
    assert not list((root / 'data/results/.runs').iterdir())
    assert read(path).cells[2].outputs[0].data == {'text/plain': '7'}  # executed once more, from the complete record
    assert '| fine-tuned | 0.825 ± 0.019 |' in (root / 'README.md').read_text()


def test_a_failing_run_stops_all_kernels(root, monkeypatch):
    monkeypatch.setattr(execute, 'CORES', 2)
    write(root, '01_first', STUDY + "\nif os.environ.get('D2LHELPERS_RECORD') == 'run':\n    study('01_study', 0)", '1 / 0')
    with pytest.raises(CourseError, match=r'cell \[2\] \(1 / 0\) raised ZeroDivisionError'):
        execute.results('01', root, 'embedded')
    assert len(list((root / 'data/results/.runs/01_first-embedded/01_study').glob('*.json'))) == 6


def test_interrupt_stops_all_kernels_and_the_next_call_resumes(root):
    write(root, '01_first', STUDY, "open(f'../{os.getpid()}.pid', 'w').close()", "study('01_study', .5)")
    folder = root / 'data/results/.runs/01_first-embedded/01_study'
    code = ('import pathlib, sys\nfrom d2lhelpers.authoring import execute\nexecute.CORES = 2\n'
            f'sys.exit(execute.main(["results", "01"], pathlib.Path({str(root)!r})))')
    process = subprocess.Popen([sys.executable, '-c', code], stderr=subprocess.PIPE, text=True)
    while process.poll() is None and len(list(folder.glob('*.json'))) < 2:
        time.sleep(.05)
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=30)
    assert process.returncode == 130 and 'Interrupted' in printed and 'Traceback' not in printed, printed
    kernels = [int(path.stem) for path in root.glob('*.pid')]
    assert len(kernels) == 2 and not any(os.path.exists(f'/proc/{pid}') for pid in kernels)
    kept = {path.name: path.read_text() for path in folder.glob('*.json')}
    assert 2 <= len(kept) < 6

    execute.results('01', root, 'embedded')
    record = pandas.read_csv(root / 'data/results/01_study-embedded.csv')
    assert len(record) == 6 and {json.loads(text)[1] for text in kept.values()} < set(record['pid'])


def test_unfinished_runs_of_other_code_are_dropped(root, monkeypatch, capsys):
    monkeypatch.setattr(execute, 'CORES', 1)
    write(root, '01_first', STUDY, "study('01_study', 0)")
    stale = root / 'data/results/.runs/01_first-embedded/01_study/0.json'
    stale.parent.mkdir(parents=True)
    stale.write_text('[0, 12345]')
    execute.results('01', root, 'embedded')
    assert 'of other code' in capsys.readouterr().out
    assert 12345 not in set(pandas.read_csv(root / 'data/results/01_study-embedded.csv')['pid'])


def test_lessons_and_profiles_leave_each_other_s_runs_alone(root, monkeypatch, capsys):
    """An interrupt in a later lesson: the earlier one is not computed again, nor are runs of another lesson or profile dropped."""
    monkeypatch.setattr(execute, 'CORES', 1)
    write(root, '01_first', STUDY, "study('01_study', 0)")
    second = write(root, '02_second', STUDY, "study('02_study', 0)", '1 / 0')
    with pytest.raises(CourseError, match='ZeroDivisionError'):
        execute.results(None, root, 'embedded')
    runs = root / 'data/results/.runs'
    full = runs / '02_second-full'
    full.mkdir()
    assert sorted(path.name for path in runs.iterdir()) == ['01_first-embedded', '02_second-embedded', '02_second-full']
    kept = {path: path.read_text() for path in runs.glob('*/*/*.json')}
    finished = pandas.read_csv(root / 'data/results/01_study-embedded.csv')

    with pytest.raises(CourseError, match='ZeroDivisionError'):
        execute.results(None, root, 'embedded')
    assert capsys.readouterr().out.count('going on with the runs that an earlier call left') == 2
    assert len(kept) == 12 and {path: path.read_text() for path in runs.glob('*/*/*.json')} == kept
    pandas.testing.assert_frame_equal(pandas.read_csv(root / 'data/results/01_study-embedded.csv'), finished)
    write(root, second.stem, STUDY, "study('02_study', 0)")
    execute.results(None, root, 'embedded')
    assert list(runs.iterdir()) == [full]


def test_readme_table(root):
    rows = [(seed, arm, pictures, lr, .9 + lr, .5 + seed / 10 + pictures / 1000 if lr == .1 else None, 3, lr == .1, 276)
            for seed in (1, 2, 3) for arm in ('fine-tuned', 'scratch') for pictures in (50, 100) for lr in (.1, .2)]
    columns = ['seed', 'arm', 'pictures', 'lr', 'validation', 'test', 'seconds', 'chosen', 'n_test']
    path = root / 'data/results/01_study-full.csv'
    pandas.DataFrame(rows, columns=columns).to_csv(path, index=False)
    assert readme.results(root) == ('<details><summary><code>01_study</code>, full profile: mean ± standard deviation over 3 seeds, 276 test examples'
                                    '</summary>\n\n'
                                    '| test, pictures: | 50 | 100 |\n| --- | --- | --- |\n'
                                    '| fine-tuned | 0.750 ± 0.100 | 0.800 ± 0.100 |\n| scratch | 0.750 ± 0.100 | 0.800 ± 0.100 |\n\n</details>\n')
    with pytest.raises(CourseError, match='<!-- results:begin -->'):
        readme.between('no marker', 'results', '')


@pytest.mark.parametrize('rows, expected', [
    (['0,None,,1,.5,.25,True', '1,None,,1,.5,.75,True', '0,full,2,1,.5,.5,True', '1,full,2,2,.5,,False'],
     '| arm | test |\n| --- | --- |\n| None | 0.500 ± 0.354 |\n| full | 0.500 |\n'),
    (['0,a,,1,.5,.25,True', '0,a,,1,.5,.75,True'],  # a seed twice: no column tells its rows apart
     '| arm | parts | lr | test |\n| --- | --- | --- | --- |\n| a |  | 1 | 0.500 ± 0.354 |\n'),
    (['0,a,1,1,.5,.25,True', '0,a,1,2,.5,.75,True', '0,b,1,1,.5,.5,True'],  # the last of three columns runs across
     '| arm | test, lr: | 1 | 2 |\n| --- | --- | --- | --- |\n| a | 1 | 0.250 | 0.750 |\n| b | 1 | 0.500 |  |\n'),
], ids=['an arm named None, and one seed', 'a seed twice', 'three columns'])
def test_readme_table_of_odd_records(root, rows, expected):
    path = root / 'data/results/01_study-full.csv'
    path.write_text('\n'.join(['seed,arm,parts,lr,validation,test,chosen', *rows]))
    assert readme.results(root).endswith(f'{expected}\n</details>\n')


def test_readme_picture(root):
    assert readme.picture(root) == ''
    image = new_output('display_data', {'image/png': base64.b64encode(b'a picture').decode()}, metadata={'image/png': {'alt': 'lines'}})
    notebook = new_notebook(cells=[new_code_cell('plots.curves()', outputs=[image]), new_code_cell('plots.bands()', outputs=[image])])
    nbformat.write(notebook, root / 'notebooks/01_first.ipynb')
    assert readme.picture(root) == '![lines](data/results/01_first.png)\n'
    assert (root / 'data/results/01_first.png').read_bytes() == b'a picture'
