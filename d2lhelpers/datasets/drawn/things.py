"""The things of the picture book: one small function each, with the one or two parts by which a child knows
it.

`THINGS` has them all by name, in the order of this file: ordinary things, then the hotdog, then what looks
like it (`LOOKALIKES`).
"""
import numpy

from .pen import around, band, bend, blob, box, lighter, mirrored, oval, smooth, wave

THINGS, UPRIGHT = {}, set()


def thing(function):
    """Enter a drawing function under its own name."""
    THINGS[function.__name__.replace('_', ' ')] = function
    return function


def upright(function):
    """Mark a thing that is never seen lying on its side or upside down."""
    UPRIGHT.add(function.__name__.replace('_', ' '))
    return function


# Food

@thing
def apple(pen):
    skin = pen.ink('red', 'red', 'green', 'yellow')
    pen.stroke([(0, -.5), (.03, -.75), (.14, -.95)], pen.ink('dark brown'), .11)
    pen.fill(smooth(mirrored([(0, -.45), (.28, -.76), (.78, -.68), (.95, 0), (.58, .8), (.25, .95),
                              (0, .78)])), skin)
    pen.fill(oval(-.42, -.2, .12, .22), lighter(skin, .5), outline=False)
    pen.fill(bend(smooth([(.08, -.68), (.28, -.9), (.62, -.82), (.4, -.6)]), .1), pen.ink('green'))


@thing
def banana(pen):
    bow, thick = pen.between(.75, 1.25), pen.between(.75, 1.1)
    skin = pen.ink('yellow', 'yellow', 'light green')
    pen.fill(band(.98, numpy.array([.05, .06, .2, .27, .28, .27, .2, .06, .05]) * thick, bow), skin)
    for y in (-.09, .08):
        pen.stroke(wave(.65, 0, 1, bow, y * thick), lighter(skin, -.25), .03)
    tip = pen.ink('dark brown')
    pen.fill(bend(box(-.98, -.07, -.84, .07), bow), tip)
    pen.fill(bend(box(.88, -.06, .98, .06), bow), tip)


@thing
def pizza(pen):
    half, crust = pen.between(.6, .75), pen.ink('bread')
    pen.fill([(0, .95), (-half, -.52), (half, -.52)], pen.ink('yellow'))
    for x, y in ((-.28, -.22), (.25, -.12), (-.03, .28), (.0, -.32)):
        pen.disc(x + pen.between(-.06, .06), y + pen.between(-.05, .05), pen.between(.13, .17),
                 pen.ink('red'))
    pen.stroke([(-.38, -.3), (-.3, -.38)], pen.ink('green'), .07)
    pen.stroke([(.12, .2), (.2, .1)], pen.ink('green'), .07)
    pen.fill(band(half + .12, (.1, .16, .17, .16, .1), .35) + (0, -.53), crust)


@thing
@upright
def burger(pen):
    bun, high = pen.ink('bread'), pen.between(.45, .62)
    pen.fill(smooth([(-.8, .38), (.8, .38), (.84, .78), (.6, .84), (-.6, .84), (-.84, .78)], 2), bun)
    pen.fill(smooth([(-.95, .14), (.95, .14), (.95, .48), (-.95, .48)], 2), pen.ink('dark brown'))
    pen.fill([(-.85, .12), (.85, .12), (.5, .2), (.2, .42), (-.1, .2)], pen.ink('yellow'), outline=False)
    pen.fill(numpy.concatenate([wave(.95, .06, 5, y=.13), [(.9, -.06), (-.9, -.06)]]), pen.ink('green'))
    pen.fill(box(-.82, -.12, .82, .0), pen.ink('red'))
    pen.fill(numpy.concatenate([oval(0, -.12, .9, high + .12, 180, 360), [(.88, -.08), (-.88, -.08)]]), bun)
    for x, y in ((-.5, -.3), (-.25, -.5), (.03, -.32), (.3, -.52), (.55, -.3)):
        pen.disc(x, y * high / .55, .07, pen.ink('cream'), .045, outline=False)


