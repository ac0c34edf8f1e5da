"""People who do not exist, drawn: a face that stays, and a pose, an expression and a light of the moment."""
import types

import numpy

from ..dataset import Pictures
from .pen import Pen, box, lighter, mirrored, oval, smooth
from .scenes import camera, dots, plain, sky, table

INK = .08  # strength of the random change of all colours
_GROUPS = {'source': 60, 'known': 61, 'strangers': 62, 'passers-by': 63}
_STREAMS = {'train': 0, 'validation': 1, 'test': 2}

SKIN = ((247, 214, 186), (229, 184, 148), (198, 146, 108), (146, 100, 70), (99, 66, 48))
HAIR = ((32, 26, 28), (62, 42, 32), (104, 70, 44), (168, 92, 48), (214, 176, 104), (150, 148, 150))
IRIS = ((70, 45, 30), (60, 95, 140), (70, 110, 70))
STYLES = ('bald', 'short', 'fringe', 'side', 'long', 'curly')


def _colour(rng, colours, spread=12):
    """Somewhere between two neighbours of a list: people's colours overlap."""
    place = rng.uniform(0, len(colours) - 1)
    low = int(place)
    here, there = numpy.array(colours[low]), numpy.array(colours[min(low + 1, len(colours) - 1)])
    mixed = here + (place - low) * (there - here)
    return tuple(numpy.clip(mixed + rng.uniform(-spread, spread), 10, 250))


def person(group, number, seed=0):
    """Somebody who does not exist.

    Parameters
    ----------
    group : {'source', 'known', 'strangers', 'passers-by'}
        People of one group are in no other.
    number, seed : int
        Two whole numbers from 0 name a person.

    Returns
    -------
    types.SimpleNamespace
        What stays the same in all pictures of this person. Lengths are in units of half the height of a head.
    """
    rng = numpy.random.default_rng((_GROUPS[group], seed, number))
    return types.SimpleNamespace(**{
        'width': rng.uniform(.66, .86), 'jaw': rng.uniform(.5, .95), 'chin': rng.uniform(.9, 1.06),
        'forehead': rng.uniform(.75, 1), 'ears': rng.uniform(.1, .19), 'skin': _colour(rng, SKIN),
        'hair': _colour(rng, HAIR), 'style': STYLES[rng.integers(len(STYLES))],
        'hairline': rng.uniform(-.62, -.4), 'volume': rng.uniform(.06, .2),
        'eye_apart': rng.uniform(.27, .38), 'eye_size': rng.uniform(.11, .17),
        'eye_height': rng.uniform(-.16, .02), 'eye_slant': rng.uniform(-.3, .3),
        'iris': IRIS[rng.integers(len(IRIS))], 'brow_thick': rng.uniform(.05, .12),
        'brow_tilt': rng.uniform(-.12, .12), 'brow_gap': rng.uniform(.16, .26),
        'nose_long': rng.uniform(.22, .38), 'nose_wide': rng.uniform(.07, .17),
        'mouth_wide': rng.uniform(.2, .36), 'mouth_height': rng.uniform(.5, .62),
        'lips': rng.uniform(.05, .11), 'lip_red': rng.uniform(.1, .6),
        'beard': rng.choice(['none', 'none', 'none', 'moustache', 'full']), 'glasses': rng.random() < .25,
    })


