"""Set-up: what can be tested without installing anything."""
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib

from d2lhelpers.environment import settings

import pytest
from packaging.requirements import Requirement

from tools.check_environment import pip_part

PROJECT = tomllib.loads((settings.root / 'pyproject.toml').read_text())
LOCK = (settings.root / 'requirements.lock').read_text()
DOORS = ('lab', 'test', 'test-long', 'reset', 'slides', 'handout', 'book', 'notebooks', 'pytorch', 'results',
         'verdicts', 'weights', 'bench', 'bench-growth', 'bench-peers', 'lint', 'lock', 'check-environment',
         'check-workflows', 'links', 'audit', 'faults', 'endurance', 'other-cpus', 'book-messages',
         'diagrams', 'ssh-engines', 'slurm-engines', 'emulated-machines')


@pytest.fixture
def clone(tmp_path):
    """A fresh clone's set-up files in a folder with a space in its name, and a folder of stand-ins that is
    first on PATH.
    """
    folder, programs = tmp_path / 'my course', tmp_path / 'programs'
    for name in ('Makefile', '.setup.sh', 'pyproject.toml', 'requirements.lock'):
        folder.mkdir(exist_ok=True)
        shutil.copy(settings.root / name, folder)
    programs.mkdir()
    return folder


def stand_in(clone, name, text):
    program = clone.parent / 'programs' / name
    program.write_text(f'#!/bin/sh\n{text}\n')
    program.chmod(0o755)


def make(clone, *arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith('MAKE')}
    path = f'{clone.parent / "programs"}:/usr/bin:/bin'
    return subprocess.run(['make', *arguments], cwd=clone, env=kept | {'PATH': path} | environment,
                          capture_output=True, text=True)


def pretend_filled(clone):
    """An environment that looks complete: its Python tells how it was called."""
    (clone / '.venv/bin').mkdir(parents=True)
    (clone / '.venv/made-from').write_text(LOCK + (settings.root / 'pyproject.toml').read_text())
    stand_in(clone, 'python', 'echo "$@"; env')
    (clone / '.venv/bin/python').symlink_to(clone.parent / 'programs/python')


def test_bare_make_prints_the_doors(clone):
    outcome = make(clone)
    assert outcome.returncode == 0
    printed = re.findall(r'^make ([a-z-]+)', outcome.stdout, re.MULTILINE)
    assert set(printed) == set(DOORS)
    assert os.listdir(clone.parent / 'programs') == []


@pytest.mark.parametrize('door', DOORS)
def test_every_door_exists(clone, door):
    outcome = make(clone, '-n', door)
    assert outcome.returncode == 0 and '.setup.sh' in outcome.stdout


def test_results_are_computed_or_confirmed(clone):
    pretend_filled(clone)
    assert make(clone, 'results', 'NB=03').stdout.startswith('-m tools.results 03\n')
    assert make(clone, 'results', 'NB=03', 'CONFIRM=1').stdout.startswith('-m tools.results 03 --confirm\n')


@pytest.mark.parametrize('door', ['lab', 'reset', 'slides', 'notebooks', 'results', 'weights',
                                  'check-environment', 'check-workflows', 'links', 'audit', 'endurance',
                                  'bench-growth', 'other-cpus', 'ssh-engines', 'slurm-engines',
                                  'emulated-machines'])
def test_doors_lead_to_modules(clone, door):
    pretend_filled(clone)
    module = make(clone, door).stdout.split()[1]
    assert importlib.util.find_spec(module), module


def test_called_from_another_folder(clone):
    pretend_filled(clone)
    outcome = subprocess.run(['sh', clone / '.setup.sh', 'python', 'hello'], cwd='/', capture_output=True,
                             text=True)
    assert outcome.stdout.startswith('hello') and outcome.returncode == 0


@pytest.mark.parametrize('system, machine, sentence', [
    ('MINGW64_NT-10.0-19045', 'x86_64', 'Windows.*WSL2.*docker'), ('MSYS_NT-10.0', 'x86_64', 'WSL2'),
    ('CYGWIN_NT-10.0', 'x86_64', 'WSL2'),
    ('Darwin', 'arm64', 'Apple silicon.*docker'), ('FreeBSD', 'amd64', 'FreeBSD on amd64'),
    ('Linux', 'armv7l', 'Linux on armv7l')])
