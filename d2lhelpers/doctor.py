"""``python -m d2lhelpers doctor``: a line OK, NOTE or FAIL for each thing that the course needs.

It must report where MXNet or OpenCV cannot even be imported, so it imports neither at its top.
"""
import contextlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from .environment import CGROUP, cpu_quota, settings
from .errors import CourseError

OK, NOTE, FAIL = 'OK', 'NOTE', 'FAIL'

# Distributions that hold the same importable package as the one in pyproject.toml
STAND_INS = {'opencv-python': ['opencv-python-headless'],
             'mxnet': ['mxnet-cu117', 'mxnet-cu112', 'mxnet-cu110', 'mxnet-cu102']}
SYSTEM_LIBRARIES = {'cv2': 'libgl1 libglib2.0-0', 'mxnet': 'libgomp1 libquadmath0'}  # on Debian and Ubuntu
REPAIR = 'remove the folder .venv and run make lab, which builds it again.'


def python():
    version = '.'.join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        yield OK, f'Python {version}, {sys.executable}'
    else:
        yield FAIL, (f'Python {version}: MXNet 1.9.1 and the numpy that it uses need Python 3.11; run make '
                     'lab, which finds or fetches it.')


def packages():
    from packaging.requirements import Requirement
    dependencies = tomllib.loads((settings.root / 'pyproject.toml').read_text())['project']['dependencies']
    locked = locked_versions((settings.root / 'requirements.lock').read_text())
    for wanted in map(Requirement, dependencies):
        names = [wanted.name, *STAND_INS.get(wanted.name, [])]
        here, there = first(names, installed), first(names, locked.get)
        if here is None:
            yield FAIL, f'{wanted.name} is not installed: {REPAIR}'
        elif here[1] not in wanted.specifier:
            yield FAIL, f'{" ".join(here)} is installed, but the course needs {wanted}: {REPAIR}'
        elif here != there:
            yield NOTE, (f'{" ".join(here)} is installed, but requirements.lock has {" ".join(there)}: this '
                         'works, but numbers may differ a little.')
        else:
            yield OK, ' '.join(here)


def first(names, version_of):
    """The first of the names that has a version, and that version, or None."""
    return next(((name, version_of(name)) for name in names if version_of(name)), None)


def locked_versions(text):
    """Versions in a requirements.lock that are for this machine, by name of the distribution."""
    from packaging.requirements import Requirement
    lines = [Requirement(line.removesuffix('\\')) for line in text.splitlines() if re.match(r'\w', line)]
    return {line.name: str(line.specifier).removeprefix('==') for line in lines
            if line.marker is None or line.marker.evaluate()}


