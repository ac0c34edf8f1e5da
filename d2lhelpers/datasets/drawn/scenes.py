"""Whole pictures of the picture book: a background, small things lying about, the thing itself, light, and
the faults of a camera.
"""
import cv2
import numpy

from .pen import SIZE, Pen, bend, box, lighter, smooth, wave
from .things import THINGS, UPRIGHT

VERSION = 1  # raise it with every change that changes a picture: the cards of the pretrained weights name it

SECOND_THING = .45  # share of the pictures with a second, small thing
OUTLINES = .6       # share with dark outlines
SKETCHES = .03      # share of pencil sketches

Y, X = numpy.mgrid[-1:1:SIZE * 1j, -1:1:SIZE * 1j].astype('float32')


# Backgrounds: float32, SIZE x SIZE x 3, from 0 to 255

def _noise(rng, rows, columns):
    """Smooth random patches of about this number, from 0 to 1."""
    return cv2.resize(rng.random((rows, columns), dtype='float32'), (SIZE, SIZE),
                      interpolation=cv2.INTER_LINEAR)


def _across(rng):
    """Coordinate along a random direction."""
    angle = rng.uniform(0, numpy.pi)
    return X * numpy.float32(numpy.cos(angle)) + Y * numpy.float32(numpy.sin(angle))


def _stripes(field, period):
    """0 and 1 in turn along a coordinate, with soft edges."""
    return numpy.clip(.5 + period * 10 * numpy.sin(field * numpy.float32(2 * numpy.pi / period)), 0, 1)


def _mix(share, one, other):
    """Between two colours, pixel by pixel."""
    one, other = numpy.float32(one), numpy.float32(other)
    return one + share[..., None] * (other - one)


def _calm(pen):
    """A paint for backgrounds: less bright than those of things."""
    return tuple(.55 * c + .45 * pen.between(60, 150) for c in pen.ink())


def plain(pen):
    paint = _calm(pen)
    return _mix(_noise(pen.rng, 4, 4), lighter(paint, -.15), lighter(paint, .2))


def striped_cloth(pen):
    paint = _calm(pen)
    return _mix(_stripes(_across(pen.rng), pen.between(.3, .6)), paint, lighter(paint, pen.one_of(-.4, .5)))


def checked_cloth(pen):
    paint, period, along = _calm(pen), pen.between(.35, .6), _across(pen.rng)
    squares = (_stripes(along, period) + _stripes(_across(pen.rng), period)) / 2
    return _mix(squares, paint, lighter(paint, pen.one_of(-.45, .6)))


def dots(pen):
    paint, period = _calm(pen), pen.between(.3, .5)
    rows = numpy.sin(X * (2 * numpy.pi / period)) * numpy.sin(Y * (2 * numpy.pi / period))
    return _mix(numpy.clip((numpy.abs(rows) - .45) * 4, 0, 1), paint, lighter(paint, pen.one_of(-.4, .5)))


def table(pen):
    wood = pen.ink('brown', 'bread', 'dark brown', 'grey')
    turned = pen.chance(.5)
    grain = _noise(pen.rng, *((32, 3) if turned else (3, 32)))
    planks = numpy.abs(numpy.sin((Y if turned else X) * pen.between(4, 6) + pen.between(0, 3))) ** .15
    return _mix(grain, lighter(wood, -.3), lighter(wood, .15)) * planks[..., None].astype('float32')


def grass(pen):
    green = pen.ink('green', 'dark green', 'light green')
    return _mix(_noise(pen.rng, 12, 32) * .7 + _noise(pen.rng, 3, 3) * .3, lighter(green, -.35),
                lighter(green, .15))


def sky(pen):
    horizon, blue = pen.between(.1, 1), pen.ink('light blue', 'blue')
    air = _mix((Y + 1) / 2, blue, lighter(blue, .45))
    clouds = numpy.clip((_noise(pen.rng, 5, 4) - .6) * 4, 0, .8)
    air = _mix(clouds, (0, 0, 0), (255, 255, 255)) + air * (1 - clouds[..., None])
    return numpy.where((horizon > Y)[..., None], air,
                       _mix(_noise(pen.rng, 8, 8), *[pen.ink('green', 'bread', 'grey')] * 2))


