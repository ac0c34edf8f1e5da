"""``make audit``: which known holes have the packages of requirements.lock? pip-audit asks the package index.

Data that a package carries are no way: the last free ones, safety-db 2021.7.17, are older than nearly every
release in the lock, and know of none.
"""
import json
import subprocess
import sys

from d2lhelpers.environment import inherited, settings
from d2lhelpers.errors import CourseError

from .command import status

COMMAND = ['sh', str(settings.root / '.setup.sh'), 'uv', 'tool', 'run', 'pip-audit', '--no-deps',
           '--disable-pip', '--progress-spinner', 'off', '--format', 'json', '--requirement',
           str(settings.root / 'requirements.lock')]


def report(answer):
    """What pip-audit found, in lines.

    Parameters
    ----------
    answer : dict
        Its output in JSON.

    Returns
    -------
    list of str

    Raises
    ------
    CourseError
        If holes are known; or if nothing was looked at, for then pip-audit itself says that all is well.
    """
    audited = [each for each in answer['dependencies'] if 'skip_reason' not in each]
    skipped = [each['name'] for each in answer['dependencies'] if 'skip_reason' in each]
    if not audited:
        raise CourseError(f'Nothing is known of the {len(skipped)} packages: the package index that is set '
                          'here tells nothing about known holes. Call make audit where the public one can be '
                          'reached.')
    lines = [f'{len(audited)} packages were looked up.']
    if skipped:
        lines.append(f'Of {len(skipped)} nothing is known: {", ".join(skipped)}.')
    holes = [f'{each["name"]} {each["version"]}: {hole["id"]}, mended in '
             f'{", ".join(hole["fix_versions"]) or "no release"}'
             for each in audited for hole in each['vulns']]
    if holes:
        raise CourseError('\n'.join([*lines, *holes]))
    return [*lines, 'No hole is known. (MXNet is retired: nobody looks for holes in it.)']


def audit():
    """Ask, and print."""
    run = subprocess.run(COMMAND, env=inherited(), capture_output=True, text=True)
    try:
        answer = json.loads(run.stdout)
    except ValueError:
        reason = (run.stderr.strip().splitlines() or ['no reason was given'])[-1]
        raise CourseError(f'pip-audit could not be fetched, or has failed ({reason}).') from None
    print('\n'.join(report(answer)))


if __name__ == '__main__':
    sys.exit(status(audit))
