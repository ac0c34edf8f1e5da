"""What the environment says: the profile, the learner's folder of data, the cores. One object, `settings`.

Nothing is kept: every question looks at the environment anew, so whoever changes a variable changes the
answer. Here too the CPU threads are set (`set_threads`), the only thing that importing the package does.
"""
import os
from pathlib import Path

from .errors import CourseError

CGROUP = Path('/sys/fs/cgroup')  # limits of a container
_STARTED_IN = Path.cwd()  # what a relative path was meant from, wherever a notebook goes later
_set_here = []


class Settings:
    """What the environment says now.

    Attributes
    ----------
    root : pathlib.Path
        The repository: the package is always installed editable.
    """

    root = Path(__file__).resolve().parent.parent

    @property
    def profile(self):
        """``'embedded'`` (nothing is fetched) or ``'full'`` (real photos and weights): D2LHELPERS_PROFILE."""
        profile = os.environ.get('D2LHELPERS_PROFILE') or 'embedded'
        if profile not in ('embedded', 'full'):
            raise CourseError(f"D2LHELPERS_PROFILE is {profile!r}, but the course knows only 'embedded' "
                              "(nothing is fetched) and 'full' (real photos and weights): correct it, or "
                              'unset it for embedded.')
        return profile

    @property
    def embedded(self):
        """Is this the embedded profile?"""
        return self.profile == 'embedded'

    @property
    def data(self):
        """The learner's folder of data, a pathlib.Path, or None: D2LHELPERS_DATA."""
        if not os.environ.get('D2LHELPERS_DATA'):
            return None
        given = os.path.expanduser(os.environ['D2LHELPERS_DATA'])
        folder = _STARTED_IN / given
        if not self.embedded and not folder.is_dir():  # in the embedded profile it has no effect
            place = '' if os.path.isabs(given) else f', looked for from {str(_STARTED_IN)!r}'
            raise CourseError(f'D2LHELPERS_DATA names the folder {given!r}{place}, which does not exist '
                              'here: correct the path, or unset it.')
        return folder

    @property
    def results(self):
        """Where the records of studies are."""
        return self.root / 'data' / 'results'

    @property
    def home(self):
        """Where this user's own things go: the repository; a folder in their home, where the repository is
        not theirs to write into (a room of machines, say, with one course for all).
        """
        shared = self.root.exists() and not os.access(self.root, os.W_OK)
        return Path.home() / 'transfer-learning' if shared else self.root

    @property
    def downloads(self):
        """Where this user keeps what the course fetches; not in git."""
        return self.home / 'data' / 'downloads' if self.home == self.root else self.home / 'downloads'

    @property
    def strict(self):
        """Is D2LHELPERS_STRICT 1, as in the course's own tests? What a learner is told is an error then."""
        return os.environ.get('D2LHELPERS_STRICT') == '1'

    @property
    def cores(self):
        """Cores this process may use: a batch system or a container may allot fewer than there are."""
        allowed = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
        quota = cpu_quota()
        return allowed if quota is None else min(allowed, max(1, int(quota)))

    @property
    def threads(self):
        """CPU threads that suit the profile: one for small networks, all cores for the full profile's."""
        return self.cores if os.environ.get('D2LHELPERS_PROFILE') == 'full' else 1


settings = Settings()


def cpu_quota():
    """CPUs' worth of time that the container may use at once, or None if it sets no limit."""
    try:
        quota, period = (CGROUP / 'cpu.max').read_text().split()
    except OSError:
        return None
    return None if quota == 'max' else int(quota) / int(period)


def set_threads():
    """Set the thread variables, where the learner has not: MXNet reads them once, when it is imported."""
    # Threads of libgomp spin while they wait; a short spin is a compromise between quiet and busy machines
    for name, value in (('OMP_NUM_THREADS', str(settings.threads)), ('GOMP_SPINCOUNT', '10000')):
        if name not in os.environ:
            os.environ[name] = value
            _set_here.append(name)


def inherited():
    """The environment as this process was given it: for starting another one, which may have another profile.

    Returns
    -------
    dict of str to str
        Without what `set_threads` has set.
    """
    return {name: value for name, value in os.environ.items() if name not in _set_here}
