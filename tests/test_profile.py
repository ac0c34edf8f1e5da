"""The profile is read once, when the package is imported, so each case is a process of its own."""
import os
import subprocess
import sys

import d2lhelpers

import pytest


def _python(code, **environment):
    """Run code beside the package's `profile`, without importing MXNet, which takes seconds."""
    alone = f'import sys, types; p = types.ModuleType("d2lhelpers"); p.__path__ = {d2lhelpers.__path__!r}; sys.modules["d2lhelpers"] = p\n'
    kept = {name: value for name, value in os.environ.items() if not name.startswith('D2LHELPERS_')}
    return subprocess.run([sys.executable, '-c', alone + code], env=kept | environment, capture_output=True, text=True)


@pytest.mark.parametrize('environment, says', [
    ({'D2LHELPERS_PROFILE': 'ful'}, "D2LHELPERS_PROFILE is 'ful'"),
    ({'D2LHELPERS_DATA': '/no/such/folder'}, "D2LHELPERS_DATA names the folder '/no/such/folder', which does not exist"),
    ({'D2LHELPERS_PROFILE': 'full', 'D2LHELPERS_DATA': __file__}, 'which does not exist'),
])
def test_a_mistyped_setting_is_one_sentence(environment, says):
    run = _python('import d2lhelpers.profile', **environment)
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith('d2lhelpers.errors.CourseError: ') and says in last


def test_settings_are_read_and_empty_ones_are_none(tmp_path):
    code = 'from d2lhelpers.profile import *; print(PROFILE, DATA)'
    assert _python(code).stdout.split() == ['embedded', 'None']
    assert _python(code, D2LHELPERS_PROFILE='', D2LHELPERS_DATA='').stdout.split() == ['embedded', 'None']
    assert _python(code, D2LHELPERS_PROFILE='full', D2LHELPERS_DATA=str(tmp_path)).stdout.split() == ['full', str(tmp_path)]


def test_the_package_reads_the_profile_before_it_imports_mxnet():
    code = 'import sys; del sys.modules["d2lhelpers"]; import d2lhelpers'
    run = _python(code, D2LHELPERS_PROFILE='ful', D2LHELPERS_DATA='')
    assert 'CourseError' in run.stderr and 'mxnet' not in run.stderr
