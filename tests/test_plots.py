"""Every figure is shown once, with words for eyes that cannot see it, in colours that stay with their names.
"""
import asyncio
import io

from d2lhelpers import CourseError, plots, training
from d2lhelpers.comparisons import Outcome, Part
from d2lhelpers.intervals import interval
from d2lhelpers.records import Table

import matplotlib.pyplot as plt
import nbformat
import numpy
import pandas
import PIL.Image
import pytest
from matplotlib.colors import to_hex, to_rgb
from mxnet import np
from nbformat.v4 import new_code_cell, new_notebook

from tools.execution import execute, kernel_environment

WORDS = {'title': 'A title', 'reading': 'What to see.', 'xlabel': 'pictures', 'ylabel': 'accuracy'}


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """The figures that were shown, each with its reading; nothing stays open."""
    figures, displayed, show = [], [], plots.show

    def watched(figure, reading, **kind):
        figures.append((figure, reading))
        show(figure, reading, **kind)

    monkeypatch.setattr(plots, 'show', watched)
    monkeypatch.setattr(plots, 'display', displayed.append)
    yield figures
    assert plt.get_fignums() == [] and len(displayed) == 2 * len(figures)  # the picture and its reading


def figure(shown):
    picture, = shown
    return picture


def records(arms=('fine-tuned', 'scratch', 'frozen'), sizes=(25, 100, 400), seeds=(0, 1, 2)):
    runs = [(seed, arm, n) for seed in seeds for arm in arms for n in sizes]
    rows = [{'seed': seed, 'arm': arm, 'pictures': n, 'lr': .1, 'validation': .5,
             'test': .5 + seed / 10 + n / 1000, 'chosen': True} for seed, arm, n in runs]
    history = [(*run, epoch, 'accuracy', epoch / 10 + run[0] / 100) for run in runs for epoch in range(4)]
    return Table(pandas.DataFrame(rows), ['arm', 'pictures'], ['lr'],
                 pandas.DataFrame(history, columns=['seed', 'arm', 'pictures', 'epoch', 'name', 'value']))


def nothing(why_not):
    return Table(pandas.DataFrame(columns=['seed', 'arm', 'test', 'chosen']), ['arm'], [], why_not=why_not)


def trained(*losses, accuracy=True):
    history = training.History()
    if accuracy:
        history._add(0, {'accuracy': .1})
    for epoch, loss in enumerate(losses, 1):
        history._add(epoch,
                     {'loss': loss, 'task': loss / 2, **({'accuracy': .5 + epoch / 10} if accuracy else {})})
    return history


def colours(picture):
    return {line.get_label(): to_hex(line.get_color()).upper() for axis in picture.axes
            for line in axis.lines}


def test_bands(shown):
    plots.bands(records(), 'pictures', **WORDS)
    picture, alt = figure(shown)
    axis, = picture.axes
    assert alt == 'What to see.' and axis.get_title() == 'A title' and axis.get_xscale() == 'log'
    assert [text.get_text() for text in axis.get_xticklabels()] == ['25', '100', '400']
    for line in axis.lines:
        numpy.testing.assert_allclose(line.get_xydata(), [(25, .625), (100, .7), (400, 1.)])
    band = axis.collections[0].get_paths()[0].vertices
    # one standard deviation
    assert band[:, 1].min() == pytest.approx(.525) and band[:, 1].max() == pytest.approx(1.1)
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ['fine-tuned', 'scratch', 'frozen']


def test_an_arm_that_was_measured_at_fewer_places_has_points_and_no_line(shown):
    table = records()
    table.rows = table.rows[(table.rows['arm'] != 'scratch') | (table.rows['pictures'] == 100)]
    plots.bands(table, 'pictures', **WORDS)
    picture, _ = figure(shown)
    axis, = picture.axes
    (points, caps, bars), = axis.containers
    assert points.get_linestyle() == 'None' and to_hex(points.get_color()).upper() == plots.COLOURS['scratch']
    numpy.testing.assert_allclose(points.get_xydata(), [(100, .7)])
    numpy.testing.assert_allclose(bars[0].get_segments(), [[(100, .6), (100, .8)]])
    assert sorted(text.get_text()
                  for text in axis.get_legend().get_texts()) == ['fine-tuned', 'frozen', 'scratch']
    assert len(axis.lines) == 2 + 1 + len(caps)