def _portrait(pen, who):
    """Draw somebody with a pose, an expression and clothes of the moment.

    Returns
    -------
    landmarks : numpy.ndarray, shape (4, 2)
        Eyes, tip of the nose, middle of the mouth, as the pen counts.
    turn : float
        Of the head, in degrees.
    """
    turn, nod = numpy.radians(pen.between(-24, 24)), numpy.radians(pen.between(-10, 10))
    smile, gap = pen.between(-.5, 1), max(0, pen.between(-.12, .14))
    open_eyes = pen.one_of(1, 1, 1, .8, .6, .15)
    raised, gaze = pen.between(-.03, .07), pen.between(-.05, .05)

    def front(points, close=.85):
        """Points of the face, moved by the turn of the head; what is further to the front moves more."""
        points = numpy.atleast_2d(numpy.asarray(points, dtype=float))
        depth = close * numpy.sqrt(numpy.clip(1 - points[:, 0] ** 2 - .5 * points[:, 1] ** 2, .05, 1))
        return numpy.stack([points[:, 0] * numpy.cos(turn) + .6 * depth * numpy.sin(turn),
                            points[:, 1] + .6 * depth * numpy.sin(nod)], axis=1)

    dark = lighter(who.skin, -.35)
    w, style = who.width, who.style
    if style == 'long':
        pen.fill(smooth(mirrored([(0, -1 - who.volume), (w + who.volume, -.6), (w + .12 + who.volume, .9),
                                  (.4, 1.1)])), lighter(who.hair, -.15))
    elif style == 'curly':
        for angle in range(150, 400, 25):
            x, y = .88 * w * numpy.cos(numpy.radians(angle)), -.3 + .75 * numpy.sin(numpy.radians(angle))
            pen.disc(x, y, .24 + who.volume, who.hair, outline=False)
    pen.fill(box(-.3, .6, .3, 1.3), lighter(who.skin, -.15), outline=False)
    pen.fill(smooth(mirrored([(0, 1.2), (.4, 1.18), (.95, 1.4), (1.1, 1.9), (.3, 1.9)]), 2), pen.ink())
    for side in (-1, 1):
        pen.disc(side * (w - .02) * numpy.cos(turn) - .12 * numpy.sin(turn), .05, who.ears, who.skin,
                 who.ears * 1.4)
    pen.fill(smooth(mirrored([(0, -.97), (w * who.forehead, -.8), (w * 1.05, 0), (w * who.jaw, .68),
                              (.2, who.chin), (0, who.chin)])), who.skin)
    if who.beard == 'full':
        edge = [(0, .62), (w * .55, .5), (w * .9, .15), (w * who.jaw * .95, .68), (.2, who.chin - .02),
                (0, who.chin - .02)]
        pen.fill(front(smooth(mirrored(edge)), .5), who.hair, outline=False)
    _hair(pen, who, front)
    for side in (-1, 1):
        x, y, r = side * who.eye_apart, who.eye_height, who.eye_size
        eye = oval(0, 0, r * 1.25, r * .8 * open_eyes) @ [[1, side * who.eye_slant], [0, 1]] + (x, y)
        if open_eyes < .3:  # a blink
            pen.stroke(front([(x - r * 1.2, y), (x, y + .03), (x + r * 1.2, y)]), dark, .045)
        else:
            pen.fill(front(eye), (245, 244, 240))
            pen.fill(front(oval(x + gaze, y, r * .6, r * .6 * open_eyes)), who.iris, outline=False)
            pen.fill(front(oval(x + gaze, y, r * .28, r * .28 * open_eyes)), (15, 12, 12), outline=False)
        brow = [(x - side * r * 1.3, y - who.brow_gap - who.brow_tilt), (x, y - who.brow_gap - .03),
                (x + side * r * 1.4, y - who.brow_gap + who.brow_tilt)]
        pen.stroke(front(brow) - (0, raised), lighter(who.hair, -.25), who.brow_thick)
    top, tip = who.eye_height + .06, who.eye_height + who.nose_long
    pen.stroke(front([(.02, top), (who.nose_wide * .6, tip - .08)], 1.1), dark, .035)
    pen.stroke(front([(-who.nose_wide, tip), (0, tip + .05), (who.nose_wide, tip)], 1.15), dark, .055)
    if who.beard != 'none':
        y = (tip + who.mouth_height) / 2 + .02
        pen.fill(front(smooth([(-who.mouth_wide, y + .08), (0, y - .07), (who.mouth_wide, y + .08),
                               (0, y + .07)], 2)), who.hair, outline=False)
    _mouth(pen, who, front, smile, gap)
    if who.glasses and pen.chance(.7):
        for side in (-1, 1):
            ring = front(oval(side * who.eye_apart, who.eye_height, who.eye_size * 1.7, who.eye_size * 1.5))
            pen.stroke(numpy.concatenate([ring, ring[:1]]), (35, 32, 35), .05)
        bridge = who.eye_apart - who.eye_size * 1.7
        pen.stroke(front([(-bridge, who.eye_height), (bridge, who.eye_height)]), (35, 32, 35), .05)
    eyes = front([(side * who.eye_apart, who.eye_height) for side in (-1, 1)])
    landmarks = numpy.concatenate([eyes, front((0, tip), 1.15), front((0, who.mouth_height))])
    return landmarks, float(numpy.degrees(turn))