@pytest.mark.parametrize('door', ['lab', 'test'])
def test_platform_without_mxnet(clone, system, machine, sentence, door):
    stand_in(clone, 'uname', f'[ "$1" = -s ] && echo {system} || echo {machine}')
    before = sorted(os.listdir(clone))
    outcome = make(clone, door)
    assert outcome.returncode != 0
    # the second line is make's own
    assert len(outcome.stderr.splitlines()) == 2 and re.search(sentence, outcome.stderr.splitlines()[0])
    assert sorted(os.listdir(clone)) == before


@pytest.mark.parametrize('system, machine', [('Linux', 'x86_64'), ('Linux', 'aarch64'), ('Darwin', 'x86_64')])
def test_platform_with_mxnet(clone, system, machine):
    stand_in(clone, 'uname', f'[ "$1" = -s ] && echo {system} || echo {machine}')
    pretend_filled(clone)
    assert make(clone, 'lab').returncode == 0


def test_second_call_installs_nothing(clone):
    pretend_filled(clone)
    stand_in(clone, 'uv', 'echo uv was called; exit 1')
    outcome = make(clone, 'test')
    assert outcome.returncode == 0 and outcome.stdout.startswith('-m pytest')


@pytest.mark.parametrize('changed', ['requirements.lock', 'pyproject.toml'])
def test_environment_is_stale_when_its_source_changes(clone, changed):
    pretend_filled(clone)
    stand_in(clone, 'uv', 'echo uv was called; exit 1')
    with open(clone / changed, 'a') as file:
        file.write('# changed\n')
    outcome = make(clone, 'test')
    assert outcome.returncode != 0 and 'uv was called' in outcome.stdout


@pytest.mark.parametrize('damage',
                         [lambda python: python.unlink(),
                          lambda python: python.write_text('#!/bin/sh\nexit 1\n')], ids=['gone', 'other'])
def test_environment_whose_python_is_gone_or_another_is_made_anew(clone, damage):
    pretend_filled(clone)
    damage(clone.parent / 'programs/python')
    stand_in(clone, 'uv', 'echo "uv $1"; [ -e .venv ] && echo "still there"; exit 1')
    outcome = make(clone, 'test')
    assert outcome.returncode != 0 and 'uv venv' in outcome.stdout and 'still there' not in outcome.stdout


@pytest.mark.parametrize('begin', [lambda clone: None, pretend_filled], ids=['first time', 'update'])
def test_packages_of_a_set_up_that_was_cut_off_are_not_trusted(clone, begin):
    begin(clone)
    with open(clone / 'requirements.lock', 'a') as file:
        file.write('# changed\n')
    stand_in(clone, 'uv', f'echo "uv $1"; [ "$1" = venv ] || {{ touch .venv/half; exit 1; }}; '
                          f'mkdir -p .venv/bin; ln -sf "{sys.executable}" .venv/bin/python')
    assert make(clone, 'lab').returncode != 0 and (clone / '.venv/half').exists()
    stand_in(clone, 'uv', 'echo "uv $1"; [ -e .venv/half ] && echo "half a package"; exit 1')
    outcome = make(clone, 'lab')
    assert 'uv venv' in outcome.stdout and 'half a package' not in outcome.stdout


