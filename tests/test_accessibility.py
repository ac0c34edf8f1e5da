"""The colours of all figures: visible on white, and different for colour-blind eyes.

Words for each figure and the order of headings are house rules (house_rules.py); text, figures and headings
of the slides are looked at in test_slides.py and test_browser.py.
"""
import itertools

from d2lhelpers import diagrams, plots

import numpy
import pytest
from matplotlib.colors import to_rgb

# From linear RGB to what such eyes make of it: Machado, Oliveira and Fernandes (2009), severity 1
EYES = {'usual': numpy.eye(3),
        'protanopia': [[.152286, 1.052583, -.204868], [.114503, .786281, .099216],
                       [-.003882, -.048116, 1.051998]],
        'deuteranopia': [[.367322, .860646, -.227968], [.280085, .672501, .047413],
                         [-.011820, .042940, .968881]],
        'tritanopia': [[1.255528, -.076749, -.178779], [-.078411, .930809, .147602],
                       [.004733, .691367, .303900]]}
# distance in CIELAB; 2.3 is just noticeable side by side, thin lines apart from each other need far more
LEAST = 18


def linear(colour):
    rgb = numpy.array(to_rgb(colour))
    return numpy.where(rgb <= .04045, rgb / 12.92, ((rgb + .055) / 1.055) ** 2.4)


def contrast(a, b):
    """The contrast ratio of WCAG 2."""
    light = sorted(linear(colour) @ [.2126, .7152, .0722] + .05 for colour in (a, b))
    return light[1] / light[0]


def lab(colour, eyes):
    """CIELAB (D65) of a colour as seen by such eyes."""
    to_xyz = numpy.array([[.4124564, .3575761, .1804375], [.2126729, .7151522, .0721750],
                          [.0193339, .1191920, .9503041]])
    xyz = to_xyz @ (numpy.array(EYES[eyes]) @ linear(colour)).clip(0, 1) / [.95047, 1, 1.08883]
    f = numpy.where(xyz > .008856, numpy.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return numpy.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def too_pale(palette):
    return [colour for colour in palette if contrast(colour, 'white') < 3]


def too_alike(palette, eyes):
    return [pair for pair in itertools.combinations(palette, 2)
            if numpy.linalg.norm(lab(pair[0], eyes) - lab(pair[1], eyes)) < LEAST]


def test_colours_stand_out_against_white():
    assert too_pale(plots.PALETTE) == []
    assert set(plots.COLOURS.values()) <= set(plots.PALETTE)


@pytest.mark.parametrize('eyes', EYES)
def test_colours_can_be_told_apart(eyes):
    assert too_alike(plots.PALETTE, eyes) == []


def test_text_on_the_boxes_of_diagrams_can_be_read():
    assert all(contrast('black', colour) >= 4.5
               for colour in (diagrams._COPIED, diagrams._NEW, diagrams._PLAIN))


def test_the_tests_go_red():
    assert contrast('black', 'white') == pytest.approx(21)
    assert contrast('#767676', 'white') == pytest.approx(4.54, abs=.01)
    assert too_pale(['#E69F00', '#000000']) == ['#E69F00']  # Okabe and Ito's own orange
    red_and_green = ['#B03A00', '#5A7A00']
    assert too_alike(red_and_green, 'usual') == [] and too_alike(red_and_green, 'deuteranopia')