@thing
def ice_cream(pen):
    cone, scoops = pen.ink('bread'), pen.one_of(1, 2, 3)
    pen.fill([(-.38, .05), (.38, .05), (0, .98)], cone)
    for x in (-.19, .0, .19):
        pen.stroke([(x, .08), (x / 2 + .14, .55)], lighter(cone, -.3), .04)
        pen.stroke([(x, .08), (x / 2 - .14, .55)], lighter(cone, -.3), .04)
    for x, y in {1: [(0, -.2)], 2: [(0, -.55), (0, -.1)], 3: [(0, -.55), (-.28, -.1), (.28, -.1)]}[scoops]:
        paint = pen.ink()
        pen.disc(x, y, .42 if scoops == 1 else .36, paint)
        pen.disc(x - .13, y - .14, .09, lighter(paint, .5), outline=False)
    if pen.chance(.5):
        pen.disc(.02, -.68 if scoops == 1 else -.9, .1, pen.ink('red'))


@thing
@upright
def cake(pen):
    dough, icing = pen.ink('bread', 'brown', 'pink', 'cream'), pen.ink()
    tiers = [(.75, 0, .66)] if pen.chance(.4) else [(.75, .2, .66), (.48, -.25, .2)]
    for half, top, bottom in tiers:
        pen.fill(box(-half, top, half, bottom), dough)
        drips = wave(half, .07, half * 4, y=top + .16)
        pen.fill(numpy.concatenate([drips, [(half, top), (-half, top)]]), icing)
    top = tiers[-1][1]
    for x in pen.one_of((0,), (-.25, .25), (-.35, 0, .35)):
        pen.rod([(x, top - .03), (x, top - .35)], pen.ink(), .08)
        pen.fill(smooth([(x, top - .62), (x + .11, top - .42), (x, top - .36), (x - .11, top - .42)], 2),
                 pen.ink('orange', 'yellow'))
    pen.fill(box(-.84, .64, .84, .73), pen.ink('white', 'grey'))


@thing
def egg(pen):
    pen.fill(smooth(blob(pen.rng, 0, 0, 1, .35, .9), 1), pen.ink('white'))
    x, y, yolk = pen.between(-.12, .12), pen.between(-.12, .12), pen.ink('orange', 'yellow')
    pen.disc(x, y, .36, yolk)
    pen.disc(x - .12, y - .13, .09, lighter(yolk, .7), outline=False)


@thing
def toast(pen):
    slice_ = numpy.array([(-.55, .9), (.55, .9), (.66, .8), (.66, .0), (.95, -.25), (.88, -.75), (.45, -.9),
                          (-.45, -.9), (-.88, -.75), (-.95, -.25), (-.66, .0), (-.66, .8)]) * .95
    pen.fill(smooth(slice_, 2), pen.ink('brown', 'bread'))
    pen.fill(smooth(slice_ * (.83, .84), 2), pen.ink('light bread', 'cream'), outline=False)
    if pen.chance(.6):
        pen.fill(box(-.25, -.2, .22, .22) + (pen.between(-.1, .1), pen.between(-.1, .2)), pen.ink('yellow'))
    elif pen.chance(.6):  # jam
        pen.stroke(wave(.45, .2, 3, y=.1), pen.ink('red', 'purple', 'yellow'), .12)


@thing
def donut(pen):
    hole, icing = pen.between(.24, .32), pen.ink()
    pen.fill(oval(0, 0, .95), pen.ink('bread'), hole=oval(0, 0, hole))
    angles = numpy.linspace(0, 2 * numpy.pi, 48)
    edge = .8 + .06 * numpy.sin(angles * pen.one_of(5, 7, 8))
    pen.fill(numpy.stack([edge * numpy.cos(angles), edge * numpy.sin(angles)], axis=1), icing,
             hole=oval(0, 0, hole + .08))
    for angle in numpy.arange(0, 360, 30) if pen.chance(.75) else ():
        x, y = around(angle, pen.between(.45, .68))
        dx, dy = pen.between(-.07, .07), pen.between(-.07, .07)
        pen.stroke([(x - dx, y - dy), (x + dx, y + dy)], pen.ink(), .07)


