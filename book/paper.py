"""The book on paper: all web pages as one, which Chromium prints as PDF."""
import os
import posixpath
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import places

BROWSERS = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
ARTICLE = re.compile(r'<article[^>]*>(.*)</article>', re.DOTALL)
CODE = re.compile(r'<pre>.*?</pre>', re.DOTALL)
HEAD = re.compile(r'<head>(.*?)</head>', re.DOTALL)


def one_page(folder, pages):
    """All pages one behind the other, with links that stay inside.

    Parameters
    ----------
    folder : pathlib.Path
        The web pages.
    pages : list of str
        Their names, in order.

    Returns
    -------
    str
        HTML, to be kept in `folder`.
    """
    head = HEAD.search((folder / 'index.html').read_text(encoding='utf-8'))[1]
    head = re.sub(r'<script.*?</script>', '', head, flags=re.DOTALL)
    font = Path(os.path.relpath(_font(), folder)).as_posix()
    articles = ''.join(f'<article id="{_name(page)}">{_article(folder, page, set(pages))}</article>'
                       for page in pages)
    return (f'<!doctype html><html lang="en"><head>{head}<style>@font-face {{ font-family: "book cjk"; '
            f'src: url("{font}"); unicode-range: U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF; }}</style>'
            f'<link rel="stylesheet" href="_static/print.css"></head><body data-theme="light">{articles}'
            '</body></html>')


def _font():
    import noto_cjk_sans_jp_regular
    return next(Path(noto_cjk_sans_jp_regular.__file__).parent.glob('*.otf'))


def _name(page):
    return 'page-' + page.replace('/', '-')


def _article(folder, page, pages):
    text = ARTICLE.search((folder / f'{page}.html').read_text(encoding='utf-8'))[1]
    # a colour or a break for each word of code is a tag for each word in the PDF: three times the size
    text = CODE.sub(lambda found: re.sub('</?span[^>]*>|<wbr />', '', found[0]), text)
    here = posixpath.dirname(page)

    def target(found):
        attribute, address = found.groups()
        if re.match(r'[a-z]+:', address):
            return found[0]
        path, _, anchor = address.partition('#')
        file = posixpath.normpath(posixpath.join(here, path)) if path else f'{page}.html'
        other = file.removesuffix('.html')
        if other not in pages:
            return f'{attribute}="{file}"'
        return f'{attribute}="#{_name(other)}{"--" if anchor else ""}{anchor}"'
    text = re.sub(r'\b(href|src)="([^"]*)"', target, text)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{_name(page)}--\1"', text)
    return re.sub(r'<audio.*?</audio>', '', text.replace('<details', '<details open'), flags=re.DOTALL)


def browser():
    """The Chromium of this machine; None if there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def start(program, page, path):
    """Begin to print.

    Parameters
    ----------
    program : str
        A Chromium.
    page, path : pathlib.Path
        The page, and the PDF to come.

    Returns
    -------
    subprocess.Popen
    """
    profile = tempfile.mkdtemp(dir=places.WORK)
    sandbox = ['--no-sandbox'] if getattr(os, 'geteuid', lambda: 1)() == 0 else []
    return subprocess.Popen(
        [program, '--headless', *sandbox, '--disable-gpu', '--disable-dev-shm-usage',
         '--no-pdf-header-footer',
         '--generate-pdf-document-outline', '--allow-file-access-from-files', f'--user-data-dir={profile}',
         f'--print-to-pdf={path}', page.as_uri()],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding='utf-8', errors='replace')
