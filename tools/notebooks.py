"""``make notebooks``: execute the notebooks that are due, or those whose name begins with NB (01,
exercises/01, solutions/01) whether due or not, and keep the outputs.

From fresh kernels, in the embedded profile, with the network off. The exercises are made out of the
solutions.
"""
import csv
import io
import sys
from pathlib import Path

from d2lhelpers import speed
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole
from d2lhelpers.lesson import MINUTES

import nbformat

from . import exercises, freshness, objectives, readme, results_page, teaching
from .command import on_notebooks
from .execution import execute, kernel_environment, refuse, together
from .selection import all_notebooks, name_of, named


def notebooks(only=None, root=settings.root):
    """Execute the notebooks that are due, or those named, and keep their outputs.

    Parameters
    ----------
    only : str, optional
        Beginning of the file names (``01``, ``solutions/01``); these are executed even if nothing changed.
    root : pathlib.Path
        The repository.

    Returns
    -------
    list of str
        The names of those executed.

    Raises
    ------
    CourseError
        If notebooks failed, a paragraph each; the others are written all the same, the files of the failed
        ones are as before.
    """
    chosen = named(only, all_notebooks(root)) if only else all_notebooks(root)
    made = exercises.of(chosen)
    solutions = [path for path in chosen if path in made.values()]
    done, failed = _keep_due({path: _read(path) for path in solutions}, only, root)
    ready = {}
    for path, solution in made.items():
        if solution not in failed:
            try:
                ready[path] = _exercise(path, solution, root)
            except CourseError as error:
                failed[path] = error
    lessons = [path for path in chosen if path not in made and path not in solutions]
    sound = []
    for path in lessons:
        try:
            objectives.write(path)
            sound.append(path)
        except CourseError as error:
            failed[path] = error
    # the lessons come last, for one of them reads all the others
    for nbs in (ready, {path: _read(path) for path in sound}):
        done_too, failed_too = _keep_due(nbs, only, root)
        done, failed = done + done_too, failed | failed_too
    readme.write(root)
    results_page.write(root)
    teaching.write(root)
    _tell_of_records(lessons, root)
    if failed:
        raise CourseError('\n\n'.join(map(str, failed.values())))
    return done


def _read(path):
    return nbformat.read(path, as_version=4)


def _exercise(path, solution, root):
    """The exercise notebook as its solution makes it: what the file holds, where that is the same but for
    outputs.
    """
    nb = _read(solution)
    if freshness.edited(nb):
        raise CourseError(f'{name_of(solution, root)} was edited and not executed since: make notebooks '
                          f'NB={name_of(solution, root)}.')
    fresh = exercises.from_solution(nb, name_of(solution, root))
    stored = _read(path) if path.exists() else None
    return stored if stored and exercises.same(stored, fresh) else fresh


def _keep_due(nbs, everything, root):
    """Execute those of the notebooks that are due, or everything, and write them; returns the names of the
    executed, and the errors by path.
    """
    todo = []
    for path, nb in nbs.items():
        reasons = freshness.reasons(nb, root) or ['asked for'] * bool(everything)
        print(f'{name_of(path, root)}: {"; ".join(reasons) or "nothing changed"}')
        if reasons:
            todo.append(path)
    outcomes = together(lambda path: keep(path, nbs[path], root), todo)
    failed = {path: error for path, error in outcomes.items() if error}
    return [name_of(path, root) for path in todo], failed


async def keep(path, nb, root=settings.root, **variables):
    """Execute a notebook, strictly and in the embedded profile, and write it with its outputs.

    Parameters
    ----------
    path : pathlib.Path
    nb : nbformat.NotebookNode
        Its content.
    root : pathlib.Path
        The repository.
    **variables : str
        More for the environment of the kernel.

    Raises
    ------
    CourseError
        If it fails, or its outputs cannot be committed; the file is as before.
    """
    before = freshness.modules(root)
    environment = kernel_environment(D2LHELPERS_STRICT='1', **variables)
    path.parent.mkdir(exist_ok=True)  # of the first exercise
    nb, seconds, used = await execute(path, environment, nb=nb)
    refuse(nb, path)
    nb.metadata.d2lhelpers = freshness.account(nb, used, before)
    write_whole(path, nbformat.writes(nb))
    keep_seconds(name_of(path, root), 'embedded', seconds, root)
    print(f'{name_of(path, root)}: executed in {seconds:.0f} s', flush=True)


def keep_seconds(name, profile, seconds, root=settings.root):
    """Write how long a notebook took into ``data/results/minutes.csv``, and how fast the machine is."""
    path = Path(root) / MINUTES
    rows = {}
    if path.exists():
        with open(path, newline='') as file:
            rows = {(row['notebook'], row['profile']): row for row in csv.DictReader(file)
                    if (Path(root) / 'notebooks' / f'{row["notebook"]}.ipynb').exists()}
    rows[name, profile] = {'notebook': name, 'profile': profile, 'seconds': round(seconds),
                           'threads': 1 if profile == 'embedded' else settings.cores,
                           'probe': round(speed.seconds(), 3)}
    text = io.StringIO()
    writer = csv.DictWriter(text, ['notebook', 'profile', 'seconds', 'threads', 'probe'],
                            lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows[key] for key in sorted(rows))
    write_whole(path, text.getvalue())


def _tell_of_records(paths, root):
    """Print which records no longer belong to their lessons."""
    for path in paths:
        for record, (of_study, package) in freshness.record_reasons(_read(path), root).items():
            print(f'{name_of(path, root)}: its record {record} is out of date '
                  f'({"; ".join(of_study + package)}): '
                  f'make results NB={path.name[:2]}{"" if of_study else " CONFIRM=1"}')


def main(arguments=None):
    """The command; returns the exit status."""
    return on_notebooks(notebooks, 'python -m tools.notebooks', 'Execute the notebooks.', arguments)


if __name__ == '__main__':
    sys.exit(main())
