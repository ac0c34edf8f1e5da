"""How the notebooks are tested: nbval executes each, a cell is a test. Here: the kernels' environment, and reports that can be read.

With pytest-xdist a notebook must stay on one worker: ``--dist loadscope``.
"""
import os

os.environ['D2LHELPERS_PROFILE'] = 'embedded'  # whatever the maker's shell has; tests of the full profile set it for their own processes

import nbval.kernel  # noqa: E402
import pytest  # noqa: E402
from nbval.plugin import IPyNbCell, NbCellError  # noqa: E402

_start_new_kernel = nbval.kernel.start_new_kernel


def _start_guarded_kernel(*args, **kwargs):
    """A kernel as for ``make notebooks``: embedded profile, one thread, the network off, claims strict; and rows of the records run again."""
    from d2lhelpers.authoring.execute import kernel_environment  # here, so that tests without notebooks need not wait for MXNet

    environment = kernel_environment(D2LHELPERS_STRICT='1', D2LHELPERS_RECORD='check')
    return _start_new_kernel(*args, env=environment, **kwargs)


nbval.kernel.start_new_kernel = _start_guarded_kernel


def pytest_xdist_auto_num_workers(config):
    """``-n auto``: the cores that this process may use.

    Not d2lhelpers.profile.CORES, which knows a container's CPU quota too: importing it imports the package, and with it MXNet, in every test process.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()


def pytest_runtest_setup(item):
    """After a cell that raised the following ones would only fail because of it; after one with other outputs than stored they go on."""
    broken = getattr(item.parent, 'broken_by', None)
    if isinstance(item, IPyNbCell) and broken:
        pytest.skip(f'{item.path.name}: {broken} raised')


def pytest_runtest_makereport(item, call):
    if isinstance(item, IPyNbCell) and call.when == 'call' and call.excinfo and call.excinfo.errisinstance((NbCellError, RuntimeError)):
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
            terminalreporter.write_line(f'{seconds[name]:7.1f} {name}' + ('  over the budget of two minutes' if seconds[name] > 120 else ''))