BACKGROUNDS = (plain, striped_cloth, checked_cloth, dots, table, table, grass, sky)


# What lies about

def plate(pen):
    china = pen.ink('white', 'white', 'cream', 'light blue', 'pink') if pen.chance(.7) else pen.ink()
    if pen.chance(.8):
        pen.disc(0, 0, 1, china)
        pen.disc(0, 0, .74, lighter(china, -.1), outline=False)
        pen.disc(0, 0, .7, lighter(china, .1), outline=False)
    else:
        pen.fill(smooth([(-.92, -.92), (.92, -.92), (.92, .92), (-.92, .92)], 2), china)


def leaf(pen):
    green = pen.ink('green', 'dark green', 'light green')
    pen.fill(smooth([(-1, 0), (-.2, -.6), (1, 0), (-.2, .6)], 2), green)
    pen.stroke([(-.8, 0), (.7, 0)], lighter(green, -.3), .1)


def fork(pen):
    metal = pen.ink('grey', 'white')
    pen.stroke([(-1, 0), (.4, 0)], metal, .16)
    for y in (-.25, 0, .25):
        pen.stroke([(.35, y * .8), (1, y)], metal, .11)
    pen.stroke([(.35, -.25), (.35, .25)], metal, .14)


def knife(pen):
    pen.stroke([(-1, 0), (-.2, 0)], pen.ink('dark brown', 'black'), .2)
    pen.fill([(-.2, -.12), (.8, -.12), (1, .1), (-.2, .1)], pen.ink('grey', 'white'))


def coin(pen):
    metal = pen.ink('yellow', 'grey', 'bread')
    pen.disc(0, 0, .6, metal)
    pen.disc(0, 0, .4, lighter(metal, .3), outline=False)


def napkin(pen):
    pen.fill(box(-.8, -.7, .8, .7), pen.ink('white', 'light blue', 'pink', 'cream'))


def stick(pen):
    pen.stroke(bend([(-1, 0), (0, 0), (1, 0)], pen.between(-.5, .5)), pen.ink(), .2)


def squiggle(pen):
    pen.stroke(wave(1, .25, pen.one_of(2, 3)), pen.ink(), .16)


CLUTTER = (leaf, fork, knife, coin, napkin, stick, squiggle)


# The picture

def _place(pen, name, size, x, y, mirror, outline):
    """Put the pen where a thing is to be drawn: upright ones turned a little, the others in any direction."""
    angle = pen.between(-20, 20) if name in UPRIGHT else pen.between(0, 360)
    pen.place(size, x, y, angle, pen.between(.85, 1), mirror, outline)


def _beside(pen):
    """A place near the edge of the picture."""
    along, off = pen.between(-.8, .8), pen.one_of(-1, 1) * pen.between(.65, .9)
    return (along, off) if pen.chance(.5) else (off, along)


def draw(rng, name, mirror=None):
    """One thing alone.

    Parameters
    ----------
    rng : numpy.random.Generator
    name : str
        One of `THINGS`.
    mirror : bool, optional
        Whether left and right are swapped (a fish looks to the right unless it is mirrored); by default
        chance decides.

    Returns
    -------
    numpy.ndarray of float32, shape (SIZE, SIZE, 4)
        Red, green, blue (already multiplied by alpha), alpha; from 0 to 255.
    """
    pen = Pen(rng)
    size = pen.between(.52, .9)
    outline = tuple(pen.between(15, 60) for _ in range(3)) if pen.chance(OUTLINES) else None
    room = .95 - size
    _place(pen, name, size, pen.between(-room, room), pen.between(-room, room),
           pen.chance(.5) if mirror is None else mirror, outline)
    THINGS[name](pen)
    return pen.layer()


