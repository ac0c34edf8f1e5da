"""The commands of the package: ``python -m d2lhelpers doctor``, ``download`` and ``predict``."""
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
    predict = commands.add_parser('predict', help='what a network that was handed over takes photos for; '
                                                  'exit status 1 if one could not be read')
    predict.add_argument('folder', help='the folder that hand_over has written')
    predict.add_argument('photos', nargs='+', metavar='photo.jpg')
    options = parser.parse_args(arguments)
    if options.command == 'doctor':
        from . import doctor
        return doctor.main(options.folder)
    try:
        if options.command == 'predict':
            from .handover import predict as answers
            failed = answers(options.folder, options.photos)
        else:
            from .files import download as fetch
            failed = fetch(options.folder) or []
    except CourseError as error:
        failed = [error]
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