def test_the_legend_hides_nothing(shown):
    plots.bands(records(), 'pictures', **WORDS)
    plots.curves({'scratch': trained(2, 1)}, 'accuracy', **WORDS)
    for picture, _ in shown:
        picture.canvas.draw()
        axis, = picture.axes
        assert axis.get_legend().get_window_extent().x0 >= axis.get_window_extent().x1


@pytest.mark.filterwarnings('error')
def test_bands_of_one_seed_are_lines(shown):
    plots.bands(records(seeds=[0]), 'pictures', log=False, **WORDS)
    picture, _ = figure(shown)
    picture.canvas.draw()
    assert len(picture.axes[0].lines) == 3


def test_panels_share_axes_and_a_legend(shown):
    frame = records(('AnB', 'AnB+')).chosen.rename(columns={'pictures': 'n'})
    base = records(('base',), sizes=(25,)).chosen.rename(columns={'pictures': 'n'})
    plots.panels({'few': pandas.concat([base, frame]), 'nothing': frame.iloc[:0], 'many': frame}, 'n',
                 title='A title', reading='What to see.',
                 xlabel='layers', ylabel='accuracy', log=True)
    picture, alt = figure(shown)
    few, many = picture.axes
    assert few.get_xscale() == 'log' and [text.get_text()
                                          for text in few.get_xticklabels()] == ['25', '100', '400']
    assert alt == 'What to see.' and [few.get_title(),
                                      many.get_title()] == ['few',
                                                            'many'] and few.get_ylim() == many.get_ylim()
    numpy.testing.assert_allclose(many.lines[0].get_xydata(), [(25, .625), (100, .7), (400, 1.)])
    legend, = picture.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == ['AnB', 'AnB+', 'base']
    # what was measured at one place: a point, and a thin line to compare with
    (points, _, _), = few.containers
    numpy.testing.assert_allclose(points.get_xydata(), [(25, .625)])
    assert any(line.get_linestyle() == ':' and set(line.get_ydata()) == {.625} for line in few.lines)


def test_no_panels(shown, capsys):
    plots.panels({'few': records().chosen.iloc[:0]}, 'pictures', **WORDS)
    assert shown == [] and 'nothing to show: A title' in capsys.readouterr().out


def test_filters(shown):
    weights = {'A': np.array(numpy.random.default_rng(0).normal(size=(6, 3, 5, 5))),
               'B': numpy.ones((6, 3, 5, 5))}
    plots.filters(weights, title='Filters', reading='What to see.')
    picture, alt = figure(shown)
    drawn = [axis.images[0].get_array() for axis in picture.axes if axis.images]
    assert alt == 'What to see.' and len(drawn) == 12 and not any(axis.axison for axis in picture.axes)
    assert all(one.shape == (5, 5, 3) and one.min() >= 0 and one.max() <= 1 for one in drawn)
    assert (drawn[-1] == 1).all() and abs(drawn[0] - .5).max() == pytest.approx(.5)  # grey is zero


def test_an_empty_table_says_why(shown, capsys):
    plots.bands(nothing('There is no record.'), 'pictures', **WORDS)
    assert shown == [] and capsys.readouterr().out == 'No figure: There is no record.\n'


def test_curves_over_the_recorded_spread(shown):
    live = {'scratch': trained(2, 1, .5), 'new': trained(1, 1, 1)}
    plots.curves(live, 'accuracy', recorded=records(sizes=[25]).history, updates=20, **WORDS)
    axis = figure(shown)[0].axes[0]
    numpy.testing.assert_allclose(axis.lines[0].get_xydata(), [(0, .1), (20, .6), (40, .7), (60, .8)])
    band = axis.collections[0].get_paths()[0].vertices  # of scratch; of the new arm nothing is recorded
    assert (
        band[:, 0].max() == 60
        and band[:, 1].min() == pytest.approx(0)
        and band[:, 1].max() == pytest.approx(0.32)
    )
    assert len(axis.lines) == 2


def test_curves_of_losses_begin_with_the_first_epoch(shown):
    plots.curves({'scratch': trained(2, 1, .5)}, 'loss', updates=20, **WORDS)
    numpy.testing.assert_allclose(figure(shown)[0].axes[0].lines[0].get_xydata(),
                                  [(20, 2), (40, 1), (60, .5)])


