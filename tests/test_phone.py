"""The page for the phone, in a real browser: from the disk, offline, 390 pixels wide."""
import base64
import hashlib
import io
import re
import subprocess

from d2lhelpers import CourseError, handover, phone
from d2lhelpers.datasets.photos import decode
from d2lhelpers.onnx_export import to_onnx
from d2lhelpers.phone import runtime

import browser
import handed
import numpy
import pytest
from PIL import Image
from test_accessibility import contrast

CLASSIFY = ('async ([data, type]) => { const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0)); '
            'const {ready, p} = await classify(new Blob([bytes], {type})); '
            'return {ready: Array.from(ready), p}; }')
SIZES = [(64, 64), (200, 150), (640, 480), (300, 700), (1365, 1024)]  # width, height


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """(folder with a page, in use, data)"""
    in_use, card, data = handed.small(temperature=1.4)
    folder = handover.hand_over(tmp_path_factory.mktemp('phone') / 'my network', in_use, card)
    to_onnx(folder)
    try:
        phone.phone_page(folder)
    except CourseError as error:  # no npm, or no connection
        pytest.skip(str(error))
    return folder, in_use, data


@pytest.fixture(scope='module')
def chromium():
    with browser.chromium() as program:
        yield program


@pytest.fixture
def page(chromium, made):
    """The page on a phone without a network."""
    with chromium.new_context(viewport={'width': 390, 'height': 844}, offline=True) as window:
        window.set_default_timeout(browser.PATIENCE)
        page = window.new_page()
        page.asked = []
        page.on('request', lambda request: page.asked.append(request.url))
        page.goto((made[0] / handover.PHONE_PAGE).as_uri())
        page.get_by_text('Ready.').wait_for()
        yield page


def encoded(data, number, size, kind):
    file = io.BytesIO()
    Image.fromarray(data.test[number][0].asnumpy()).resize(size, Image.BICUBIC).save(file, kind)
    return file.getvalue()


def test_it_gets_the_numbers_of_the_lesson(page, made):
    """Ten PNGs within 1e-5; of JPEGs, whose decoders differ, the same class and a probability within .01."""
    _, in_use, data = made
    for kind, pixels, chances in (('PNG', 1e-5, 1e-5), ('JPEG', .1, .01)):
        for number in range(10):
            file = encoded(data, number, SIZES[number % 5], kind)
            theirs = page.evaluate(CLASSIFY, [base64.b64encode(file).decode(), f'image/{kind.lower()}'])
            picture = decode(file)
            p = in_use.probabilities([picture])[0]
            numpy.testing.assert_allclose(theirs['ready'], in_use.preprocessing(picture).ravel(), atol=pixels)
            numpy.testing.assert_allclose(theirs['p'], p, atol=chances)
            assert numpy.argmax(theirs['p']) == p.argmax()


def test_a_photo_is_classified_on_a_phone(page, made, tmp_path):
    _, in_use, data = made
    (tmp_path / 'photo.png').write_bytes(encoded(data, 0, (640, 480), 'PNG'))
    page.get_by_label('Choose a picture').set_input_files(tmp_path / 'photo.png')
    page.locator('#chances li').first.wait_for()
    p = in_use.probabilities([decode((tmp_path / 'photo.png').read_bytes())])[0]
    assert page.get_by_role('status').inner_text() == in_use.answer(p)
    assert page.locator('#chances li').count() == 2
    assert page.evaluate('document.documentElement.scrollWidth') <= 390
    assert all(re.match('file:|blob:', address) for address in page.asked), page.asked


def test_a_turned_photo_is_turned_back(page, made):
    """As cameras write it: the pixels lie on their side, and a note says so."""
    _, in_use, data = made
    image, file = Image.fromarray(data.test[1][0].asnumpy()).resize((300, 200)), io.BytesIO()
    note = Image.Exif()
    note[0x0112] = 6
    image.save(file, 'JPEG', exif=note)
    theirs = page.evaluate(CLASSIFY, [base64.b64encode(file.getvalue()).decode(), 'image/jpeg'])
    ready = in_use.preprocessing(decode(file.getvalue())).ravel()
    numpy.testing.assert_allclose(theirs['ready'], ready, atol=.1)
    not_turned = in_use.preprocessing(numpy.asarray(image)).ravel()
    assert numpy.abs(not_turned - ready).max() > .5


def test_it_says_that_it_does_not_know(page):
    page.evaluate('network.threshold = 1.1')
    page.evaluate(CLASSIFY, [base64.b64encode(_grey()).decode(), 'image/png'])
    assert page.get_by_role('status').inner_text().startswith("I don't know (perhaps ")


