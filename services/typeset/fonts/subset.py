"""Cuts a face out of a collection: subset.py COLLECTION FAMILY NEW_FAMILY OUT."""

import sys

from fontTools import subset
from fontTools.ttLib import TTCollection


def characters():
    """The characters that are carried: GB 2312, ASCII, and the marks and letters that reports use beside them."""
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                wanted.add(ord(bytes([high, low]).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    wanted |= set(range(0x2009, 0x200B)) | set(range(0x2010, 0x2028)) | set(range(0x2030, 0x2040))
    wanted |= set(range(0x2460, 0x2474)) | set(range(0x3000, 0x3020)) | set(range(0xFF01, 0xFF5F))
    wanted |= set(map(ord, "€℃№™←↑→↓≈≠≤≥√■□▲△▼▽◆◇○●★☆✓✗￥￡"))
    # Characters of names that came into use after the standard.
    wanted |= set(map(ord, "喆堃玥昇璟翀祎珺晟熠煊瑄玮琰镕淼犇垚赟頔锜鋆溁骉犟囍"))
    return wanted


def main(collection, family, new_family, out):
    """Writes the subset of the collection's `family` to `out`, under a name of its own."""
    fonts = TTCollection(collection, lazy=True).fonts
    font = next(font for font in fonts if font["name"].getDebugName(1) == family or font["name"].getDebugName(16) == family)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14, 16, 17]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "GPOS", "GSUB", "GDEF", "VORG", "vhea", "vmtx", "DSIG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    bold = font["OS/2"].usWeightClass >= 700
    style = "Bold" if bold else "Regular"
    plain = new_family.replace(" ", "")
    # The licence lets the face be changed under another name; the copyright stays.
    for name_id, text in {1: new_family, 2: style, 4: f"{new_family} {style}", 6: f"{plain}-{style}"}.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    for name_id in (16, 17):
        font["name"].removeNames(nameID=name_id)
    top = font["CFF "].cff
    top.fontNames = [f"{plain}-{style}"]
    top.topDictIndex[0].FamilyName = new_family
    top.topDictIndex[0].FullName = f"{new_family} {style}"
    # The same bytes from the same source.
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    subset.save_font(font, out, options)


if __name__ == "__main__":
    main(*sys.argv[1:])
