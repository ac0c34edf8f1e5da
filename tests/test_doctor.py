"""The doctor: what it says when something is broken."""
import importlib.metadata
import json
import os
import subprocess
import sys
import types

from d2lhelpers import doctor, environment
from d2lhelpers.__main__ import main
from d2lhelpers.doctor import FAIL, NOTE, OK
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pytest


def states(check):
    return [state for state, _ in check()]


def the(check, part):
    """State and sentence of the one line that has `part` in it."""
    found = [(state, sentence) for state, sentence in check() if part in sentence]
    assert len(found) == 1, list(check())
    return found[0]


@pytest.fixture
def versions(monkeypatch):
    """Lets a test say which versions are installed: {distribution: version, or None for missing}."""
    real, said = importlib.metadata.version, {}

    def version(name):
        if name in said and said[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return said.get(name) or real(name)
    monkeypatch.setattr(importlib.metadata, 'version', version)
    return said


def test_every_direct_dependency_has_a_line():
    text = (settings.root / 'pyproject.toml').read_text()
    assert len(states(doctor.packages)) == len(doctor.tomllib.loads(text)['project']['dependencies'])


def test_missing_package(versions):
    versions['pooch'] = None
    state, sentence = the(doctor.packages, 'pooch')
    assert state == FAIL and 'not installed' in sentence and 'make lab' in sentence


def test_version_the_course_cannot_use(versions):
    versions['numpy'] = '1.26.4'
    state, sentence = the(doctor.packages, 'numpy')
    assert state == FAIL and '1.26.4' in sentence and 'numpy==1.23.5' in sentence


def test_version_other_than_locked(versions):
    versions['tqdm'] = '4.66.1'
    state, sentence = the(doctor.packages, 'tqdm')
    assert state == NOTE and '4.66.1' in sentence and 'requirements.lock has tqdm' in sentence


@pytest.mark.parametrize('stand_in, wanted, version', [
    ('opencv-python', 'opencv-python-headless', '4.11.0.86'), ('mxnet-cu112', 'mxnet', '1.9.1')])
def test_build_that_stands_in(versions, stand_in, wanted, version):
    versions.update({wanted: None, stand_in: version})
    state, sentence = the(doctor.packages, f'{stand_in} {version}')
    assert state == NOTE and f'requirements.lock has {wanted} ' in sentence


def test_locked_versions_are_those_for_this_machine():
    text = ("# made by\na==1 \\\n    --hash=sha256:00\nb==2 ; sys_platform == 'never' \\\n    "
            "--hash=sha256:00\nc-d==3 ; python_version > '3' \\\n")
    assert doctor.locked_versions(text) == {'a': '1', 'c-d': '3'}


@pytest.mark.parametrize('module, error, way_out', [
    ('cv2', ImportError('libGL.so.1: cannot open shared object file: No such file or directory'),
     'apt-get install libgl1 libglib2.0-0'),
    ('mxnet', OSError('libquadmath.so.0: cannot open shared object file: No such file or directory'),
     'apt-get install libgomp1 libquadmath0'),
    ('mxnet', AttributeError("module 'numpy' has no attribute 'bool'"), 'make lab')])
def test_what_cannot_be_imported(monkeypatch, tmp_path, module, error, way_out):
    for name in ('cv2', 'mxnet'):
        (tmp_path / f'{name}.py').write_text(f'raise {error!r}' if name == module else '')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path))
    state, sentence = the(doctor.imports, 'cannot be imported')
    assert state == FAIL and sentence.startswith(module) and str(error) in sentence and way_out in sentence
    assert sorted(states(doctor.imports)) == [FAIL, OK]


def test_other_python(monkeypatch):
    monkeypatch.setattr(sys, 'version_info', (3, 12, 1))
    state, sentence = the(doctor.python, '3.12.1')
    assert state == FAIL and '3.11' in sentence


def test_threads(monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    assert states(doctor.threads)[0] == OK
    monkeypatch.setenv('OMP_NUM_THREADS', '7')
    state, sentence = the(doctor.threads, 'unset it')
    assert state == NOTE and '7 CPU threads' in sentence and '1 is best for the embedded profile' in sentence


@pytest.mark.parametrize('used, expected', [('2', OK), ('8', NOTE)])
def test_threads_in_a_container_with_a_quota(monkeypatch, used, expected):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: set(range(8)), raising=False)
    for module in (doctor, environment):
        monkeypatch.setattr(module, 'cpu_quota', lambda: 2.5)
    monkeypatch.setenv('OMP_NUM_THREADS', used)
    state, sentence = the(doctor.threads, 'this container may use 2.5 CPUs at a time')
    assert state == expected and f'{used} CPU threads of 2' in sentence
    assert ('2 is best for the full profile' in sentence) == (expected == NOTE)


