"""A notebook executed from a fresh kernel, cleaned of what differs from one execution to the next."""
import ast
import asyncio
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from d2lhelpers.environment import inherited, settings
from d2lhelpers.errors import CourseError

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

NO_NETWORK = Path(__file__).parent / 'no_network'
CELL_SECONDS = 300  # time-out of a cell
MOST_BYTES = 600_000  # of a notebook with its outputs
# By these the progress bars know that somebody watches, and here nobody does
WATCHED = ('JPY_SESSION_NAME', 'VSCODE_PID')
# Asked of a kernel at its end
REPORT = """
import sys
_used = {}
if 'd2lhelpers' in sys.modules:
    from d2lhelpers.provenance import report
    _used = report()
"""


def kernel_environment(profile='embedded', **more):
    """Environment variables of a kernel: the course's own set anew, whatever the maker's shell has.

    Parameters
    ----------
    profile : {'embedded', 'full'}
        Embedded: one thread, the network off. Full: all threads, the network on, and D2LHELPERS_DATA kept.
    **more : str
        Variables to add.

    Returns
    -------
    dict of str to str
    """
    environment = {name: value for name, value in inherited().items()
                   if not name.startswith('D2LHELPERS_') and name not in ('MPLBACKEND', *WATCHED)}
    environment['D2LHELPERS_PROFILE'] = profile
    if profile == 'embedded':
        for proxy in ('http_proxy', 'https_proxy', 'all_proxy'):
            environment[proxy] = environment[proxy.upper()] = 'http://127.0.0.1:9'  # nobody listens there
        environment['no_proxy'] = environment['NO_PROXY'] = 'localhost,127.0.0.1,::1'
        environment['OMP_NUM_THREADS'] = '1'
        path = [str(NO_NETWORK), environment.get('PYTHONPATH')]
        environment['PYTHONPATH'] = os.pathsep.join(filter(None, path))
    elif settings.data:  # a whole path: a kernel works in its notebook's folder
        environment['D2LHELPERS_DATA'] = str(settings.data)
    return environment | more


def sockets(folder):
    """Options by which the manager of a kernel meets it at files of a folder.

    By default they meet at TCP ports, chosen some seconds before the kernel takes them. Where much is started
    at once, somebody else has one of them by then, and the kernel dies.
    """
    return {'transport': 'ipc', 'connection_file': os.path.join(folder, 'kernel.json')}


@contextlib.asynccontextmanager
async def _kernel(folder, environment):
    """A fresh kernel of this very Python, whatever kernels the machine's Jupyter has. It ends here, however
    that comes.
    """
    with tempfile.TemporaryDirectory() as meeting:
        kernel = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME,
                                    kernel_spec_manager=NbvalKernelspecManager(), **sockets(meeting))
        await kernel.start_kernel(env=environment, cwd=str(folder), stderr=subprocess.DEVNULL,
                                  extra_arguments=['--HistoryManager.hist_file=:memory:'])
        try:
            yield kernel
        finally:
            await kernel.shutdown_kernel(now=True)


async def execute(path, environment, timeout=CELL_SECONDS, nb=None):
    """Execute a notebook from a fresh kernel.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; the file is not touched.
    environment : dict
        Environment variables of the kernel.
    timeout : float or None
        Seconds that a cell may take.
    nb : nbformat.NotebookNode, optional
        Its content, where that is not what the file holds.

    Returns
    -------
    nb : nbformat.NotebookNode
        With its outputs, cleaned.
    seconds : float
        How long that took.
    used : dict
        `d2lhelpers.provenance.report` of the kernel, empty where the package was not imported.

    Raises
    ------
    CourseError
        If a cell raises or takes too long: it names the cell.
    """
    nb = nb or nbformat.read(path, as_version=4)
    at = {}

    def where():
        return f'{path.name}, {cell_name(nb, at["index"])}'

    began = time.perf_counter()
    async with _kernel(path.parent, environment) as kernel:
        client = NotebookClient(nb, km=kernel, timeout=timeout, record_timing=False, coalesce_streams=True,
                                on_cell_start=lambda cell, cell_index: at.update(index=cell_index))
        try:
            await client.async_execute()
            seconds = time.perf_counter() - began
            used = await _used(client.kc)
        except CellExecutionError as error:
            raise CourseError(f'{where()} raised {error.ename}: {error.evalue}\n{error.traceback}') from None
        except CellTimeoutError:
            raise CourseError(f'{where()} took more than {timeout:g} seconds: make it smaller.') from None
        except DeadKernelError:
            if await kernel.is_alive():  # what nbclient makes of a cancellation
                raise asyncio.CancelledError from None
            raise CourseError(f'{where()} killed its kernel (out of memory?).') from None
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
    return clean(nb), seconds, used