def test_curves_of_an_unknown_figure(shown):
    with pytest.raises(CourseError, match="no figure 'acuracy'; it has .'accuracy', 'loss', 'task'"):
        plots.curves({'scratch': trained(2, 1)}, 'acuracy', **WORDS)


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('recorded', [None, 'nothing', 'one seed'])
def test_curves_without_a_spread(shown, recorded):
    known = {'nothing': records().history.iloc[:0],
             'one seed': records(seeds=[0], sizes=[25]).history}.get(recorded)
    plots.curves({'scratch': trained(2, 1, .5)}, 'accuracy', recorded=known, **WORDS)
    picture, _ = figure(shown)
    picture.canvas.draw()
    assert len(picture.axes[0].lines) == 1


def test_history_has_losses_and_figures_apart(shown):
    trained(2, 1).plot('Training')
    picture, alt = figure(shown)
    left, right = picture.axes
    assert [line.get_label() for line in left.lines] == ['loss',
                                                         'task'] and [line.get_label()
                                                                      for line in right.lines] == ['accuracy']
    assert (
        left.get_ylabel() == 'loss (nats)'
        and alt == 'Training, by epoch; at the end: accuracy 0.700, loss 1.000, task 0.500.'
    )


def test_history_of_losses_alone_and_of_nothing(shown, capsys):
    trained(2, 1, accuracy=False).plot(reading='It falls.')
    picture, alt = figure(shown)
    assert len(picture.axes) == 1 and alt == 'It falls.'
    trained(accuracy=False).plot()  # diverged in the first batch
    assert len(shown) == 1 and 'the history is empty' in capsys.readouterr().out


@pytest.mark.parametrize('n, titles',
                         [(1, None), (3, ['a', 'b', 'c']), (11, numpy.array(list('abcdefghijk')))])
def test_pictures(shown, n, titles):
    images = [numpy.full((4 + i, 6, 3), i, 'uint8') if i % 2 else np.full((5, 5, 3), i, dtype='uint8')
              for i in range(n)]
    plots.pictures(images, titles, title='A sheet', reading='What to see.')
    picture, alt = figure(shown)
    drawn = [axis.images[0].get_array() for axis in picture.axes if axis.images]
    assert alt == 'What to see.' and [int(image[0, 0, 0]) for image in drawn] == list(range(n))
    assert [axis.get_title() for axis in picture.axes
            if axis.images] == (list(titles) if titles is not None else [''] * n)
    assert len(picture.axes) == (8 if n <= 8 else 16) and not any(axis.axison for axis in picture.axes)


def test_no_pictures(shown, capsys):
    plots.pictures([], title='What it got wrong', reading='')
    assert shown == [] and capsys.readouterr().out == 'No pictures to show: What it got wrong\n'


def test_colours_stay_with_the_arms_of_the_course(shown):
    expected = dict(zip(('fine-tuned', 'scratch', 'frozen'), plots.PALETTE, strict=False))
    for arms in (['scratch', 'fine-tuned', 'frozen'], ['new', 'frozen', 'scratch'], ['fine-tuned']):
        plots.bands(records(arms), 'pictures', **WORDS)
        found = colours(shown[-1][0])
        assert list(found) == arms and all(found[arm] == colour for arm, colour in expected.items()
                                           if arm in arms)
        assert len(set(found.values())) == len(arms)


@pytest.mark.parametrize('names', [list('abcdefg'), ['fine-tuned', *'abcdef'],
                                   ['frozen', 'a', 'scratch', 'b', 'fine-tuned', 'c', 'd']])
def test_seven_lines_can_be_told_apart_without_colours_too(names):
    looks = plots._looks(names)
    assert list(looks) == names
    assert len({look['color']
                for look in looks.values()}) == len({look['marker'] for look in looks.values()}) == 7
    # those are kept for the course's arms
    assert not {looks[name]['color'] for name in names if name in 'abcd'} & set(plots.PALETTE[:3])
    assert len(plots._looks(list('abcdefghij'))) == 10