def _hair(pen, who, front):
    """Hair over the forehead; what is behind the head is there already."""
    w, line, up = who.width, who.hairline, -1 - who.volume
    cap = [(-w - .02, -.1), (-w - who.volume * .6, -.6), (-.5 * w, up), (.5 * w, up),
           (w + who.volume * .6, -.6), (w + .02, -.1)]
    hairlines = {'short': [(w * .85, line + .1), (.3, line), (-.3, line), (-w * .85, line + .1)],
                 'fringe': [(w * .85, -.22), (.3, -.3), (0, -.26), (-.3, -.3), (-w * .85, -.22)],
                 'side': [(w * .85, line + .2), (.35, line - .12), (-.3, line + .16), (-w * .85, line + .32)],
                 'long': [(w * .88, .1), (w * .6, line + .1), (0, line - .1), (-w * .6, line + .1),
                          (-w * .88, .1)],
                 'curly': [(w * .9, line + .1), (.4, line - .05), (.1, line + .06), (-.2, line - .05),
                           (-w * .9, line + .1)]}
    if who.style != 'bald':
        pen.fill(smooth(numpy.concatenate([cap, front(hairlines[who.style], .45)]), 2), who.hair,
                 outline=who.style != 'curly')


def _mouth(pen, who, front, smile, gap):
    x = numpy.linspace(-1, 1, 9)
    bow = .12 * smile * (x ** 2 - .5)
    dark, full = numpy.array(lighter(who.skin, -.2)), numpy.array((190, 50, 60))
    red = tuple((1 - who.lip_red) * dark + who.lip_red * full)
    wide = who.mouth_wide * (1 + .12 * smile)
    upper = numpy.stack([wide * x, who.mouth_height - bow - gap / 2 - who.lips * (1 - x ** 2) * .8], axis=1)
    lower = numpy.stack([wide * x, who.mouth_height - bow + gap / 2 + who.lips * (1 - x ** 2)], axis=1)
    pen.fill(front(numpy.concatenate([upper, lower[::-1]])), red, outline=False)
    inside = numpy.concatenate([upper * (.8, 1) + (0, .05), (lower * (.8, 1) - (0, .05))[::-1]])
    if gap > .05:
        pen.fill(front(inside), (70, 25, 28), outline=False)
    else:
        pen.stroke(front((upper + lower) / 2), lighter(red, -.45), .03)


def picture(rng, who):
    """One picture of a person: pose, expression, light, clothes and background are left to chance.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    who : types.SimpleNamespace
        From `person`.

    Returns
    -------
    numpy.ndarray of uint8, shape (64, 64, 3)
    """
    return posed(rng, who)[0]


def posed(rng, who):
    """The same picture, and what the drawing knows of it.

    Returns
    -------
    picture : numpy.ndarray of uint8, shape (64, 64, 3)
    landmarks : numpy.ndarray, shape (4, 2)
        Pixels to the right and down: the left eye (as one sees it), the right eye, the tip of the nose, the
        middle of the mouth.
    turn : float
        Of the head to the right (as one sees it), in degrees.
    """
    pen = Pen(rng)
    canvas, light = pen.one_of(plain, plain, sky, dots, table)(pen), pen.between(-numpy.pi, 0)
    outline = tuple(pen.between(20, 60) for _ in range(3)) if pen.chance(.5) else None
    pen.place(pen.between(.74, .88), pen.between(-.1, .1), pen.between(-.06, .1), pen.between(-11, 11),
              outline=outline)
    landmarks, turn = _portrait(pen, who)
    layer = pen.layer()
    canvas = canvas * (1 - layer[..., 3:] / 255) + layer[..., :3]
    return camera(pen, canvas, light, INK), pen.spot(landmarks), turn


def portraits(group, seed, people, part, each):
    """Pictures of people who do not exist; every picture has a random stream of its own, so no two parts
    share one.

    Parameters
    ----------
    group : {'source', 'known', 'strangers'}
        People of one group are in no other.
    seed : int
        Other people.
    people : int
        How many.
    part : {'train', 'validation', 'test'}
        Other pictures of the same people.
    each : int
        Pictures of each person.

    Returns
    -------
    Pictures
        64 x 64 pixels, person by person.
    """
    pictures = [picture(numpy.random.default_rng((_GROUPS[group], seed, number, _STREAMS[part], i)),
                        person(group, number, seed))
                for number in range(people) for i in range(each)]
    return Pictures(numpy.stack(pictures), numpy.repeat(numpy.arange(people), each))
