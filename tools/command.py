"""What the makers' commands have in common: how they end."""
import sys

from d2lhelpers.errors import CourseError


def status(job, *args):
    """Do a job; what it has to complain about goes to stderr as a sentence, without a traceback.

    Returns
    -------
    int
        The exit status of the command.
    """
    try:
        job(*args)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nInterrupted. The same command goes on from here.', file=sys.stderr)
        return 130
    return 0
