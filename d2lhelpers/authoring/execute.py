"""Execution of the notebooks, for makers.

``python -m d2lhelpers.authoring.execute notebooks [NB]`` (``make notebooks``) executes the notebooks whose sources changed, or those whose
name begins with NB (01, exercises/01, solutions/01) whether changed or not, from fresh kernels in the embedded profile with the network off, and
keeps the outputs. The exercises are made out of the solutions first.

``python -m d2lhelpers.authoring.execute results [NB]`` (``make results``) lets the lessons' studies compute their records in the profile that is set,
in as many one-thread kernels at once as there are cores, and writes the tables of the README.
"""
import argparse
import asyncio
import contextlib
import csv
import hashlib
import io
import os
import queue
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager
from tqdm import tqdm

from ..errors import CourseError
from ..files import write_whole
from ..profile import CORES, PROFILE, ROOT
from . import exercises, readme

NO_NETWORK = Path(__file__).parent / 'no_network'
CELL_SECONDS = 300  # time-out of a cell
MOST_BYTES = 600_000  # of a notebook with its outputs


def kernel_environment(profile='embedded', **more):
    """Environment variables of a kernel: the course's own set anew, whatever the maker's shell has.

    Parameters
    ----------
    profile : {'embedded', 'full'}
        Embedded: one thread, the network off. Full: all threads, the network on, and D2LHELPERS_DATA kept.
    **more : str
        Variables to add.
    """
    watched = ('JPY_SESSION_NAME', 'VSCODE_PID')  # by these the progress bars know that somebody watches, and here nobody does
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith('D2LHELPERS_') and name not in ('MPLBACKEND', *watched)}
    environment['D2LHELPERS_PROFILE'] = profile
    if profile == 'embedded':
        nobody = 'http://127.0.0.1:9'
        environment |= {name: nobody for proxy in ('http_proxy', 'https_proxy', 'all_proxy') for name in (proxy, proxy.upper())}
        environment |= {'no_proxy': 'localhost,127.0.0.1,::1', 'NO_PROXY': 'localhost,127.0.0.1,::1', 'OMP_NUM_THREADS': '1'}
        environment['PYTHONPATH'] = os.pathsep.join([str(NO_NETWORK), *filter(None, [environment.get('PYTHONPATH')])])
    elif os.environ.get('D2LHELPERS_DATA'):  # a kernel works in its notebook's folder, where a relative path means another one
        environment['D2LHELPERS_DATA'] = os.path.abspath(os.path.expanduser(os.environ['D2LHELPERS_DATA']))
    return environment | more


# ---- which notebooks, and what they are made from -------------------------------------------------------------------------------------------

def all_notebooks(root=ROOT):
    """Paths of the course's notebooks: lessons, then exercises, then solutions."""
    folder = Path(root) / 'notebooks'
    return sorted(folder.glob('*.ipynb')) + sorted(folder.glob('exercises/*.ipynb')) + sorted(folder.glob('solutions/*.ipynb'))


def named(nb, paths):
    """Those of the notebooks whose file name begins with ``nb``, with or without its folder."""
    found = [path for path in paths if path.name.startswith(nb) or f'{path.parent.name}/{path.name}'.startswith(nb)]
    if not found:
        raise CourseError(f'NB={nb} names no notebook: there are {", ".join(sorted({path.stem for path in paths})) or "none at all"}.')
    return found


def name_of(path, root=ROOT):
    """``01_fine_tuning_hotdog``, ``exercises/01_…``."""
    return path.relative_to(Path(root) / 'notebooks').with_suffix('').as_posix()


def records_named_in(nb):
    """Names of the records of studies (``'03_few_labels'``) that stand as a string in the code of a notebook."""
    return sorted({name for cell in _code_cells(nb) for name in re.findall(r"""['"](\d\d_\w+)['"]""", cell.source)})


def source_hash(nb):
    """Hash of the code cells: text may be corrected without executing anything."""
    return _hash(cell.source.encode() for cell in _code_cells(nb))


def code_hash(nb, root=ROOT):
    """Hash of what a run of a notebook depends on: its code, the package, the weights, the versions."""
    root = Path(root)
    package = [path for path in root.glob('d2lhelpers/**/*.py') if path.relative_to(root).parts[1] not in ('authoring', '__main__.py', 'doctor.py')]
    package = [path for path in package if path.parent.name != 'exercises' or _checked_by(path, nb)]
    return _hash([source_hash(nb).encode(), *_files([*package, *root.glob('data/weights/*'), root / 'requirements.lock'], root)])