def test_the_shells_other_pythons_are_left_out(clone):
    pretend_filled(clone)
    foreign = dict.fromkeys(('PYTHONPATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'UV_PYTHON'),
                            '/somewhere/else')
    outcome = make(clone, 'lab', **foreign)
    assert outcome.returncode == 0 and '/somewhere/else' not in outcome.stdout


@pytest.mark.parametrize('locale', ['C', 'tr_TR.ISO-8859-9', 'zh_TW.BIG5'])
def test_files_are_utf8_in_any_locale(clone, locale):
    pretend_filled(clone)
    assert 'PYTHONUTF8=1' in make(clone, 'lab', LC_ALL=locale).stdout.splitlines()


@pytest.mark.parametrize('home', ['', '/no/such/folder'])
def test_home_that_cannot_be_written_to(clone, home):
    pretend_filled(clone)
    outcome = make(clone, 'lab', HOME=home)
    assert f'HOME={clone}/.home' in outcome.stdout.splitlines() and (clone / '.home').is_dir()


def test_home_that_can(clone):
    pretend_filled(clone)
    assert f'HOME={clone.parent}' in make(clone, 'lab', HOME=str(clone.parent)).stdout.splitlines()
    assert not (clone / '.home').exists()


def fails_with(outcome, sentence):
    assert outcome.returncode != 0 and re.search(sentence, outcome.stderr), outcome.stderr


def test_python_without_venv(clone):
    stand_in(clone, 'python3', 'echo "No module named venv" >&2; exit 1')
    fails_with(make(clone, 'lab'), 'python3 has no working venv module: .*python3-venv')


def test_no_index_for_uv(clone):
    stand_in(clone, 'python3', 'mkdir -p .uv/bin; cp "$0" .uv/bin/python; [ "$2" = venv ]')
    fails_with(make(clone, 'lab'), 'uv could not be fetched .* needs a connection')


def test_pip_that_is_set_to_install_for_the_user(clone):
    """As some clusters have it; inside a venv pip refuses to."""
    stand_in(clone, 'python3', f'exec "{sys.executable}" "$@"')
    outcome = make(clone, 'lab', PIP_USER='1', PIP_NO_INDEX='1', PIP_FIND_LINKS='')
    fails_with(outcome, 'No matching distribution found for uv')
    assert '--user' not in outcome.stderr


def test_no_python_311(clone):
    stand_in(clone, 'uv', 'echo "error: not found" >&2; exit 2')
    fails_with(make(clone, 'lab'), 'Python 3.11 was neither found nor fetched')


def test_no_index_for_the_packages(clone):
    stand_in(clone, 'uv', f'[ "$1" = venv ] && mkdir -p .venv/bin && ln -s "{sys.executable}" '
                          '.venv/bin/python')
    fails_with(make(clone, 'lab'), 'packages could not be installed .*goes on where it stopped')
    assert not (clone / '.venv/made-from').exists()


def test_packages_in_which_a_lesson_cannot_run(clone):
    stand_in(clone, 'python', '[ "$1" = -c ] || { echo "OK   good"; echo "FAIL mxnet cannot be imported"; '
                              'exit 1; }')
    stand_in(clone, 'uv', 'mkdir -p .venv/bin .venv/lib/python3.11/site-packages; ln -sf "$(command -v '
                          'python)" .venv/bin/python')
    outcome = make(clone, 'lab')
    fails_with(outcome, '^FAIL mxnet cannot be imported\n.*a lesson could not run')
    assert 'good' not in outcome.stderr and not (clone / '.venv/made-from').exists()


def test_doctor_that_breaks_stops_set_up(clone):
    stand_in(clone, 'python', '[ "$1" = -c ] || { echo "Traceback" >&2; exit 1; }')
    stand_in(clone, 'uv', 'mkdir -p .venv/bin .venv/lib/python3.11/site-packages; ln -sf "$(command -v '
                          'python)" .venv/bin/python')
    fails_with(make(clone, 'lab'), '^Traceback\n.*a lesson could not run')


def test_lock_holds_every_direct_dependency():
    for wanted in map(Requirement, PROJECT['project']['dependencies']):
        versions = re.findall(rf'^{wanted.name}==(\S+)', LOCK, re.MULTILINE)
        assert versions and all(version in wanted.specifier for version in versions), wanted.name


def test_every_direct_dependency_says_what_it_is_for():
    text = (settings.root / 'pyproject.toml').read_text()
    for wanted in PROJECT['project']['dependencies']:
        assert re.search(rf'^ +"{re.escape(wanted)}", *# \w', text, re.MULTILINE), wanted


def test_lock_is_complete_and_names_no_index():
    assert not re.search(r'https?://|^-|file:', LOCK, re.MULTILINE)
    packages = re.findall(r'^[\w.-]+==.*?(?=^\w|\Z)', LOCK, re.MULTILINE | re.DOTALL)
    assert len(packages) > 100 and all('--hash=sha256:' in package for package in packages)


def test_lock_has_the_build_of_opencv_without_windows():
    assert re.findall(r'^opencv-python==.*?( ; .*?)? \\$', LOCK,
                      re.MULTILINE) == [" ; sys_platform == 'never'"]
    assert re.search(r'^opencv-python-headless==', LOCK, re.MULTILINE)


def test_environment_yml_agrees_with_pyproject():
    text = (settings.root / 'environment.yml').read_text()
    assert pip_part(text) == ['-e .']
    python = re.search(r'- python=([\d.]+)$', text, re.MULTILINE)[1]
    assert PROJECT['project']['requires-python'] == f'=={python}.*'


@pytest.fixture
def ci(tmp_path):
    """Runs .ci/run as root, in a folder whose make test tells what it was given, on a machine with the named
    programs beside the usual ones.
    """
    folder, programs = tmp_path / 'main', tmp_path / 'programs'
    (folder / '.ci').mkdir(parents=True)
    shutil.copy(settings.root / '.ci/run', folder / '.ci')
    (folder / 'Makefile').write_text('test:\n\t@echo "data=$$D2LHELPERS_DATA chapter=$$D2LHELPERS_CHAPTER '
                                     'CI=$$CI"\ntest-long:\n\t@echo "long"\n')
    programs.mkdir()
    for name in ('bash', 'sh', 'make', 'dirname'):
        (programs / name).symlink_to(shutil.which(name))
    stand_in(folder, 'id', 'echo 0')
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(('D2LHELPERS', 'MAKE', 'CI'))}

    def run(*names, **variables):
        for name in names:
            stand_in(folder, name, f'echo {name} "$@" >>{tmp_path}/called')
        return subprocess.run([folder / '.ci/run'], cwd='/', capture_output=True, text=True, check=True,
                              env=environment | {'PATH': str(programs)} | variables).stdout.strip()
    return run


