"""What a file really is, whatever its name says: told by its first bytes."""

HEAD = 512  # bytes that are enough to tell
DECODED = {'JPEG': 'JPEG', 'PNG': 'PNG', 'PNM': 'PPM', 'BMP': 'BMP', 'WebP': 'WEBP'}  # as Pillow calls them

_STARTS = (  # a signature at the very beginning
    (b'\xff\xd8\xff', 'JPEG'), (b'\x89PNG\r\n\x1a\n', 'PNG'), (b'BM', 'BMP'), (b'GIF8', 'GIF'),
    (b'II*\0', 'TIFF'), (b'MM\0*', 'TIFF'), (b'\0\0\0\x0cjP  ', 'JPEG 2000'),
    (b'\xff\x4f\xff\x51', 'JPEG 2000'),
    (b'\0\0\0\x0cJXL ', 'JPEG XL'), (b'\xff\x0a', 'JPEG XL'), (b'8BPS', 'PSD'), (b'\0\0\1\0', 'ICO'),
    (b'%PDF', 'PDF'), (b'PK\3\4', 'archive'), (b'PK\5\6', 'archive'), (b'Rar!', 'archive'),
    (b'7z\xbc\xaf', 'archive'), (b'\x1f\x8b', 'archive'), (b'BZh', 'archive'), (b'\xfd7zXZ', 'archive'),
    (b'\x1aE\xdf\xa3', 'video'), (b'\0\0\1\xba', 'video'), (b'FLV', 'video'),
    (b'version https://git-lfs', 'LFS'))
_BRANDS = {  # of the family of MP4, after eight bytes
    b'heic': 'HEIC', b'heix': 'HEIC', b'heim': 'HEIC', b'heis': 'HEIC', b'hevc': 'HEIC', b'mif1': 'HEIC',
    b'msf1': 'HEIC', b'avif': 'AVIF', b'avis': 'AVIF', b'crx ': 'raw'}
STAND_INS = {
    'empty': 'empty (0 bytes); copy or fetch it again',
    'page': 'a web page saved under this name (an error page, or the log-in page of a network); fetch the '
            'file itself',
    'LFS': 'a pointer that Git LFS keeps in place of the file; run `git lfs pull` where it came from, and '
           'copy it again'}
_PAGES = (b'<!doctype html', b'<html', b'<head', b'<script')


def kind(head):
    """What a file is.

    Parameters
    ----------
    head : bytes
        Its first `HEAD` bytes, or all.

    Returns
    -------
    str
        ``'JPEG'``, ``'PNG'``, ``'PNM'``, ``'BMP'``, ``'WebP'`` and other formats of pictures; ``'archive'``,
        ``'video'``, ``'page'`` (of the web), ``'LFS'`` (what Git keeps in place of a large file),
        ``'empty'``; ``''`` where nothing is recognised.
    """
    if not head:
        return 'empty'
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[:1] == b'P' and head[1:2] in b'123456' and head[2:3].isspace():
        return 'PNM'
    if head[:4] == b'RIFF':
        return {b'WEBP': 'WebP', b'AVI ': 'video'}.get(head[8:12], '')
    if head[4:8] == b'ftyp':
        return _BRANDS.get(head[8:12], 'video')
    text = head.removeprefix(b'\xef\xbb\xbf').lstrip().lower()
    if text.startswith(_PAGES) or (text.startswith((b'<?xml', b'<!--')) and b'<html' in text):
        return 'page'
    if text.startswith(b'<svg') or (text.startswith((b'<?xml', b'<!--')) and b'<svg' in text):
        return 'SVG'
    return ''


def stand_in(head):
    """What lies in place of a file, where that is recognised, and what to do.

    Parameters
    ----------
    head : bytes
        Its first `HEAD` bytes, or all.

    Returns
    -------
    str
        Follows the name of the file and a colon; ``''`` where nothing of the kind is recognised.
    """
    return STAND_INS.get(kind(head), '')
