"""Paints, curves and the pen with which the things of the picture book are drawn. NumPy and OpenCV only.

Every thing is described in its own coordinates: x to the right and y down, inside the unit circle. Where it
goes, how large and how turned, the pen knows.
"""
import colorsys

import cv2
import numpy

SIZE = 64  # height and width of a picture, in pixels
FINE = 4   # things are drawn this many times finer and then averaged, which gives smooth edges

PAINTS = {
    'red': (210, 45, 40), 'dark red': (140, 30, 35), 'orange': (238, 135, 40), 'yellow': (246, 208, 60),
    'light green': (150, 205, 80), 'green': (85, 160, 60), 'dark green': (40, 100, 50),
    'blue': (60, 110, 205), 'light blue': (150, 205, 240), 'purple': (125, 70, 165), 'pink': (240, 150, 175),
    'brown': (125, 75, 40), 'dark brown': (75, 45, 28), 'bread': (215, 155, 85),
    'light bread': (238, 200, 135), 'dough': (232, 190, 130), 'meat': (190, 80, 50),
    'cream': (250, 236, 205), 'white': (246, 246, 244), 'grey': (150, 152, 158), 'dark grey': (75, 78, 85),
    'black': (30, 28, 32), 'skin': (240, 195, 160), 'dark skin': (165, 110, 75),
}


def lighter(colour, share):
    """The colour moved towards white by a share of the way, or towards black if the share is negative."""
    return tuple(c + (255 - c) * share if share > 0 else c * (1 + share) for c in colour)


def oval(x, y, rx, ry=None, start=0, stop=360):
    """Points on an ellipse, or on its part between two angles in degrees (0 is right, 90 is down)."""
    angles = numpy.radians(numpy.linspace(start, stop, max(6, int(abs(stop - start) / 12))))
    return numpy.stack([x + rx * numpy.cos(angles), y + (ry or rx) * numpy.sin(angles)], axis=1)


def around(angle, r, x=0, y=0):
    """The point at this angle in degrees and this distance from (x, y)."""
    return numpy.array([x + r * numpy.cos(numpy.radians(angle)), y + r * numpy.sin(numpy.radians(angle))])


def box(left, top, right, bottom):
    """The corners of a rectangle."""
    return numpy.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def smooth(points, times=3):
    """A closed curve along the given corners: all of them are cut off, several times (Chaikin)."""
    points = numpy.asarray(points, dtype=float)
    for _ in range(times):
        after = numpy.roll(points, -1, axis=0)
        points = numpy.stack([.75 * points + .25 * after, .25 * points + .75 * after], axis=1).reshape(-1, 2)
    return points


def mirrored(points):
    """A closed shape from its right half, listed from top to bottom."""
    points = numpy.asarray(points, dtype=float)
    return numpy.concatenate([points, points[::-1] * (-1, 1)])


def bend(points, bow):
    """Bend the x axis into an arc of the curvature `bow`, and everything on it with it."""
    points = numpy.asarray(points, dtype=float)
    if abs(bow) < .01:
        return points
    turned, radius = points[:, 0] * bow, 1 / bow - points[:, 1]
    return numpy.stack([radius * numpy.sin(turned), 1 / bow - radius * numpy.cos(turned) - bow / 5], axis=1)


def band(length, widths, bow=0, middle=0):
    """A band of varying half-width around a bent centre line: banana, bun, sausage, carrot and corn begin
    with it.

    Parameters
    ----------
    length : float
        Half the length of the centre line.
    widths : sequence of float
        Half-widths at equal distances from the left end to the right one.
    bow : float
        Curvature of the centre line.
    middle : float
        Moves the band across the centre line: its lower half alone has the middle at half its width.

    Returns
    -------
    numpy.ndarray, shape (points, 2)
    """
    x = numpy.linspace(-length, length, len(widths))
    widths = numpy.asarray(widths, dtype=float)
    outline = numpy.concatenate([numpy.stack([x, middle - widths], axis=1),
                                 numpy.stack([x, middle + widths], axis=1)[::-1]])
    return bend(smooth(outline), bow)


def wave(length, height, waves, bow=0, y=0):
    """An open wavy line along the bent centre line: mustard, lettuce, icing."""
    x = numpy.linspace(-length, length, int(8 * waves) + 2)
    return bend(numpy.stack([x, y + height * numpy.sin(numpy.pi * waves * (x / length + 1))], axis=1), bow)


