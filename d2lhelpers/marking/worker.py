"""The process in which one submission runs: ``python -m d2lhelpers.marking.worker``.

It reads one line of JSON, the job, and writes a line for each thing that it begins or has found, signed with
the job's key: a submission that writes to the same place is not believed.
"""
import contextlib
import ctypes
import hashlib
import hmac
import importlib
import json
import linecache
import os
import re
import resource
import signal
import sys
import types

_PR_SET_PDEATHSIG = 1  # of Linux
_CELL = re.compile(r'cell \[\d+\]')


def sign(key, line):
    """The signature of a line.

    Parameters
    ----------
    key, line : str

    Returns
    -------
    str
    """
    return hmac.new(key.encode(), line.encode(), hashlib.sha256).hexdigest()


def main():
    """Do the job that stands on the first line of the input."""
    job = json.loads(sys.stdin.readline())
    tell = _voice(job.pop('key'))
    _die_with_parent()
    _limit(job)
    from ..exercises import checking, variants
    from .guard import Watch, suspicious
    from .submissions import definitions, parsed
    if job['seed'] is not None:
        variants.hide(job.pop('seed'))
    checks = importlib.import_module(f'd2lhelpers.exercises.e{job["lesson"]}')
    numbers = sorted(int(name.removeprefix('check_')) for name in vars(checks)
                     if re.fullmatch(r'check_\d+', name))
    judges = {number: getattr(checks, f'check_{number}').__wrapped__ for number in numbers}
    watch, names = Watch(os.getcwd(), _CELL.fullmatch), types.ModuleType('submission').__dict__
    sys.path.insert(0, '')
    tell('ready', exercises=numbers)
    for number, source in enumerate(job['cells'], start=1):
        name = f'cell [{number}]'
        if name in job['without']:
            continue
        _allow(job['seconds'])
        tell('begins', what=name)
        problem = ''
        try:
            tree = parsed(source, name)
            if found := suspicious(tree):
                tell('caught', what=name, sentence=found)
                continue
            linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
            exec(compile(definitions(tree), name, 'exec'), names)
        except BaseException as error:  # a cell may raise anything, SystemExit too
            problem = f'it raised {type(error).__name__}: {str(error)[:300]}'
        watch.look()
        if watch.caught:
            tell('caught', what=name, sentence=watch.caught)
            return  # this process is spoilt
        if problem:
            tell('broken', what=name, sentence=problem)
    answers = {number: names.get(f'answer_{number}') for number in numbers
               if f'exercise {number}' not in job['without']}
    for number, answer in answers.items():
        if answer is None:
            tell('verdict', what=f'exercise {number}', verdict='not answered',
                 sentence=f'There is no answer_{number}.')
    for number, answer in answers.items():
        if answer is None:
            continue
        name = f'exercise {number}'
        _allow(job['seconds'])
        tell('begins', what=name)
        try:
            told = checking.judged(judges[number], answer, number, watch.returned)[:2]
        except Exception as error:  # of the check: the lecturer's to look at
            told = 'not marked', f'The check itself failed ({type(error).__name__}: {str(error)[:300]}).'
        except BaseException as error:
            told = 'not yet', f'answer_{number} ended the program ({type(error).__name__}).'
        watch.look()
        if watch.caught:
            tell('caught', what=name, sentence=watch.caught)
            return
        tell('verdict', what=name, verdict=told[0], sentence=told[1])
    tell('done')


def _voice(key):
    """A function that tells the process which has started this one. From now on nothing else can be printed.
    """
    out = os.fdopen(os.dup(1), 'w')
    with open(os.devnull, 'w') as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)

    def tell(kind, **more):
        line = json.dumps({'kind': kind, **more})
        out.write(f'{sign(key, line)} {line}\n')
        out.flush()
    return tell


def _die_with_parent():
    """If marking itself is ended from outside, nothing goes on running (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _limit(job):
    """Memory, files and processes, as far as the system knows these limits."""
    for name in ('RLIMIT_AS', 'RLIMIT_FSIZE', 'RLIMIT_NPROC', 'RLIMIT_CORE'):
        if name in job['limits']:
            with contextlib.suppress(ValueError, OSError, AttributeError):  # macOS knows fewer
                resource.setrlimit(getattr(resource, name), (job['limits'][name],) * 2)


def _allow(seconds):
    """From now on so many seconds of computing; then the system ends this process (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, most))


if __name__ == '__main__':
    main()