def test_little_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, 'CGROUP', tmp_path)
    (tmp_path / 'memory.max').write_text('max\n')
    unlimited = the(doctor.memory, 'memory')[1]
    (tmp_path / 'memory.max').write_text(f'{2 * 2**30}\n')
    state, sentence = the(doctor.memory, 'memory: 2.0 GB')
    assert state == NOTE and sentence != unlimited


@pytest.fixture
def card(monkeypatch, tmp_path):
    """A stand-in for nvidia-smi on PATH; and an MXNet built with or without CUDA."""
    def put(line, cuda=False, status=0):
        from mxnet import context, runtime
        program = tmp_path / 'nvidia-smi'
        program.write_text(f'#!/bin/sh\necho "{line}"\nexit {status}\n')
        program.chmod(0o755)
        monkeypatch.setenv('PATH', f'{tmp_path}{os.pathsep}{os.environ["PATH"]}')
        monkeypatch.setattr(runtime, 'Features', lambda: types.SimpleNamespace(is_enabled=lambda name: cuda))
        monkeypatch.setattr(context, 'num_gpus', lambda: 1)
    return put


def test_no_gpu(card):
    card('NVIDIA-SMI has failed because it could not communicate with the driver', status=9)
    assert states(doctor.gpu) == [NOTE] and the(doctor.gpu, 'built for CPUs')


def test_gpu_that_this_build_leaves_idle(card):
    card('NVIDIA GeForce RTX 3060, 8.6')
    assert states(doctor.gpu) == [NOTE] and the(doctor.gpu, 'NVIDIA GeForce RTX 3060')


def test_gpu_in_use(card):
    card('NVIDIA A100-SXM4-40GB, 8.0', cuda=True)
    assert states(doctor.gpu) == [OK]


def test_gpu_build_without_driver(card):
    card('', cuda=True, status=9)
    assert states(doctor.gpu) == [NOTE] and the(doctor.gpu, 'no NVIDIA driver')


@pytest.mark.parametrize('line', ['NVIDIA H100 PCIe, 9.0', 'NVIDIA GeForce RTX 5090, 12.0', 'Tesla K80, 3.7'])
def test_gpu_that_the_last_release_has_no_code_for(card, line):
    card(line, cuda=True)
    state, sentence = the(doctor.gpu, 'compute capability')
    assert state == FAIL and '5.0 to 8.6' in sentence and 'Hopper and Blackwell' in sentence
    card(line)
    assert the(doctor.gpu, 'compute capability')[0] == NOTE


def test_data_in_the_embedded_profile(monkeypatch, tmp_path):
    monkeypatch.delenv('D2LHELPERS_DATA', raising=False)
    assert states(doctor.data) == [OK] and the(doctor.data, 'nothing is fetched')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    state, sentence = the(doctor.data, str(tmp_path))
    assert state == NOTE and 'serves lesson 10 alone' in sentence and 'D2LHELPERS_PROFILE=full' in sentence


def test_data_in_the_full_profile(monkeypatch, tmp_path):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    assert str(tmp_path) in the(doctor.data, 'profile: full')[1]
    state, sentence = the(doctor.data, 'hotdog')
    assert state == NOTE and 'would be downloaded' in sentence
    assert sentence.startswith('hotdog photos: not in')
    (tmp_path / 'hotdog').mkdir()
    state, sentence = the(doctor.data, 'hotdog')
    assert state == OK and str(tmp_path / 'hotdog') in sentence and 'unverified' in sentence
    settings.downloads.mkdir(parents=True)
    (tmp_path / 'hotdog').rename(tmp_path / 'other')
    (settings.downloads / 'hotdog.zip').write_bytes(b'broke off')
    state, sentence = the(doctor.data, 'hotdog')
    assert state == NOTE and 'hotdog.zip is damaged; hotdog.zip would be downloaded' in sentence


def test_the_lessons_that_need_something_are_named_where_they_are_known(monkeypatch, tmp_path):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.delenv('D2LHELPERS_DATA', raising=False)
    monkeypatch.setattr(settings, 'root', tmp_path)
    (tmp_path / 'notebooks').mkdir()
    made_from = {'modules': {'d2lhelpers.datasets.faces': 'a hash'}}
    for name in ('03_three', '06_six'):
        metadata = {'d2lhelpers': {'made_from': made_from}}
        (tmp_path / f'notebooks/{name}.ipynb').write_text(json.dumps({'metadata': metadata}))
    assert the(doctor.data, 'faces: ')[1].startswith('lesson 03, 06: faces: not in')
    assert the(doctor.data, 'hotdog photos: ')[1].startswith('hotdog photos: not in')


