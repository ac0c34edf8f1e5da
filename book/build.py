"""``make book``: the course as web pages in each language, in ``reading/``. Nothing is executed."""
import shutil
import subprocess
import sys
import time

from babel.messages import mofile, pofile

from . import pages, places


class BookError(Exception):
    """What stops the building of the book, in a sentence."""


def build():
    """Make everything anew, and say how large it is.

    Raises
    ------
    BookError
        If there is a warning.
    """
    began = time.monotonic()
    prepare()
    shutil.rmtree(places.READING, ignore_errors=True)
    runs = {'English': start('html', 'en', places.READING)}
    runs |= {language: start('html', language, places.READING / language) for language in places.LANGUAGES}
    for name, run in runs.items():
        finish(run, name)
        print(f'{name}: {time.monotonic() - began:.0f} s')
    tidy(places.READING)
    size = sum(path.stat().st_size for path in places.READING.rglob('*') if path.is_file())
    print(f'reading/index.html: {size / 1e6:.1f} MB in {time.monotonic() - began:.0f} s')


def prepare():
    """The pages and the translators' catalogues, where Sphinx reads them."""
    source = places.WORK / 'src'
    shutil.rmtree(places.WORK, ignore_errors=True)
    pages.write(source)
    shutil.copytree(places.HERE / 'locale', source / 'locale')
    for path in source.glob('locale/*/LC_MESSAGES/**/*.po'):
        with open(path, 'rb') as file:
            catalogue = pofile.read_po(file)
        with open(path.with_suffix('.mo'), 'wb') as file:
            mofile.write_mo(file, catalogue)


def start(builder, language, out):
    """Begin to make one output, beside others."""
    command = [sys.executable, '-m', 'sphinx', '-W', '--keep-going', '-q', '-b', builder,
               '-D', f'language={language}', '-d', places.WORK / f'{builder}-{language}', '-c', places.HERE, places.WORK / 'src', out]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            encoding='utf-8')


def finish(run, name):
    """Wait for it.

    Raises
    ------
    BookError
        If it gave a warning.
    """
    said = run.communicate()[0]
    if run.returncode:
        raise BookError(f'The book ({name}) has warnings, which count as errors:\n{said}')


def tidy(folder):
    """Remove what only Sphinx itself needs."""
    for name in ('.buildinfo', 'objects.inv'):
        for path in folder.rglob(name):
            path.unlink()
