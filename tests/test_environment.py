"""What the environment says; and what importing the package, or one of its modules, loads and sets."""
import os
import shutil
import subprocess
import sys

from d2lhelpers import environment
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pytest


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Nothing of the maker's own environment."""
    for name in [name for name in os.environ if name.startswith('D2LHELPERS_')]:
        monkeypatch.delenv(name)


def fresh(code, **variables):
    """What a new process prints that runs this code."""
    kept = {name: value for name, value in environment.inherited().items()
            if name not in ('OMP_NUM_THREADS', 'GOMP_SPINCOUNT')}
    run = subprocess.run([sys.executable, '-c', code], env=kept | variables, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


# ---- the profile and the folder of data

def test_every_question_looks_anew(monkeypatch, tmp_path):
    assert (settings.profile, settings.embedded, settings.data) == ('embedded', True, None)
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path))
    assert (settings.profile, settings.embedded, settings.data) == ('full', False, tmp_path)
    monkeypatch.setenv('D2LHELPERS_PROFILE', '')
    monkeypatch.setenv('D2LHELPERS_DATA', '')
    assert (settings.profile, settings.embedded, settings.data) == ('embedded', True, None)
    assert not settings.strict
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    assert settings.strict


def test_another_root_moves_what_lies_below_it(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, 'root', tmp_path)
    assert settings.downloads == tmp_path / 'data/downloads' and settings.results == tmp_path / 'data/results'


def test_a_mistyped_profile_is_one_sentence(monkeypatch):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'ful')
    with pytest.raises(CourseError, match="D2LHELPERS_PROFILE is 'ful', but the course knows only"):
        settings.profile  # noqa: B018


@pytest.mark.parametrize('given, says', [
    ('/no/photos', "names the folder '/no/photos', which does not exist here"),
    ('no/photos', f"'no/photos', looked for from {os.getcwd()!r}, which does not exist"),
    (__file__, 'which does not exist')])
def test_a_folder_that_is_none_is_one_sentence_in_the_full_profile(monkeypatch, given, says):
    monkeypatch.setenv('D2LHELPERS_DATA', given)
    assert settings.data.name == os.path.basename(given)  # the embedded profile does not look there
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    with pytest.raises(CourseError, match=says):
        settings.data  # noqa: B018


@pytest.mark.parametrize('given', ['photos', '~/photos', '../start/photos'])
def test_the_data_folder_is_a_whole_path(monkeypatch, tmp_path, given):
    (tmp_path / 'start/photos').mkdir(parents=True)
    monkeypatch.setattr(environment, '_STARTED_IN', tmp_path / 'start')
    monkeypatch.setenv('HOME', str(tmp_path / 'start'))
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', given)
    assert settings.data.is_absolute() and settings.data.samefile(tmp_path / 'start/photos')


# ---- cores and threads

@pytest.mark.parametrize('limit, quota', [(None, None), ('max 100000', None), ('150000 100000', 1.5)])
def test_cpu_quota(monkeypatch, tmp_path, limit, quota):
    monkeypatch.setattr(environment, 'CGROUP', tmp_path)
    if limit:
        (tmp_path / 'cpu.max').write_text(limit + '\n')
    assert environment.cpu_quota() == quota


@pytest.mark.parametrize('quota, cores', [(None, 4), (8, 4), (2.5, 2), (.5, 1)])
def test_cores_are_those_allotted_and_no_more_than_the_container_may_use(monkeypatch, quota, cores):
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(environment, 'cpu_quota', lambda: quota)
    assert settings.cores == cores and settings.threads == 1
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    assert settings.threads == cores


def test_importing_sets_the_threads_unless_the_learner_did():
    code = ('import os; from d2lhelpers.environment import inherited\n'
            'print(os.environ["OMP_NUM_THREADS"], os.environ["GOMP_SPINCOUNT"], '
            '"OMP_NUM_THREADS" in inherited())')
    assert fresh(code).split() == ['1', '10000', 'False']
    assert fresh(code, D2LHELPERS_PROFILE='full').split() == [str(settings.cores), '10000', 'False']
    assert fresh(code, OMP_NUM_THREADS='3').split() == ['3', '10000', 'True']


# ---- what an import loads

HEAVY = 'mxnet', 'numpy', 'matplotlib', 'pandas', 'cv2', 'IPython'


