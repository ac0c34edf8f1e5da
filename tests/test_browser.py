"""The course in a real browser: what a learner clicks in JupyterLab, and the slides on a screen of 16:9."""
import re
from pathlib import Path

import browser
import house_rules
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_accessibility import contrast

from tools import selection, slides

FITS = 'element => element.scrollWidth <= element.clientWidth'
LESSONS = sorted(path.stem for path in selection.lessons())
QUICK = '00_start_here', '06_faces'
LONG = [  # a training that nobody waits for
    'from d2lhelpers import batches, cross_entropy, fit, seed_all\nfrom mxnet import gluon, np\nseed_all(0)\n'
    'x, y = np.random.normal(size=(640, 8)), np.arange(640) % 2\nexamples = gluon.data.ArrayDataset(x, '
    'y.astype("int32"))',
    'net = gluon.nn.Dense(2, in_units=8)\nnet.initialize()\nbefore = net.weight.data().copy()\n'
    'trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": .01})\n'
    'history = fit(lambda x, y: cross_entropy(net(x), y), batches(examples, size=32), trainer, '
    'epochs=10_000)',
    'print("interrupted:", history.interrupted, "| updates kept:", history.table.epoch.max() < 10_000,\n'
    '      "| weights moved:", bool((net.weight.data() != before).any()))']


@pytest.fixture(scope='module')
def chromium():
    with browser.chromium() as program:
        yield program


@pytest.fixture(scope='module')
def lab(chromium, tmp_path_factory):
    lab = browser.Lab(chromium, browser.copy_course(tmp_path_factory.mktemp('my course')))
    yield lab
    lab.close()
    other = {address for address in lab.asked if not re.match(rf'{lab.address}/|data:|blob:', address)}
    assert not other, f'JupyterLab asked other hosts: {other}'


class TestLab:
    def test_a_cell_shows_its_picture(self, lab):
        notebook = lab.open('01_fine_tuning_hotdog')
        notebook.run(notebook.cells.nth(0))
        cell = notebook.cells.filter(has_text='diagrams.fine_tuning()')
        notebook.run(cell)
        assert cell.locator('img').evaluate('picture => picture.complete && picture.naturalWidth') > 400
        assert 'Step 1 trains the source model' in cell.locator('.jp-OutputArea em').inner_text()
        notebook.page.close()

    def test_a_progress_bar_moves_and_interrupt_keeps_the_result(self, lab):
        nb = new_notebook(cells=[new_code_cell(source) for source in LONG],
                          metadata={'kernelspec': {'name': 'python3', 'display_name': 'Python 3'}})
        nbformat.write(nb, lab.folder / 'my' / 'long.ipynb')
        notebook = lab.open('long')
        notebook.run(notebook.cells.nth(0))
        training = notebook.cells.nth(1)
        notebook.begin(training)

        def done():
            begun = training.locator('.jp-OutputArea-output').count()
            text = training.locator('.jp-OutputArea').inner_text() if begun else ''
            return [int(number) for number in re.findall(r'\| *(\d+)/\d+', text)]
        browser.until(done)
        first = done()[-1]
        browser.until(lambda: done()[-1] > first)
        notebook.page.locator('[data-command="notebook:interrupt-kernel"]').click()
        notebook.done(training)
        assert training.locator('pre').first.evaluate(FITS), 'the line of progress is cut'
        assert 'Interrupted' in training.locator('.jp-OutputArea').inner_text()
        assert 'Traceback' not in training.locator('.jp-OutputArea').inner_text()
        assert ('interrupted: True | updates kept: True | weights moved: True'
                in notebook.run(notebook.cells.nth(2)))
        notebook.page.close()

    def test_an_exercise_answers_a_wrong_and_a_right_answer(self, lab):
        notebook = lab.open('exercises/01_fine_tuning_hotdog')
        notebook.run(notebook.cells.nth(0))
        answer = notebook.cells.filter(has_text='def answer_3(')
        check = notebook.cells.filter(has_text='e01.check_3(answer_3)')
        notebook.run(answer)
        assert 'Exercise 3: not answered yet.' in notebook.run(check)
        right = 'net = new_head(true_copy(source_net), classes); freeze(net, net.features); return net'
        for body, said in (('return source_net', 'Exercise 3: not yet. Your function returned the source '
                                                 'model itself'), (right, 'Exercise 3: right: ')):
            notebook.type(answer, f'def answer_3(source_net, classes):\n    {body}')
            notebook.run(answer)
            assert said in notebook.run(check)
        notebook.page.close()

    @pytest.mark.parametrize('name', ['02_layer_transfer', 'exercises/01_fine_tuning_hotdog'])
    def test_a_copy_that_is_opened_has_nothing_to_save(self, lab, name):
        notebook = lab.open(name)
        # what a kernel says of itself comes once it is there; then JupyterLab puts its dot beside the name
        notebook.page.wait_for_timeout(2000)
        assert notebook.page.locator('.lm-TabBar-tab.jp-mod-current.jp-mod-dirty').count() == 0
        notebook.select(notebook.cells.first)
        notebook.page.keyboard.press('b')  # a new cell
        notebook.page.locator('.lm-TabBar-tab.jp-mod-current.jp-mod-dirty').wait_for()
        notebook.page.close()

    @pytest.mark.parametrize('width', [1000, 1280])
    def test_the_longest_lines_that_a_notebook_may_have_fit(self, lab, width):
        """A house rule keeps those of the course so short."""
        line = '#' * house_rules.MOST_COLUMNS
        nb = new_notebook(cells=[new_code_cell(line), new_code_cell(line + '#' * 40)],
                          metadata={'kernelspec': {'name': 'python3', 'display_name': 'Python 3'}})
        nbformat.write(nb, lab.folder / 'my' / f'wide {width}.ipynb')
        notebook = lab.open(f'wide {width}')
        notebook.page.set_viewport_size({'width': width, 'height': 800})
        notebook.page.keyboard.press('Control+b')  # hides the list of files
        notebook.page.locator('#jp-left-stack').wait_for(state='hidden')
        may, may_not = notebook.page.locator('.cm-scroller').all()
        browser.until(lambda: not may_not.evaluate(FITS))
        assert may.evaluate(FITS), f'lines of {len(line)} columns scroll sideways'
        notebook.page.close()


