"""Pictures in (a photo, a screenshot, a scan), the symbols on them out.

    >>> from scanners.images import read
    >>> read(b"").error.code
    <ImageErrorCode.EMPTY: 'empty'>

:func:`read` never raises whatever the bytes, takes at most two seconds and half a gibibyte, and would
rather find nothing than say what is not there. :mod:`scanners` has it as ``read``, too, but loads it only
when it is asked for: parsing needs nothing but Python; this needs Pillow, zxing-cpp and, if the system has
``libzbar0``, pyzbar.
"""

from scanners.images.picture import ImageError, ImageErrorCode, Picture, Symbol
from scanners.images.reading import read

__all__ = ["ImageError", "ImageErrorCode", "Picture", "Symbol", "read"]