def test_importing_the_package_loads_nothing_and_takes_no_time():
    code = ('import sys, time; start = time.process_time(); import d2lhelpers\n'
            f'print(time.process_time() - start < .1, *[name for name in {HEAVY} if name in sys.modules])')
    assert fresh(code) == 'True\n'


def test_an_update_while_a_kernel_runs_is_told(tmp_path):
    copy = shutil.copytree(settings.root / 'd2lhelpers', tmp_path / 'd2lhelpers')
    code = (f'import sys; sys.path.insert(0, {str(tmp_path)!r})\n'
            'import d2lhelpers, os, pathlib, time, warnings\n'
            'with warnings.catch_warnings(record=True) as told:\n'
            '    warnings.simplefilter("ignore"); warnings.simplefilter("always", UserWarning)\n'
            '    d2lhelpers.settings; print(len(told))\n'
            '    changed = pathlib.Path(d2lhelpers.__file__).parent / "datasets/photos.py"\n'
            '    os.utime(changed, (time.time() + 9,) * 2)\n'
            '    d2lhelpers.settings; print(len(told))  # loaded already\n'
            '    d2lhelpers.CourseError; print(len(told), changed, *[each.message for each in told])')
    said = fresh(code).splitlines()
    assert said[:2] == ['0', '0'] and said[2].startswith(f'1 {copy}') and 'Restart Kernel' in said[2]


def test_doctor_and_files_need_no_mxnet():
    code = ('import sys; from d2lhelpers import doctor, files, __main__\n'
            'print(*[name for name in ("mxnet", "cv2", "matplotlib") if name in sys.modules])')
    assert fresh(code) == '\n'


def test_what_mxnet_imports_for_nothing_is_left_out_and_there_for_others():
    code = ('import sys; from d2lhelpers import beats, datasets, fit, plots, study\n'
            'slow = "sklearn", "scipy.stats"\n'
            'print(*[name for name in slow if name in sys.modules])\n'
            'import sklearn, scipy.stats; print(sklearn.__name__, scipy.stats.t.__class__.__name__)')
    assert fresh(code) == '\nsklearn t_gen\n'


def test_a_course_error_outside_of_notebooks_is_its_sentence_and_others_keep_their_traceback():
    code = ('import sys; sys.stderr = sys.stdout\n'
            'from d2lhelpers import CourseError\n'
            'for error in (CourseError("one sentence"), ZeroDivisionError("by zero")):\n'
            '    sys.excepthook(type(error), error, None)')
    assert fresh(code) == 'CourseError: one sentence\nZeroDivisionError: by zero\n'


EACH = """
import builtins
import importlib
import os
import sys
import warnings

# What takes long to import is imported once, and each module then in a fork of its own
import cv2, IPython.display, matplotlib.pyplot, pandas
from mxnet import npx

warnings.simplefilter('ignore')  # that mxnet came first
usual, asked = builtins.__import__, set()


def watched(name, globals=None, *more, **options):
    if ((globals or {}).get('__name__') or '').startswith('d2lhelpers'):
        asked.add(name.partition('.')[0])
    return usual(name, globals, *more, **options)


def alone(name):
    builtins.__import__ = watched
    try:
        importlib.import_module(name)
    except BaseException as error:
        return repr(error)
    if 'mxnet' not in asked:
        return 'without MXNet'
    return 'np semantics' if npx.is_np_array() and npx.is_np_shape() else 'MXNet, but no np semantics'


for name in sys.argv[1:]:
    if not os.fork():
        print(f'{name}: {alone(name)}', flush=True)
        os._exit(0)
    os.wait()
"""


def test_every_module_can_be_imported_on_its_own_with_np_semantics_where_it_uses_mxnet():
    paths = settings.root.glob('d2lhelpers/**/*.py')
    names = ['.'.join(path.relative_to(settings.root).with_suffix('').parts).removesuffix('.__init__')
             for path in paths]
    run = subprocess.run([sys.executable, '-c', EACH, *names], cwd=settings.root, capture_output=True,
                         text=True)
    found = dict(line.split(': ', 1) for line in run.stdout.splitlines())
    assert found.keys() == set(names), run.stderr
    assert not {name: what for name, what in found.items() if what not in ('np semantics', 'without MXNet')}
    assert found['d2lhelpers.training'] == found['d2lhelpers.datasets.batching'] == 'np semantics'
    for name in ('d2lhelpers', 'd2lhelpers.doctor', 'd2lhelpers.environment', 'd2lhelpers.files'):
        assert found[name] == 'without MXNet'