def test_kernel(monkeypatch, tmp_path):
    from jupyter_client.kernelspec import KernelSpecManager
    assert states(doctor.kernel) == [OK]
    foreign = types.SimpleNamespace(argv=['/opt/other/bin/python'], resource_dir=str(tmp_path))
    monkeypatch.setattr(KernelSpecManager, 'get_kernel_spec', lambda self, name: foreign)
    assert states(doctor.kernel) == [NOTE] and the(doctor.kernel, '/opt/other/bin/python')
    foreign.argv = ['python3']  # whichever is first on PATH when it starts
    assert states(doctor.kernel) == [NOTE]
    foreign.resource_dir = os.path.join(sys.prefix, 'share/jupyter/kernels/python3')
    assert states(doctor.kernel) == [OK]
    foreign.argv, foreign.resource_dir = [sys.executable], str(tmp_path)
    assert states(doctor.kernel) == [OK]


@pytest.mark.parametrize('error, told', [
    (OSError('no such thing'), 'OSError: no such thing'), (KeyError('python3'), "KeyError: 'python3'"),
    (ValueError('two\nlines'), 'ValueError: two lines')])
def test_a_check_that_breaks_does_not_stop_the_others(error, told):
    def broken():
        yield OK, 'so far'
        raise error
    first, second, third = doctor.examine([broken, doctor.python])
    assert first == (OK, 'so far') and second == (NOTE, f'broken: this check stopped with {told}')
    assert third[0] == OK


def test_a_setting_that_stops_a_lesson_fails():
    def refused():
        raise CourseError('one sentence')
        yield
    assert list(doctor.examine([refused])) == [(FAIL, 'one sentence')]


def test_a_card_without_a_capability_and_a_jupyter_without_a_kernel_are_notes(card, monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)
    card('NVIDIA GRID, [N/A]')
    monkeypatch.setattr(KernelSpecManager, 'get_kernel_spec', none)
    lines = list(doctor.examine([doctor.gpu, doctor.kernel, doctor.python]))
    assert [state for state, _ in lines] == [NOTE, NOTE, OK], lines
    assert '[N/A]' in lines[0][1] and 'NoSuchKernel' in lines[1][1]


@pytest.mark.parametrize('state, status', [(OK, 0), (NOTE, 0), (FAIL, 1)])
def test_exit_status(monkeypatch, capsys, state, status):
    monkeypatch.setattr(doctor, 'examine', lambda: [(OK, 'good'), (state, 'a sentence')])
    assert main(['doctor']) == status
    assert capsys.readouterr().out.splitlines()[1].split(maxsplit=1) == [state, 'a sentence']


def test_usage(capsys):
    with pytest.raises(SystemExit):
        main([])
    with pytest.raises(SystemExit):
        main(['--help'])
    text = capsys.readouterr().out
    assert 'doctor' in text and 'download' in text


@pytest.mark.parametrize('error', [OSError('libgomp.so.1: cannot open shared object file'),
                                   AttributeError('numpy has no attribute bool')], ids=repr)
def test_doctor_works_where_mxnet_does_not(tmp_path, error):
    (tmp_path / 'mxnet.py').write_text(f'raise {error!r}')
    outcome = subprocess.run([sys.executable, '-m', 'd2lhelpers', 'doctor'], cwd=settings.root,
                             capture_output=True, text=True, env=os.environ | {'PYTHONPATH': str(tmp_path)})
    assert outcome.returncode == 1 and 'Traceback' not in outcome.stderr, outcome.stderr
    assert f'FAIL mxnet cannot be imported ({type(error).__name__}: {error})' in outcome.stdout
    assert 'NOTE GPU: not looked for' in outcome.stdout
    assert 'the kernel python3 of Jupyter is this Python' in outcome.stdout


def test_doctor_looks_for_gpus_in_a_process_of_its_own():
    """There nothing has imported MXNet before."""
    outcome = subprocess.run([sys.executable, '-m', 'd2lhelpers', 'doctor'], cwd=settings.root,
                             capture_output=True, text=True, env=os.environ | {'D2LHELPERS_PROFILE': ''})
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert 'GPU is used' in outcome.stdout or 'MXNet sees' in outcome.stdout
