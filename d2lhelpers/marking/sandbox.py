"""A process that can harm nobody: bubblewrap where it is installed, else limits, a process group that is
ended, and a throw-away home.
"""
import contextlib
import ctypes
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from ..environment import inherited, settings

_NOBODY = 'http://127.0.0.1:9'  # a closed port, as proxy: for programs that do not ask Python for a socket
_PR_SET_CHILD_SUBREAPER = 36  # of Linux
_started, _lock = set(), threading.Lock()  # the processes that are ours


def walls():
    """What stands between a submission and the machine, in words.

    Returns
    -------
    str
    """
    if _bubblewrap():
        return 'under bubblewrap: own processes, no network, everything but the own folder read-only'
    return ('without bubblewrap, which is not installed here: limits of memory, time and processes, a guard '
            'in Python against network and files, a process group that is ended, and a throw-away home')


def limits(gigabytes):
    """Limits of the system for one submission, for the worker to set.

    Parameters
    ----------
    gigabytes : float
        Of memory, as the system counts it: what is reserved, not only what is used.

    Returns
    -------
    dict of str to int
    """
    # The system counts the processes of the user, on all the machine, and their threads
    running = len(glob.glob('/proc/[0-9]*/task/*'))
    return {'RLIMIT_AS': int(gigabytes * 2 ** 30), 'RLIMIT_FSIZE': 10 ** 8, 'RLIMIT_CORE': 0,
            **({'RLIMIT_NPROC': running + 64} if running else {})}


@contextlib.contextmanager
def worker():
    """A context with a fresh `worker` process, in a fresh folder; both are gone at its end, and so is
    everything that it has started.

    Yields
    ------
    subprocess.Popen
    """
    with tempfile.TemporaryDirectory(prefix='marking-', ignore_cleanup_errors=True) as folder:
        command = [*_bubblewrap(folder), sys.executable, '-m', 'd2lhelpers.marking.worker']
        with _lock:
            process = subprocess.Popen(command, cwd=folder, env=_environment(folder),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            _started.add(process.pid)
        try:
            yield process
        finally:
            _end(process)


def adopt():
    """Let processes whose parent has ended come to this one instead of the machine's first, so that a
    submission cannot leave any behind (Linux). From now on every child that `worker` did not start is ended.
    """
    with _lock:
        _started.update(_children())
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _bubblewrap(folder=None):
    """The words that come before a command, or none."""
    program = shutil.which('bwrap')
    if not program:
        return []
    if not folder:
        return [program]
    # Python and the course must be seen, and may lie in somebody's home
    needed = [Path(each).resolve() for each in (sys.prefix, sys.base_prefix, settings.root)]
    hidden = [word for path in (settings.root / 'notebooks', Path.home()) if path.is_dir()
              and not any(each.is_relative_to(path) for each in needed) for word in ('--tmpfs', path)]
    return [program, '--unshare-all', '--die-with-parent', '--new-session', '--ro-bind', '/', '/', '--dev',
            '/dev', '--proc', '/proc', *map(str, hidden), '--bind', folder, folder, '--chdir', folder]


def _environment(folder):
    """What the worker knows of the machine: little."""
    kept = {name: value for name, value in inherited().items()
            if name in ('PATH', 'LANG', 'LC_ALL', 'PYTHONPATH', 'LD_LIBRARY_PATH')}
    proxies = {name: _NOBODY for proxy in ('http_proxy', 'https_proxy', 'all_proxy')
               for name in (proxy, proxy.upper())}
    path = os.pathsep.join(filter(None, [str(settings.root), kept.get('PYTHONPATH')]))
    return {**kept, **proxies, 'HOME': folder, 'TMPDIR': folder, 'MPLCONFIGDIR': folder, 'MPLBACKEND': 'Agg',
            'OMP_NUM_THREADS': '1', 'D2LHELPERS_PROFILE': 'embedded', 'PYTHONPATH': path,
            'PYTHONDONTWRITEBYTECODE': '1'}


def _end(process):
    """End the process, its group, and what has left the group."""
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if not (strays := _strays()):
            break
        for stray in strays:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(stray, signal.SIGKILL)
                os.waitpid(stray, 0)
    with contextlib.suppress(BrokenPipeError):  # it ended before it was told what to do
        process.stdin.close()
    process.stdout.close()
    process.wait()
    with _lock:
        _started.discard(process.pid)


def _strays():
    """Children of this process that it has not started itself."""
    with _lock:
        return _children() - _started


def _children():
    found = set()
    for file in glob.glob('/proc/self/task/*/children'):
        with contextlib.suppress(OSError):  # a thread that has just ended
            found.update(map(int, Path(file).read_text().split()))
    return found
