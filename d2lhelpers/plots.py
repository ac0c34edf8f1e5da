"""The look of every figure, in one place: legible on a projector, safe for colour-blind eyes, and readable
without seeing it.
"""
import io
import itertools

import matplotlib.pyplot as plt
import matplotlib.ticker
import numpy
import PIL.Image
from IPython.display import Image, Markdown, display

from . import process  # noqa: F401 - the look of all figures
from .errors import CourseError
from .messages import say

# The hues of Okabe and Ito, without the yellow, and darker: on white each has the contrast that WCAG asks of
# graphics (3 : 1), and any two of them differ clearly for colour-blind eyes too
# (tests/test_accessibility.py). An arm has one colour throughout the course.
PALETTE = ('#1D4884', '#A43A00', '#007E50', '#D5619E', '#2599E7', '#C08A06', '#000000')
HUES = dict(zip(('blue', 'rust', 'green', 'pink', 'sky', 'gold', 'black'), PALETTE, strict=True))
# The arms that every lesson has. A lesson gives its own by `colours`: an arm has one colour throughout the
# course.
COLOURS = {'fine-tuned': HUES['blue'], 'scratch': HUES['rust'], 'frozen': HUES['green']}
PNG_COLOURS = 128
MARKERS = dict(zip(PALETTE, 'osD^vP*', strict=True))
STYLES = dict(zip(PALETTE, ('-', '--', '-.', ':', '-', '--', '-.'), strict=True))


def show(figure, reading, kind='png'):
    """Show a figure with one line below it that says what to see; the line is also the picture's alt text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    reading : str
        One or two sentences, for eyes that look and for eyes that cannot.
    kind : {'png', 'jpeg'}
        Photos and the like are far smaller as jpeg, lines are sharper as png.
    """
    data = io.BytesIO()
    figure.savefig(data, format=kind)
    if kind == 'png':  # a palette is enough for lines and text, and makes the picture three times smaller
        drawn, data = PIL.Image.open(data).convert('RGB'), io.BytesIO()
        drawn.quantize(PNG_COLOURS, dither=PIL.Image.Dither.NONE).save(data, 'png', optimize=True)
    display(Image(data.getvalue(), format=kind, alt=reading))
    # Markdown would set what stands between two dollars as a formula
    display(Markdown(f'*{reading}*'.replace('$', r'\$')))
    plt.close(figure)


def colours(hues):
    """Give names a colour for the rest of the notebook; other names take what is left, in the order they
    come.

    Parameters
    ----------
    hues : dict of str to str
        For each name one of `HUES`: blue, rust, green, pink, sky, gold or black.

    Raises
    ------
    CourseError
        If there is no such hue.
    """
    if unknown := sorted(set(hues.values()) - set(HUES)):
        raise CourseError(f'There is no hue {unknown[0]!r}: choose from {", ".join(HUES)}.')
    COLOURS.update({name: HUES[hue] for name, hue in hues.items()})


def _looks(names):
    """Colour, marker and line style of each name; the course's arms keep theirs."""
    taken = {COLOURS[name] for name in names if name in COLOURS}
    # the first three are for the arms that every lesson has: only where all others are used up
    free = itertools.cycle(sorted((colour for colour in PALETTE if colour not in taken),
                                  key=lambda colour: colour in PALETTE[:3]) or PALETTE)
    colours = {name: COLOURS.get(name) or next(free) for name in names}
    return {name: {'color': colour, 'marker': MARKERS[colour], 'linestyle': STYLES[colour]} for name,
            colour in colours.items()}


def _legend(axis, title=None):
    """Beside the axes, where it can hide nothing."""
    axis.legend(title=title, frameon=False, loc='center left', bbox_to_anchor=(1, .5))


def _shared_legend(figure, axes, names=None, **place):
    """One for all panels: each name once, or only some of them."""
    shown = {label: handle for axis in axes
             for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
             if names is None or label in names}
    figure.legend(shown.values(), shown, frameon=False, **place)


