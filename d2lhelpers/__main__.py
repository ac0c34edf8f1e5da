"""The commands of the package: ``python -m d2lhelpers doctor``, ``download``, ``predict`` and ``mark``."""
import argparse
import sys
from pathlib import Path

from . import disk
from .environment import settings
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
    mark = commands.add_parser('mark', help='mark the exercises of a class: a table, and a page for each '
                                            'student',
                               epilog='The same command goes on after an interrupt.')
    mark.add_argument('folder', type=Path, help='student.ipynb, or a folder of notebooks for each student')
    mark.add_argument('--out', type=Path, help='where the marks go; default: FOLDER-marks, beside the folder')
    mark.add_argument('--seed', type=int, help='a number that students do not know: the checks draw other '
                                               'data by it')
    mark.add_argument('--seconds', type=float, default=120,
                      help='of computing, for each exercise; default: 120')
    mark.add_argument('--memory', type=float, default=8, help='gigabytes for each notebook; default: 8')
    mark.add_argument('--jobs', type=int, default=settings.cores,
                      help='notebooks at once; default: as many as there are cores')
    options = parser.parse_args(arguments)
    if options.command == 'doctor':
        from . import doctor
        return doctor.main(options.folder)
    failed = []
    try:
        if options.command == 'predict':
            from .handover import predict as answers
            failed = answers(options.folder, options.photos)
        elif options.command == 'mark':
            _mark(options)
        else:
            from .files import download as fetch
            fetch(options.folder)
    except CourseError as error:
        failed = [error]
    except OSError as error:
        if not (sentence := disk.told(error)):
            raise
        failed = [sentence]
    except KeyboardInterrupt:
        print('Stopped. The same command goes on from here.', file=sys.stderr)
        return 130
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed else 0


def _mark(options):
    from .marking.marking import Rules, mark
    folder = options.folder.resolve()
    out = options.out or folder.with_name(f'{folder.name}-marks')
    mark(folder, out, Rules(options.seed, options.seconds, options.memory), options.jobs)
    print(f'Written: {out / "marks.csv"}, and a page for each student in {out / "pages"}.')


if __name__ == '__main__':
    sys.exit(main())