NEEDED = ('chromium', 'epubcheck', 'java', 'pdftotext', 'npm')  # what the tests use, and CI installs


def test_ci_names_the_copies_beside_the_repository(ci, tmp_path):
    folder = tmp_path / 'main'
    assert ci(*NEEDED) == 'data= chapter= CI=true\nlong'
    (tmp_path / 'shared/data').mkdir(parents=True)
    assert ci(*NEEDED) == f'data={folder}/../shared/data chapter= CI=true\nlong'
    (tmp_path / 'shared/seeds').mkdir()
    assert ci(*NEEDED) == f'data={folder}/../shared/data chapter={folder}/../shared/seeds CI=true\nlong'


def test_ci_runs_the_long_tests_too_where_the_others_fail(ci, tmp_path):
    makefile = tmp_path / 'main/Makefile'
    makefile.write_text(makefile.read_text().replace('test-long:', '\t@exit 1\ntest-long:'))
    with pytest.raises(subprocess.CalledProcessError) as failed:
        ci(*NEEDED)
    assert failed.value.stdout.endswith('long\n')


def test_ci_leaves_the_long_tests_out_where_they_would_not_end_in_time_and_says_so(ci):
    assert ci(*NEEDED, SECONDS='1700').endswith('\nlong')
    *_, last = ci(*NEEDED, SECONDS='1900').splitlines()
    assert last.startswith('NOT RUN: make test-long. The other tests took 31 minutes')


def test_ci_fetches_chromium_where_there_is_none(ci, tmp_path):
    ci('apt-get', *NEEDED)
    assert not (tmp_path / 'called').exists()
    (tmp_path / 'programs/chromium').unlink()
    assert ci().splitlines()[0] == 'Installing chromium for the tests of the browser and of the book ...'
    assert 'install -y --no-install-recommends chromium' in (tmp_path / 'called').read_text()