def test_in_a_real_kernel(tmp_path):
    """The alt text is in the notebook, once a picture; a figure is not shown a second time at the end of the
    cell.
    """
    path = tmp_path / 'plots.ipynb'
    cells = ['import numpy\nfrom d2lhelpers import plots\nimport matplotlib.pyplot as plt',
             "plots.pictures([numpy.zeros((8, 8, 3), 'uint8')] * 3, title='Black', reading='Three black "
             "squares.')",
             "plots.show(plt.figure(), 'Nothing.')\nplt.get_fignums()"]
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    nb, *_ = asyncio.run(execute(path, kernel_environment()))
    for cell, kind, alt in ((1, 'image/jpeg', 'Three black squares.'), (2, 'image/png', 'Nothing.')):
        picture, line, *more = nb.cells[cell].outputs
        assert (
            picture.metadata[kind] == {'alt': alt}
            and len(picture.data[kind]) > 100
            and '0x' not in str(picture.data['text/plain'])
        )
        assert line.data['text/markdown'] == f'*{alt}*'
    assert [output.data for output in more] == [{'text/plain': '[]'}]


def test_boxes_hold_a_group_of_bars_each_with_stars_on_what_is_marked(shown):
    arms, boxes = ('frozen', 'scratch'), {('near', 50): ('hotdog', 'boat'), ('far', 50): ('digits',),
                                          ('near', 800): ('hotdog', 'boat')}
    height = {'frozen': .5, 'scratch': .7}
    rows = [{'seed': seed, 'arm': arm, 'world': world, 'target': target, 'pictures': n, 'validation': .5,
             'test': height[arm] + seed / 100, 'chosen': True}
            for seed in range(3) for (world, n), targets in boxes.items() for target in targets
            for arm in arms]
    table = Table(pandas.DataFrame(rows), ['arm', 'world', 'target', 'pictures'], [])
    titles = {key: f'{key[1]} pictures, {key[0]}' for key in boxes}
    words = {'title': 'A title', 'reading': 'What to see.', 'ylabel': 'accuracy'}
    plots.boxes(table, 'world', 'pictures', 'target',
                titles=titles,
                marked={('far', 50): ['scratch']}, **words)
    drawing, _ = figure(shown)
    (near, far), (many, empty) = drawing.axes[:2], drawing.axes[2:]
    assert [axis.get_title() for axis in (near, far, many, empty)] == [*titles.values(), '']
    assert [len(axis.patches) for axis in (near, far, many, empty)] == [4, 2, 4, 0]
    assert [round(bar.get_height(), 2) for bar in far.patches] == [.51, .71]
    assert [label.get_text() for label in many.get_xticklabels()] == ['hotdog', 'boat']
    stars = [[text for text in axis.texts if text.get_text() == '★'] for axis in (near, far, many)]
    assert [len(each) for each in stars] == [0, 1, 0]
    bar = far.patches[1]
    assert (
        bar.get_x() < stars[1][0].xy[0] < bar.get_x() + bar.get_width()
        and stars[1][0].xy[1] > bar.get_height()
    )


def test_boxes_of_an_empty_table_are_a_sentence(capsys):
    plots.boxes(nothing('No record.'), 'world', 'pictures', 'target',
                titles={}, marked={}, title='', reading='',
                ylabel='')
    assert 'No record.' in capsys.readouterr().out


def test_a_png_is_small_and_keeps_its_colours(monkeypatch):
    displayed, display = [], plots.display
    monkeypatch.setattr(plots, 'display', lambda item: (displayed.append(item), display(item)))
    drawing, axis = plt.subplots()
    for i, colour in enumerate(plots.PALETTE):
        axis.plot([0, 1], [i, i + 3], color=colour)
        axis.fill_between([0, 1], [i, i + 2], [i + 1, i + 4], color=colour, alpha=.15)
    plots.show(drawing, 'Seven lines.')
    picture = PIL.Image.open(io.BytesIO(displayed[0].data))
    assert picture.mode == 'P' and len(displayed[0].data) < 12_000
    found = numpy.unique(numpy.asarray(picture.convert('RGB')).reshape(-1, 3), axis=0).astype(int)
    for colour in (*plots.PALETTE, '#FFFFFF'):
        assert abs(found - numpy.multiply(to_rgb(colour), 255)).max(axis=1).min() < 4


