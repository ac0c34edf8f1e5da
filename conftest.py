"""How the notebooks are tested: nbval executes each, a cell is a test. Here: the kernels' environment, and
reports that can be read.

With pytest-xdist a notebook must stay on one worker: ``--dist loadscope``.
"""
import os
import tempfile

from d2lhelpers.environment import inherited, settings

import nbval.kernel
import pytest
from nbval.plugin import IPyNbCell, NbCellError

from tools.execution import kernel_environment, sockets
from tools.selection import PYTORCH

collect_ignore = [f'notebooks/{PYTORCH}.ipynb']

# Whatever profile the maker's shell has, and with its threads; tests of the full profile set it for their own
# processes
os.environ['D2LHELPERS_PROFILE'] = 'embedded'
os.environ['OMP_NUM_THREADS'] = inherited().get('OMP_NUM_THREADS', '1')

# A folder for each kernel, at whose files it and its manager meet: see `sockets`
_KernelManager = nbval.kernel.KernelManager
_meetings = tempfile.TemporaryDirectory()


def _manager(**options):
    return _KernelManager(**options, **sockets(tempfile.mkdtemp(dir=_meetings.name)))


_start_new_kernel = nbval.kernel.start_new_kernel


def _start_guarded_kernel(*args, **kwargs):
    """A kernel as for ``make notebooks``: embedded profile, one thread, the network off, claims strict; and
    rows of the records run again.
    """
    environment = kernel_environment(D2LHELPERS_STRICT='1', D2LHELPERS_RECORD='check')
    manager, client = _start_new_kernel(*args, env=environment, **kwargs,
                                        extra_arguments=['--HistoryManager.hist_file=:memory:'])
    execute = client.execute
    # nbval keeps no history; everywhere else there is one, and the package reads a notebook's code from it
    client.execute = lambda code, **options: execute(code, **{**options, 'store_history': True})
    return manager, client


nbval.kernel.KernelManager = _manager
nbval.kernel.start_new_kernel = _start_guarded_kernel


def pytest_unconfigure():
    _meetings.cleanup()


def pytest_xdist_auto_num_workers(config):
    """``-n auto``: the cores that this process may use, a container's CPU quota included."""
    return settings.cores


def pytest_runtest_setup(item):
    """After a cell that raised the following ones would only fail because of it; after one with other outputs
    than stored they go on.
    """
    broken = getattr(item.parent, 'broken_by', None)
    if isinstance(item, IPyNbCell) and broken:
        pytest.skip(f'{item.path.name}: {broken} raised')


def pytest_runtest_makereport(item, call):
    if not isinstance(item, IPyNbCell) or call.when != 'call' or not call.excinfo:
        return
    if call.excinfo.errisinstance((NbCellError, RuntimeError)):
        item.parent.broken_by = item.name if str(call.excinfo.value) != 'Cell outputs differ' else None


def pytest_terminal_summary(terminalreporter):
    """How long each notebook took: the sum over its cells, the start of the kernel included."""
    seconds = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            name, separator, _ = getattr(report, 'nodeid', '').partition('.ipynb::')
            if separator:
                seconds[name] = seconds.get(name, 0) + getattr(report, 'duration', 0)
    if seconds:
        terminalreporter.section('seconds of the notebooks')
        for name in sorted(seconds):
            over = '  over the budget of two minutes' if seconds[name] > 120 else ''
            terminalreporter.write_line(f'{seconds[name]:7.1f} {name}{over}')
