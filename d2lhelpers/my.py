"""The learner's own copies of the notebooks, in ``my/``: made by ``make lab``, which then opens JupyterLab on
them, and by ``make reset``.
"""
import argparse
import contextlib
import itertools
import os
import sys
import time

import nbformat
from ipykernel.ipkernel import IPythonKernel
from jupyter_client.kernelspec import KernelSpecManager
from nbconvert.preprocessors import ClearOutputPreprocessor

from . import disk
from .environment import inherited, settings
from .errors import CourseError
from .files import write_whole
from .provenance import file_hash

# What Jupyter's list of files leaves out anyway
_HIDDEN = ['__pycache__', '*.pyc', '*.pyo', '.DS_Store', '*~']


def course_notebooks(root):
    """Path of every notebook of the course, by its name as a learner types it (``01_….ipynb``,
    ``exercises/01_….ipynb``).

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    dict of str to Path
    """
    course = root / 'notebooks'
    return {path.relative_to(course).as_posix(): path for path in sorted(course.rglob('*.ipynb'))
            if '.ipynb_checkpoints' not in path.parts}


def copy(root, home=None, solutions=True):
    """Copy every notebook that is not in ``my/`` yet, without outputs; what is there stays as it is.

    Parameters
    ----------
    root : Path
        The repository.
    home : Path, optional
        Where ``my/`` is: by default in the repository.
    solutions : bool
        Whether the solutions are copied too.

    Returns
    -------
    new, older : list of Path
        The copies just made, and those made from another state of the course than today's.
    """
    new, older = [], []
    for name, original in course_notebooks(root).items():
        copied = (home or root) / 'my' / name
        if not copied.exists():
            if not solutions and name.startswith('solutions/'):
                continue
            _copy_one(original, copied)
            new.append(copied)
        elif _made_from(copied) != file_hash(original):
            older.append(copied)
    return new, older


def _copy_one(original, copied):
    write_whole(copied, _without_outputs(original))


def _without_outputs(original):
    notebook = nbformat.read(original, as_version=4)
    notebook, _ = ClearOutputPreprocessor().preprocess(notebook, {})
    notebook.metadata = {**_kernel(), 'd2lhelpers': {'from': file_hash(original)}}
    return nbformat.writes(notebook) + '\n'


def _kernel():
    """What JupyterLab writes into a notebook about its kernel. As it stands there already, a copy that is
    opened has nothing to save.
    """
    spec = KernelSpecManager().get_kernel_spec('python3')
    return {'kernelspec': {'display_name': spec.display_name, 'language': spec.language, 'name': 'python3'},
            'language_info': IPythonKernel.language_info}


def _made_from(copied):
    try:
        return nbformat.read(copied, as_version=4).metadata.get('d2lhelpers', {}).get('from')
    # damaged: the learner's file, and theirs to mend
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError):
        return None


def reset(name, root, home=None):
    """Bring one notebook back as the course has it; the learner's copy is kept beside it under another name.

    Parameters
    ----------
    name : str
        Beginning of the notebook's path in ``my/``: ``01``, ``exercises/01``.
    root : Path
        The repository.
    home : Path, optional
        As for `copy`.

    Returns
    -------
    copied, kept : Path, Path or None
        The fresh copy, and where the learner's is now, if there was one.

    Raises
    ------
    SystemExit
        With a sentence, if no notebook or more than one is meant.
    """
    originals = course_notebooks(root)
    meant = [path for path in originals if name and path.startswith(name.removeprefix('my/'))]
    if len(meant) != 1:
        raise SystemExit(f'make reset needs one notebook, but NB={name or "(nothing)"} fits {len(meant)} of '
                         f'them: write the start of one of these names: {", ".join(meant or originals)}.')
    copied, kept = (home or root) / 'my' / meant[0], None
    if copied.exists():
        stem = f'{copied.stem}.kept-{time.strftime("%Y-%m-%d-%H%M%S")}'
        # two resets may fall into one second
        names = itertools.chain([stem], (f'{stem}-{number}' for number in itertools.count(2)))
        kept = next(path for name in names if not (path := copied.with_name(f'{name}.ipynb')).exists())
        # a copy of its own: the learner's stays until the fresh one is there
        write_whole(kept, copied.read_bytes())
    _copy_one(originals[meant[0]], copied)
    return copied, kept