@thing
def cherries(pen):
    joint = pen.between(-.1, .25), -.8
    stem, skin = pen.ink('green', 'dark green'), pen.ink('red', 'dark red')
    for x, y in ((-.48, .4), (.46, .47)):
        pen.stroke([joint, (x * .5 + joint[0] * .4, -.2), (x, y - .2)], stem, .09)
        pen.disc(x, y, .35, skin)
        pen.disc(x - .13, y - .14, .09, lighter(skin, .6), outline=False)
    leaf = smooth([(0, 0), (.3, -.25), (.72, -.02), (.3, .2)])
    pen.fill(leaf * (pen.one_of(.6, -.75), .75) + joint + (0, .05), stem)


@thing
def mushroom(pen):
    cap, high = pen.ink('red', 'brown', 'orange'), pen.between(.75, .95)
    foot = pen.between(.2, .3)
    pen.fill(smooth(mirrored([(foot, -.1), (foot * 1.1, .6), (foot * 1.5, .92)]), 2),
             pen.ink('cream', 'white'))
    pen.fill(smooth(numpy.concatenate([oval(0, .05, .92, high, 180, 360), [(.5, .14), (-.5, .14)]]), 1), cap)
    for x, y, r in ((-.52, -.22, .13), (-.12, -.5, .16), (.3, -.2, .14), (.6, -.3, .1), (-.2, -.1, .1)):
        pen.disc(x, y * high / .85, r, pen.ink('white'), outline=False)


@thing
def melon(pen):
    deep = pen.between(.75, 1)
    for r, paint in ((1, pen.ink('dark green', 'green')), (.86, pen.ink('cream')), (.76, pen.ink('red'))):
        pen.fill(oval(0, -.42, r * .98, r * deep * 1.2, 0, 180), paint, outline=r == 1)
    for x, y in ((-.45, -.22), (-.15, -.2), (.15, -.22), (.45, -.2), (-.28, .05), (.0, .1), (.3, .05),
                 (.0, .33)):
        pen.fill(smooth([(x, y - .09), (x + .07, y + .06), (x - .07, y + .06)], 1), pen.ink('black'),
                 outline=False)


# Other things

@thing
@upright
def fish(pen):  # it looks to the right, unless it is mirrored
    scales, high = pen.ink(), pen.between(.42, .58)
    fins = lighter(scales, -.25)
    pen.fill([(-.5, 0), (-.93, -.42), (-.82, 0), (-.93, .42)], fins)
    pen.fill(smooth([(-.25, -high * .7), (-.1, -high - .35), (.4, -high * .7)], 1), fins)
    pen.fill(smooth([(-.8, 0), (-.35, -high), (.45, -high), (1.05, -.05), (.45, high), (-.35, high)]), scales)
    if pen.chance(.6):
        for x in (-.35, -.1, .15):
            pen.stroke(oval(x - .2, 0, .28, high * .6, -60, 60), lighter(scales, .45), .07)
    pen.fill([(.1, .08), (-.22, .3), (.05, .34)], fins)
    pen.disc(.55, -.14, .14, pen.ink('white'))
    pen.disc(.58, -.13, .075, pen.ink('black'), outline=False)
    pen.stroke(oval(.88, .02, .17, .15, 90, 180), lighter(scales, -.6), .05)


@thing
@upright
def cup(pen):
    clay, half, top = pen.ink(), pen.between(.48, .6), -.4
    pen.rod(oval(half - .02, .15, .36, .32, -90, 90), clay, .14)
    pen.fill(numpy.concatenate([[(-half, top), (half, top)], oval(0, .7, half * .85, .16, 0, 180)]), clay)
    if pen.chance(.4):
        pen.fill([(-half * .97, 0), (half * .97, 0), (half * .92, .3), (-half * .92, .3)], pen.ink(),
                 outline=False)
    elif pen.chance(.5):
        pen.stroke(wave(half * .85, .12, 3, y=.2), pen.ink(), .11)
    pen.disc(0, top, half, lighter(clay, .3), .17)
    pen.disc(0, top + .02, half * .82, pen.ink('dark brown', 'brown'), .1, outline=False)
    for x in (-.2, .15) if pen.chance(.6) else ():
        pen.stroke([(x, -.6), (x + .07, -.72), (x - .03, -.82), (x + .05, -.94)], pen.ink('white'), .06)


