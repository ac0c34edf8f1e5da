"""Which of the two profiles the course runs in, where the learner keeps real data, how many cores there are. Read once, before MXNet is imported.

Only `strict` looks again at every call.
"""
import os
from pathlib import Path

from .errors import CourseError

ROOT = Path(__file__).resolve().parent.parent  # the repository: the package is always installed editable

CGROUP = Path('/sys/fs/cgroup')  # limits of a container


def cpu_quota():
    """CPUs' worth of time that the container may use at once, or None if it sets no limit."""
    try:
        quota, period = (CGROUP / 'cpu.max').read_text().split()
    except OSError:
        return None
    return None if quota == 'max' else int(quota) / int(period)


def _cores():
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    quota = cpu_quota()
    return allowed if quota is None else min(allowed, max(1, int(quota)))


# Cores this process may use, fewer than the machine has where a batch system allots some, or a container limits their time
CORES = _cores()

PROFILE = os.environ.get('D2LHELPERS_PROFILE') or 'embedded'
if PROFILE not in ('embedded', 'full'):
    raise CourseError(f"D2LHELPERS_PROFILE is {PROFILE!r}, but the course knows only 'embedded' (nothing is fetched) and 'full' "
                      '(real photos and weights): correct it, or unset it for embedded.')

DATA = None
if os.environ.get('D2LHELPERS_DATA'):
    _given = os.path.expanduser(os.environ['D2LHELPERS_DATA'])
    DATA = Path(_given).absolute()
    if PROFILE == 'full' and not DATA.is_dir():  # in the embedded profile it has no effect
        _from = '' if os.path.isabs(_given) else f', looked for from {str(Path.cwd())!r}'
        raise CourseError(f'D2LHELPERS_DATA names the folder {_given!r}{_from}, which does not exist here: correct the path, or unset it.')


def strict():
    """Is ``D2LHELPERS_STRICT`` 1, as in the course's own tests? Then what a learner would only be told is an error."""
    return os.environ.get('D2LHELPERS_STRICT') == '1'
