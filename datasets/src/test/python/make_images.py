"""Writes the images of src/test/resources/images with Pillow, and prints the colours that it reads.

    python make_images.py ../resources/images
"""

import sys

from PIL import Image

path = f"{sys.argv[1]}/cmyk.jpg"
Image.new("CMYK", (8, 8), (200, 90, 30, 60)).save(path, quality=95)
print(Image.open(path).convert("RGB").getpixel((4, 4)))
