"""``make book``: the course as web pages in each language, as EPUB and as PDF, in ``reading/``. Nothing is
executed.
"""
import shutil
import subprocess
import sys
import time

from babel.messages import mofile, pofile

from . import epub_file, pages, paper, places

NAME = 'transfer-learning'


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
    order = prepare()
    shutil.rmtree(places.READING, ignore_errors=True)
    epub = places.WORK / 'epub'
    first = {'English': start('html', 'en', places.READING), 'EPUB': start('epub', 'en', epub)}
    finish(first['English'], 'English')
    printing = begin_paper(order)
    finish(first['EPUB'], 'EPUB')
    epub_file.finish(epub, places.READING / f'{NAME}.epub')
    others = {language: start('html', language, places.READING / language) for language in places.LANGUAGES}
    for language, run in others.items():
        finish(run, language)
    end_paper(printing)
    tidy(places.READING)
    for path in sorted(places.READING.glob(f'{NAME}.*')):
        print(f'reading/{path.name}: {path.stat().st_size / 1e6:.1f} MB')
    size = sum(path.stat().st_size for path in places.READING.rglob('*') if path.is_file())
    print(f'reading/index.html: open this; all together {size / 1e6:.1f} MB, made in '
          f'{time.monotonic() - began:.0f} s')


def prepare():
    """The pages and the translators' catalogues, where Sphinx reads them.

    Returns
    -------
    list of str
        The pages in the order of the book.
    """
    source = places.WORK / 'src'
    shutil.rmtree(places.WORK, ignore_errors=True)
    order = pages.write(source)
    shutil.copytree(places.HERE / 'locale', source / 'locale')
    for path in source.glob('locale/*/LC_MESSAGES/**/*.po'):
        with open(path, 'rb') as file:
            catalogue = pofile.read_po(file)
        with open(path.with_suffix('.mo'), 'wb') as file:
            mofile.write_mo(file, catalogue)
    return order


def start(builder, language, out):
    """Begin to make one output, beside others."""
    command = [sys.executable, '-m', 'sphinx', '-W', '--keep-going', '-q', '-b', builder, '-t', builder,
               '-D', f'language={language}', '-d', places.WORK / f'{builder}-{language}', '-c', places.HERE,
               places.WORK / 'src', out]
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


def begin_paper(order):
    """Begin to print; without a Chromium there is no PDF, and a sentence says so."""
    program = paper.browser()
    if not program:
        print('No PDF is made: that needs Chromium (on Debian: apt-get install chromium).')
        return None
    page = places.READING / 'one-page.html'
    page.write_text(paper.one_page(places.READING, order), encoding='utf-8')
    return paper.start(program, page, places.READING / f'{NAME}.pdf')


def end_paper(run):
    """Wait for it.

    Raises
    ------
    BookError
        If there is no PDF.
    """
    if run is None:
        return
    said = run.communicate()[0]
    (places.READING / 'one-page.html').unlink()
    if run.returncode or not (places.READING / f'{NAME}.pdf').exists():
        raise BookError(f'Chromium did not print the book:\n{said}')


def tidy(folder):
    """Remove what only Sphinx itself needs."""
    for name in ('.buildinfo', 'objects.inv'):
        for path in folder.rglob(name):
            path.unlink()
    for path in folder.rglob('_sources'):
        shutil.rmtree(path)
