"""The profile is read once, when the package is imported, so each case is a process of its own."""
import os
import subprocess
import sys

import d2lhelpers
from d2lhelpers import profile

import pytest


def _python(code, **environment):
    """Run code beside the package's `profile`, without importing MXNet, which takes seconds."""
    alone = f'import sys, types; p = types.ModuleType("d2lhelpers"); p.__path__ = {d2lhelpers.__path__!r}; sys.modules["d2lhelpers"] = p\n'
    kept = {name: value for name, value in os.environ.items() if not name.startswith('D2LHELPERS_')}
    return subprocess.run([sys.executable, '-c', alone + code], env=kept | environment, capture_output=True, text=True)


@pytest.mark.parametrize('environment, says', [
    ({'D2LHELPERS_PROFILE': 'ful'}, "D2LHELPERS_PROFILE is 'ful'"),
    ({'D2LHELPERS_PROFILE': 'full', 'D2LHELPERS_DATA': '/no/photos'}, "D2LHELPERS_DATA names the folder '/no/photos', which does not exist"),
    ({'D2LHELPERS_PROFILE': 'full', 'D2LHELPERS_DATA': 'no/photos'}, f"'no/photos', looked for from {os.getcwd()!r}, which does not exist"),
    ({'D2LHELPERS_PROFILE': 'full', 'D2LHELPERS_DATA': __file__}, 'which does not exist'),
])
def test_a_mistyped_setting_is_one_sentence(environment, says):
    run = _python('import d2lhelpers.profile', **environment)
    assert run.returncode == 1
    assert run.stderr.startswith('CourseError: ') and says in run.stderr and run.stderr.count('\n') == 1


def test_settings_are_read_and_empty_ones_are_none(tmp_path):
    code = 'from d2lhelpers.profile import *; print(PROFILE, DATA)'
    assert _python(code).stdout.split() == ['embedded', 'None']
    assert _python(code, D2LHELPERS_PROFILE='', D2LHELPERS_DATA='').stdout.split() == ['embedded', 'None']
    assert _python(code, D2LHELPERS_PROFILE='full', D2LHELPERS_DATA=str(tmp_path)).stdout.split() == ['full', str(tmp_path)]


def test_the_data_folder_is_a_whole_path(tmp_path):
    (tmp_path / 'photos').mkdir()
    code = f'import os; os.chdir({str(tmp_path)!r}); from d2lhelpers.profile import *; os.chdir("/"); print(DATA)'
    for given in ('photos', '~/photos'):
        run = _python(code, D2LHELPERS_PROFILE='full', D2LHELPERS_DATA=given, HOME=str(tmp_path))
        assert run.stdout.strip() == str(tmp_path / 'photos')


@pytest.mark.parametrize('given', ['/no/such/folder', 'no/such/folder', '~nobody-of-this-name/photos'])
def test_in_the_embedded_profile_no_data_folder_stops_anything(given):
    run = _python('from d2lhelpers.profile import *; print(DATA.is_absolute())', D2LHELPERS_DATA=given)
    assert (run.stdout, run.stderr) == ('True\n', '')


@pytest.mark.parametrize('limit, quota', [(None, None), ('max 100000', None), ('150000 100000', 1.5)])
def test_cpu_quota(monkeypatch, tmp_path, limit, quota):
    monkeypatch.setattr(profile, 'CGROUP', tmp_path)
    if limit:
        (tmp_path / 'cpu.max').write_text(limit + '\n')
    assert profile.cpu_quota() == quota


@pytest.mark.parametrize('quota, cores', [(None, 4), (8, 4), (2.5, 2), (.5, 1)])
def test_cores_are_those_allotted_and_no_more_than_the_container_may_use(monkeypatch, quota, cores):
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(profile, 'cpu_quota', lambda: quota)
    assert profile._cores() == cores


def test_the_package_reads_the_profile_before_it_imports_mxnet():
    code = 'import sys; del sys.modules["d2lhelpers"]; import d2lhelpers'
    run = _python(code, D2LHELPERS_PROFILE='ful', D2LHELPERS_DATA='')
    assert 'CourseError' in run.stderr and 'mxnet' not in run.stderr


def test_other_errors_keep_their_traceback():
    run = _python('import d2lhelpers.errors; 1 / 0')
    assert 'Traceback' in run.stderr and 'ZeroDivisionError' in run.stderr
