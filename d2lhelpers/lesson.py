"""The line at the top of each lesson: on what it runs, how long that takes, and how to switch."""
import csv
import os

from .devices import devices
from .profile import PROFILE, ROOT

_SWITCH = {
    'embedded': 'Nothing is downloaded. For real photos and ImageNet weights start with D2LHELPERS_PROFILE=full (see README.md).',
    'full': 'Real photos and real weights. Unset D2LHELPERS_PROFILE for the embedded ones, which need no download.',
}


def measured(profile, root=ROOT):
    """How long notebooks took: a dict from the name (``01_fine_tuning_hotdog``, ``solutions/01_…``) to the row of the record.

    Its ``seconds`` and ``threads`` are text, as in the file.
    """
    path = root / 'data' / 'results' / 'minutes.csv'
    if not path.exists():
        return {}
    with open(path, newline='') as file:
        return {row['notebook']: row for row in csv.DictReader(file) if row['profile'] == profile}


def opening(lesson):
    """Print on what a lesson runs, how long that took where it was measured, and how to switch.

    Parameters
    ----------
    lesson : str
        Name of the notebook, without its ending.
    """
    row = measured(PROFILE).get(lesson)
    took = f'{max(float(row["seconds"]) / 60, .1):.1f} minutes on {row["threads"]} CPU thread(s)' if row else 'not measured'
    threads = os.environ.get('OMP_NUM_THREADS', 'MXNet\'s choice of')
    print(f'Profile {PROFILE}, on {", ".join(map(str, devices()))}, {threads} CPU thread(s). Run All: {took} (GPU: not measured).')
    print(_SWITCH[PROFILE])
