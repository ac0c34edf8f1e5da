"""The reading edition, `make book`: its parts at once; the whole book, built once, in the long tests."""
import contextlib
import fcntl
import os
import re
import shutil
import subprocess

from d2lhelpers.environment import settings

import axe
import browser
import nbformat
import page_check
import pytest
from babel.messages import pofile
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_output

from book import diagrams, drawn, links, minutes, outputs, places, tables
from tools import diagrams as drawings
from tools.selection import all_notebooks, name_of

NAME = 'transfer-learning'
WIDTHS = (320, 390, 1000, 1600, 1920)
# pages of every kind: front, tables and glossary, a lesson, formulas, sounds, exercises, notes, search
JUDGED = ('index', '00_start_here', '01_fine_tuning_hotdog', '03_conservative_training', '07_speech',
          'exercises/01_fine_tuning_hotdog', 'teaching/README', 'terms', 'search')

# Letters in the longest line of text
LONGEST_LINE = '''() => Math.max(...[...document.querySelectorAll('article section > p')].map(p => {
    const range = document.createRange(), lines = {};
    for (const walker = document.createTreeWalker(p, 4); walker.nextNode();)
        for (let i = 0; i < walker.currentNode.length; i++) {
            range.setStart(walker.currentNode, i); range.setEnd(walker.currentNode, i + 1);
            const line = Math.round(range.getBoundingClientRect().bottom / 12);
            lines[line] = (lines[line] ?? 0) + 1;
        }
    return Math.max(...Object.values(lines));
}))'''


def shown(text, **marked):
    return new_output('display_data', {'text/plain': text}, metadata={'d2lhelpers': marked})


def written(tmp_path, *outs):
    return outputs.Outputs('01_x', tmp_path).markdown(new_code_cell('1', outputs=list(outs)))


class TestOutputs:
    def test_a_picture_becomes_a_figure_with_its_reading_line_once(self, tmp_path):
        picture = new_output('display_data', {'image/png': 'iVBORw0KGgo='},
                             metadata={'image/png': {'alt': 'It rises.'}})
        said = new_output('display_data', {'text/markdown': '*It rises.*'})
        assert written(tmp_path, picture, said) == [':::{drawn} 01_x/01.png\n\nIt rises.\n:::']
        assert (tmp_path / '01_x' / '01.png').exists()

    def test_a_drawing_becomes_svg(self, tmp_path):
        reading, path = next(iter(diagrams.by_reading().items()))
        picture = new_output('display_data', {'image/png': 'iVBORw0KGgo='},
                             metadata={'image/png': {'alt': reading}})
        assert written(tmp_path, picture)[0].startswith(
            f':::{{drawn}} 01_x/01.svg\n:kind: "diagram"\n:title: "{diagrams.title(path)}"\n')
        assert (tmp_path / '01_x' / '01.svg').read_bytes() == path.read_bytes()

    def test_a_claim(self, tmp_path):
        claim = shown('holds: A beats B.\n  +2 points (95 %: +1 to +3)', kind='claim', claim='A beats B.',
                      verdict='holds')
        assert written(tmp_path, claim) == [
            ':::{claim} holds\n:name: claim-1\n\nA beats B.\n\n- +2 points (95 %: +1 to +3)\n:::']

    def test_a_guess_and_its_answer(self, tmp_path):
        asked = shown('How many?\n  options:       few, many\n  your guess:    no guess yet', kind='guess',
                      options=['few', 'many'])
        answered = shown('How many?\n  no guess yet\n  measured:      many (0.9)', kind='guess')
        assert written(tmp_path, asked) == [':::{guess}\n\nHow many?\n\n- few\n- many\n:::']
        assert written(tmp_path, answered) == [':::{measured} (0.9)\n\nmany\n:::']
        assert outputs.is_answer(answered) and not outputs.is_answer(asked)

    def test_print_of_several_streams_is_one_block(self, tmp_path):
        streams = [new_output('stream', name='stdout', text=f'{letter}\n') for letter in 'ab']
        assert written(tmp_path, *streams) == ['```{code-block} text\n:class: printed\n\na\nb\n```']

    def test_a_printed_table_is_marked(self):
        table = '   network  trained   limit\n   thin     all       0.3\n   thin     head      4089.1\n'
        assert ':class: printed columns' in outputs.printed(table)
        assert ':class: printed\n' in outputs.printed('An epoch is 10 batches.\n  two  spaces  here\n')

    def test_a_fence_is_longer_than_those_inside(self):
        assert outputs.fold('Hint', ':::{guess}\n:::').startswith('::::{fold} Hint')
        assert outputs.code('```\nx\n```').startswith('````{code-block}')


