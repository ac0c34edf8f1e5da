"""The line at the top of each lesson: on what it runs, how long that takes, and how to switch."""
import csv
import os

from .devices import devices
from .profile import PROFILE, ROOT

_SWITCH = {
    'embedded': 'Nothing is downloaded. For real photos and ImageNet weights start with D2LHELPERS_PROFILE=full (see README.md).',
    'full': 'Real photos and real weights. Unset D2LHELPERS_PROFILE for the embedded ones, which need no download.',
}


def opening(lesson):
    """Print on what a lesson runs, how long that took where it was measured, and how to switch.

    Parameters
    ----------
    lesson : str
        Name of the notebook, without its ending.
    """
    with open(ROOT / 'data' / 'results' / 'minutes.csv', newline='') as file:
        measured = [row for row in csv.DictReader(file) if (row['notebook'], row['profile']) == (lesson, PROFILE)]
    took = f'{max(float(measured[0]["seconds"]) / 60, .1):.1f} minutes on {measured[0]["threads"]} CPU thread(s)' if measured else 'not measured'
    threads = os.environ.get('OMP_NUM_THREADS', 'MXNet\'s choice of')
    print(f'Profile {PROFILE}, on {", ".join(map(str, devices()))}, {threads} CPU thread(s). Run All: {took} (GPU: not measured).')
    print(_SWITCH[PROFILE])
