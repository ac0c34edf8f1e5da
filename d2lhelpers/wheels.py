"""The packages of the course as files, for machines without a network: ``make lab`` takes them from there."""
import subprocess
import sys

from .environment import inherited, settings
from .errors import CourseError
from .messages import say


def fetch(folder):
    """Fetch the wheels of requirements.lock, and uv, which installs them; what is there is not fetched again.

    Parameters
    ----------
    folder : pathlib.Path
        ``wheels`` in the folder that ``D2LHELPERS_DATA`` names: ``.setup.sh`` looks there. For machines of
        this kind, with this Python.

    Raises
    ------
    CourseError
        If they cannot be fetched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pip = ['sh', str(settings.root / '.setup.sh'), 'uv', 'tool', 'run', '--python', sys.executable, 'pip',
           'download', '--quiet', '--disable-pip-version-check', '--dest', str(folder)]
    for what in (['--no-deps', '--require-hashes', '--requirement', str(settings.root / 'requirements.lock')],
                 ['--no-deps', 'uv']):
        run = subprocess.run(pip + what, env=inherited(), capture_output=True, text=True)
        if run.returncode:
            reason = (run.stderr.strip().splitlines() or ['no reason was given'])[-1]
            raise CourseError(f'The packages could not be fetched into {folder} ({reason}): call this again '
                              'with an internet connection.')
    say(f'packages: {len(list(folder.iterdir()))} files in {folder}, for make lab without a network')
