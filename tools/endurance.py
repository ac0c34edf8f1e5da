"""``make endurance``: execute all notebooks again and again, as many at once as there are cores while
something else keeps one busy, in another order each time, and compare what comes out.

Each execution that is done stays in ``.endurance``, so the command may be ended at any time and goes on from
there; another state of the course begins anew.
"""
import argparse
import contextlib
import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole
from d2lhelpers.provenance import file_hash

from .command import status
from .execution import cell_name, execute, kernel_environment, together
from .selection import all_notebooks, name_of, named

TIMES = 20


def outputs(nb):
    """What each code cell shows.

    Parameters
    ----------
    nb : nbformat.NotebookNode

    Returns
    -------
    dict of str to str
        From the name of a cell to all that it shows.
    """
    return {cell_name(nb, index): json.dumps([{name: value for name, value in output.items()
                                               if name not in ('execution_count', 'metadata')}
                                              for output in cell.outputs], sort_keys=True)
            for index, cell in enumerate(nb.cells) if cell.cell_type == 'code'}


def differing(one, other):
    """The cells that show something else; of cells that only one of them has, all.

    Returns
    -------
    list of str
    """
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


async def _once(path, file):
    """Execute a notebook, and keep what it shows; or the sentence why it failed."""
    try:
        nb, seconds, _ = await execute(path, kernel_environment(D2LHELPERS_STRICT='1'))
        kept = {'outputs': outputs(nb), 'seconds': round(seconds, 1)}
    except CourseError as error:
        kept = {'failed': str(error)}
    write_whole(file, json.dumps(kept))
    print(f'{file.parent.name}, {path.stem}: '
          + (f'{kept["seconds"]:.0f} s' if 'outputs' in kept else 'FAILED'), flush=True)


@contextlib.contextmanager
def load():
    """Keep one core busy."""
    busy = subprocess.Popen([sys.executable, '-c', 'while True: pass'])
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


def _state(paths, root):
    """A name for the code as it is now."""
    code = sorted((Path(root) / 'd2lhelpers').rglob('*.py'))
    return hashlib.sha256(''.join(map(file_hash, [*code, *paths])).encode()).hexdigest()[:12]


def endurance(only=None, times=TIMES, root=settings.root):
    """Execute the notebooks so many times, compare, and print how that went.

    Parameters
    ----------
    only : str, optional
        Beginning of the file names.
    times : int
    root : pathlib.Path

    Raises
    ------
    CourseError
        If an execution failed, or a cell showed something else in another round: it names them.
    """
    paths = named(only, all_notebooks(root)) if only else all_notebooks(root)
    folder = Path(root) / '.endurance' / _state(all_notebooks(root), root)
    files = {(number, path): folder / f'round {number}' / f'{name_of(path, root).replace("/", "-")}.json'
             for number in range(1, times + 1) for path in paths}
    with load():
        for number in range(1, times + 1):
            todo = [path for path in paths if not files[number, path].exists()]
            random.Random(number).shuffle(todo)
            together(lambda path, number=number: _once(path, files[number, path]), todo)
    complaints = []
    for path in paths:
        rounds = [json.loads(files[number, path].read_text()) for number in range(1, times + 1)]
        complaints += [f'{name_of(path, root)}, round {number}: {each["failed"].splitlines()[0]}'
                       for number, each in enumerate(rounds, 1) if 'failed' in each]
        good = [each for each in rounds if 'outputs' in each]
        cells = sorted({cell for each in good for cell in differing(good[0]['outputs'], each['outputs'])})
        complaints += [f'{name_of(path, root)}, {cell}: not the same every time' for cell in cells]
    print(f'{len(paths)} notebooks, {times} times each: {len(complaints)} complaints.')
    if complaints:
        raise CourseError('\n'.join(complaints))


def main(arguments=None):
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog='python -m tools.endurance', description=__doc__.splitlines()[0])
    parser.add_argument('NB', nargs='?', help='beginning of a file name, for instance 01 or solutions/01')
    parser.add_argument('--times', type=int, default=TIMES)
    options = parser.parse_args(arguments)
    return status(endurance, options.NB, options.times)


if __name__ == '__main__':
    sys.exit(main())