def test_paths(shown):
    plots.paths({'plain': ([0, 3, 1], [0, 2, 5]), 'L2-SP': ([0, 1], [0, 1])}, **WORDS)
    picture, alt = figure(shown)
    axis, = picture.axes
    assert alt == 'What to see.' and [line.get_label() for line in axis.lines] == ['plain', 'L2-SP']
    assert axis.lines[0].get_xydata().tolist() == [[0, 0], [3, 2], [1, 5]]  # in the order given, not sorted
    assert axis.get_xscale() == 'linear' and not axis.texts


def test_paths_with_words_at_their_points(shown):
    plots.paths({'plain': ([10, 30, 1000], [0, 2, 5]), 'L2-SP': ([10, 20], [0, 1])}, log=True,
                labels={'plain': ['.1', '', '1']}, **WORDS)
    axis, = figure(shown)[0].axes
    words = [(text.get_text(), text.xy) for text in axis.texts]
    assert words == [('.1', (10, 0)), ('', (30, 2)), ('1', (1000, 5))]
    assert axis.get_xscale() == 'log'
    shown_ticks = [float(tick) for tick in axis.get_xticks() if 10 <= tick <= 1000]
    assert shown_ticks == [10, 20, 50, 100, 200, 500, 1000]


def test_a_lesson_gives_its_arms_their_colours(shown, monkeypatch):
    monkeypatch.setattr(plots, 'COLOURS', dict(plots.COLOURS))
    plots.colours({'plain': 'blue', 'L2-SP': 'pink'})
    plots.paths({'L2-SP': ([0, 1], [0, 1]), 'plain': ([0, 1], [0, 2]), 'other': ([0], [0])}, **WORDS)
    picture, _ = figure(shown)
    found = colours(picture)
    assert (
        found['plain'] == plots.HUES['blue'] == plots.COLOURS['fine-tuned']
        and found['L2-SP'] == plots.HUES['pink']
    )
    assert found['other'] not in (found['plain'], found['L2-SP'])
    with pytest.raises(CourseError, match="no hue 'red': choose from blue, rust"):
        plots.colours({'plain': 'red'})


def test_a_group_named_by_a_letter_is_no_digit(shown):
    plots.points({'panel': {'A': numpy.zeros((3, 2)), '7': numpy.ones((2, 2))}}, title='A title',
                 reading='What to see.')
    picture, _ = figure(shown)
    legend, = picture.legends
    assert [text.get_text() for text in legend.get_texts()] == ['A']


def test_the_look_is_for_a_projector():
    assert plt.rcParams['font.size'] >= 12 and plt.rcParams['lines.linewidth'] >= 2


def test_lines(shown):
    plots.lines({'columns': [10, 20, 3000], 'separate': [10, 20, 30]}, [1, 2, 3], **WORDS)
    picture, alt = figure(shown)
    picture.canvas.draw()
    axis, = picture.axes
    assert alt == 'What to see.' and axis.get_ylim()[0] == 0
    numpy.testing.assert_allclose(axis.lines[0].get_xydata(), [(1, 10), (2, 20), (3, 3000)])
    assert '3,000' in [text.get_text() for text in axis.get_yticklabels()]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ['columns', 'separate']


def test_points_in_panels_with_a_boundary_and_lines(shown):
    groups = {'source': numpy.array([[0., 0], [4, 4]]), 'target': numpy.array([[4., 0], [0, 4]])}
    plots.points({'before': groups, 'after': groups}, **WORDS, boundary={'after': lambda at: at[:, 0] - 2},
                 lines={'before': [[0, 1, -3]]})
    picture, _ = figure(shown)
    before, after = picture.axes
    assert [axis.get_title() for axis in picture.axes] == ['before', 'after']
    assert [text.get_text() for text in picture.legends[0].texts] == ['source', 'target']
    line, = (path for c in before.collections for path in c.get_paths() if len(path.vertices) == 120
             and numpy.ptp(path.vertices[:, 1]) < 1e-6)
    assert numpy.allclose(line.vertices[:, 1], 3)
    assert any(numpy.allclose(path.vertices[:, 0], 2) for c in after.collections for path in c.get_paths()
               if len(path.vertices) == 120)