def pictures(images, titles=None, *, title, reading, columns=8, size=1.5):
    """A sheet of pictures.

    Parameters
    ----------
    images : sequence of array
        uint8 height x width x 3, of any sizes. Where there are none, a sentence says so.
    titles : sequence of str, optional
        A line above each.
    title, reading : str
        Title of the figure, and what to see in it.
    columns : int
    size : float
        Width and height of a picture, in inches.
    """
    if not len(images):
        say(f'No pictures to show: {title}')
        return
    rows = -(-len(images) // columns)
    line = .05 if titles is None else .35
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * (size + line) + .5),
                                squeeze=False)
    for axis in axes.flat:
        axis.axis('off')
    for i, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(image.asnumpy() if hasattr(image, 'asnumpy') else image)
        if titles is not None:
            axis.set_title(titles[i], fontsize=11)
    figure.suptitle(title)
    show(figure, reading, kind='jpeg')


def bands(table, x, y='test', *, title, reading, xlabel, ylabel, by='arm', log=True):
    """Mean ± standard deviation over the seeds of a recorded study, against a column of numbers.

    Parameters
    ----------
    table : Table
        From `study`; where it is empty, a sentence says why there is no figure.
    x, y, by : str
        Columns: across, up, and one line each.
    title, reading, xlabel, ylabel : str
    log : bool
        Logarithmic x axis.
    """
    if not len(table.rows):
        say(f'No figure: {table.why_not}')
        return
    figure, axis = plt.subplots(figsize=(9.5, 4.6))
    groups = dict(list(table.chosen.groupby(by, sort=False)))
    ticks = sorted(table.chosen[x].dropna().unique())
    for name, look in _looks(groups).items():
        # a single seed has no spread
        spread = groups[name].groupby(x)[y].agg(['mean', 'std']).fillna({'std': 0})
        if len(spread) < len(ticks):  # a line would claim something about places that were not measured
            axis.errorbar(spread.index, spread['mean'], spread['std'], label=name, capsize=5,
                          **{**look, 'linestyle': 'none'})
            continue
        axis.plot(spread.index, spread['mean'], label=name, **look)
        axis.fill_between(spread.index, spread['mean'] - spread['std'], spread['mean'] + spread['std'],
                          color=look['color'], alpha=.15, linewidth=0)
    if log:
        axis.set_xscale('log')
    axis.set_xticks(ticks, [f'{tick:g}' for tick in ticks])
    axis.minorticks_off()
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _legend(axis, title='method' if by == 'arm' else by)
    show(figure, reading)


def panels(frames, x, y='test', *, title, reading, xlabel, ylabel, by='arm', log=False):
    """Several figures side by side on the same axes: mean ± standard deviation against a column of numbers.

    Parameters
    ----------
    frames : dict of str to pandas.DataFrame
        What each panel shows, by its title: rows of ``table.chosen``, or of any table with the columns. An
        empty one is left out.
    x, y, by : str
        Columns: across, up, and one line each. A line with a single place is drawn across the whole panel,
        thin: something to compare with.
    title, reading, xlabel, ylabel : str
    log : bool
        Logarithmic x axis.

    Raises
    ------
    CourseError
        If a place on a logarithmic axis is 0 or less.
    """
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    if not frames:
        say(f'No figure, since there is nothing to show: {title}')
        return
    lowest = min(frame[x].min() for frame in frames.values())
    if log and lowest <= 0:
        raise CourseError(f'A logarithmic axis has no place for {x} {lowest:g}: take a number above 0.')
    looks = _looks(dict.fromkeys(name for frame in frames.values() for name in frame[by]))
    figure, axes = plt.subplots(1, len(frames),
                                figsize=(min(4.8 * len(frames), 11) + 2.4 + 2 * (len(frames) == 1), 4.8),
                                sharey=True, squeeze=False)
    for axis, (name, frame) in zip(axes[0], frames.items(), strict=True):
        for line, rows in frame.groupby(by, sort=False):
            spread = rows.groupby(x)[y].agg(['mean', 'std']).fillna({'std': 0})
            if len(spread) == 1:
                axis.axhline(spread['mean'].iloc[0], color=looks[line]['color'], linewidth=1.2, linestyle=':')
                axis.errorbar(spread.index, spread['mean'], spread['std'], capsize=5, label=line,
                              **{**looks[line], 'linestyle': ':'})
            else:
                axis.plot(spread.index, spread['mean'], label=line, **looks[line])
                axis.fill_between(spread.index, spread['mean'] - spread['std'],
                                  spread['mean'] + spread['std'], color=looks[line]['color'], alpha=.15,
                                  linewidth=0)
        if log:
            axis.set_xscale('log')
        ticks = sorted(frame[x].dropna().unique())
        axis.set_xticks(ticks, [f'{tick:g}' for tick in ticks])
        axis.minorticks_off()
        axis.set(title=name, xlabel=xlabel)
    axes[0][0].set_ylabel(ylabel)
    _shared_legend(figure, axes[0], loc='outside right center')
    figure.suptitle(title)
    show(figure, reading)


