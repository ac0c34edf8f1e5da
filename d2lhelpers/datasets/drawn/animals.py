"""Animals of a fable: drawn from a description alone, so that one nobody has seen can be described too."""
import numpy

from .pen import Pen, bend, lighter, oval, smooth
from .scenes import camera, plain

ATTRIBUTES = ('long body', 'legs', 'wings', 'horns', 'tail', 'spots', 'neck', 'beak')


def animal(rng, has, ink_mixing):
    """One picture of one animal, upright, looking to either side.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance: the same state draws the same picture.
    has : collection of str
        Which of `ATTRIBUTES` it has.
    ink_mixing : float
        See `d2lhelpers.datasets.drawn.scenes.picture`.

    Returns
    -------
    numpy.ndarray of uint8, shape (SIZE, SIZE, 3)
    """
    pen = Pen(rng)
    canvas = plain(pen)
    pen.place(pen.between(.72, .9), pen.between(-.1, .1), pen.between(-.1, .1), pen.between(-15, 15),
              squeeze=pen.between(.9, 1), mirror=pen.chance(.5), outline=tuple(pen.between(15, 60)
                                                                              for _ in range(3)))
    _draw(pen, has)
    layer = pen.layer()
    canvas = canvas * (1 - layer[..., 3:] / 255) + layer[..., :3]
    # light from any side, or it would say which way is up
    return camera(pen, canvas, pen.between(-numpy.pi, numpy.pi), ink_mixing)


def _draw(pen, has):
    """It looks to the right."""
    fur, other = pen.ink(), pen.ink()
    wide, high = (pen.between(.62, .72), pen.between(.24, .3)) if 'long body' in has else (
        pen.between(.4, .48), pen.between(.38, .46))
    head = numpy.array([wide * .9 + .05, -.62 if 'neck' in has else -.3]) + (pen.between(-.04, .04), 0)
    if 'tail' in has:
        pen.rod(bend([(-wide * .9, 0), (-wide - .15, -.12), (-wide - .22, -.35), (-wide - .1, -.5)], .1),
                fur, .1)
    if 'legs' in has:
        for x in (-.6, -.25, .25, .6):
            pen.rod([(x * wide, high * .6), (x * wide + pen.between(-.04, .04), .8)], lighter(fur, -.2), .1)
    if 'neck' in has:
        pen.rod([(wide * .6, -high * .2), head], fur, .17)
    pen.fill(oval(0, .1, wide, high), fur)
    if 'spots' in has:
        for x, y in ((-.55, .05), (-.2, -.35), (-.1, .4), (.25, .0), (.55, .3)):
            pen.disc(x * wide, .1 + y * high, .085, lighter(fur, .75), outline=False)
    if 'wings' in has:
        tip = pen.between(-.95, -.8)
        pen.fill(smooth([(.1 * wide, 0), (-.1, tip), (-.45, tip + .12), (-.5 * wide, .02)], 2), other)
    if 'horns' in has:
        for x in (-.12, .06):
            pen.fill([head + (x - .06, -.12), head + (x + .06, -.12), head + (x * 2, -.42)], other)
    if 'beak' in has:
        pen.fill([head + (.12, -.1), head + (.12, .12), head + (.45, .04)], other)
    pen.disc(*head, .21, fur)
    pen.disc(head[0] + .06, head[1] - .04, .06, (250, 250, 250), outline=False)
    pen.disc(head[0] + .08, head[1] - .04, .03, (20, 20, 20), outline=False)