@pytest.fixture
def short_training(lab):
    """Kernels that start now train on a few batches alone."""
    startup = lab.folder / '.ipython/profile_default/startup/short.py'
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(f'import sys\nsys.path.append({str(Path(__file__).parent)!r})\n'
                       'from any_order import short_training\nshort_training()\n')
    yield
    startup.unlink()


class RunAll:
    """A lesson is run through by the menu's Run All Cells."""

    def test_run_all(self, lab, short_training):
        notebook = lab.open(self.lesson)
        last = notebook.cells.last
        notebook.menu('Run', 'Run All Cells')
        notebook.done(last)
        nb = notebook.saved()
        notebook.menu('Kernel', 'Shut Down Kernel')
        notebook.page.close()
        cells = [cell for cell in nb.cells if cell.cell_type == 'code']
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        assert not [output for cell in cells for output in cell.outputs if output.output_type == 'error']


# A class for each lesson, for pytest-xdist keeps a class together and shares out classes over the cores. What
# the cells come to when they train to the end nbval has seen already
for lesson in LESSONS:
    name = f'TestRunAll_{lesson}'
    globals()[name] = type(name, (RunAll,), {'lesson': lesson})
    if lesson not in QUICK:
        pytest.mark.long(globals()[name])


# What can be seen of the slide that is shown: size of what it holds, its heading, figures (alt text, how much
# they are enlarged), and of each text the size of its letters and its colours
SEEN = """() => {
    const slide = Reveal.getCurrentSlide(), of = element => getComputedStyle(element);
    const box = element => element.getBoundingClientRect();
    const inside = [...slide.querySelectorAll('*')].filter(
        element => !element.closest('aside') && element.getClientRects().length);
    const clear = element => of(element).backgroundColor.startsWith('rgba(0, 0, 0, 0');
    const background = element => !element ? 'rgb(255, 255, 255)'
        : clear(element) ? background(element.parentElement) : of(element).backgroundColor;
    const texts = inside.filter(
        element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    return {
        width: Math.max(slide.scrollWidth, ...inside.map(element => box(element).right)),
        height: Math.max(slide.scrollHeight, ...inside.map(element => box(element).bottom)),
        heading: slide.querySelector('h1, h2, h3')?.innerText ?? '',
        figures: [...slide.querySelectorAll('img')].map(image => [image.alt, Math.min(
            box(image).width / image.naturalWidth, box(image).height / image.naturalHeight)]),
        texts: texts.map(element => [element.innerText, parseFloat(of(element).fontSize), of(element).color,
                                     background(element)])
    };
}"""


