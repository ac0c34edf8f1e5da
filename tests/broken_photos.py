"""Files broken on purpose, made when a test asks for them: nothing here comes from anybody's camera."""
import io
import struct
import zipfile
import zlib

import numpy
from PIL import Image


def photo(colour=(200, 100, 50), size=(40, 30), mode='RGB', kind='JPEG', **options):
    """The bytes of a picture in one colour."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


def noisy(size=(400, 300), kind='JPEG', **options):
    """The bytes of a picture that compresses badly."""
    pixels = numpy.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype('uint8')
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def lying_png(width, height):
    """A PNG whose header promises these pixels, and which has hardly any."""
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)

    def chunk(name, data):
        return (struct.pack('>I', len(data)) + name + data
                + struct.pack('>I', zlib.crc32(name + data) & 0xffffffff))

    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(bytes(1000)))
            + chunk(b'IEND', b''))


def lying_jpg(width, height):
    """A jpg whose header promises other sizes."""
    data = bytearray(noisy((64, 48)))
    place = data.index(b'\xff\xc0') + 5
    data[place:place + 4] = struct.pack('>HH', height, width)
    return bytes(data)


def bomb():
    """A PNG of a few kilobytes that would decode to more than a gigabyte."""
    file = io.BytesIO()
    Image.new('1', (30_000, 15_000)).save(file, 'PNG')
    return file.getvalue()


def upright(orientation):
    """A jpg that is red at the top and blue below, kept as a camera in this position keeps it."""
    pixels = numpy.zeros((60, 40, 3), 'uint8')
    pixels[:30], pixels[30:] = (255, 0, 0), (0, 0, 255)
    pixels[:, :5] = (0, 255, 0)  # and green at its left
    image = Image.fromarray(pixels)
    undo = {1: (), 2: (0,), 3: (3,), 4: (1,), 5: (5,), 6: (2,), 7: (6,), 8: (4,)}[orientation]
    for step in undo:
        image = image.transpose(step)
    exif = Image.Exif()
    exif[0x112] = orientation
    file = io.BytesIO()
    image.save(file, 'JPEG', exif=exif, quality=95)
    return file.getvalue()


def animated(kind):
    """Two frames, the first one red."""
    frames = [Image.new('RGB', (40, 30), colour) for colour in ('red', 'blue')]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100,
                   **({'lossless': True} if kind == 'WEBP' else {}))
    return file.getvalue()


def sixteen_bits(kind):
    """A grey ramp with 16 bits a pixel; its middle is half bright."""
    ramp = numpy.linspace(0, 65535, 41).round().astype('uint16')
    file = io.BytesIO()
    Image.fromarray(numpy.tile(ramp, (30, 1))).save(file, kind)
    return file.getvalue()


def cut_out(mode='RGBA'):
    """A red square on nothing, under which green is hidden; as a palette too."""
    pixels = numpy.zeros((30, 40, 4), 'uint8')
    pixels[..., 1] = 255
    pixels[10:20, 10:30] = (255, 0, 0, 255)
    image = Image.fromarray(pixels)
    file = io.BytesIO()
    if mode == 'P':
        image = image.convert('RGB').convert('P', palette=Image.Palette.ADAPTIVE, colors=4)
        green = image.getpixel((0, 0))
        image.save(file, 'PNG', transparency=green)
    else:
        image.save(file, 'PNG')
    return file.getvalue()


def zipped(*members, **options):
    """A zip archive of (name, bytes)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        for name, data in members:
            archive.writestr(name, data, **options)
    return file.getvalue()