@thing
@upright
def car(pen):
    paint, back = pen.ink(), pen.between(-.65, -.5)
    pen.fill([(back, -.1), (back + .15, -.55), (.3, -.55), (.6, -.1)], paint)
    for left, right in ((back + .1, -.12), (-.02, .48)):
        pen.fill([(left, -.12), (max(left + .02, back + .2), -.45), (min(right, .27), -.45), (right, -.12)],
                 pen.ink('light blue'))
    pen.fill(smooth([(-.98, -.1), (.7, -.1), (1, .05), (.98, .4), (-.98, .4)], 1), paint)
    pen.disc(.88, .12, .08, pen.ink('yellow'))
    pen.stroke([(-.05, -.02), (-.05, .3)], lighter(paint, -.4), .04)
    for x in (-.52, .52):
        pen.disc(x, .4, .25, pen.ink('black'))
        pen.disc(x, .4, .11, pen.ink('grey', 'white'), outline=False)


@thing
@upright
def house(pen):
    wall, roof = pen.ink(), pen.ink('red', 'brown', 'purple', 'blue', 'dark grey')
    eaves = pen.between(-.2, -.08)
    pen.fill(box(.32, -.85, .54, -.3), pen.ink('meat', 'grey'))
    pen.fill(box(-.66, eaves, .66, .74), wall)
    pen.fill([(-.88, eaves), (0, -.92), (.88, eaves)], roof)
    pen.fill(box(-.12, .22, .18, .74), pen.ink('brown', 'dark brown', 'blue'))
    for x in (-.5, .3):
        pen.fill(box(x, .05, x + .24, .32), pen.ink('yellow', 'light blue'))
        pen.stroke([(x + .12, .05), (x + .12, .32)], pen.ink('white'), .03)


@thing
@upright
def tree(pen):
    leaves = pen.ink('green', 'dark green', 'light green')
    pen.fill([(-.12, .2), (.12, .2), (.16, .98), (-.16, .98)], pen.ink('brown', 'dark brown'))
    if pen.chance(.5):
        for y, half in ((.5, .72), (.1, .58), (-.3, .42)):
            pen.fill([(-half, y), (0, y - .68), (half, y)], leaves)
    else:
        crown = [(-.38, .12), (.38, .12), (-.45, -.3), (.45, -.3), (0, -.5), (0, 0)]
        for x, y in crown:
            pen.disc(x, y, .42, leaves)
        for x, y in crown:
            pen.disc(x, y, .38, leaves, outline=False)
        for x, y in ((-.3, -.2), (.3, .05), (.1, -.55), (-.1, .2), (.4, -.35)) if pen.chance(.5) else ():
            pen.disc(x, y, .09, pen.ink('red'), outline=False)


@thing
def flower(pen):
    petals, count, green = pen.ink(), pen.one_of(5, 6, 8), pen.ink('green')
    pen.rod([(0, 0), (.05, .5), (0, .98)], green, .1)
    for side in (-1, 1):
        pen.fill(smooth([(.02, .8), (side * .2, .45), (side * .55, .42), (side * .35, .75)], 2), green)
    for angle in numpy.arange(count) * 360 / count:
        pen.disc(*around(angle - 90, .36, 0, -.35), 1.25 / count + .04, petals)
    pen.disc(0, -.35, .21, pen.ink('yellow', 'brown'))


