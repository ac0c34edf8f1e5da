"""Drawings that explain a method."""
import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .plots import PALETTE, show

_COPIED, _NEW, _PLAIN = PALETTE[4], PALETTE[5], '#EEEEEE'


def _box(axis, x, y, text, colour, width=2.6, height=.62):
    axis.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height,
                                  boxstyle='round,pad=.02,rounding_size=.12', facecolor=colour,
                                  edgecolor='black', linewidth=1.2))
    axis.text(x, y, text, ha='center', va='center', fontsize=12)


def _arrow(axis, start, end, text=None):
    axis.add_patch(FancyArrowPatch(start, end, arrowstyle='-|>', mutation_scale=16, linewidth=1.6,
                                   color='black'))
    if text:
        axis.text((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + .14, text, ha='center', fontsize=11)


def fine_tuning():
    """The four steps of fine-tuning: pretrain, copy, put on a new head, train all of it on the target."""
    figure, axis = plt.subplots(figsize=(9.5, 4.6))
    axis.axis('off')
    axis.set(xlim=(-1.6, 7.6), ylim=(-.9, 4.1), title='Fine-tuning in four steps')
    layers = ['first layers (edges, colours)', 'middle layers (parts)', 'last layers (things)']
    columns = ((0, 'source model', 'head of the source task', _PLAIN, '1  source data, many'),
               (6, 'target model', 'new head, random', _NEW, '4  target data, few'))
    for x, name, head, head_colour, data in columns:
        _box(axis, x, -.5, data, 'white')
        for i, layer in enumerate(layers):
            _box(axis, x, .5 + i * .85, layer, _COPIED, width=3)
        _box(axis, x, .5 + 3 * .85, head, head_colour, width=3)
        for below, above in ((-.19, .19), (.81, 1.04), (1.66, 1.89), (2.51, 2.74)):
            _arrow(axis, (x, below), (x, above))
        axis.text(x, 3.65, name, ha='center', fontsize=13, fontweight='bold')
    for i in range(3):
        _arrow(axis, (1.6, .5 + i * .85), (4.4, .5 + i * .85),
               '2  copy' if i < 2 else '2  copy: the backbone')
    axis.text(3, .5 + 3 * .85, '3  a head that fits\nthe target classes', ha='center', va='center',
              fontsize=11)
    show(figure, 'Step 1 trains the source model on many pictures. Step 2 copies all layers but the head. '
                 'Step 3 puts on a new head with random weights. Step 4 trains everything on the few target '
                 'pictures, the head faster than the rest.')


def multi_task():
    """Two ways to share layers between tasks: the lower ones under two heads, or the middle between two
    inputs of different shape.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.8))
    for axis, title in ((left, 'shared lower layers'), (right, 'shared middle')):
        axis.axis('off')
        axis.set(xlim=(-3.1, 3.1), ylim=(-1, 3.5), title=title)
    for x, head in ((-1.5, 'head: which digit?'), (1.5, 'head: odd or even?')):
        _box(left, x, 2.9, head, _NEW)
        _arrow(left, (x * .5, 1.82), (x, 2.55))
    _box(left, 0, 1.4, 'trunk: shared layers', _COPIED, width=3.6, height=.8)
    _box(left, 0, -.4, 'pictures', 'white')
    _arrow(left, (0, -.06), (0, .96))
    for x, data, encoder in ((-1.5, 'pictures\n16 x 16', 'encoder 1'),
                             (1.5, 'edge maps\n8 x 8 x 2', 'encoder 2')):
        _box(right, x, -.5, data, 'white', height=.8)
        _box(right, x, .55, encoder, _PLAIN)
        _arrow(right, (x, -.07), (x, .2))
        _arrow(right, (x, .89), (x * .5, 1.4))
    _box(right, 0, 1.8, 'trunk: shared layers', _COPIED, width=3.6, height=.8)
    _box(right, 0, 2.9, 'head: which digit?', _NEW)
    _arrow(right, (0, 2.22), (0, 2.55))
    show(figure, 'On the left pictures pass through one trunk, and each task has a head of its own. On the '
                 'right two kinds of input of different '
                 'shape pass through an encoder each, then through one trunk and one head.')


def progressive():
    """A progressive network of three columns: arrows to the right are adapters; only the newest column
    learns.
    """
    figure, axis = plt.subplots(figsize=(10.5, 5))
    axis.axis('off')
    axis.set(xlim=(-1.6, 8.6), ylim=(-.9, 4.2), title='A progressive network: a column for each task')
    layers = ('conv', 'conv', 'conv', 'dense')
    for k, (x, colour) in enumerate(((0, _PLAIN), (3.5, _PLAIN), (7, _NEW)), start=1):
        for i, layer in enumerate(layers):
            _box(axis, x, i * .85, layer, colour, width=1.7)
            if i:
                _arrow(axis, (x, i * .85 - .54), (x, i * .85 - .31))
        _box(axis, x, 4 * .85, f'head of task {k}', colour, width=2.1)
        _arrow(axis, (x, 2.86), (x, 3.09))
        axis.text(x, -.7, f'column {k}: ' + ('frozen' if k < 3 else 'learns'), ha='center', fontsize=13,
                  fontweight='bold')
    for i in range(4):
        for a, b in ((0, 3.5), (3.5, 7)):
            _arrow(axis, (a + .87, i * .85), (b - (.87 if i < 3 else 1.07), (i + 1) * .85))
    axis.text(1.6, 1.32, 'adapter', ha='center', va='bottom', fontsize=11, rotation=24)
    show(figure, 'Three columns of layers side by side. Through small adapters, each layer of a column also '
                 'gets the output of the layer below in all '
                 'columns to the left (column 1 also feeds column 3; those arrows are left out). Old columns '
                 'are frozen: old tasks cannot be '
                 'forgotten.')


def hand_made_or_learned():
    """Two ways from a picture to an answer: features made by hand with a classifier behind them, and a
    network that learns both.
    """
    figure, axis = plt.subplots(figsize=(9.5, 3.6))
    axis.axis('off')
    axis.set(xlim=(-1, 12.6), ylim=(-1.25, 2.7), title='Features made by hand, and features learned')
    for y, stages in ((1.7, (('rules made by hand\n(ORB, BRISK, AKAZE ...)', _PLAIN),
                             ('classifier, trained', _NEW))),
                      (0, (('first layers, trained', _NEW), ('last layer, trained', _NEW)))):
        for x, (text, colour) in zip((0, 3.5, 8.1, 11.6),
                                     (('picture', 'white'), *stages, ('answer', 'white')), strict=True):
            _box(axis, x, y, text, colour, width=1.6 if colour == 'white' else 3.1, height=.85)
        for start, end in ((.85, 1.9), (5.1, 6.5), (9.7, 10.75)):
            _arrow(axis, (start, y), (end, y))
        axis.text(5.75, y + .2, 'features', ha='center', fontsize=12)
    axis.annotate('', xy=(2, -.62), xytext=(11.6, -.62),
                  arrowprops={'arrowstyle': '-|>', 'linestyle': '--', 'linewidth': 1.6})
    axis.text(5.8, -1.05, 'the error of the answer changes all layers, down to the first', ha='center',
              fontsize=12)
    axis.text(1.95, .95, 'nothing comes back to the rules', fontsize=12)
    show(figure, 'Above, the older way: rules made by hand turn a picture into features, and only the '
                 'classifier behind them is trained. Below, a '
                 'deep network: one chain of layers, and the error of its answer trains them all.')


def strategies():
    """What may move in four ways of using a pretrained network: nothing, the head, the upper layers and the
    head, everything.
    """
    figure, axis = plt.subplots(figsize=(9.5, 4.4))
    axis.axis('off')
    axis.set(xlim=(-1.4, 10.4), ylim=(-1.3, 3.6), title='Four ways to use a pretrained network')
    layers = ('first layers', 'middle layers', 'last layers')
    for k, (x, name) in enumerate(zip((0, 3, 6, 9), ('use it as it is', 'frozen', 'upper layers',
                                                     'fine-tuned'), strict=True)):
        for i, layer in enumerate(layers):
            _box(axis, x, i * .85, layer, _NEW if k == 3 or (k == 2 and i == 2) else _COPIED, width=2.3)
        _box(axis, x, 3 * .85, 'new head' if k else 'its own head', _NEW if k else _COPIED, width=2.3)
        for i in range(3):
            _arrow(axis, (x, i * .85 + .31), (x, i * .85 + .54))
        axis.text(x, 3.2, name, ha='center', fontsize=13, fontweight='bold')
    for x, text, colour in ((.3, 'stays as it is', _COPIED),
                            (3.3, 'is trained (a new head from random weights)', _NEW)):
        _box(axis, x, -.95, '', colour, width=.5, height=.4)
        axis.text(x + .4, -.95, text, va='center', fontsize=12)
    show(figure, 'Four columns of layers. Used as it is, nothing is trained, not even the head. Frozen: only '
                 'a new head is trained. Upper layers: '
                 'the last layers and the new head. Fine-tuned: everything, from the pretrained weights.')


def conservative_training():
    """Two ways to hold a network close to the one it was copied from: by its weights, or by its answers."""
    figure, axis = plt.subplots(figsize=(10.5, 4.8))
    axis.axis('off')
    axis.set(xlim=(-1.7, 8.5), ylim=(-.9, 4.1), title='Conservative training: stay close to the source model')
    for x, name, colour in ((0, 'source model (does not move)', _PLAIN), (5, 'tuned network', _COPIED)):
        _box(axis, x, .85, 'first layers', colour, width=2.4)
        _box(axis, x, 1.7, 'last layers', colour, width=2.4)
        _arrow(axis, (x, 1.2), (x, 1.36))
        axis.text(x, 3.75, name, ha='center', fontsize=13, fontweight='bold')
    for x in (0, 4.2):
        _box(axis, x, 2.9, 'old head', _PLAIN, width=1.5)
    _box(axis, 6.2, 2.9, 'new head', _NEW, width=1.5)
    for start, end in (((0, 2.05), (0, 2.56)), ((4.8, 2.05), (4.3, 2.56)), ((5.2, 2.05), (6.1, 2.56))):
        _arrow(axis, start, end)
    _box(axis, 2.5, -.45, 'the same few target pictures', 'white', width=3.6)
    _arrow(axis, (1.4, -.1), (.2, .5))
    _arrow(axis, (3.6, -.1), (4.8, .5))
    for y, left, right, text in ((1.28, 1.25, 3.75, '1  close weights'), (2.9, .8, 3.4, '2  close outputs')):
        axis.add_patch(FancyArrowPatch((left, y), (right, y), arrowstyle='<|-|>', mutation_scale=16,
                                       linewidth=2, linestyle='--', color=PALETTE[1]))
        axis.text((left + right) / 2, y + .12, text, ha='center', fontsize=12)
    axis.text(7.05, 2.9, 'learns the\ntarget classes', va='center', fontsize=11)
    show(figure, 'The source model on the left, the network being tuned on the right. Close weights: its '
                 'layers stay near those of the source. '
                 'Close outputs: through the old head it gives nearly the same answers on the same pictures.')


def layer_transfer():
    """Five ways to reuse a pretrained network: what is copied, what is frozen, what is new."""
    figure, axis = plt.subplots(figsize=(12, 4.8))
    axis.axis('off')
    axis.set(xlim=(-1.3, 12.3), ylim=(-1.5, 3.6), title='Five ways to reuse a pretrained network')
    frozen, tuned, fresh = (_COPIED, 'copied, frozen'), ('#BFE5D6',
                                                         'copied, trains on'), (_NEW, 'random, trains')
    layers, blocks = ('lower layers', 'middle layers', 'upper layers', 'head'), {}
    ways = {'use as is': (frozen, frozen, frozen, frozen), 'head only': (frozen, frozen, frozen, fresh),
            'upper layers\nand head': (frozen, frozen, tuned, fresh), 'everything,\nfrom scratch': (fresh,)
            * 4,
            'everything, from\npretrained weights': (tuned, tuned, tuned, fresh)}
    for i, (way, states) in enumerate(ways.items()):
        x = i * 2.75
        for k, (layer, (colour, state)) in enumerate(zip(layers, states, strict=True)):
            _box(axis, x, k * .85, layer, colour, width=2.1)
            blocks[state] = colour
            if k:
                _arrow(axis, (x, k * .85 - .54), (x, k * .85 - .31))
        axis.text(x, 3.35, way, ha='center', va='center', fontsize=12, fontweight='bold')
    for i, (state, colour) in enumerate(blocks.items()):
        _box(axis, 1.9 + i * 3.6, -1.1, state, colour, width=2.6)
    show(figure, 'Five networks side by side, from the picture at the bottom to the head at the top. As is: '
                 'all copied and frozen, the old head too. '
                 'Head only: a new head. Upper layers and head: the upper layers train on. From scratch: '
                 'everything random. '
                 'From pretrained weights: everything copied trains on, under a new head.')


def four_cells():
    """Which of the two domains has labels: four cells, and what the course has for each."""
    figure, axis = plt.subplots(figsize=(10.5, 4.8))
    axis.axis('off')
    axis.set(xlim=(-2.4, 10.1), ylim=(-1.3, 4.1), title='Who has labels?')
    cells = {(0, 0): ('domain-adversarial training (5)\nzero-shot learning (11)', _NEW),
             (1, 0): ('self-taught clustering (11)', _PLAIN),
             (0, 1): ('fine-tuning (1), layer transfer (2)\nconservative training (3)\nmulti-task learning '
                      '(4)\nfaces (6), speech (7)', _COPIED),
             (1, 1): ('self-taught learning (11)\nwords (8)', _PLAIN)}
    for (column, row), (text, colour) in cells.items():
        _box(axis, 2 + column * 5.3, .4 + row * 2, text, colour, width=5, height=1.8)
    for column, text in enumerate(('source with labels', 'source without labels')):
        axis.text(2 + column * 5.3, 3.6, text, ha='center', fontsize=13, fontweight='bold')
    for row, text in enumerate(('target\nwithout\nlabels', 'target\nwith\nlabels')):
        axis.text(-1.5, .4 + row * 2, text, ha='center', va='center', fontsize=13, fontweight='bold')
    axis.text(3.6, -1.05, 'numbers: lessons of this course', ha='center', fontsize=11)
    show(figure, 'Four cells. Source and target labelled: fine-tuning, layer transfer, conservative '
                 'training, multi-task learning, faces, speech. '
                 'Source labelled, target not: domain-adversarial training and zero-shot '
                 'learning. Target labelled, source not: '
                 'self-taught learning, words. Neither: self-taught clustering.')


def domain_adversarial():
    """The three parts of domain-adversarial training, and the gradient that is turned on its way back."""
    figure, axis = plt.subplots(figsize=(11, 4.6))
    axis.axis('off')
    axis.set(xlim=(-1.6, 12.4), ylim=(-1.5, 3.4), title='Three parts, two questions')
    _box(axis, 0, 1.9, 'source pictures\n(with labels)', 'white', height=.9)
    _box(axis, 0, .1, 'target pictures\n(no labels)', 'white', height=.9)
    _box(axis, 3.9, 1, 'feature extractor', _COPIED, width=2.9, height=.9)
    _box(axis, 9.2, 2.3, 'label predictor:\nwhich digit? (source only)', _NEW, width=4.4, height=.9)
    _box(axis, 6.9, -.3, 'gradient\nreversal', _PLAIN, width=1.8, height=.9)
    _box(axis, 10.2, -.3, 'domain classifier:\nwhich domain?', _NEW, width=3.3, height=.9)
    for start, end in (((1.35, 1.7), (2.4, 1.15)), ((1.35, .3), (2.4, .85)), ((5.4, 1.2), (6.95, 2.2)),
                       ((5.4, .8), (6.3, .2)),
                       ((7.85, -.15), (8.5, -.15))):
        _arrow(axis, start, end)
    for start, end, colour in (((6.9, 2.5), (4.6, 1.5), 'black'), ((8.5, -.55), (7.85, -.55), 'black'),
                               ((5.95, -.45), (4.2, .5), PALETTE[1])):
        axis.add_patch(FancyArrowPatch(start, end, arrowstyle='-|>', mutation_scale=16, linewidth=1.8,
                                       linestyle='--', color=colour))
    axis.text(4.7, 2.35, 'gradient: help', ha='center', fontsize=12)
    axis.text(4.0, -.55, 'gradient times −λ:\nhinder', ha='center', va='center', fontsize=12)
    axis.text(5.5, -1.35, 'solid: forward    dashed: the gradient, on its way back', ha='center', fontsize=11)
    show(figure, 'Pictures of both domains go through one feature extractor. The label predictor learns from '
                 'the source alone. The domain classifier '
                 'learns to tell the domains apart; on the way back its gradient is multiplied by −λ, so the '
                 'extractor learns to hinder it.')


def face_recogniser():
    """A frozen base network with a head of three dense layers behind it: what is computed once, and what
    learns.
    """
    figure, axis = plt.subplots(figsize=(9.5, 3.4))
    axis.axis('off')
    axis.set(xlim=(-1, 12.4), ylim=(-1.25, 1.75), title='A frozen base network, and a small head behind it')
    stages = (('picture', 'white', 1.5), ('base network:\nall convolutions', _COPIED, 2.7),
              ('features', 'white', 1.6), ('1024\nReLU', _NEW, 1.1),
              ('256\nReLU', _NEW, 1.1), ('19\nsoftmax', _NEW, 1.3))
    places = (0, 2.75, 5.6, 7.6, 9.35, 11.2)
    for x, (text, colour, width) in zip(places, stages, strict=True):
        _box(axis, x, .3, text, colour, width=width, height=.9)
    for i in range(5):
        _arrow(axis, (places[i] + stages[i][2] / 2 + .03, .3),
               (places[i + 1] - stages[i + 1][2] / 2 - .03, .3))
    below = ((1.4, 6.4, 'frozen: computed once for each picture, and kept'),
             (7.05, 11.85, 'the head: trained on the kept features'))
    for left, right, text in below:
        axis.annotate('', xy=(right, -.5), xytext=(left, -.5),
                      arrowprops={'arrowstyle': '<->', 'linewidth': 1.6})
        axis.text((left + right) / 2, -.95, text, ha='center', fontsize=12)
    axis.text(2.75, 1.15, 'its own head is cut off', ha='center', fontsize=12)
    show(figure, 'A picture passes through all convolutions of the frozen base network and becomes features, '
                 'which are computed once and kept. '
                 'Only the head behind them learns: three dense layers of 1024, 256 and 19 units.')
