"""``make check-environment``: what conda does with the pip part of environment.yml, by pip alone, in a fresh
environment of its own.

conda itself writes the list to a file beside environment.yml and calls ``pip install -U -r`` on it; so does
this.
"""
import shutil
import subprocess
import sys
import tempfile
import time
import venv

from d2lhelpers.environment import inherited, settings

import yaml


def pip_part(text):
    """The lines that environment.yml hands to pip.

    Parameters
    ----------
    text : str
        Content of the file.

    Returns
    -------
    list of str
    """
    return next(part['pip'] for part in yaml.safe_load(text)['dependencies'] if isinstance(part, dict))


def check(root=settings.root):
    """Install, import, and let doctor look; the folder ``.check`` is removed afterwards.

    Returns
    -------
    int
        Exit status of the first step that failed, or 0.
    """
    folder = root / '.check'
    python = folder / 'bin' / 'python'
    began = time.monotonic()
    try:
        venv.create(folder, clear=True, with_pip=True)
        with tempfile.NamedTemporaryFile('w', dir=root, suffix='.requirements.txt') as wanted:
            wanted.write('\n'.join(pip_part((root / 'environment.yml').read_text())))
            wanted.flush()
            status = subprocess.run([python, '-m', 'pip', 'install', '--quiet', '-U', '-r', wanted.name],
                                    cwd=root, env=inherited()).returncode
        for step in (['-m', 'pip', 'check'], ['-m', 'd2lhelpers', 'doctor'],
                     ['-c', 'from d2lhelpers import fit']):
            # From another folder than the repository, so that the package is found because it is installed
            status = status or subprocess.run([python, *step], cwd=folder, env=inherited()).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    minutes = (time.monotonic() - began) / 60
    print(f'environment.yml leads to {"no" if status else "a"} working environment here ({minutes:.1f} '
          f'minutes){": see above" if status else ""}.')
    return status


if __name__ == '__main__':
    sys.exit(check())