@thing
@upright
def boat(pen):
    hull, sail = pen.ink(), pen.ink('white', 'cream', 'red', 'yellow', 'light blue')
    mast = pen.between(-.1, .1)
    pen.stroke([(mast, .35), (mast, -.95)], pen.ink('brown'), .08)
    pen.fill([(mast + .07, -.85), (mast + .07, .22), (.78, .22)], sail)
    pen.fill([(mast - .07, -.65), (mast - .07, .22), (-.62, .22)], lighter(sail, -.15))
    pen.fill([(-.92, .35), (.95, .35), (.62, .78), (-.58, .78)], hull)
    pen.fill([(-.9, .36), (.92, .36), (.84, .48), (-.82, .48)], lighter(hull, .6), outline=False)


@thing
@upright
def umbrella(pen):
    cloth = pen.ink()
    panels, high = (cloth, pen.ink() if pen.chance(.5) else lighter(cloth, -.2)), pen.between(.7, .85)
    pen.rod(numpy.concatenate([[(0, -.95), (0, .75)], oval(.16, .76, .16, .18, 180, 10)]),
            pen.ink('brown', 'dark grey'), .08)
    down = numpy.linspace(0, numpy.pi / 2, 7)
    ribs = [numpy.stack([x * numpy.sin(down), .05 - high * numpy.cos(down)], axis=1)
            for x in (-.98, -.6, -.2, .2, .6, .98)]
    for number, (left, right) in enumerate(zip(ribs[:-1], ribs[1:], strict=True)):
        hem = oval((left[-1, 0] + right[-1, 0]) / 2, .05, .2, .1, 180, 360)
        pen.fill(numpy.concatenate([left, hem, right[::-1]]), panels[number % 2])


@thing
def clock(pen):
    rim = pen.ink()
    if pen.chance(.5):
        for side in (-1, 1):
            pen.disc(side * .45, -.66, .2, rim)
            pen.stroke([(side * .42, .6), (side * .52, .8)], rim, .14)
    pen.disc(0, 0, .82, rim)
    pen.disc(0, 0, .66, pen.ink('white', 'cream'))
    for angle in range(0, 360, 30):
        pen.stroke([around(angle, .59), around(angle, .5)], pen.ink('black'), .06)
    for length, width in ((.32, .1), (.48, .07)):
        pen.stroke([(0, 0), around(pen.between(0, 360), length)], pen.ink('black'), width)
    pen.disc(0, 0, .07, pen.ink('red', 'black'), outline=False)


@thing
def key(pen):
    metal, bow = pen.ink('yellow', 'grey', 'bread'), pen.between(.3, .38)
    for x in (.55, .8):
        pen.fill(box(x, 0, x + .13, pen.between(.25, .42)), metal)
    pen.fill(box(-.3, -.09, .97, .09), metal)
    pen.fill(oval(-.58, 0, bow), metal, hole=oval(-.6, 0, bow * .5))


@thing
def star(pen):
    inner, paint = pen.between(.4, .5), pen.ink()
    corners = numpy.array([around(36 * number - 90, inner if number % 2 else 1) for number in range(10)])
    pen.fill(corners, paint)
    pen.fill(corners * .55, lighter(paint, .3), outline=False)


@thing
def ball(pen):
    paint, kind = pen.ink(), pen.one_of('beach', 'tennis', 'foot')
    pen.disc(0, 0, .95, paint if kind == 'tennis' else pen.ink('white'))
    if kind == 'tennis':
        for side in (-1, 1):
            pen.stroke(oval(-.95, 0, .62, .7, 58, -58) * (side, 1), pen.ink('white'), .1)
    elif kind == 'beach':
        for angle in (0, 120, 240):
            pen.fill([around(angle - 60, .12), *oval(0, 0, .92, None, angle, angle + 60)], paint,
                     outline=False)
    else:
        pen.fill([around(angle, .32) for angle in range(36, 396, 72)], pen.ink('black'))
        for angle in range(0, 360, 72):
            pen.stroke([around(angle + 36, .3), around(angle + 36, .72)], pen.ink('black'), .05)
            pen.fill([*oval(0, 0, .92, None, angle + 16, angle + 56), around(angle + 36, .66)],
                     pen.ink('black'))


