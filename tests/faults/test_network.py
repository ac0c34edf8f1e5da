"""A network that is in the way: one sentence that says what, nothing left behind, the next address tried.

(A certificate that is not trusted, servers that break off or are silent: tests/test_files.py.)
"""
import hashlib
import re
import time

from d2lhelpers import files
from d2lhelpers.errors import CourseError

import pytest
from disks import contents

GOOD = bytes(range(256)) * 400
KNOWN = 'sha1:' + hashlib.sha1(GOOD).hexdigest()


def need(*addresses, known_hash=KNOWN):
    file = files.RemoteFile('net', 'weights/net.params', ('weights/net*.params',), addresses, known_hash)
    return files.Need('test weights', 'd2lhelpers.some_module', (file,))


def refused(folder, *addresses, **options):
    """What a learner is told of a download that fails: one line; nothing is left of it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'earlier.zip').write_bytes(b'earlier')
    with pytest.raises(CourseError) as error:
        files.get(need(*addresses, **options))
    assert contents(folder) == {'earlier.zip': b'earlier'} and '\n' not in str(error.value)
    return str(error.value)


def headers(request):
    request.send_response(200)
    request.send_header('Content-Length', str(len(GOOD)))
    request.end_headers()


@pytest.mark.parametrize('tenth', range(10))
def test_a_connection_that_is_cut_at_a_tenth_of_the_file(serve, full_profile, tenth):
    def cut(request):
        headers(request)
        request.wfile.write(GOOD[:len(GOOD) * tenth // 10])

    address = serve({'/cut': cut, '/good': GOOD})
    assert 'the connection broke off before the end' in refused(full_profile, address + '/cut')
    assert files.get(need(address + '/cut', address + '/good'))[1].read_bytes() == GOOD


def test_a_server_that_drips(serve, full_profile, monkeypatch):
    def drip(request):
        headers(request)
        for byte in GOOD[:4000]:
            request.wfile.write(bytes([byte]))
            time.sleep(.0005)

    monkeypatch.setattr(files, 'PATIENCE', .3)
    monkeypatch.setattr(files, 'SLOWEST', 10 ** 6)
    address = serve({'/drip': drip, '/good': GOOD})
    began = time.monotonic()
    assert 'sends less than 1,000,000 bytes a second' in refused(full_profile, address + '/drip')
    assert time.monotonic() - began < 10
    monkeypatch.setattr(files, 'SLOWEST', 1)  # slow, but it comes
    files.get(need(address + '/good'))


def test_a_byte_a_second_is_noticed_within_minutes():
    """It is looked at whenever a chunk is full."""
    assert files.CHUNK < 300 and files.PATIENCE < 300 and files.SLOWEST < 10_000


def test_addresses_in_a_circle(serve, full_profile):
    def elsewhere(request):
        request.send_response(302)
        request.send_header('Location', '/b' if request.path == '/a' else '/a')
        request.send_header('Content-Length', '0')
        request.end_headers()

    assert 'leads from page to page in a circle' in refused(full_profile, serve({'*': elsewhere}) + '/a')


@pytest.mark.parametrize('scheme', ['http', 'https'])
def test_a_proxy_that_asks_for_a_password(serve, full_profile, monkeypatch, scheme):
    def who(request):
        request.send_response(407, 'Who are you')
        request.send_header('Content-Length', '0')
        request.end_headers()

    proxy = serve({'*': who})
    monkeypatch.setenv('NO_PROXY', '')
    monkeypatch.setenv('no_proxy', '')
    monkeypatch.setenv(f'{scheme}_proxy', proxy.replace('http://', 'http://me:secret@'))
    said = refused(full_profile, f'{scheme}://somewhere.invalid/net')
    assert 'asks for a name and a password' in said and f'{scheme}_proxy={proxy.partition("//")[2]}' in said
    assert 'secret' not in said


def test_a_dead_proxy(full_profile, monkeypatch):
    monkeypatch.setenv('NO_PROXY', '')
    monkeypatch.setenv('no_proxy', '')
    monkeypatch.setenv('https_proxy', 'http://127.0.0.1:9')
    assert 'the proxy does not let it through' in refused(full_profile, 'https://somewhere.invalid/net')


def test_a_mirror_with_an_older_file(serve, full_profile):
    address = serve({'/older': GOOD[:-256], '/good': GOOD})
    assert 'does not have the known hash' in refused(full_profile, address + '/older')
    assert files.get(need(address + '/older', address + '/good'))[1].read_bytes() == GOOD


def test_the_date_is_named_where_a_certificate_is_not_trusted():
    said = files._reason(files.requests.exceptions.SSLError('expired'))
    assert re.search(r'clock of this machine is wrong: it says 20\d\d-\d\d-\d\d', said)