class TestDrawn:
    AXES = "AXES = {'xlabel': 'updates', 'updates': N}\nSHOWN = 7"

    @pytest.mark.parametrize('code, facts', [
        ("plots.lines(x, title='T', reading='It rises.', xlabel='a')",
         {'kind': 'lines', 'title': 'T', 'xlabel': 'a'}),
        ("plots.curves({'one': x, f'two, {SHOWN:g}': y}, title=f'{SHOWN} of {some(n)}', "
         "reading='It ' 'rises.', **AXES)",
         {'kind': 'curves', 'title': '7 of …', 'xlabel': 'updates', 'names': 'one; two, 7'}),
        ("plots.pictures([p for p in some], title=f'{n}', reading=f'It {what}.')", {'kind': 'pictures'}),
        ("plots.lines(x, title='T', reading='It falls.')", {}), ('%%time\n1', {}), ('...)', {})])
    def test_facts_of_a_call(self, code, facts):
        calls = drawn.Calls()
        calls.read(self.AXES)
        calls.read(code)
        assert calls.facts('It rises.') == facts

    def test_of_two_calls_the_one_with_the_reading_line(self):
        calls = drawn.Calls()
        for title, reading in (('A', 'It falls.'), ('B', 'It rises.')):
            calls.read(f'plots.lines(x, title={title!r}, reading={reading!r})')
        assert calls.facts('It falls.')['title'] == 'A'


def test_a_table_loses_what_pandas_adds():
    html = ('<div><style scoped>th {}</style><table border="1" class="dataframe"><thead><tr><th></th>'
            '<th>arm</th></tr></thead><tbody><tr><th>0</th><td>0.787 ± 0.028</td></tr></tbody></table></div>')
    assert tables.measured(html) == (
        '<div><div class="table-wrapper"><table class="figures"><thead><tr><td class="number"></td>'
        '<th scope="col">arm</th></tr></thead><tbody><tr><th scope="row">0</th><td class="number">0.787 ± '
        '0.028</td></tr></tbody></table></div></div>')


@pytest.mark.parametrize('link, there', [
    ('[a](01_x.ipynb#1.1-B)', '[a](../01_x.md#1.1-B)'), ('[a](https://d2l.ai)', '[a](https://d2l.ai)'),
    ('[a](#b)', '[a](#b)'), ('[a](../README.md)', 'a (`README.md`)'),
    ('`[a](01_x.ipynb)`', '`[a](01_x.ipynb)`')])
def test_links_lead_to_pages(link, there):
    pages = {'notebooks/01_x.ipynb': '01_x', 'notebooks/e.ipynb': 'exercises/e'}
    assert links.redirect(link, 'notebooks/e.ipynb', pages) == there


def test_minutes_come_from_the_rates_of_the_course():
    text = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell('word ' * 1200)])
    assert minutes.of(text, settings.root) == 10


def test_every_notebook_is_a_page():
    found = {name_of(path) for path in all_notebooks()} | {'from_gluon_to_pytorch'}
    assert set(places.notebooks()) == found
    assert places.notebooks()[0] == '00_start_here'


def test_the_drawings_are_those_of_the_lessons():
    """``make diagrams`` draws them again."""
    committed = {path.stem: path.read_text(encoding='utf-8')
                 for path in (places.HERE / 'diagrams').glob('*.svg')}
    assert drawings.drawn() == committed


def test_the_lock_fits_the_list():
    lock = (places.HERE / 'requirements.lock').read_text()
    listed = re.findall(r'^([a-z-]+[a-z0-9])[=<>]', (places.HERE / 'requirements.in').read_text(),
                        re.MULTILINE)
    assert listed and not [name for name in listed if not re.search(rf'^{name}==', lock, re.MULTILINE)]
    assert '://' not in lock and '--hash=sha256:' in lock


@pytest.mark.parametrize('path', sorted((places.HERE / 'locale').rglob('*.po')),
                         ids=lambda path: f'{path.parts[-3]}-{path.stem}')
def test_catalogues_can_be_read(path):
    with open(path, 'rb') as file:
        pofile.read_po(file, abort_invalid=True)