@thing
@upright
def shoe(pen):  # a sneaker
    cloth, sole = pen.ink(), pen.ink('white', 'cream', 'dark grey')
    pen.fill([(-.85, .3), (-.85, -.56), (-.3, -.62), (-.12, -.3), (.35, -.05), (.8, .05), (.95, .3)], cloth)
    pen.fill(oval(.68, .32, .28, .3, 180, 360), lighter(sole, -.06))
    pen.fill(smooth([(-.93, .28), (.96, .28), (.97, .5), (-.93, .5)], 1), sole)
    pen.disc(-.575, -.58, .275, lighter(cloth, -.5), .09)
    for x in (-.2, -.02, .17):
        pen.stroke([(x - .1, .5 * x + .02), (x + .1, .5 * x - .2)], pen.ink('white'), .07)
    pen.stroke([(-.75, .1), (-.4, -.12), (-.3, .15)], pen.ink('white'), .06)


@thing
def book(pen):
    cover = pen.ink()
    if pen.chance(.6):
        pen.fill(box(-.87, -.5, .87, .58), cover)
        for side in (-1, 1):
            page = numpy.array([(0, -.45), (.3, -.58), (.79, -.54), (.79, .44), (.3, .4), (0, .52)])
            pen.fill(page * (side, 1), pen.ink('white', 'cream'))
            for y in (-.35, -.16, .03, .22):
                pen.stroke([(side * .15, y + .02), (side * .65, y - .02)], pen.ink('dark grey'), .05)
    else:
        pen.fill(box(-.54, -.72, .66, .78), pen.ink('white'))
        pen.fill(box(-.61, -.78, .59, .72), cover)
        pen.fill(box(-.61, -.78, -.43, .72), lighter(cover, -.35), outline=False)
        pen.fill(box(-.28, -.6, .48, -.25), pen.ink('white', 'cream'))
        pen.stroke([(-.18, -.42), (.36, -.42)], pen.ink('black'), .06)
        pen.disc(.1, .25, .24, pen.ink())


@thing
@upright
def face(pen):
    skin, hair = pen.ink('skin', 'dark skin'), pen.ink('black', 'dark brown', 'brown', 'orange', 'yellow')
    for side in (-1, 1):
        pen.disc(side * .74, .1, .17, skin)
    pen.disc(0, .06, .76, skin, .88)
    fringe = pen.between(-.5, -.25)
    edge = [(.5, fringe), (.15, fringe + .1), (-.2, fringe - .05), (-.5, fringe + .1)]
    pen.fill(numpy.concatenate([oval(0, .0, .82, .95, 190, 350), edge]), hair)
    for side in (-1, 1):
        pen.disc(side * .3, .02, .14, pen.ink('white'))
        pen.disc(side * .3, .03, .08, pen.ink('black'), outline=False)
        pen.stroke([(side * .15, -.2), (side * .42, -.2)], hair, .06)
    pen.stroke([(0, .1), (.07, .3), (-.03, .32)], lighter(skin, -.4), .05)
    pen.stroke(oval(0, .38, .32, pen.between(.05, .25), 15, 165), pen.ink('red'), .09)


@thing
def butterfly(pen):
    upper, lower, spots = pen.ink(), pen.ink(), pen.ink()
    for side in (-1, 1):
        pen.fill(smooth([(side * .02, -.1), (side * .3, -.68), (side * .88, -.76), (side * .9, -.2),
                         (side * .5, .1)]), upper)
        pen.fill(smooth([(side * .02, 0), (side * .6, .0), (side * .84, .4), (side * .48, .86),
                         (side * .15, .5)]), lower)
        pen.disc(side * .55, -.38, .16, spots)
        pen.disc(side * .46, .4, .13, lighter(spots, .3))
        pen.stroke([(0, -.5), (side * .12, -.72), (side * .28, -.86)], pen.ink('black'), .05)
    pen.disc(0, 0, .1, pen.ink('black', 'dark brown'), .6)


# The hotdog and what looks like it