def test_no_picture_is_one_sentence_and_the_next_one_is_answered(page, tmp_path):
    (tmp_path / 'page.jpg').write_text('<html>')
    (tmp_path / 'photo.png').write_bytes(_grey())
    choose = page.get_by_label('Choose a picture')
    choose.set_input_files(tmp_path / 'page.jpg')
    page.get_by_text('This file is not a picture that this browser can read').wait_for()
    assert page.locator('#chances li').count() == 0
    choose.set_input_files(tmp_path / 'photo.png')
    page.locator('#chances li').first.wait_for()


def test_the_camera_is_asked_for_by_the_first_button_alone(page):
    assert page.get_by_label('Take a photo').get_attribute('capture') == 'environment'
    assert page.get_by_label('Choose a picture').get_attribute('capture') is None


def test_colours_can_be_read():
    assert contrast('#ffffff', '#0b5394') >= 4.5 and contrast('#222222', '#bcd6f0') >= 4.5


def test_what_a_class_is_called_cannot_break_the_page(chromium, made, tmp_path):
    folder, *_ = made
    for name in ('network.json', 'network.onnx'):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    text = (tmp_path / 'network.json').read_text()
    (tmp_path / 'network.json').write_text(text.replace('"hotdog"', '"</script><b>@CODE@ \u72ac"'))
    page = chromium.new_page()
    page.goto(phone.phone_page(tmp_path).as_uri())
    page.get_by_text('Ready.').wait_for(timeout=browser.PATIENCE)
    page.evaluate(CLASSIFY, [base64.b64encode(_grey()).decode(), 'image/png'])
    assert '</script><b>@CODE@ \u72ac' in page.locator('#chances').inner_text()


def test_a_folder_without_onnx(tmp_path):
    handover.hand_over(tmp_path / 'folder', *handed.small()[:2])
    with pytest.raises(CourseError, match='has no network.onnx: call to_onnx'):
        phone.phone_page(tmp_path / 'folder')


@pytest.fixture
def npm(monkeypatch, tmp_path):
    """A course without the package yet, and a stand-in for npm that puts a file where it is asked to."""
    monkeypatch.setattr(type(runtime.settings), 'downloads', tmp_path / 'downloads')
    monkeypatch.setattr(runtime.shutil, 'which', lambda name: f'/usr/bin/{name}')
    parts = {name: name.encode() for name in runtime._PARTS}

    def pack(content=parts):
        def run(command, cwd, **_):
            with runtime.tarfile.open(f'{cwd}/package.tgz', 'w:gz') as archive:
                for name, data in content.items():
                    member = runtime.tarfile.TarInfo(f'package/dist/{name}')
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
        monkeypatch.setattr(runtime.subprocess, 'run', run)
    pack.parts = parts
    return pack


def test_the_package_is_fetched_once_and_kept(npm, monkeypatch):
    monkeypatch.setattr(runtime, '_PARTS', {name: hashlib.sha256(data).hexdigest()
                                            for name, data in npm.parts.items()})
    npm()
    assert runtime.onnxruntime_web() == tuple(npm.parts.values())
    monkeypatch.setattr(runtime.subprocess, 'run', None)
    assert runtime.onnxruntime_web() == tuple(npm.parts.values())


def test_another_file_than_the_known_one_is_not_used(npm):
    npm()
    with pytest.raises(CourseError, match='is not the file that the course knows'):
        runtime.onnxruntime_web()
    assert not runtime.settings.downloads.exists()


def test_a_package_without_its_files(npm):
    npm({'else.js': b''})
    with pytest.raises(CourseError, match='is something else'):
        runtime.onnxruntime_web()


def test_npm_fails(npm, monkeypatch):
    def run(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr='npm error code ENOTFOUND\n')
    monkeypatch.setattr(runtime.subprocess, 'run', run)
    with pytest.raises(CourseError, match='npm could not fetch .*ENOTFOUND'):
        runtime.onnxruntime_web()


def test_npm_takes_too_long(npm, monkeypatch):
    def run(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)
    monkeypatch.setattr(runtime.subprocess, 'run', run)
    with pytest.raises(CourseError, match='page for the phone needs. Connect and try again') as error:
        runtime.onnxruntime_web()
    assert '/' not in str(error.value)  # no folder of this machine


def test_no_npm(npm, monkeypatch):
    monkeypatch.setattr(runtime.shutil, 'which', lambda name: None)
    with pytest.raises(CourseError, match='there is no npm here'):
        runtime.onnxruntime_web()


def _grey():
    file = io.BytesIO()
    Image.new('RGB', (90, 60), 'grey').save(file, 'PNG')
    return file.getvalue()