def _surroundings(rng, others):
    """A plate, clutter and a second small thing, as a layer."""
    pen = Pen(rng)
    outline = (40, 36, 40) if pen.chance(OUTLINES) else None
    if pen.chance(.35):
        pen.place(pen.between(.8, 1.), pen.between(-.1, .1), pen.between(-.1, .1), pen.between(-10, 10),
                  outline=outline)
        plate(pen)
    for _ in range(pen.one_of(0, 1, 1, 2, 3)):
        pen.place(pen.between(.15, .25), *_beside(pen), pen.between(0, 360), outline=outline)
        pen.one_of(*CLUTTER)(pen)
    if others and pen.chance(SECOND_THING):
        other = pen.one_of(*others)
        _place(pen, other, pen.between(.22, .36), *_beside(pen), pen.chance(.5), outline)
        THINGS[other](pen)
    return pen.layer()


def _lay(canvas, layer, light):
    """Lay a layer on the picture: with a soft shadow, and rounded by light that comes from an angle."""
    alpha = layer[..., 3:] / 255
    soft = cv2.GaussianBlur(alpha, (0, 0), 2)
    dx, dy = numpy.cos(light), numpy.sin(light)
    shadow = cv2.warpAffine(soft, numpy.float32([[1, 0, -2 * dx], [0, 1, -2 * dy]]), (SIZE, SIZE))
    slope = dx * cv2.Sobel(soft, cv2.CV_32F, 1, 0) + dy * cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    rounded = layer[..., :3] * (1 - .35 * numpy.float32(slope))[..., None]
    return canvas * (1 - .45 * shadow)[..., None] * (1 - alpha) + rounded


def _sketch(canvas):
    """The picture as drawn with a pencil on paper."""
    grey = canvas.mean(axis=2)
    edges = numpy.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return numpy.repeat((235 - numpy.clip(edges * .7 - 20, 0, 190) + .1 * (grey - 128))[..., None], 3, axis=2)


def _mixed_inks(rng, strength):
    """A random 3 x 3 matrix near the identity for the colours of one picture; grey stays grey, but for the
    wildest ones.
    """
    matrix = numpy.eye(3) + strength * rng.standard_normal((3, 3))
    return (matrix / numpy.maximum(matrix.sum(axis=1, keepdims=True), .5)).astype('float32')


def camera(pen, canvas, light, ink_mixing):
    """What light and camera make of a picture: other inks, a ramp of light, blur, noise.

    Parameters
    ----------
    pen : Pen
        Its random generator is the source of chance.
    canvas : numpy.ndarray, shape (SIZE, SIZE, 3)
        From 0 to 255.
    light : float
        Angle from which light comes, in radians.
    ink_mixing : float
        See `picture`.

    Returns
    -------
    numpy.ndarray of uint8, shape (SIZE, SIZE, 3)
    """
    canvas = cv2.transform(canvas.astype('float32'), _mixed_inks(pen.rng, ink_mixing))
    along = X * numpy.float32(numpy.cos(light)) + Y * numpy.float32(numpy.sin(light))
    ramp = pen.between(.8, 1.1) + pen.between(0, .25) * along
    canvas = canvas * ramp[..., None]
    if pen.chance(.6):
        canvas = cv2.GaussianBlur(canvas, (0, 0), pen.between(.3, .9))
    canvas += pen.between(2, 9) * pen.rng.standard_normal(canvas.shape, dtype='float32')
    return numpy.clip(canvas, 0, 255).astype('uint8')


def picture(rng, name, ink_mixing, others=(), mirror=None):
    """One picture of one thing.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance: the same state draws the same picture.
    name : str
        One of `THINGS`.
    ink_mixing : float
        Strength of the random change of all colours. At 0 a banana is yellow or green; at .3 colour says
        hardly anything.
    others : sequence of str
        Things that may lie beside it, small.
    mirror : bool, optional
        See `draw`.

    Returns
    -------
    numpy.ndarray of uint8, shape (SIZE, SIZE, 3)
    """
    pen = Pen(rng)
    canvas = pen.one_of(*BACKGROUNDS)(pen)
    light = pen.between(-numpy.pi, 0)
    for layer in (_surroundings(rng, others), draw(rng, name, mirror)):
        canvas = _lay(canvas, layer, light)
    if pen.chance(SKETCHES):
        canvas = _sketch(canvas)
    return camera(pen, canvas, light, ink_mixing)