def _checked_by(path, nb):
    """Whether a notebook imports this module of checks, or one that is common to them all."""
    code = '\n'.join(cell.source for cell in _code_cells(nb))
    return 'd2lhelpers.exercises' in code and (re.fullmatch(r'e\d\d', path.stem) is None or path.stem in code)


def made_from(nb, root=ROOT):
    """Hash of all that the outputs of a notebook depend on: `code_hash` and the records that it names."""
    root = Path(root)
    records = [path for name in records_named_in(nb) for path in root.glob(f'data/results/{name}-embedded*.csv')]
    return _hash([code_hash(nb, root).encode(), *_files(records, root)])


def _files(paths, root):
    for path in sorted(path for path in paths if path.is_file()):
        yield path.relative_to(root).as_posix().encode()
        yield path.read_bytes()


def _hash(parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b'%d:' % len(part) + part)
    return digest.hexdigest()[:16]


def _code_cells(nb):
    return [cell for cell in nb.cells if cell.cell_type == 'code']


# ---- execution ------------------------------------------------------------------------------------------------------------------------------

@contextlib.asynccontextmanager
async def _kernel(folder, environment):
    """A fresh kernel of this very Python, whatever kernels the machine's Jupyter has. It ends here, however that comes."""
    kernel = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager())
    await kernel.start_kernel(env=environment, cwd=str(folder), stderr=subprocess.DEVNULL, extra_arguments=['--HistoryManager.hist_file=:memory:'])
    try:
        yield kernel
    finally:
        await kernel.shutdown_kernel(now=True)


async def execute(path, environment, timeout=CELL_SECONDS, nb=None):
    """Execute a notebook from a fresh kernel and return it with its outputs, cleaned, and the seconds that took.

    Parameters
    ----------
    path : Path
        The notebook; the file is not touched.
    environment : dict
        Environment variables of the kernel.
    timeout : float or None
        Seconds that a cell may take.
    nb : nbformat.NotebookNode, optional
        Its content, where that is not what the file holds.

    Raises
    ------
    CourseError
        If a cell raises or takes too long: it names the cell.
    """
    nb = nb or nbformat.read(path, as_version=4)
    at = {}
    began = time.perf_counter()
    async with _kernel(path.parent, environment) as kernel:
        client = NotebookClient(nb, km=kernel, timeout=timeout, record_timing=False, coalesce_streams=True,
                                on_cell_start=lambda cell, cell_index: at.update(index=cell_index))
        try:
            await client.async_execute()
        except CellExecutionError as error:
            raise CourseError(f'{path.name}, {cell_name(nb, at["index"])} raised {error.ename}: {error.evalue}\n{error.traceback}') from None
        except CellTimeoutError:
            raise CourseError(f'{path.name}, {cell_name(nb, at["index"])} took more than {timeout:g} seconds: make it smaller.') from None
        except DeadKernelError:
            if await kernel.is_alive():  # what nbclient makes of a cancellation
                raise asyncio.CancelledError from None
            raise CourseError(f'{path.name}, {cell_name(nb, at["index"])} killed its kernel (out of memory?).') from None
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
    return clean(nb), time.perf_counter() - began


def cell_name(nb, index):
    """How a reader finds a cell: the number that stands beside it after execution, and its first line."""
    number = sum(cell.cell_type == 'code' for cell in nb.cells[:index + 1])
    return f'cell [{number}] ({nb.cells[index].source.strip().splitlines()[0] if nb.cells[index].source.strip() else "empty"})'


