"""The look of every figure, in one place: legible on a projector, safe for colour-blind eyes, and readable without seeing it."""
import io
import itertools

import matplotlib.pyplot as plt
from IPython.display import Image, Markdown, display

# Okabe and Ito's palette, without its yellow, which a projector swallows. An arm has one colour throughout the course.
PALETTE = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#E69F00', '#000000')
COLOURS = {'fine-tuned': PALETTE[0], 'scratch': PALETTE[1], 'frozen': PALETTE[2]}
MARKERS = dict(zip(PALETTE, 'osD^vP*', strict=True))
STYLES = dict(zip(PALETTE, ('-', '--', '-.', ':', '-', '--', '-.'), strict=True))

plt.rcParams.update({
    'font.size': 13, 'axes.titlesize': 15, 'axes.labelsize': 13, 'legend.fontsize': 12, 'lines.linewidth': 2.5, 'lines.markersize': 8,
    'axes.spines.top': False, 'axes.spines.right': False, 'axes.grid': True, 'grid.color': '#DDDDDD', 'figure.dpi': 72, 'savefig.dpi': 72,
    'figure.constrained_layout.use': True,
})


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
    display(Image(data.getvalue(), format=kind, alt=reading))
    display(Markdown(f'*{reading}*'))
    plt.close(figure)


def _looks(names):
    """Colour, marker and line style of each name; the course's arms keep theirs."""
    taken = {COLOURS[name] for name in names if name in COLOURS}
    # arms' colours only where all others are used up
    free = itertools.cycle(sorted((colour for colour in PALETTE if colour not in taken), key=lambda colour: colour in COLOURS.values()))
    colours = {name: COLOURS.get(name) or next(free) for name in names}
    return {name: {'color': colour, 'marker': MARKERS[colour], 'linestyle': STYLES[colour]} for name, colour in colours.items()}


def _legend(axis, title=None):
    """Beside the axes, where it can hide nothing."""
    axis.legend(title=title, frameon=False, loc='center left', bbox_to_anchor=(1, .5))


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
        print(f'No pictures to show: {title}')
        return
    rows = -(-len(images) // columns)
    line = .05 if titles is None else .35
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * (size + line) + .5), squeeze=False)
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
        print(f'No figure: {table.why_not}')
        return
    figure, axis = plt.subplots(figsize=(9.5, 4.6))
    groups = dict(list(table.chosen.groupby(by, sort=False)))
    ticks = sorted(table.chosen[x].dropna().unique())
    for name, look in _looks(groups).items():
        spread = groups[name].groupby(x)[y].agg(['mean', 'std'])
        if len(spread) < len(ticks):  # a line would claim something about places that were not measured
            axis.errorbar(spread.index, spread['mean'], spread['std'], label=name, capsize=5, **{**look, 'linestyle': 'none'})
            continue
        axis.plot(spread.index, spread['mean'], label=name, **look)
        axis.fill_between(spread.index, spread['mean'] - spread['std'], spread['mean'] + spread['std'], color=look['color'], alpha=.15, linewidth=0)
    if log:
        axis.set_xscale('log')
    axis.set_xticks(ticks, [f'{tick:g}' for tick in ticks])
    axis.minorticks_off()
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _legend(axis, title='method' if by == 'arm' else by)
    show(figure, reading)


def curves(live, figure_name, *, title, reading, xlabel, ylabel, recorded=None, updates=1):
    """The course of training of several arms: what ran here as lines, the recorded spread as bands behind them.

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
            axis.fill_between(spread.index * updates, spread['mean'] - spread['std'], spread['mean'] + spread['std'], color=look['color'], alpha=.18,
                              linewidth=0)
        epochs = live[name].table.query('name == @figure_name')['epoch']  # losses begin with epoch 1, evaluated figures with 0
        axis.plot(epochs * updates, values[name], label=name, **look)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _legend(axis)
    show(figure, reading)


def history(table, title, reading=None):
    """Every figure of a training history against the epoch: losses on the left, evaluated figures on the right.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns epoch, name, value.
    title : str
    reading : str, optional
        By default the last value of each figure.
    """
    if not len(table):
        print('No figure: the history is empty.')
        return
    names = list(dict.fromkeys(table['name']))
    started = {name: table[table['name'] == name]['epoch'].min() for name in names}
    sides = [[name for name in names if started[name] > 0], [name for name in names if started[name] == 0]]  # losses have no epoch 0
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
    show(figure, reading or f'{title}, by epoch; at the end: ' + ', '.join(f'{name} {value:.3f}' for name, value in last.items()) + '.')