async def _used(client):
    """What the notebook of a kernel really used. No cell asks, so nothing of it stays in the notebook."""
    reply = await client.execute(REPORT, silent=True, reply=True, timeout=60,
                                 user_expressions={'used': '__import__("json").dumps(_used)'})
    content = reply['content']
    if content['status'] != 'ok':
        raise CourseError(f'What the notebook used cannot be told: {content["ename"]}: {content["evalue"]}')
    return json.loads(ast.literal_eval(content['user_expressions']['used']['data']['text/plain']))


def cell_name(nb, index):
    """How a reader finds a cell: the number that stands beside it after execution, and its first line."""
    number = sum(cell.cell_type == 'code' for cell in nb.cells[:index + 1])
    first = next(iter(nb.cells[index].source.strip().splitlines()), 'empty')
    return f'cell [{number}] ({first})'


def clean(nb):
    """Take out what would differ from one execution to the next, or tells of the machine."""
    nb.metadata.kernelspec = {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'}
    nb.metadata.language_info = {'name': 'python'}
    nb.metadata.pop('widgets', None)
    for cell in nb.cells:
        cell.metadata.pop('execution', None)
    return nb


def refuse(nb, path):
    """Raise CourseError if the outputs hold warnings or other noise of stderr, or are too large to commit."""
    for index, cell in enumerate(nb.cells):
        for output in cell.get('outputs', []):
            if output.output_type == 'stream' and output.name == 'stderr':
                raise CourseError(f'{path.name}, {cell_name(nb, index)} wrote to stderr, which readers would '
                                  'see: repair the cause, or print what is worth reading. It wrote: '
                                  f'{output.text.strip()[:500]}')
    size = len(nbformat.writes(nb).encode())
    if size > MOST_BYTES:
        largest = max(range(len(nb.cells)), key=lambda index: len(str(nb.cells[index].get('outputs', ''))))
        raise CourseError(f'{path.name} would have {size / 1000:.0f} kB, more than {MOST_BYTES / 1000:.0f}: '
                          f'its largest output is that of {cell_name(nb, largest)}; make the picture '
                          'smaller.')


def together(work, items):
    """Work on several things, as many at once as there are cores.

    Parameters
    ----------
    work : callable
        ``work(item)`` is a coroutine.
    items : iterable

    Returns
    -------
    dict
        By item what its work returned, or the CourseError that ended it; any other error is raised.
    """
    items = list(items)

    async def everything():
        cores = asyncio.Semaphore(settings.cores)

        async def one(item):
            async with cores:
                return await work(item)
        return await asyncio.gather(*map(one, items), return_exceptions=True)

    outcomes = dict(zip(items, run(everything()), strict=True))
    for outcome in outcomes.values():
        if isinstance(outcome, BaseException) and not isinstance(outcome, CourseError):
            raise outcome
    return outcomes


def run(coroutine):
    """Run a coroutine in a thread of its own: in the main thread each notebook would put its own handler on
    Ctrl-C, and one press would end one of them. So the press arrives here, and all are cancelled, which ends
    their kernels.
    """
    running = queue.SimpleQueue()

    async def body():
        running.put((asyncio.get_running_loop(), asyncio.current_task()))
        return await coroutine

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(asyncio.run, body())
        try:
            return done.result()
        except KeyboardInterrupt:
            loop, task = running.get()
            loop.call_soon_threadsafe(task.cancel)
            with contextlib.suppress(asyncio.CancelledError):
                done.result()
            raise