# What a file holds, and words of the sentence about it. None is a photo, whatever its name says
BROKEN = {
    'empty.jpg': (b'', r'empty \(0 bytes\)'),
    'breaks_off.jpg': (noisy()[:-2000], 'broken off before its end'),
    'breaks_off.png': (noisy(kind='PNG')[:-2000], 'broken off before its end'),
    'only_a_start.jpg': (noisy()[:30], 'broken off|damaged'),
    'promises_too_much.png': (lying_png(900, 900), 'broken off|damaged'),
    'promises_gigapixels.png': (lying_png(50_000, 50_000), '50,000 x 50,000 pixels, too many'),
    'promises_gigapixels.jpg': (lying_jpg(65_000, 65_000), '65,000 x 65,000 pixels, too many'),
    'bomb.png': (bomb(), '30,000 x 15,000 pixels, too many'),
    'ribbon.png': (photo(size=(30_000, 10), kind='PNG'), '30,000 x 10 pixels, too narrow'),
    'page.jpg': (b'\n<!DOCTYPE html>\n<html><body>404</body></html>', 'a web page'),
    'page_with_a_mark.jpg': (b'\xef\xbb\xbf<HTML>', 'a web page'),
    'pointer.jpg': (b'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n', 'Git LFS'),
    'zeros.jpg': (bytes(5000), 'not a picture, whatever its name says'),
    'text.jpg': (b'bought at the corner', 'not a picture, whatever its name says'),
    'phone.HEIC': (b'\0\0\0\x18ftypheic\0\0\0\0', 'HEIC, the format of phones; save as jpg'),
    'phone.jpg': (b'\0\0\0\x18ftypmif1\0\0\0\0', 'HEIC, the format of phones; save as jpg'),
    'new.avif': (b'\0\0\0\x18ftypavif\0\0\0\0', 'AVIF, which is not read here; save as jpg'),
    'moving.gif': (animated('GIF'), 'GIF, which is not read here; save as jpg'),
    'scan.tif': (photo(kind='TIFF'), 'TIFF, which is not read here; save as jpg'),
    'scan_with_alpha.tif': (photo((0, 99, 99, 0), mode='CMYK', kind='TIFF'), 'TIFF, which is not read here'),
    'camera.NEF': (b'MM\0*' + bytes(60), 'a raw picture of a camera; save as jpg'),
    'drawing.svg': (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG, which is not'),
    'clip.mov': (b'\0\0\0\x14ftypqt  ', 'a video'),
    'inner.zip': (zipped(('a.jpg', photo())), 'an archive; unpack it'),
    'notes.txt': (b'bought at the corner', 'not a photo'),
}
# What a file holds, and the colour of its middle
GOOD = {
    'one_pixel.png': (photo(size=(1, 1), kind='PNG'), (200, 100, 50)),
    'narrow.jpg': (photo(size=(600, 30)), (200, 100, 50)),
    'huge.jpg': (photo(size=(16_000, 12_500)), (200, 100, 50)),
    'grey_16_bits.png': (sixteen_bits('PNG'), (128, 128, 128)),
    'grey_16_bits.pgm': (sixteen_bits('PPM'), (128, 128, 128)),
    'ink.jpg': (photo((0, 255, 255, 0), mode='CMYK'), (255, 0, 0)),
    'grey.jpg': (photo(90, mode='L'), (90, 90, 90)),
    'grey_and_alpha.png': (photo((0, 255), mode='LA', kind='PNG'), (0, 0, 0)),
    'black_and_white.png': (photo(1, mode='1', kind='PNG'), (255, 255, 255)),
    'no_ending': (photo(), (200, 100, 50)),
    'saved_by_a_browser.jfif': (photo(), (200, 100, 50)),
    'png_inside.jpg': (photo(kind='PNG'), (200, 100, 50)),
    'capitals.JPG': (photo(), (200, 100, 50)),
    'modern.webp': (photo(kind='WEBP', lossless=True), (200, 100, 50)),
    'moving.webp': (animated('WEBP'), (255, 0, 0)),
    'moving.png': (animated('PNG'), (255, 0, 0)),
    'windows.bmp': (photo(kind='BMP'), (200, 100, 50)),
    'step_by_step.jpg': (photo(progressive=True), (200, 100, 50)),
    'odd_exif.jpg': (photo(exif=b'Exif\0\0MM\0*\xff\xff\xff\xff' + bytes(9)), (200, 100, 50)),
    'cut_out.png': (cut_out(), (255, 0, 0)),
    'palette_cut_out.png': (cut_out('P'), (255, 0, 0)),
    'hidden.png': (photo((0, 255, 0, 0), mode='RGBA', kind='PNG'), (255, 255, 255)),
    'half_through.png': (photo((0, 0, 0, 128), mode='RGBA', kind='PNG'), (127, 127, 127)),
    'with a comment.jpg': (photo(comment=b'x' * 60_000), (200, 100, 50)),
}