@pytest.mark.parametrize('page, sentence', [
    ('<img src="a.png">', 'a.png has no alt text'), ('<a href="b.html">', 'b.html leads to no file'),
    ('<a href="#x">', '#x leads to no place'),
    ('<p id="y"></p><p id="y"></p>', 'the id y stands there twice'),
    ('<script src="https://d2l.ai/a.js"></script>', 'loads https://d2l.ai/a.js')])
def test_the_check_of_pages_goes_red(tmp_path, page, sentence):
    (tmp_path / 'p.html').write_text(page)
    (tmp_path / 'a.png').touch()
    assert sentence in '; '.join(page_check.problems(tmp_path)[0])


@pytest.fixture(scope='session')
def book(testrun_uid):
    """``reading/``, built once for all workers of a run."""
    (settings.root / '.book').mkdir(exist_ok=True)
    with open(settings.root / '.book.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = settings.root / 'reading' / f'.{testrun_uid}'
        if not stamp.exists():
            made = subprocess.run(['make', 'book'], cwd=settings.root, capture_output=True, text=True)
            assert made.returncode == 0, made.stdout + made.stderr
            stamp.touch()
    return settings.root / 'reading'


@pytest.fixture(scope='module')
def chromium():
    with browser.chromium() as program:
        yield program


@contextlib.contextmanager
def window(chromium, **settings):
    """A window without a network, which notes what is asked for and what goes wrong."""
    with chromium.new_context(offline=True, **settings) as context:
        context.set_default_timeout(browser.PATIENCE)
        page = context.new_page()
        page.asked, page.trouble = [], []
        page.on('request', lambda request: page.asked.append(request.url))
        page.on('console', lambda message: page.trouble.append(message.text))
        page.on('pageerror', lambda error: page.trouble.append(str(error)))
        yield page
        assert all(address.startswith(('file:', 'data:')) for address in page.asked), page.asked
        assert not page.trouble


def pages(folder):
    """Those of a language, or of all."""
    return sorted(path for path in folder.rglob('*.html') if path.relative_to(folder).parts[0][0] != '_')


def needs(program, package):
    if shutil.which(program) is None:
        reason = f'there is no {program} on this machine (Debian: apt-get install {package})'
        (pytest.fail if os.environ.get('CI') else pytest.skip)(reason)


@pytest.mark.long
def test_links_pictures_and_ids(book):
    found, inside = page_check.problems(book)
    assert not found, '\n'.join(found[:20])
    assert inside > 2000


@pytest.mark.long
def test_all_code_of_a_lesson_is_on_its_page(book):
    cells = nbformat.read(settings.root / 'notebooks' / '01_fine_tuning_hotdog.ipynb', as_version=4).cells
    page = (book / '01_fine_tuning_hotdog.html').read_text(encoding='utf-8')
    assert page.count('<div class="code highlight-python') == sum(cell.cell_type == 'code' for cell in cells)


@pytest.mark.long
def test_each_page_has_licence_and_citation(book):
    found = pages(book)
    assert len(found) > 3 * len(places.notebooks())
    for path in found:
        text = path.read_text(encoding='utf-8')
        licence = re.search(r'<p class="licence">.*?CC BY 4\.0.*?<a href="([^"]+)"', text)
        assert licence and (licence[1] == '#' or (path.parent / licence[1]).exists()), path
    for folder in ('.', *places.LANGUAGES):
        assert '@software' in (book / folder / 'about.html').read_text(encoding='utf-8')
        assert (book / folder / 'CITATION.cff').exists()


@pytest.mark.long
@pytest.mark.parametrize('language', places.LANGUAGES)
def test_each_page_says_what_stays_english_and_who_is_wanted(book, language):
    with open(places.HERE / 'locale' / language / 'LC_MESSAGES' / 'book.po', 'rb') as file:
        words = [message.string for message in pofile.read_po(file) if 'Native readers' in message.id]
    found = pages(book / language)
    assert len(found) > len(places.notebooks())
    for path in found:
        page = path.read_text(encoding='utf-8')
        assert f'lang="{language.replace("_", "-")}"' in page
        assert path.stem == 'search' or '<div class="translation' in page and words[0] in page, path


@pytest.mark.long
@pytest.mark.parametrize('folder', ['.', *places.LANGUAGES])
def test_each_section_of_a_lesson_says_where_to_run_it(book, folder):
    lessons = [path for path in (book / folder).glob('[0-9]*.html') if path.stem[:2] != '00']
    assert len(lessons) == len([name for name in places.notebooks() if re.match(r'(?!00)\d\d_', name)])
    for path in lessons:
        page = path.read_text(encoding='utf-8')
        titles = re.findall(r'<h2>(\d+\.\d+) .*?</h2>\s*<p class="lab">(.*?)</p>', page, re.DOTALL)
        assert len(titles) == page.count('<h2>'), path
        assert all('make lab' in re.sub('<.*?>', '', line) and line.rstrip('節 ').endswith(f'{number}')
                   for number, line in titles), path


@pytest.mark.long
def test_alt_texts_say_what_is_drawn(book):
    for path in pages(book):
        for figure in BeautifulSoup(path.read_text(encoding='utf-8'), 'html.parser')('figure'):
            alt, caption = figure.img['alt'], figure.figcaption.get_text().strip(' #\n')
            assert re.search('[“「].*[^\\W\\d_].*[”」]', alt), f'{path}: {alt!r} names no title'
            assert alt != caption and len(alt) > 10, path


@pytest.mark.long
@pytest.mark.parametrize('width', WIDTHS)
def test_nothing_overflows(book, chromium, width):
    with window(chromium, viewport={'width': width, 'height': 900}) as page:
        paths = [path for part in ('', 'exercises/', 'teaching/') for path in book.glob(f'{part}*.html')]
        for path in sorted(paths):
            page.goto(path.as_uri())
            assert page.evaluate('document.documentElement.scrollWidth') <= width, f'{path.name} at {width}'


@pytest.mark.long
@pytest.mark.parametrize('width', [390, 1000])
def test_everybody_can_use_it(book, chromium, tmp_path, width):
    script = axe.script(tmp_path)
    with window(chromium, viewport={'width': width, 'height': 900}) as page:
        for name in JUDGED:
            page.emulate_media(color_scheme='light')
            page.goto((book / f'{name}.html').as_uri())
            page.evaluate(script)
            light = axe.problems(page)
            page.emulate_media(color_scheme='dark')  # changes colours, nothing else
            dark = axe.problems(page, axe.COLOURS)
            assert (light, dark) == ([], []), f'{name}, {width}'


@pytest.mark.long
def test_search_finds_a_section_from_a_folder(book, chromium):
    with window(chromium) as page:
        page.goto((book / '01_fine_tuning_hotdog.html').as_uri())
        page.locator('.sidebar-search').fill('LÉARNING ráte')
        page.keyboard.press('Enter')
        page.wait_for_url('**/search.html?*')
        assert page.locator('#found li').count() > 10
        page.locator('#found a').first.click()
        assert '#' in page.url


@pytest.mark.long
def test_a_fold_opens_by_the_keyboard(book, chromium):
    with window(chromium) as page:
        page.goto((book / '01_fine_tuning_hotdog.html').as_uri())
        fold = page.locator('details.answer').first
        assert not fold.evaluate('fold => fold.open')
        fold.locator('summary').press('Enter')
        assert fold.evaluate('fold => fold.open')


@pytest.mark.long
def test_lines_of_text_can_be_read_on_a_wide_screen(book, chromium):
    with window(chromium, viewport={'width': 1600, 'height': 900}) as page:
        page.goto((book / '01_fine_tuning_hotdog.html').as_uri())
        longest = page.evaluate(LONGEST_LINE)
        assert 50 < longest <= 80


@pytest.mark.long
def test_epub(book):
    needs('java', 'default-jre-headless')
    needs('epubcheck', 'epubcheck')
    # Debian's command is the archive itself, which only some kernels start
    told = subprocess.run(['java', '-jar', shutil.which('epubcheck'), '--failonwarnings',
                           book / f'{NAME}.epub'], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]


@pytest.mark.long
def test_pdf(book):
    needs('pdftotext', 'poppler-utils')
    path = book / f'{NAME}.pdf'
    told = subprocess.run(['pdfinfo', path], capture_output=True, text=True, check=True).stdout
    facts = dict(re.findall(r'^(\w+): +(.+)$', told, re.MULTILINE))
    assert facts['Tagged'] == 'yes' and int(facts['Pages']) > 200
    assert b'/Outlines' in path.read_bytes()
    text = subprocess.run(['pdftotext', path, '-'], capture_output=True, text=True, check=True).stdout
    for term in ('độ chính xác', '准确率', '±', '✓', 'λ'):
        assert term in text
    fonts = subprocess.run(['pdffonts', path], capture_output=True, text=True, check=True).stdout
    assert not [line for line in fonts.splitlines()[2:] if ' yes ' not in line], fonts
