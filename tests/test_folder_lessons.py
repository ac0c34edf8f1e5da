"""Whole lessons on folders of photos of any number of classes and photos, in the full profile, strict."""
import os
import re
import subprocess
import sys
from pathlib import Path

from d2lhelpers.environment import settings

import numpy
import pytest
from PIL import Image

pytestmark = pytest.mark.long
HERE = Path(__file__).parent
FOLDERS = {'2 x 20': (['burger', 'hotdog'], 20), '2 x 60': (['cats', 'dogs'], 60),
           '3 classes': (['犬', '$1 bill', 'חתול'], 30), '120 x 7': ([f'breed {i}' for i in range(120)], 7),
           'of the chapter': (['hotdog', 'not-hotdog'], 1400)}
# Lessons 1 and 3 take their numbers from the photos; the others hardly look at them
CASES = [(lesson, folder) for lesson in ('01', '03') for folder in FOLDERS]
CASES += [('02', '2 x 20'), ('02', '3 classes'), ('02', '120 x 7'), ('04', '2 x 20'), ('06', '2 x 20')]
_WEIGHTS = """
from d2lhelpers import backbones, seed_all
from mxnet import init
import sys
seed_all(0)
net = backbones.build('mobilenet0.25', 1000)
net.initialize(init.MSRAPrelu(), force_reinit=True)  # weights with which features do not vanish
net.save_parameters(sys.argv[1])
"""


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    """Made-up weights: what a lesson prints is not what this is about."""
    path = tmp_path_factory.mktemp('weights') / 'mobilenet0.25.params'
    subprocess.run([sys.executable, '-c', _WEIGHTS, str(path)], check=True)
    return path


def fill(folder, classes, n):
    """Photos of noise, each class in a colour of its own."""
    generator = numpy.random.default_rng(0)
    for k, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        colour = numpy.random.default_rng(k).integers(60, 196, 3)
        for i in range(n):
            pixels = (colour + generator.integers(-50, 50, (48, 64, 3))).clip(0, 255).astype('uint8')
            Image.fromarray(pixels).save(folder / name / f'{i}.jpg')


@pytest.mark.parametrize('lesson, folder', CASES)
def test_a_lesson_comes_to_its_end(tmp_path, weights, lesson, folder):
    classes, n = FOLDERS[folder]
    fill(tmp_path / 'data/hotdog', classes, n)
    fill(tmp_path / 'data/faces', [f'person {i}' for i in range(5)], 10)
    (tmp_path / 'data/weights').mkdir()
    (tmp_path / 'data/weights/mobilenet0.25.params').symlink_to(weights)
    path, = (settings.root / 'notebooks').glob(f'{lesson}_*.ipynb')
    environment = os.environ | {
        'D2LHELPERS_PROFILE': 'full', 'D2LHELPERS_DATA': str(tmp_path / 'data'), 'D2LHELPERS_STRICT': '1',
        'PYTHONPATH': os.pathsep.join([str(settings.root), str(HERE), os.environ.get('PYTHONPATH', '')]),
        **dict.fromkeys(('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'), 'http://127.0.0.1:9')}
    run = subprocess.run([sys.executable, HERE / 'folder_lessons.py', path], env=environment, cwd=tmp_path,
                         capture_output=True, text=True)
    raised = re.findall('^raised in .*', run.stdout, re.MULTILINE)
    assert run.returncode == 0 and not raised, '\n'.join(raised) or run.stderr
