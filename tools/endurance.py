"""``make endurance``: execute all notebooks again and again, as many at once as there are cores while
something else keeps one busy, in another order each time, and compare what comes out.

``data/results/endurance.csv`` counts the executions of each notebook as it is now, with a hash of what the
first one showed on each kind of CPU: only there are they the same to the bit. So the command may be ended at
any time and goes on from there, on another machine too. The count begins anew where the notebook's code has
changed, or something that it uses.
"""
import argparse
import contextlib
import csv
import hashlib
import io
import json
import random
import subprocess
import sys
from pathlib import Path

from d2lhelpers import studies
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole

import nbformat

from .command import status
from .execution import cell_name, execute, kernel_environment, together
from .freshness import cells_hash, modules, uses_now
from .marks import tagged
from .selection import all_notebooks, name_of, named

TIMES = 20


def outputs(nb):
    """What each code cell shows. Those that measure time, or count with it, have nbval's tag for what is not
    to be compared, and are left out.

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
            for index, cell in enumerate(nb.cells)
            if cell.cell_type == 'code' and not tagged(cell, 'nbval-ignore-output')}


def differing(one, other):
    """The cells that show something else; of cells that only one of them has, all.

    Returns
    -------
    list of str
    """
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


class _Count:
    """How often each notebook was executed in the state that it is in, kept in a file by kind of CPU.

    What the first execution on this kind showed stays in ``.endurance``, to name the cells of another that
    differs; where that was another machine, the next one that shows the same takes its place.
    """

    _COLUMNS = ('notebook', 'cpu', 'state', 'executions', 'seconds', 'shown', 'complaints')

    def __init__(self, root, states):
        self._path, self._states = Path(root) / 'data' / 'results' / 'endurance.csv', states
        self._first, self._cpu = Path(root) / '.endurance', studies._cpu()
        lines = csv.DictReader(io.StringIO(self._path.read_text()) if self._path.exists() else ())
        self._lines = {(line['notebook'], line['cpu']): line for line in lines
                       if line['state'] == states.get(line['notebook'])}

    def _of(self, name):
        return [line for (notebook, _), line in self._lines.items() if notebook == name]

    def of(self, name):
        return sum(int(line['executions']) for line in self._of(name))

    def complaints(self, name):
        return [each for line in self._of(name) for each in line['complaints'].splitlines()]

    def add(self, name, seconds=0, shown=None, failed=None):
        new = (name, self._cpu, self._states[name], '0', '0', '', '')
        line = self._lines.setdefault((name, self._cpu), dict(zip(self._COLUMNS, new, strict=True)))
        line['executions'] = str(int(line['executions']) + 1)
        line['seconds'] = str(max(round(seconds), int(line['seconds'])))
        told = f'{name}, execution {self.of(name)}'
        found = [f'{told}: {failed}'] if failed else [
            f'{told}, {cell}: not what the first one showed' for cell in self._other(line, shown)]
        line['complaints'] = '\n'.join([*line['complaints'].splitlines(), *found])
        text = io.StringIO()
        writer = csv.DictWriter(text, self._COLUMNS, lineterminator='\n')
        writer.writeheader()
        writer.writerows(self._lines[each] for each in sorted(self._lines))
        write_whole(self._path, text.getvalue())
        return found

    def _other(self, line, shown):
        """The cells that do not show what they showed the first time."""
        now = hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
        line['shown'] = line['shown'] or now
        first = self._first / f'{line["shown"]}.json'
        if line['shown'] == now:
            first.parent.mkdir(exist_ok=True)
            write_whole(first, json.dumps(shown))
            return []
        return differing(json.loads(first.read_text()), shown) if first.exists() else ['some cell']


async def _once(path, name, count):
    try:
        nb, seconds, _ = await execute(path, kernel_environment(D2LHELPERS_STRICT='1'))
        found = count.add(name, seconds, outputs(nb))
    except CourseError as error:
        found = count.add(name, failed=str(error).splitlines()[0])
    print(f'{name}, {count.of(name)}: {"; ".join(found) or f"{seconds:.0f} s"}', flush=True)


@contextlib.contextmanager
def load():
    """Keep one core busy."""
    busy = subprocess.Popen([sys.executable, '-c', 'while True: pass'])
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


def _state(path, root):
    """A name for a notebook's code and all that it uses, as they are now."""
    nb = nbformat.read(path, as_version=4)
    uses = nb.metadata.get('d2lhelpers', {}).get('made_from') or {
        'modules': modules(root), 'files': {}, 'versions': {}}
    now = [cells_hash(nb), uses_now(uses, root)]
    return hashlib.sha256(json.dumps(now, sort_keys=True).encode()).hexdigest()[:12]


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
        If an execution failed, or a cell showed something else than the first time: it names them.
    """
    every = all_notebooks(root)
    names = {path: name_of(path, root) for path in (named(only, every) if only else every)}
    count = _Count(root, {name_of(path, root): _state(path, root) for path in every})
    with load():
        for number in range(1, times + 1):
            todo = [path for path, name in names.items() if count.of(name) < number]
            random.Random(number).shuffle(todo)
            together(lambda path: _once(path, names[path], count), todo)
    complaints = [each for name in names.values() for each in count.complaints(name)]
    print(f'{len(names)} notebooks, {times} times each: {len(complaints)} complaints.')
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