def test_points_named_by_a_digit_are_drawn_as_it_and_maps_have_no_numbers(shown):
    plots.points({'map': {'3': numpy.zeros((5, 2)), '8': numpy.ones((5, 2))}}, title='A title',
                 reading='What to see.')
    picture, _ = figure(shown)
    axis, = picture.axes
    assert not picture.legends and not len(axis.get_xticks()) and not len(axis.get_yticks())


def test_words_stand_where_they_lie_in_the_colour_of_their_group(shown):
    plots.word_map({'tree': (['oak', 'elm'], [(0, 0), (1, 2)]), 'fish': (['cod'], [(3, 1)])},
                   title='A title', reading='What to see.')
    picture, _ = figure(shown)
    axis, = picture.axes
    words = {text.get_text(): (text.xy, to_hex(text.get_color())) for text in axis.texts}
    assert {word: at for word, (at, _) in words.items()} == {'oak': (0, 0), 'elm': (1, 2), 'cod': (3, 1)}
    assert words['oak'][1] == words['elm'][1] != words['cod'][1] and not len(axis.get_xticks())
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ['tree', 'fish']


def test_spectrograms_are_darkest_where_the_sound_is(shown):
    rate = 16000
    tones = {f'{hertz} Hz': .1 * numpy.sin(2 * numpy.pi * hertz * numpy.arange(rate // 4) / rate)
             for hertz in (1000, 3000)}
    plots.spectrograms(tones, rate, {'1000 Hz': [1000], '3000 Hz': []}, title='Two tones',
                       reading='One low, one high.')
    picture, alt = figure(shown)
    assert alt == 'One low, one high.' and [axis.get_title() for axis in picture.axes] == list(tones)
    for axis, hertz in zip(picture.axes, (1000, 3000), strict=True):
        image, = axis.images
        rows = image.get_array().mean(axis=1)
        frequencies = numpy.linspace(*image.get_extent()[2:], len(rows))
        if image.origin == 'upper':
            frequencies = frequencies[::-1]
        assert abs(frequencies[rows.argmax()] - hertz) < 100 and axis.get_ylim() == (0, 5000)
    assert [len(axis.lines) for axis in picture.axes] == [1, 0]


def test_leads_draw_each_level_with_its_verdict(shown):
    parts = tuple(Part(f'pictures = {n}', numpy.array(seeds), interval(seeds), verdict, unit)
                  for n, seeds, verdict, unit in ((50, [.1, .12, .11], 'holds', None),
                                                  (800, [.1, -.1, 0.], 'undecided here', 'nats')))
    plots.leads(Outcome('undecided here', '', parts), title='A title', reading='What to see.', xlabel='lead')
    axis, = figure(shown)[0].axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ['pictures = 50\nholds',
                                                                      'pictures = 800\nundecided here']
    assert list(axis.lines[2].get_xdata()) == pytest.approx([10, 12, 11])  # points
    assert list(axis.lines[5].get_xdata()) == pytest.approx([.1, -.1, 0])


def test_leads_of_nothing(capsys):
    plots.leads(Outcome('not judged', 'There is no record.'), title='', reading='', xlabel='')
    assert capsys.readouterr().out == 'No figure: There is no record.\n'


def test_a_logarithmic_axis_has_no_place_for_zero():
    rows = pandas.DataFrame({'arm': 'a', 'rate': [0., .1], 'test': [.5, .6]})
    with pytest.raises(CourseError, match='no place for rate 0: take a number above 0'):
        plots.panels({'p': rows}, 'rate', title='t', reading='r', xlabel='x', ylabel='y', log=True)


def test_dots_stand_in_the_row_of_their_name_whatever_their_order(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots, 'show', lambda figure, *_, **__: drawn.append(figure))
    first, second = pandas.Series({'a': 1., 'b': 2.}), pandas.Series({'b': 200., 'a': 100.})
    plots.dots({'x': {'one': first}, 'y': {'both': second}}, log=('y',), title='t', reading='r', ylabel='n')
    left, right = drawn[0].axes
    assert [text.get_text() for text in left.get_yticklabels()] == ['a', 'b']
    assert right.lines[0].get_xdata().tolist() == [100, 200] and right.get_xscale() == 'log'
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ['one', 'both']
    plt.close(drawn[0])