def filters(weights, *, title, reading, columns=4):
    """First-layer filters as small coloured pictures, one block for each network.

    Parameters
    ----------
    weights : dict of str to array, shape (filters, 3, height, width)
        By name of the network. Each filter is scaled by itself: grey is zero.
    title, reading : str
    columns : int
        Filters in a row.
    """
    figure = plt.figure(figsize=(5 * len(weights), 5.4))
    for part, (name, block) in zip(numpy.atleast_1d(figure.subfigures(1, len(weights), wspace=.08)),
                                   weights.items(), strict=True):
        block = block.asnumpy() if hasattr(block, 'asnumpy') else block
        axes = part.subplots(-(-len(block) // columns), columns, squeeze=False)
        for axis in axes.flat:
            axis.axis('off')
        for axis, one in zip(axes.flat, block, strict=False):
            # smooth: the eye then sees edges, not pixels
            axis.imshow(.5 + .5 * one.transpose(1, 2, 0) / abs(one).max(), interpolation='bicubic')
        part.suptitle(name, fontsize=13)
    figure.suptitle(title)
    show(figure, reading, kind='jpeg')


def boxes(table, columns, rows, x, y='test', *, titles, marked, title, reading, ylabel, by='arm'):
    """Bars in boxes: a box for each value of two columns, a group of bars for each value of a third, mean and
    standard deviation over the seeds.

    Parameters
    ----------
    table : Table
        From `study`; where it is empty, a sentence says why there is no figure.
    columns, rows, x, y, by : str
        Columns of the table: boxes side by side, boxes one below the other, groups of bars, up, and a bar
        each.
    titles : dict of (value of columns, value of rows) to str
        The line above each box; boxes are drawn in this order.
    marked : dict of (value of columns, value of rows) to list of str
        The bars that get a star.
    title, reading, ylabel : str
    """
    if not len(table.rows):
        say(f'No figure: {table.why_not}')
        return
    across, down = (list(dict.fromkeys(key[place] for key in titles)) for place in (0, 1))
    names = list(dict.fromkeys(table.chosen[by]))
    figure, axes = plt.subplots(len(down), len(across), figsize=(11, 3.3 * len(down) + .8), sharey=True,
                                squeeze=False)
    for key, text in titles.items():
        axis = axes[down.index(key[1])][across.index(key[0])]
        box = table.chosen[(table.chosen[columns] == key[0]) & (table.chosen[rows] == key[1])]
        groups = list(dict.fromkeys(box[x]))
        for i, (name, look) in enumerate(_looks(names).items()):
            spread = box[box[by] == name].groupby(x, sort=False)[y].agg(['mean', 'std']).reindex(groups)
            places = [group + (i - (len(names) - 1) / 2) * .8 / len(names) for group in range(len(groups))]
            axis.bar(places, spread['mean'], .74 / len(names), yerr=spread['std'], color=look['color'],
                     label=name, error_kw={'capsize': 3})
            for place, height in zip(places, spread['mean'] + spread['std'].fillna(0), strict=True):
                if name in marked.get(key, ()):
                    axis.annotate('★', (place, height), (0, 1), textcoords='offset points', ha='center',
                                  va='bottom', fontfamily='DejaVu Sans')
        axis.set_xticks(range(len(groups)), groups)
        axis.grid(axis='x', visible=False)
        axis.set_axisbelow(True)
        axis.margins(y=.12)  # room for the stars
        axis.set_title(text, fontsize=13)
    for line in axes:
        line[0].set_ylabel(ylabel)
    handles = axes[0][0].get_legend_handles_labels()
    figure.legend(*handles, frameon=False, loc='outside lower center', ncols=len(names))
    figure.suptitle(title)
    show(figure, reading)


def curves(live, figure_name, *, title, reading, xlabel, ylabel, recorded=None, updates=1):
    """The course of training of several arms: what ran here as lines, the recorded spread as bands behind
    them.

    Parameters
    ----------
    live : dict of str to History
        The histories of this run, by arm.
    figure_name : str
        Which figure of the histories to draw.
    title, reading, xlabel, ylabel : str
    recorded : pandas.DataFrame, optional
        ``table.history`` of a study, reduced to the rows wanted.
    updates : int
        Updates in an epoch: the x axis counts updates.
    """
    values = {name: live[name][figure_name] for name in live}  # raises where there is no such figure
    figure, axis = plt.subplots(figsize=(9.5, 4.6))
    for name, look in _looks(live).items():
        if recorded is not None and len(recorded):
            rows = recorded[(recorded['arm'] == name) & (recorded['name'] == figure_name)]
            spread = rows.groupby('epoch')['value'].agg(['mean', 'std'])
            axis.fill_between(spread.index * updates, spread['mean'] - spread['std'],
                              spread['mean'] + spread['std'], color=look['color'], alpha=.18,
                              linewidth=0)
        # losses begin with epoch 1, evaluated figures with 0
        epochs = live[name].table.query('name == @figure_name')['epoch']
        axis.plot(epochs * updates, values[name], label=name, **look)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _legend(axis)
    show(figure, reading)


def lines(values, x, *, title, reading, xlabel, ylabel):
    """Plain numbers against plain numbers, one line each.

    Parameters
    ----------
    values : dict of str to sequence of float
        Up, by the name of the line; all as long as `x`.
    x : sequence of float
        Across.
    title, reading, xlabel, ylabel : str
    """
    figure, axis = plt.subplots(figsize=(9.5, 4.2))
    for name, look in _looks(values).items():
        axis.plot(x, values[name], label=name, **look)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, xticks=x, ylim=(0, None))
    axis.yaxis.set_major_formatter('{x:,.0f}')
    _legend(axis)
    show(figure, reading)


def paths(lines, *, title, reading, xlabel, ylabel, labels=None, log=False):
    """Lines through points in a plane, in the order given: how something moved, or one measured quantity
    against another.

    Parameters
    ----------
    lines : dict of str to tuple of two sequences of numbers
        Across and up, for each name.
    title, reading, xlabel, ylabel : str
    labels : dict of str to sequence of str, optional
        For a name what to write beside each of its points; an empty text leaves a point without.
    log : bool
        Logarithmic x axis.
    """
    figure, axis = plt.subplots(figsize=(9.5, 4.6))
    for name, look in _looks(lines).items():
        across, up = lines[name]
        axis.plot(across, up, label=name, **look)
        for x, y, text in zip(across, up, labels[name], strict=True) if name in (labels or {}) else ():
            axis.annotate(text, (x, y), (6, 5), textcoords='offset points', fontsize=10, color=look['color'])
    if log:
        axis.set_xscale('log')
        axis.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter('{x:g}')
        axis.minorticks_off()
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _legend(axis)
    show(figure, reading)


def dots(panels, *, title, reading, ylabel, log=()):
    """Several quantities of the same names side by side: a row for each name, a panel for each quantity.

    Parameters
    ----------
    panels : dict of str to dict of str to pandas.Series
        By the label of its x axis, what a panel shows: dots of one look each, a value for each name, whose
        order is that of the first.
    title, reading, ylabel : str
    log : collection of str
        Which of the panels have a logarithmic axis.
    """
    looks = _looks(dict.fromkeys(name for shown in panels.values() for name in shown))
    names = next(iter(next(iter(panels.values())).values())).index
    figure, axes = plt.subplots(1, len(panels), sharey=True, squeeze=False,
                                figsize=(9.5, 1.6 + .34 * len(names)))
    for axis, (xlabel, shown) in zip(axes[0], panels.items(), strict=True):
        for name, values in shown.items():
            axis.plot(values[names], range(len(names)), label=name, **{**looks[name], 'linestyle': ''})
        axis.set(xlabel=xlabel)
        if xlabel in log:
            axis.set_xscale('log')
            axis.xaxis.set_major_locator(matplotlib.ticker.LogLocator(numticks=5))
            axis.xaxis.set_major_formatter(matplotlib.ticker.EngFormatter(sep=''))  # 10k
            axis.minorticks_off()
    axes[0][0].set_yticks(range(len(names)), names)
    axes[0][0].set(ylabel=ylabel, ylim=(len(names) - .5, -.5))
    _shared_legend(figure, axes[0], loc='outside right center')
    figure.suptitle(title)
    show(figure, reading)


def leads(outcome, *, title, reading, xlabel):
    """The intervals behind a verdict: a line for each level, a dot for each seed, a bar for the interval.

    Parameters
    ----------
    outcome : Outcome
        Of a comparison; where it was not judged, a sentence says why there is no figure.
    title, reading, xlabel : str
    """
    if not outcome.parts:
        say(f'No figure: {outcome.figures}')
        return
    figure, axis = plt.subplots(figsize=(9.5, 1.6 + .6 * len(outcome.parts)))
    axis.axvline(0, color='black', linewidth=1)
    for place, part in enumerate(outcome.parts):
        times = 100 if part.unit is None else 1  # points
        axis.plot([times * part.interval.low, times * part.interval.high], [place, place], linewidth=9,
                  solid_capstyle='butt', color=HUES['sky'], alpha=.5)
        axis.plot(times * part.seeds, [place] * len(part.seeds), 'o', color=HUES['blue'], markersize=6)
        axis.plot(times * part.interval.mean, place, '|', color='black', markersize=18, markeredgewidth=2)
    axis.set(title=title, xlabel=xlabel, ylim=(len(outcome.parts) - .5, -.5))
    axis.set_yticks(range(len(outcome.parts)), [f'{part.where}\n{part.verdict}'.strip()
                                                for part in outcome.parts])
    show(figure, reading)


def spectrograms(sounds, rate, marks, *, title, reading, highest=5000):
    """Sounds as pictures, side by side: time to the right, frequency upwards, the louder the darker.

    Parameters
    ----------
    sounds : dict of str to numpy.ndarray, shape (samples,)
    rate : int
        Samples a second.
    marks : dict of str to sequence of float
        Frequencies (Hz) to be marked by a dashed line, for the same names.
    title, reading : str
    highest : float
        Where the picture ends, in Hz.
    """
    figure, axes = plt.subplots(1, len(sounds), figsize=(11, 4.2), sharey=True, squeeze=False)
    for axis, (name, sound) in zip(axes[0], sounds.items(), strict=True):
        # 6 ms, as short as a period of the voice: longer ones would show its harmonics instead of the
        # formants
        window = rate // 160
        axis.specgram(sound + 1e-5, NFFT=window, Fs=rate, noverlap=window * 9 // 10, pad_to=1024,
                      cmap='gray_r', vmin=-100, vmax=-30)
        for mark in marks[name]:
            axis.axhline(mark, color=PALETTE[1], linestyle='--', linewidth=1.6)
        axis.set(title=name, xlabel='time (s)', ylim=(0, highest))
        axis.grid(visible=False)
    axes[0][0].set_ylabel('frequency (Hz)')
    figure.suptitle(title)
    show(figure, reading, kind='jpeg')


def points(panels, *, title, reading, xlabel='', ylabel='', boundary=None, lines=None):
    """Points in a plane, side by side: domains, classes, and what a network makes of the plane.

    Parameters
    ----------
    panels : dict of str to dict of str to array, shape (n, 2)
        For each panel, by its title, groups of points by name. A group named by a single digit is drawn with
        that digit.
    title, reading : str
    xlabel, ylabel : str
        Without them the axes have no numbers either, as in t-SNE, where they would mean nothing.
    boundary : dict of str to callable, optional
        For a panel a function of an array of points, shape (n, 2), that gives a score for each: the line is
        drawn where it is 0, and the side where it is higher is shaded.
    lines : dict of str to array, shape (k, 3), optional
        For a panel straight lines a x + b y + c = 0, drawn thin: what hidden units attend to.
    """
    names = list(dict.fromkeys(name for groups in panels.values() for name in groups))
    looks = _looks(names)
    figure, axes = plt.subplots(1, len(panels), figsize=(min(5.2 * len(panels) + 2 * (len(panels) == 1), 11),
                                                         4.4), squeeze=False)
    for axis, (name, groups) in zip(axes[0], panels.items(), strict=True):
        for group, where in groups.items():
            if group.isdecimal() and len(group) == 1:
                with plt.rc_context({'text.parse_math': True}):  # only so are dollars left out
                    digit = matplotlib.markers.MarkerStyle(f'${group}$')
                look = {'marker': digit, 's': 64, 'color': PALETTE[int(group) % len(PALETTE)],
                        'linewidth': .4}
            else:
                look = {'marker': looks[group]['marker'], 's': 18, 'color': looks[group]['color'],
                        'linewidth': 0}
            axis.scatter(*where.T, alpha=.75, label=group, **look)
        x, y = axis.get_xlim(), axis.get_ylim()
        grid = numpy.stack(numpy.meshgrid(numpy.linspace(*x, 120), numpy.linspace(*y, 120)), axis=-1)
        for a, b, c in (lines or {}).get(name, ()):
            axis.contour(*grid.transpose(2, 0, 1), grid @ (a, b) + c, [0], colors='#888888', linewidths=.8)
        if name in (boundary or {}):
            score = numpy.asarray(boundary[name](grid.reshape(-1,
                                                              2).astype('float32'))).reshape(grid.shape[:2])
            axis.contourf(*grid.transpose(2, 0, 1), score > 0, [.5, 1.5], colors=['#DDDDDD'], alpha=.6,
                          zorder=0)
            axis.contour(*grid.transpose(2, 0, 1), score, [0], colors='black', linewidths=2)
        axis.set(title=name, xlabel=xlabel, ylabel=ylabel, xlim=x, ylim=y)
        axis.grid(visible=False)
        if not xlabel:
            axis.set(xticks=[], yticks=[])
    if explained := [name for name in names if not name.isdecimal()]:
        _shared_legend(figure, axes[0], explained, loc='outside lower center', ncols=len(explained),
                       markerscale=2)
    figure.suptitle(title)
    show(figure, reading)


def word_map(groups, *, title, reading):
    """Words written where they lie in a plane, each group in a colour; without axes, as in t-SNE, where they
    would mean nothing.

    Parameters
    ----------
    groups : dict of str to tuple of (sequence of str, array of shape (n, 2))
        For each group its words and where they lie.
    title, reading : str
    """
    figure, axis = plt.subplots(figsize=(11, 5.6))
    for name, look in _looks(groups).items():
        words, places = groups[name]
        axis.scatter(*numpy.asarray(places).T, s=22, color=look['color'], marker=look['marker'], label=name)
        for word, (x, y) in zip(words, places, strict=True):
            axis.annotate(word, (x, y), (4, 3), textcoords='offset points', fontsize=10, color=look['color'])
    axis.set(title=title, xticks=[], yticks=[])
    axis.margins(.09)  # room for the words
    axis.grid(visible=False)
    _legend(axis)
    show(figure, reading)


def history(table, title, reading=None):
    """Every figure of a training history against the epoch: losses on the left, evaluated figures on the
    right.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns epoch, name, value.
    title : str
    reading : str, optional
        By default the last value of each figure.
    """
    if not len(table):
        say('No figure: the history is empty.')
        return
    names = list(dict.fromkeys(table['name']))
    started = {name: table[table['name'] == name]['epoch'].min() for name in names}
    # losses have no epoch 0
    sides = [[name for name in names if started[name] > 0], [name for name in names if started[name] == 0]]
    sides = [side for side in sides if side]
    figure, axes = plt.subplots(1, len(sides), figsize=(6.5 * len(sides), 4.2), squeeze=False)
    for axis, side in zip(axes[0], sides, strict=True):
        for name, look in _looks(side).items():
            rows = table[table['name'] == name]
            axis.plot(rows['epoch'], rows['value'], label=name, **look)
        axis.set(xlabel='epoch', ylabel='loss (nats)' if started[side[0]] > 0 else 'value')
        axis.legend(frameon=False)
    figure.suptitle(title)
    last = table.groupby('name', sort=False)['value'].last()
    show(figure, reading or f'{title}, by epoch; at the '
                            'end: ' + ', '.join(f'{name} {value:.3f}' for name, value in last.items()) + '.')