def _bun(pen, bow, paint):
    """A long soft roll, seen from above; returns its half-width."""
    wide = pen.between(.4, .52)
    pen.fill(band(.92, numpy.array([.5, .9, 1, 1, .9, .5]) * wide, bow), paint)
    return wide


@thing
def hotdog(pen):
    bow, bun, meat = pen.between(-.5, .5), pen.ink('bread', 'light bread'), pen.ink('meat', 'red', 'brown')
    wide = _bun(pen, bow, bun)
    pen.stroke(wave(.7, 0, 2, bow, y=-wide * .72), lighter(bun, .35), .06)
    pen.fill(band(1, numpy.array([.45, .85, 1, 1, 1, .85, .45]) * pen.between(.21, .26), bow), meat)
    pen.stroke(wave(.74, pen.between(.1, .15), pen.one_of(3, 4), bow),
               pen.ink('yellow', 'yellow', 'yellow', 'cream', 'light green'), .1)


@thing
def bun(pen):
    bow, crust = pen.between(-.45, .45), pen.ink('bread', 'light bread', 'brown')
    wide = _bun(pen, bow, crust)
    kind = pen.one_of('slit', 'sesame', 'plain')
    if kind == 'slit':
        pen.fill(band(.72, (.03, .1, .1, .03), bow), lighter(crust, .5))
    elif kind == 'sesame':
        for x in numpy.linspace(-.6, .6, 7):
            pen.fill(bend(oval(x, pen.between(-.6, .6) * wide, .06, .04), bow), pen.ink('cream'),
                     outline=False)
    pen.stroke(wave(.55, 0, 2, bow, y=-wide * .6), lighter(crust, .4), .08)


@thing
def baguette(pen):
    bow, crust = pen.between(-.25, .25), pen.ink('bread', 'brown', 'light bread')
    wide = pen.between(.2, .27)
    pen.fill(band(1, numpy.array([.35, .85, 1, 1, 1, .85, .35]) * wide, bow), crust)
    for x in numpy.linspace(-.65, .65, pen.one_of(4, 5, 6)):
        pen.stroke(bend([(x - .07, wide * .6), (x + .07, -wide * .6)], bow), lighter(crust, .6), .08)


@thing
def taco(pen):
    shell = pen.ink('light bread', 'yellow', 'bread')
    pen.fill(oval(0, .36, .88, 1, 180, 360), lighter(shell, -.2))
    frill = numpy.array([around(angle, 1 + pen.between(-.04, .04)) for angle in range(185, 356, 10)])
    pen.stroke(frill * (.86, 1) + (0, .36), pen.ink('green', 'light green'), .16)
    for angle in (215, 250, 285, 320):
        pen.disc(*around(angle, .88, 0, .34), .1, pen.ink('red', 'meat'), outline=False)
    pen.fill(oval(0, .48, .88, .93, 180, 360), shell)
    for x, y in ((-.5, .25), (-.1, -.2), (.3, 0), (.1, .25), (.55, .3)):
        pen.disc(x, y, .05, lighter(shell, -.3), outline=False)


@thing
def carrot(pen):
    bow, root, green = pen.between(-.3, .3), pen.ink('orange'), pen.ink('green', 'dark green')
    for turn in (-.3, 0, .3):
        pen.rod(bend([(-.5, 0), (-.7, turn * .5), (-.92, turn)], bow), green, .11)
    pen.fill(bend(band(.8, (.25, .3, .25, .2, .14, .08, .02)) + (.18, 0), bow), root)
    for x, side in ((-.35, -1), (-.1, 1), (.1, -1), (.35, 1)):
        width = .2 - .18 * x
        pen.stroke(bend([(x, side * width), (x + .02, side * width * .2)], bow), lighter(root, -.3), .05)


