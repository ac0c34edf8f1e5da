"""Which notebooks: all of the course, or those that NB names."""
from pathlib import Path

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.my import course_notebooks

# Needs PyTorch, which is not among the packages of the course: `make pytorch` executes it
PYTORCH = 'from_gluon_to_pytorch'


def all_notebooks(root=settings.root):
    """Paths of the course's notebooks that its own environment can run: lessons, then exercises, then
    solutions.
    """
    return [path for path in course_notebooks(Path(root)).values() if path.stem != PYTORCH]


def lessons(root=settings.root):
    """Paths of the lessons."""
    return [path for path in all_notebooks(root) if path.parent.name == 'notebooks']


def named(nb, paths):
    """Those of the notebooks whose file name begins with `nb`, with or without its folder."""
    found = [path for path in paths if path.name.startswith(nb)
             or f'{path.parent.name}/{path.name}'.startswith(nb)]
    if not found:
        raise CourseError(f'NB={nb} names no notebook: there are '
                          f'{", ".join(sorted({path.stem for path in paths})) or "none at all"}.')
    return found


def name_of(path, root=settings.root):
    """``01_fine_tuning_hotdog``, ``exercises/01_…``."""
    return path.relative_to(Path(root) / 'notebooks').with_suffix('').as_posix()
