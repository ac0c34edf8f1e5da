"""Drawings that explain a method."""
import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .plots import PALETTE, show

_COPIED, _NEW, _PLAIN = PALETTE[4], PALETTE[5], '#EEEEEE'


def _box(axis, x, y, text, colour, width=2.6, height=.62):
    axis.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, boxstyle='round,pad=.02,rounding_size=.12', facecolor=colour,
                                  edgecolor='black', linewidth=1.2))
    axis.text(x, y, text, ha='center', va='center', fontsize=12)


def _arrow(axis, start, end, text=None):
    axis.add_patch(FancyArrowPatch(start, end, arrowstyle='-|>', mutation_scale=16, linewidth=1.6, color='black'))
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
        _arrow(axis, (1.6, .5 + i * .85), (4.4, .5 + i * .85), '2  copy' if i < 2 else '2  copy: the backbone')
    axis.text(3, .5 + 3 * .85, '3  a head that fits\nthe target classes', ha='center', va='center', fontsize=11)
    show(figure, 'Step 1 trains the source model on many pictures. Step 2 copies all layers but the head. '
                 'Step 3 puts on a new head with random weights. Step 4 trains everything on the few target pictures, the head faster than the rest.')