def blob(rng, x, y, r, wobble, ry=None):
    """A closed, irregular round shape."""
    angles = numpy.linspace(0, 2 * numpy.pi, 30, endpoint=False)
    radius = 1 - wobble * sum(rng.uniform(0, .6) * (1 + numpy.sin(k * angles + rng.uniform(0, 6.3))) / 2
                              for k in (2, 3, 5))
    return numpy.stack([x + r * radius * numpy.cos(angles), y + (ry or r) * radius * numpy.sin(angles)],
                       axis=1)


class Pen:
    """Draws on one transparent layer, and holds the chance that varies the things.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    """

    def __init__(self, rng):
        self.rng = rng
        self._layer = numpy.zeros((SIZE * FINE, SIZE * FINE, 4), dtype='uint8')
        self.place()

    def place(self, size=1., x=0., y=0., angle=0., squeeze=1., mirror=False, outline=None):
        """Say where the next thing goes.

        Parameters
        ----------
        size : float
            Radius of the thing's unit circle; 1 is half the picture.
        x, y : float
            Its centre; the picture reaches from -1 to 1.
        angle : float
            Turn in degrees, clockwise.
        squeeze : float
            Makes it narrower (< 1).
        mirror : bool
            Swaps left and right.
        outline : tuple of float, optional
            Colour of the dark line around every part; without it there is none.
        """
        self._scale = size * SIZE * FINE / 2
        cosine, sine = numpy.cos(numpy.radians(angle)), numpy.sin(numpy.radians(angle))
        across = -squeeze if mirror else squeeze
        self._turn = self._scale * numpy.array([[cosine * across, sine * across], [-sine, cosine]])
        self._centre = numpy.array([x + 1, y + 1]) * SIZE * FINE / 2
        self._outline = outline

    def chance(self, share):
        """True in this share of the pictures."""
        return self.rng.random() < share

    def between(self, low, high):
        """A random number from this interval."""
        return low + (high - low) * self.rng.random()

    def one_of(self, *choices):
        """One of these at random."""
        return choices[int(self.rng.random() * len(choices))]

    def ink(self, *names):
        """One of the named paints, a little varied; without names any bright colour."""
        if names:
            paint = PAINTS[self.one_of(*names)]
        else:
            bright = self.rng.random(), self.between(.45, .95), self.between(.5, .95)
            paint = tuple(255 * c for c in colorsys.hsv_to_rgb(*bright))
        light = self.between(.85, 1.12)
        return tuple(min(255, max(0, c * light + self.between(-16, 16))) for c in paint)

    def spot(self, points):
        """Where points of the thing are in the picture, in pixels from its upper left corner (float)."""
        return (numpy.asarray(points, dtype=float) @ self._turn + self._centre) / FINE

    def _pixels(self, points):
        return numpy.rint(numpy.asarray(points, dtype=float) @ self._turn + self._centre).astype('int32')

    def _width(self, width):
        return max(1, round(width * self._scale))

    def fill(self, points, colour, outline=True, hole=None):
        """Fill a closed shape, and draw the outline around it if there is one; `hole` is a second closed
        curve inside, which is left open.
        """
        curves = [self._pixels(curve) for curve in (points, hole) if curve is not None]
        cv2.fillPoly(self._layer, curves, (*colour, 255))
        if outline and self._outline:
            cv2.polylines(self._layer, curves, True, (*self._outline, 255), self._width(.045))

    def stroke(self, points, colour, width):
        """Draw an open line of this width."""
        cv2.polylines(self._layer, [self._pixels(points)], False, (*colour, 255), self._width(width))

    def rod(self, points, colour, width):
        """Draw an open line with the outline on both sides, if there is one."""
        if self._outline:
            self.stroke(points, self._outline, width + .09)
        self.stroke(points, colour, width)

    def disc(self, x, y, r, colour, ry=None, outline=True):
        """Fill a circle or an upright ellipse."""
        self.fill(oval(x, y, r, ry), colour, outline)

    def layer(self):
        """What was drawn: float32, SIZE x SIZE x 4, red, green, blue (already multiplied by alpha) and alpha,
        all from 0 to 255.
        """
        return cv2.resize(self._layer, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype('float32')
