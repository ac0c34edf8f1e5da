"""The commands of the package: ``python -m d2lhelpers doctor`` and ``python -m d2lhelpers download``."""
import argparse
import sys

from .errors import CourseError


def main(arguments=None):
    parser = argparse.ArgumentParser(prog='python -m d2lhelpers',
                                     description='Commands of the transfer-learning course.')
    commands = parser.add_subparsers(dest='command', metavar='command', required=True)
    doctor = commands.add_parser('doctor', help='a line for each thing that the course needs: OK, NOTE or '
                                                'FAIL; exit status 1 if a lesson cannot run')
    doctor.add_argument('folder', nargs='?', help='look this folder (or zip archive) of your own photos over '
                                                  'instead')
    download = commands.add_parser('download', help='fetch the data of the full profile ahead of a lecture, '
                                                    'into a folder to carry on a USB stick',
                                   epilog='To use that folder: D2LHELPERS_PROFILE=full '
                                          'D2LHELPERS_DATA=<folder> make lab')
    download.add_argument('folder', nargs='?',
                          help='default: data/downloads, where the full profile keeps what it fetches itself')
    options = parser.parse_args(arguments)
    if options.command == 'doctor':
        from . import doctor
        return doctor.main(options.folder)
    from .files import download as fetch
    try:
        fetch(options.folder)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
