#!/usr/bin/env python3
"""Golden pictures of tests/unit/src/image: inputs, PIL's resizes of them, and one file of each kind that decoders must
read. Run with a Python that has numpy and Pillow; writes beside this script."""
import os

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
# name, source, target width and height, box or None
CASES = [
    ("down", "noise", 17, 13, None),
    ("down_wide", "noise", 48, 5, None),
    ("up", "noise", 61, 70, (10.0, 4.0, 30.0, 24.0)),
    ("fraction", "noise", 24, 24, (3.25, 1.5, 40.75, 30.125)),
    ("rows_only", "gradient", 40, 11, None),
    ("columns_only", "gradient", 9, 30, None),
    ("one_pixel", "gradient", 1, 1, (0.0, 0.0, 39.5, 29.5)),
    ("edges", "edges", 20, 20, (0.5, 0.0, 31.5, 32.0)),
]


def sources():
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 256, (37, 48, 3), dtype=np.uint8)
    y, x = np.mgrid[0:30, 0:40]
    gradient = np.stack([x * 255 // 39, y * 255 // 29, (x + y) * 255 // 68], 2).astype(np.uint8)
    y, x = np.mgrid[0:32, 0:32]
    bars = np.where((x // 4 + y // 8) % 2, 255, 0)
    edges = np.stack([bars, 255 - bars, np.where(x > y, 255, 0)], 2).astype(np.uint8)
    return {"noise": noise, "gradient": gradient, "edges": edges}


def scene():
    """A small picture without symmetry, smooth enough to survive JPEG."""
    y, x = np.mgrid[0:24, 0:32]
    return np.stack([x * 8, y * 10, 255 - x * 4 - y * 4], 2).clip(0, 255).astype(np.uint8)


def save(image, name, **options):
    image.save(os.path.join(HERE, name), **options)


def codec_files():
    rgb = Image.fromarray(scene())
    save(rgb, "scene.png")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        save(rgb, f"orientation_{orientation}.jpg", quality=95, subsampling=0, exif=exif)
    exif = Image.Exif()
    exif[0x112] = 6
    save(rgb, "orientation_6.png", exif=exif)
    save(rgb, "orientation_6.webp", exif=exif, lossless=True)
    save(rgb, "orientation_6.tif", tiffinfo={0x112: 6})
    save(rgb, "scene.webp", lossless=True)
    save(rgb, "scene.bmp")
    save(rgb, "scene.ppm")
    save(rgb, "scene.tif")
    save(rgb, "scene.gif")
    save(rgb, "progressive.jpg", quality=95, subsampling=0, progressive=True)
    save(rgb.convert("CMYK"), "cmyk.jpg", quality=95)
    save(rgb.convert("L"), "grey.jpg", quality=95)
    save(rgb.convert("L"), "grey.png")
    save(rgb.convert("1", dither=Image.NONE), "bilevel.png")
    save(rgb.convert("P", palette=Image.ADAPTIVE, colors=16), "palette.png")
    deep = np.asarray(rgb.convert("L")).astype(np.uint16) * 257
    save(Image.fromarray(deep), "grey16.png")
    alpha = np.dstack([scene(), np.mgrid[0:24, 0:32][1].astype(np.uint8) * 8])
    save(Image.fromarray(alpha, "RGBA"), "alpha.png")
    grey_alpha = np.dstack([scene()[..., 0], alpha[..., 3]])
    save(Image.fromarray(grey_alpha, "LA"), "grey_alpha.png")
    save(rgb.resize((320, 240), Image.BICUBIC), "large.jpg", quality=90)


def main():
    arrays = sources()
    for name, pixels in arrays.items():
        save(Image.fromarray(pixels), f"source_{name}.png")
    lines = ["case source width height x0 y0 x1 y1 filter"]
    for name, source, width, height, box in CASES:
        image = Image.fromarray(arrays[source])
        region = box or (0.0, 0.0, float(image.width), float(image.height))
        for label, kind in FILTERS.items():
            save(image.resize((width, height), kind, box=region), f"{name}_{label}.png")
            lines.append(" ".join([name, source, str(width), str(height), *(repr(v) for v in region), label]))
    with open(os.path.join(HERE, "cases.txt"), "w") as f:
        f.write("\n".join(lines) + "\n")
    codec_files()


if __name__ == "__main__":
    main()