def furnish(root, home):
    """Make a user's own folder, from which the links of the lessons lead into a course that is not theirs.

    Parameters
    ----------
    root, home : Path
        The repository, and ``settings.home``.
    """
    home.mkdir(parents=True, exist_ok=True)
    for name in ('README.md', 'CONTRIBUTING.md', 'LICENSE', 'LICENSE-text', 'data', 'd2lhelpers'):
        link = home / name
        if (root / name).exists() and not os.path.lexists(link):
            with contextlib.suppress(FileExistsError):  # another make lab was quicker
                link.symlink_to(root / name)


def lab_command(root, solutions=True):
    """The command that starts JupyterLab on ``my/00_start_here.ipynb`` below a folder.

    Parameters
    ----------
    root : Path
        The repository.
    solutions : bool
        Whether folders of that name are shown.

    Returns
    -------
    list of str
    """
    # The repository is the server's root, so that links from the notebooks to README.md or data/ work
    command = [sys.executable, '-m', 'jupyterlab', '--log-level=WARN', f'--ServerApp.root_dir={root}',
               '--LabApp.default_url=/lab/tree/my/00_start_here.ipynb']
    if not solutions:
        command.append(f'--ContentsManager.hide_globs={[*_HIDDEN, "solutions"]}')
    if os.geteuid() == 0:
        command.append('--allow-root')
    if sys.platform == 'linux' and not (os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
        command.append('--no-browser')
    return command


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest='command', required=True)
    lab = commands.add_parser('lab', help='copy what is missing, then start JupyterLab; further arguments '
                                          'are handed to it')
    lab.add_argument('--no-solutions', action='store_true', help='leave the solutions out of my/, and hide '
                                                                 'them in the list of files')
    commands.add_parser('reset', help='bring one notebook back').add_argument('name')
    options, further = parser.parse_known_args(arguments)
    try:
        _do(options, further, parser)
    except CourseError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        if sentence := disk.told(error):
            raise SystemExit(sentence) from None
        raise


def _do(options, further, parser):
    if options.command == 'reset':
        if further:
            parser.error(f'reset takes one name; {" ".join(further)} is too much.')
        copied, kept = reset(options.name, settings.root, settings.home)
        print(f'{copied.relative_to(settings.home)} is a fresh copy now.'
              + (f' Your old copy is {kept.relative_to(settings.home)}.' if kept else ''))
        return
    home, solutions = settings.home, not options.no_solutions
    if home != settings.root:
        furnish(settings.root, home)
        print(f'This course is shared: what is yours is in {home}.')
    new, older = copy(settings.root, home, solutions)
    if new:
        names = [path.relative_to(home / 'my').with_suffix('').as_posix() for path in new]
        print(f'Copied to my/, which is yours to change: {", ".join(names)}.')
    if not solutions and (home / 'my' / 'solutions').exists():
        print('my/solutions is there already, from another start, and stays: it is only hidden in the list '
              'of files.')
    for path in older:
        name = path.relative_to(home / 'my').as_posix()
        print(f'my/{name} is a copy of another version of the course: make reset NB={name} gets the '
              'current one, and keeps yours.')
    command = lab_command(home, solutions) + further
    if '--no-browser' in command:
        print('There is no display here: open the address that JupyterLab prints below in a browser.')
    environment = inherited()  # each kernel sets the threads of its own profile
    if environment.get('D2LHELPERS_DATA'):  # relative to here, while a kernel works in its notebook's folder
        environment['D2LHELPERS_DATA'] = os.path.abspath(os.path.expanduser(environment['D2LHELPERS_DATA']))
    print('JupyterLab is starting; press Ctrl-C twice to end it.', flush=True)
    os.chdir(home)
    os.execve(command[0], command, environment)


if __name__ == '__main__':
    main()