class TestSlides:
    """On a projector's 1600 x 900, without a network."""

    @pytest.fixture(scope='class')
    def decks(self, tmp_path_factory):
        folder = browser.copy_course(tmp_path_factory.mktemp('slides'))
        cell = new_markdown_cell('# Formula\n\n$\\sqrt{\\alpha}$ is shown. Said.',
                                 metadata={'slideshow': {'slide_type': 'slide'}})
        nbformat.write(new_notebook(cells=[cell]), folder / 'notebooks' / 'formula.ipynb')
        return {path.stem: path for path in slides.build(folder)}

    @pytest.fixture
    def show(self, chromium, decks):
        """Opens a deck, and afterwards looks at what it has asked for."""
        window = chromium.new_context(viewport={'width': 1600, 'height': 900}, offline=True)
        asked, trouble = [], []
        window.on('request', lambda request: asked.append(request.url))
        # the speaker's empty window
        window.on('requestfailed',
                  lambda request: request.url == 'about:blank' or trouble.append(request.url))
        window.on('weberror', lambda error: trouble.append(error.error))

        def open_deck(name):
            assert name in decks, f'{name} has no slides: set slide types, see CONTRIBUTING.md'
            page = window.new_page()
            page.goto(decks[name].as_uri())
            page.wait_for_function('Reveal.isReady() && document.fonts.status === "loaded"')
            assert any(address.endswith('/mathjax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full,Safe')
                       for address in asked)
            return page
        yield open_deck
        window.close()
        assert all(address.startswith(('file:', 'data:', 'blob:', 'about:')) for address in asked), asked
        assert not trouble

    @pytest.mark.parametrize('lesson', LESSONS)
    def test_every_slide_fits_and_can_be_read(self, show, lesson):
        page = show(lesson)
        n, seen = page.evaluate('Reveal.getTotalSlides()'), []
        assert n >= 8
        while not seen or not page.evaluate('Reveal.isLastSlide() && !Reveal.availableFragments().next'):
            page.keyboard.press('Space' if seen else 'Home')
            number = page.evaluate('Reveal.getSlidePastCount() + 1')
            if number not in seen:
                seen.append(number)
                self.judge(page.evaluate(SEEN), f'{lesson}, slide {number}')
        assert seen == list(range(1, n + 1))

    def judge(self, slide, where):
        where = f'{where} ({slide["heading"]})'
        size = f'{slide["width"]:.0f} x {slide["height"]:.0f}'
        assert slide['width'] <= 1600 and slide['height'] <= 900, f'{where} overflows: {size}'
        assert slide['heading'], f'{where} has no heading'
        for words, scale in slide['figures']:
            assert words, f'{where} has a figure without alt text'
            assert scale >= 1.2, f'{where}: a figure is too small ({scale:.2f}): give it a slide of its own'
        for words, size, colour, background in slide['texts']:
            assert size >= 24, f'{where}: {words!r} is too small'
            colour, background = ([int(part) / 255 for part in re.findall(r'\d+', each)[:3]]
                                  for each in (colour, background))
            pale = f'{where}: {words!r} is too pale, {colour} on {background}'
            assert contrast(colour, background) >= 4.5, pale

    @pytest.mark.parametrize('broken, sentence', [
        ({'height': 930}, 'overflows: 1600 x 930'), ({'width': 1700}, 'overflows'),
        ({'heading': ''}, 'no heading'),
        ({'figures': [('', 2)]}, 'alt text'), ({'figures': [('A line.', .9)]}, 'too small'),
        ({'texts': [('x', 18, 'rgb(0, 0, 0)', 'rgb(255, 255, 255)')]}, 'too small'),
        ({'texts': [('x', 30, 'rgb(150, 150, 150)', 'rgb(255, 255, 255)')]}, 'too pale')])
    def test_the_judge_goes_red(self, broken, sentence):
        fine = {'width': 1600, 'height': 900, 'heading': 'So', 'figures': [('A line.', 2)],
                'texts': [('x', 30, 'rgb(0, 0, 0)', 'rgb(255, 255, 255)')]}
        self.judge(fine, '')
        with pytest.raises(AssertionError, match=sentence):
            self.judge(fine | broken, '')

    def test_formulas_and_speaker_notes(self, show):
        page = show('formula')
        page.keyboard.press('ArrowRight')  # from the front page
        page.locator('.MathJax .msqrt').first.wait_for()
        with page.context.expect_page() as speaker:
            page.keyboard.press('s')
        notes = speaker.value.locator('.speaker-controls-notes .value')
        notes.get_by_text('Said.').wait_for()


def test_without_chromium(monkeypatch):
    monkeypatch.setattr(browser.shutil, 'which', lambda program: None)
    monkeypatch.delenv('CI', raising=False)
    with pytest.raises(pytest.skip.Exception, match='no Chromium on this machine'), browser.chromium():
        pass
    monkeypatch.setenv('CI', 'true')
    with pytest.raises(pytest.fail.Exception, match='no Chromium on this machine'), browser.chromium():
        pass