def installed(name):
    """Version of an installed distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def imports():
    for module in ('mxnet', 'cv2'):
        # In a process of its own: a failed import leaves traces (OpenCV's puts a folder with a typing.py
        # first on Python's path)
        trial = subprocess.run([sys.executable, '-c', f'import {module}'], capture_output=True, text=True)
        if trial.returncode == 0:
            yield OK, f'{module} can be imported, with the libraries of the system that it needs'
            continue
        error = (trial.stderr.strip().splitlines() or [f'exit status {trial.returncode}'])[-1]
        library = re.search(r'lib[\w.+-]+\.so[\w.]*', error)
        if library:
            way_out = (f'{library[0]} belongs to the system, not to Python: on Debian and Ubuntu, '
                       f'run apt-get install {SYSTEM_LIBRARIES[module]}.')
        else:
            way_out = f'If a package is missing: {REPAIR}'
        yield FAIL, f'{module} cannot be imported ({error}). {way_out}'


def threads():
    used, right, quota = int(os.environ.get('OMP_NUM_THREADS', 0)), settings.threads, cpu_quota()
    limit = f' (this container may use {quota:g} CPUs at a time)' if quota else ''
    line = f'{used} CPU thread{"s" * (used != 1)} of {settings.cores}{limit}'
    if used == right:
        yield OK, f'{line}, which is best for the {settings.profile} profile'
    else:
        yield NOTE, (f'{line}, because OMP_NUM_THREADS is set; {right} is best for the {settings.profile} '
                     'profile: unset it.')


def memory():
    import psutil
    state = psutil.virtual_memory()
    total, free = state.total / 2**30, state.available / 2**30
    with contextlib.suppress(OSError, ValueError):  # no container, or no limit ("max")
        total = min(total, int((CGROUP / 'memory.max').read_text()) / 2**30)
    line = f'memory: {total:.1f} GB, {min(free, total):.1f} GB of it free'
    if min(free, total) < 4:
        yield NOTE, f'{line}: a lesson may need up to 4 GB, so close other programs and other notebooks.'
    else:
        yield OK, line


def gpu():
    try:
        from mxnet import context, runtime
    except (ImportError, OSError, AttributeError):  # `imports` has said why
        yield NOTE, 'GPU: not looked for, since mxnet cannot be imported'
        return
    cards = nvidia_cards()
    if not runtime.Features().is_enabled('CUDA'):
        there = f'; there is {", ".join(name for name, _ in cards)}, see "GPU" in README.md' if cards else ''
        yield NOTE, f'no GPU is used: this MXNet is built for CPUs, as the course is{there}'
    elif not cards:
        yield NOTE, ('no GPU is used: this MXNet is built for NVIDIA GPUs, but no NVIDIA driver answers here '
                     '(nvidia-smi)')
    else:
        yield OK, f'MXNet sees {context.num_gpus()} GPU(s)'
    for name, capability in cards:
        if not 5 <= capability < 9:
            # Devices are chosen by what MXNet sees, so with a CUDA build a lesson would run into this card
            yield FAIL if runtime.Features().is_enabled('CUDA') else NOTE, (
                f'{name} has compute capability {capability:g}: the last release of MXNet holds code for 5.0 '
                'to 8.6 only, none for Hopper and Blackwell. Use the CPU (set CUDA_VISIBLE_DEVICES to '
                'nothing).')


def nvidia_cards():
    """Name and compute capability of each NVIDIA GPU, as the driver tells it."""
    if not shutil.which('nvidia-smi'):
        return []
    answer = subprocess.run(['nvidia-smi', '--query-gpu=name,compute_cap', '--format=csv,noheader'],
                            capture_output=True, text=True, timeout=30)
    rows = [line.rsplit(',', 1) for line in answer.stdout.splitlines()] if answer.returncode == 0 else []
    return [(name.strip(), float(capability)) for name, capability in rows]


def data():
    if settings.embedded:
        yield OK, ('profile: embedded. Every lesson: data drawn by the package or in scikit-learn, weights '
                   'from data/weights; nothing is fetched')
        if settings.data is not None:
            yield NOTE, (f'In the embedded profile D2LHELPERS_DATA ({settings.data}) serves lesson 10 '
                         'alone, for photos of your own: set D2LHELPERS_PROFILE=full to use the other data '
                         'there.')
        return
    from .files import lessons, sources
    folder = settings.data or 'none (D2LHELPERS_DATA is not set)'
    yield OK, f'profile: full. Your own folder of data: {folder}'
    using = lessons()
    for need, found, sentence in sources():
        asking = f'lesson {", ".join(using[need.module])}: ' if need.module in using else ''
        yield OK if found else NOTE, f'{asking}{sentence}'


def kernel():
    from jupyter_client.kernelspec import KernelSpecManager
    spec = KernelSpecManager().get_kernel_spec('python3')
    program = spec.argv[0]
    inside = program in ('python', 'python3') and Path(spec.resource_dir).is_relative_to(sys.prefix)
    if program == sys.executable or inside:
        yield OK, 'the kernel python3 of Jupyter is this Python'
    else:
        yield NOTE, (f'the kernel python3 of Jupyter is {program}, not this Python: choose the kernel of '
                     f'{sys.prefix} in your notebook.')


CHECKS = (python, packages, imports, threads, memory, gpu, data, kernel)


def examine(checks=CHECKS):
    """Run the checks.

    Parameters
    ----------
    checks : sequence of callable
        Each yields pairs of OK, NOTE or FAIL and a sentence.

    Yields
    ------
    state, sentence : str
        FAIL means that a lesson cannot run.
    """
    for check in checks:
        try:
            yield from check()
        except CourseError as error:
            yield FAIL, str(error)
        except Exception as error:  # whatever is odd here, the other checks have something to say
            yield NOTE, (f'{check.__name__}: this check stopped with {type(error).__name__}: '
                         f'{" ".join(str(error).split())}')


def main(folder=None):
    """Print a line for each thing, and return the exit status: 1 if a lesson cannot run (on the photos of
    this folder, if one is named).
    """
    def photos():
        from .datasets.look_over import look_over
        yield from look_over(folder)

    states = []
    for state, sentence in examine() if folder is None else examine([photos]):
        states.append(state)
        print(f'{state:5}{sentence}', flush=True)
    return int(FAIL in states)