def clean(nb):
    """Take out what would differ from one execution to the next, or tells of the machine."""
    nb.metadata.kernelspec = {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'}
    nb.metadata.language_info = {'name': 'python'}
    nb.metadata.pop('widgets', None)
    for cell in nb.cells:
        cell.metadata.pop('execution', None)
    return nb


def refuse(nb, path):
    """Raise CourseError if the outputs hold warnings or other noise of stderr, or are too large to be committed."""
    for index, cell in enumerate(nb.cells):
        for output in cell.get('outputs', []):
            if output.output_type == 'stream' and output.name == 'stderr':
                raise CourseError(f'{path.name}, {cell_name(nb, index)} wrote to stderr, which readers would see: repair the cause, or print what '
                                  f'is worth reading. It wrote: {output.text.strip()[:500]}')
    size = len(nbformat.writes(nb).encode())
    if size > MOST_BYTES:
        largest = max(range(len(nb.cells)), key=lambda index: len(str(nb.cells[index].get('outputs', ''))))
        raise CourseError(f'{path.name} would have {size / 1000:.0f} kB, more than {MOST_BYTES / 1000:.0f}: its largest output is that of '
                          f'{cell_name(nb, largest)}; make the picture smaller.')


def notebooks(only=None, root=ROOT):
    """Execute the notebooks that changed, or those named, and keep their outputs. Returns the names of those executed.

    Parameters
    ----------
    only : str, optional
        Beginning of the file names (``01``, ``solutions/01``); these are executed even if nothing changed.
    root : Path
        The repository.

    Raises
    ------
    CourseError
        If notebooks failed, a paragraph each; the others are written all the same, the files of the failed ones are as before.
    """
    chosen = named(only, all_notebooks(root)) if only else all_notebooks(root)
    made = exercises.of(chosen)
    done, failed = _keep_outputs({path: nbformat.read(path, as_version=4) for path in chosen if path not in made}, bool(only), root)
    ready = {}
    for path, solution in made.items():
        if solution not in failed:
            try:
                ready[path] = _exercise(path, solution, root)
            except CourseError as error:
                failed[path] = error
    more, failed_too = _keep_outputs(ready, bool(only), root)
    readme.write(root)
    errors = [*failed.values(), *failed_too.values()]
    if errors:
        raise next((error for error in errors if not isinstance(error, CourseError)), CourseError('\n\n'.join(map(str, errors))))
    return done + more


def _exercise(path, solution, root):
    """The exercise notebook as its solution makes it: what the file holds, where that is the same but for outputs."""
    nb = nbformat.read(solution, as_version=4)
    if nb.metadata.get('d2lhelpers', {}).get('source') != source_hash(nb):
        raise CourseError(f'{name_of(solution, root)} was edited and not executed since: make notebooks NB={name_of(solution, root)}.')
    fresh = exercises.from_solution(nb, name_of(solution, root))
    stored = nbformat.read(path, as_version=4) if path.exists() else None
    return stored if stored and exercises.same(stored, fresh) else fresh


def _keep_outputs(nbs, everything, root):
    """Execute those of the notebooks that changed, or everything, and write them; returns the names of the executed, and errors by path."""
    stored = {path: made_from(nb, root) for path, nb in nbs.items()}
    todo = {path: nb for path, nb in nbs.items() if everything or nb.metadata.get('d2lhelpers', {}).get('made_from') != stored[path]}
    for path in nbs:
        if path not in todo:
            print(f'{name_of(path, root)}: nothing changed')
    cores = asyncio.Semaphore(CORES)

    async def one(path, nb):
        path.parent.mkdir(exist_ok=True)  # of the first exercise
        async with cores:
            nb, seconds = await execute(path, kernel_environment(D2LHELPERS_STRICT='1'), nb=nb)
        refuse(nb, path)
        nb.metadata.d2lhelpers = {'made_from': stored[path], 'source': source_hash(nb)}
        write_whole(path, nbformat.writes(nb))
        keep_seconds(name_of(path, root), 'embedded', seconds, root)
        print(f'{name_of(path, root)}: executed in {seconds:.0f} s', flush=True)

    async def all_of_them():
        return await asyncio.gather(*(one(path, nb) for path, nb in todo.items()), return_exceptions=True)

    outcomes = dict(zip(todo, _run(all_of_them()), strict=True))
    return [name_of(path, root) for path in todo], {path: error for path, error in outcomes.items() if error is not None}


def results(only=None, root=ROOT, profile=PROFILE):
    """Compute the records of the lessons' studies, then execute each lesson once more from the complete record, and write the README's tables.

    All kernels execute the same notebook; ``study`` shares the runs out among them and keeps each finished one in ``data/results/.runs``, in a
    folder for each lesson and profile. These folders stay until all lessons are done, so after an interrupt the same call goes on where this one
    stopped, except with lessons whose code has changed since.

    Parameters
    ----------
    only : str, optional
        Beginning of the lesson's file name; without it every lesson that has a study.
    root : Path
        The repository.
    profile : {'embedded', 'full'}
        In which profile; only in the embedded one is the notebook itself written.

    Raises
    ------
    CourseError
        If a cell raised; the runs that were finished before are kept.
    """
    lessons = sorted((Path(root) / 'notebooks').glob('*.ipynb'))
    done = []
    for path in named(only, lessons) if only else lessons:
        if 'study(' in ''.join(cell.source for cell in _code_cells(nbformat.read(path, as_version=4))):
            done.append(_compute_records(path, Path(root), profile))
            if profile == 'embedded':
                notebooks(f'notebooks/{path.stem}', root)
            else:
                _, seconds = _run(execute(path, kernel_environment(profile, D2LHELPERS_STRICT='1'), timeout=None))
                keep_seconds(name_of(path, root), profile, seconds, root)
                print(f'{path.stem}: executed in {seconds:.0f} s')
        elif only:
            raise CourseError(f'{path.name} calls no study(…), so it has no record to compute.')
    readme.write(root)
    for runs in done:
        shutil.rmtree(runs)


def _compute_records(path, root, profile):
    """Compute the records of a lesson; returns the folder of their runs."""
    runs = root / 'data' / 'results' / '.runs' / f'{path.stem}-{profile}'
    stamp = runs / 'made_from'
    code = code_hash(nbformat.read(path, as_version=4), root)
    if runs.exists():
        same = stamp.exists() and stamp.read_text() == code
        print(f'{path.stem}: ' + ('going on with the runs that an earlier call left.' if same else
                                  'the runs that an earlier call left are of other code, so they are dropped.'))
        if not same:
            shutil.rmtree(runs)
    runs.mkdir(parents=True, exist_ok=True)
    stamp.write_text(code)
    # Several kernels of one thread do as much as one kernel of several threads, and do not stumble when the machine has something else to do.
    # Not strict: claims are judged afterwards, from the complete record.
    environment = kernel_environment(profile, D2LHELPERS_RECORD='run', D2LHELPERS_RUNS=str(runs.resolve()), OMP_NUM_THREADS='1')

    async def share():
        progress = asyncio.create_task(_progress(path.stem, runs))
        try:
            async with asyncio.TaskGroup() as kernels:  # the first error stops them all
                for _ in range(CORES):
                    kernels.create_task(execute(path, environment, timeout=None))
        except* CourseError as group:
            raise group.exceptions[0] from None
        finally:
            progress.cancel()

    _run(share())
    return runs


async def _progress(name, runs):
    """Draw the number of finished runs, of all studies that have begun; into a log file a line a minute."""
    with tqdm(desc=name, unit=' runs', mininterval=.5 if sys.stderr.isatty() else 60) as bar:
        while True:
            bar.total = sum(int(file.read_text() or 0) for file in runs.glob('*/total')) or None
            bar.update(sum(1 for _ in runs.glob('*/*.json')) - bar.n)
            await asyncio.sleep(1)


# ---- files and processes --------------------------------------------------------------------------------------------------------------------

def keep_seconds(name, profile, seconds, root=ROOT):
    """Write how long a notebook took into ``data/results/minutes.csv``."""
    path = Path(root) / 'data' / 'results' / 'minutes.csv'
    rows = {}
    if path.exists():
        with open(path, newline='') as file:
            rows = {(row['notebook'], row['profile']): row for row in csv.DictReader(file)
                    if (Path(root) / 'notebooks' / f'{row["notebook"]}.ipynb').exists()}
    rows[name, profile] = {'notebook': name, 'profile': profile, 'seconds': round(seconds), 'threads': 1 if profile == 'embedded' else CORES}
    text = io.StringIO()
    writer = csv.DictWriter(text, ['notebook', 'profile', 'seconds', 'threads'], lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows[key] for key in sorted(rows))
    write_whole(path, text.getvalue())


def _run(coroutine):
    """Run a coroutine in a thread of its own: in the main thread each notebook would put its own handler on Ctrl-C, and one press would end
    one of them. So the press arrives here, and all are cancelled, which ends their kernels."""
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


def main(arguments=None, root=ROOT):
    """The two commands of the module's docstring; the exit status."""
    parser = argparse.ArgumentParser(prog='python -m d2lhelpers.authoring.execute', description='Execute the notebooks of the course.')
    parser.add_argument('what', choices=['notebooks', 'results'])
    parser.add_argument('NB', nargs='?', help='beginning of a file name, for instance 01')
    options = parser.parse_args(arguments)
    try:
        {'notebooks': notebooks, 'results': results}[options.what](options.NB, root)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nInterrupted. The same command goes on from here.', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
