"""``make other-cpus``: execute the lessons as on older CPUs, and say which cells show something else.

oneDNN, which does MXNet's convolutions, is told to leave newer instructions alone. Claims are strict:
another verdict is a failure. What OpenBLAS and MXNet's own kernels do stays as it is, so this is no real
other machine.
"""
import re
import sys

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

from .command import on_notebooks
from .endurance import differing, outputs
from .execution import execute, kernel_environment, together
from .selection import lessons, name_of, named

KINDS = ('', 'AVX2', 'SSE41')  # the first is this CPU as it is
_NUMBER = re.compile(r'(?<![\w.])-?\d+\.\d+')


def apart(one, other):
    """The largest difference between the decimal numbers of two texts, in order.

    Returns
    -------
    float or None
        None where the texts have another number of them, so that nothing can be said.
    """
    ours, theirs = (list(map(float, _NUMBER.findall(text))) for text in (one, other))
    if len(ours) != len(theirs):
        return None
    return max((abs(a - b) for a, b in zip(ours, theirs, strict=True)), default=0.)


def other_cpus(only=None, root=settings.root):
    """Execute the lessons on each kind of CPU, and print what differs.

    Parameters
    ----------
    only : str, optional
        Beginning of the file names.
    root : pathlib.Path

    Raises
    ------
    CourseError
        If a lesson fails, or a claim comes out otherwise.
    """
    paths = named(only, lessons(root)) if only else lessons(root)

    async def work(item):
        path, kind = item
        more = {'DNNL_MAX_CPU_ISA': kind} if kind else {}
        nb, seconds, _ = await execute(path, kernel_environment(D2LHELPERS_STRICT='1', **more))
        print(f'{_as_on(path, kind, root)}: {seconds:.0f} s', flush=True)
        return nb

    done = together(work, [(path, kind) for path in paths for kind in KINDS])
    failed = [f'{_as_on(path, kind, root)}: {error}' for (path, kind), error in done.items()
              if isinstance(error, CourseError)]
    for path in paths:
        here = done[path, '']
        for kind in KINDS[1:]:
            there = done[path, kind]
            if not isinstance(here, CourseError) and not isinstance(there, CourseError):
                _tell(f'{name_of(path, root)}, {kind}', outputs(here), outputs(there))
    if failed:
        raise CourseError('\n'.join(failed))


def _as_on(path, kind, root):
    return f'{name_of(path, root)} as on {kind or "this CPU"}'


def _tell(title, here, there):
    other = differing(here, there)
    print(f'{title}: the verdicts are the same; {len(other)} of {len(here)} cells show something else')
    for name in other:
        difference = apart(here.get(name, ''), there.get(name, ''))
        print(f'    {name}: ' + ('other words or another picture' if difference in (None, 0)
                                 else f'numbers up to {difference:.3g} apart'))


if __name__ == '__main__':
    sys.exit(on_notebooks(other_cpus, 'python -m tools.other_cpus', __doc__.splitlines()[0]))
