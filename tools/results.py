"""``make results``: let the lessons' studies compute their records, in the profile that is set, in as many
one-thread kernels at once as there are cores.

``make results CLUSTER=name`` gives the runs to the engines of that cluster of ipyparallel, which need not see
this disk.

``make results CONFIRM=1`` only runs three rows again of each record since which the package has changed, and
keeps the record where they come out as before.
"""
import argparse
import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from d2lhelpers import provenance
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.runs import clear

import nbformat
from tqdm import tqdm

from . import freshness, readme, results_page
from .command import status
from .execution import execute, kernel_environment, run, together
from .notebooks import keep, keep_seconds
from .selection import lessons, name_of, named


def results(only=None, root=settings.root, profile=None):
    """Compute the records of lessons that are out of date, and execute each lesson once more with them.

    All kernels execute the same notebook; ``study`` shares the runs and keeps each finished one in
    ``data/results/.runs``, in a folder for each lesson and profile. These folders stay until all lessons are
    done, so after an interrupt the same call goes on where this one stopped, except with studies whose code,
    in the notebook or in the package, has changed since.

    Parameters
    ----------
    only : str, optional
        Beginning of the lesson's file name; without it every lesson that has a study.
    root : pathlib.Path
        The repository.
    profile : {'embedded', 'full'}, optional
        By default the present one. Only in the embedded one the notebook itself is written.

    Raises
    ------
    CourseError
        If a cell raised; the runs that were finished before are kept.
    """
    root, profile = Path(root), profile or settings.profile
    finished = []
    for path in named(only, lessons(root)) if only else filter(_may_have_studies, lessons(root)):
        runs = _compute(path, root, profile)
        if any(runs.glob('*/total')):
            _write(path, root, profile, _record_from(runs))
            finished.append(runs)
        else:
            shutil.rmtree(runs)
            print(f'{path.stem} calls no study(…), so it has no record to compute.')
    readme.write(root)
    results_page.write(root)
    for runs in finished:
        shutil.rmtree(runs)


def _may_have_studies(path):
    nb = nbformat.read(path, as_version=4)
    return bool(freshness.studies(nb)) or freshness.edited(nb)


def _compute(path, root, profile):
    """Compute the runs of a lesson; returns their folder."""
    runs = root / 'data' / 'results' / '.runs' / f'{path.stem}-{profile}'
    _drop_outdated(runs, root)
    clear(runs)
    if any(runs.glob('*/*.json')):
        print(f'{path.stem}: going on with the runs that an earlier call left.')
    runs.mkdir(parents=True, exist_ok=True)
    # of ipyparallel: then the runs are for its engines, see d2lhelpers.engines
    cluster = {name: os.environ[name] for name in ['D2LHELPERS_CLUSTER'] if os.environ.get(name)}

    async def share():
        progress = asyncio.create_task(_progress(path.stem, runs))
        try:
            async with asyncio.TaskGroup() as kernels:  # the first error stops them all
                # Several kernels of one thread do as much as one kernel of several threads, and do not
                # stumble when the machine has something else to do. Not strict: verdicts come afterwards.
                environment = kernel_environment(profile, **_record_from(runs), **cluster,
                                                 OMP_NUM_THREADS='1')
                for _ in range(1 if cluster else settings.cores):
                    kernels.create_task(execute(path, environment, timeout=None))
        except* CourseError as group:
            raise group.exceptions[0] from None
        finally:
            progress.cancel()

    run(share())
    return runs


def _drop_outdated(runs, root):
    """Drop the runs of studies since which a module has changed that they called. (`study` itself looks for
    those of the present code of the notebook alone.)
    """
    for folder in [path for path in runs.glob('*') if path.is_dir()]:
        package = {name: code for file in folder.glob('*.json')
                   for name, code in json.loads(file.read_text())['package'].items()}
        changed = [name for name, code in package.items() if provenance.module_hash(name, root) != code]
        if changed:
            print(f'{runs.name}: {", ".join(changed)} changed, so the runs that an earlier call left are '
                  'dropped.')
            shutil.rmtree(folder)


def _record_from(runs):
    """For the environment of a kernel: studies compute their records, and this folder holds their runs."""
    return {'D2LHELPERS_RECORD': 'run', 'D2LHELPERS_RUNS': str(runs.resolve())}


async def _progress(name, runs):
    """Draw the number of finished runs, of all studies that have begun; into a log file a line a minute."""
    with tqdm(desc=name, unit=' runs', mininterval=.5 if sys.stderr.isatty() else 60) as bar:
        while True:
            bar.total = sum(int(file.read_text() or 0) for file in runs.glob('*/total')) or None
            bar.update(sum(1 for _ in runs.glob('*/*.json')) - bar.n)
            await asyncio.sleep(1)


def _write(path, root, profile, variables):
    """Execute a lesson whose runs are all there: its studies write their records."""
    nb = nbformat.read(path, as_version=4)
    try:
        if profile == 'embedded':
            run(keep(path, nb, root, **variables))
        else:
            environment = kernel_environment(profile, D2LHELPERS_STRICT='1', **variables)
            _, seconds, _ = run(execute(path, environment, timeout=None))
            keep_seconds(name_of(path, root), profile, seconds, root)
            print(f'{path.stem}: executed in {seconds:.0f} s')
    except CourseError:
        # A claim that does not hold has stopped it, but the records of all its studies are to be written
        run(execute(path, kernel_environment(profile, **variables), timeout=None))
        raise


def confirm(only=None, root=settings.root, profile=None):
    """Let studies run three rows of their records again, where only the package has changed since; see
    `results`. Nothing of the notebooks is kept.

    Raises
    ------
    CourseError
        If records are out of date afterwards; it says which and why.
    """
    root, profile = Path(root), profile or settings.profile
    waiting, left = {}, []
    for path in named(only, lessons(root)) if only else lessons(root):
        nb = nbformat.read(path, as_version=4)
        if freshness.edited(nb):
            left.append(f'{path.stem} was edited and not executed since: make notebooks NB={path.stem[:2]}')
        elif records := freshness.record_reasons(nb, root, profile):
            waiting[path] = nb, records
    alone = [path for path, (_, records) in waiting.items()
             if not all(of_study for of_study, _ in records.values())]
    environment = kernel_environment(profile, D2LHELPERS_RECORD='confirm')
    outcomes = together(lambda path: execute(path, environment, timeout=None), alone)
    for path, (nb, records) in waiting.items():
        now = freshness.record_reasons(nb, root, profile)
        for record in records:
            if record in now:
                left.append(f'{record} is out of date ({"; ".join(sum(now[record], []))}): make results '
                            f'NB={path.stem[:2]}')
            else:
                print(f'{record}: three rows came out as recorded, so it is confirmed.')
        if isinstance(outcomes.get(path), CourseError):
            left.append(str(outcomes[path]))
    if left:
        raise CourseError('\n'.join(left))
    if not waiting:
        print('Every record is up to date.')


def main(arguments=None):
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog='python -m tools.results', description='Compute recorded studies.')
    parser.add_argument('NB', nargs='?', help="beginning of a lesson's file name, for instance 01")
    parser.add_argument('--confirm', action='store_true',
                        help='only run three rows of each record again, where the package has changed')
    options = parser.parse_args(arguments)
    return status(confirm if options.confirm else results, options.NB)


if __name__ == '__main__':
    sys.exit(main())