@thing
def pencil(pen):
    paint, thick = pen.ink('yellow', 'red', 'green', 'blue', 'orange'), pen.between(.13, .19)
    pen.fill([(.55, -thick), (.98, 0), (.55, thick)], pen.ink('dough'))
    pen.fill([(.82, -thick * .38), (.99, 0), (.82, thick * .38)], pen.ink('black'), outline=False)
    pen.fill(box(-.7, -thick, .58, thick), paint)
    pen.fill(box(-.7, -thick, .58, -thick * .35), lighter(paint, .35), outline=False)
    pen.fill(box(-.7, thick * .4, .58, thick), lighter(paint, -.25), outline=False)
    pen.fill(box(-.82, -thick, -.66, thick), pen.ink('grey'))
    pen.fill(smooth([(-.99, -thick), (-.82, -thick), (-.82, thick), (-.99, thick)], 1), pen.ink('pink'))


@thing
def sub(pen):
    bow, bread = pen.between(-.3, .3), pen.ink('bread', 'light bread')
    pen.fill(band(.95, (.25, .5, .55, .55, .5, .25), bow), bread)
    pen.stroke(wave(.8, .06, 6, bow, y=-.2), pen.ink('green'), .12)
    pen.stroke(wave(.8, .06, 6, bow, y=.2), pen.ink('light green'), .12)
    pen.fill(band(.82, (.1, .19, .19, .19, .1), bow), pen.ink('pink', 'cream', 'yellow'), outline=False)
    for x in numpy.linspace(-.6, .6, pen.one_of(3, 4)):
        pen.fill(bend(oval(x, pen.between(-.04, .04), .17), bow), pen.ink('red'))


@thing
def corn(pen):
    bow, grain, husk = pen.between(-.25, .25), pen.ink('yellow'), pen.ink('green', 'light green')
    pen.fill(band(.98, (.2, .34, .35, .33, .27, .12), bow), grain)
    for y in (-.2, -.07, .07, .2):
        pen.stroke(wave(.85, 0, 2, bow, y), lighter(grain, -.28), .035)
    for x in numpy.linspace(-.4, .85, 9):
        pen.stroke(bend([(x, -.28), (x, .28)], bow), lighter(grain, -.28), .035)
    for side in (-1, 1):
        pen.fill(bend(smooth([(-.98, 0), (-.8, side * .42), (-.1, side * .5), (.25, side * .38),
                              (-.3, side * .12)], 2), bow), husk)


@thing
def eclair(pen):
    bow, icing = pen.between(-.3, .3), pen.ink('dark brown', 'dark brown', 'brown', 'pink')
    wide = pen.between(.34, .42)
    pen.fill(band(.96, numpy.array([.5, .9, 1, 1, .9, .5]) * wide, bow), pen.ink('dough', 'bread'))
    pen.fill(band(.86, numpy.array([.5, .85, .8, .95, .8, .85, .5]) * wide * .78, bow, -wide * .12), icing)
    if pen.chance(.5):
        pen.stroke(wave(.6, .0, 2, bow, y=-wide * .4), lighter(icing, .5), .07)
    else:
        for x in numpy.linspace(-.55, .55, 5):
            pen.stroke(bend([(x - .06, .15), (x + .06, -.22)], bow), pen.ink('cream'), .05)


@thing
def sausage(pen):
    bow, count, meat = pen.between(.1, .7), pen.one_of(1, 2, 3), pen.ink('meat', 'brown', 'red')
    thick = {1: .27, 2: .24, 3: .19}[count]
    for y in {1: (0,), 2: (-.3, .3), 3: (-.46, 0, .46)}[count]:
        length = .78 if y else .9
        pen.stroke(bend([(-length - .07, 0), (length + .07, 0)], bow) + (0, y), lighter(meat, -.3), .08)
        pen.fill(band(length, numpy.array([.5, .9, 1, 1, .9, .5]) * thick, bow) + (0, y), meat)
        for x in numpy.linspace(-.5, .5, 4):
            pen.stroke(bend([(x - .05, thick * .6), (x + .05, -thick * .6)], bow) + (0, y),
                       lighter(meat, -.5), .06)


LOOKALIKES = ('bun', 'baguette', 'taco', 'carrot', 'pencil', 'sub', 'corn', 'eclair', 'sausage')
ORDINARY = tuple(name for name in THINGS if name != 'hotdog' and name not in LOOKALIKES)
