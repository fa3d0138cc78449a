"""From a finished picture to the bytes of a file."""

import base64
import io

from PIL import Image

from safelight.sketch.commission import Commission


def encode(picture: Image.Image, commission: Commission) -> bytes:
    """Return `picture` (RGB or RGBA, already of the asked size) in the asked format."""
    if commission.format == "svg":
        return _svg(picture)
    return _raster(picture, commission.format, max(0, min(100, commission.quality)))


def _raster(picture: Image.Image, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    if kind == "png":
        picture.save(out, "PNG", compress_level=1)
    elif kind == "jpeg":
        picture.convert("RGB").save(
            out, "JPEG", quality=max(1, quality), subsampling=0 if quality > 90 else 2
        )
    else:
        picture.save(out, "WEBP", quality=quality, method=0, alpha_quality=95)
    return out.getvalue()


def _svg(picture: Image.Image) -> bytes:
    """Embed the painting whole: its light and grain have no vector form."""
    width, height = picture.size
    data = base64.b64encode(
        _raster(picture, "png" if picture.mode == "RGBA" else "jpeg", 92)
    ).decode()
    kind = "png" if picture.mode == "RGBA" else "jpeg"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/{kind};base64,{data}"/></svg>'
    ).encode()
