"""Enough of XLSX to fill in a template as a person would: cells by what stands in their row and column."""

import io
import re
import zipfile
from xml.etree import ElementTree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ElementTree.register_namespace("", MAIN)
ElementTree.register_namespace("r", RELATIONS)


def _named(tag):
    return f"{{{MAIN}}}{tag}"


class Workbook:
    """The sheets of a file, each with its name."""

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            self.parts = {name: file.read(name) for name in file.namelist()}
        self.strings = []
        if "xl/sharedStrings.xml" in self.parts:
            for item in ElementTree.fromstring(self.parts["xl/sharedStrings.xml"]):
                self.strings.append("".join(text.text or "" for text in item.iter(_named("t"))))
        relations = ElementTree.fromstring(self.parts["xl/_rels/workbook.xml.rels"])
        targets = {each.get("Id"): each.get("Target").removeprefix("/xl/") for each in relations}
        self.sheets = {}
        for sheet in ElementTree.fromstring(self.parts["xl/workbook.xml"]).iter(_named("sheet")):
            part = f"xl/{targets[sheet.get(f'{{{RELATIONS}}}id')]}"
            self.sheets[sheet.get("name")] = (part, ElementTree.fromstring(self.parts[part]))

    def text(self, cell):
        """What a cell says."""
        if cell.get("t") == "s":
            return self.strings[int(cell.find(_named("v")).text)]
        return "".join(each.text or "" for each in cell.iter() if each.tag in (_named("v"), _named("t")))

    def place(self, code, heading):
        """The sheet's name and the address of the cell in the row of `code`, under the heading that begins so."""
        for name, (_, root) in self.sheets.items():
            cells = list(root.iter(_named("c")))
            rows = [cell for cell in cells if self.text(cell) == code]
            columns = [cell for cell in cells if self.text(cell).startswith(heading)]
            if rows and columns:
                column = re.match("[A-Z]+", columns[0].get("r"))[0]
                return name, column + re.search("[0-9]+", rows[0].get("r"))[0]
        raise AssertionError(f"no cell of {code} under {heading}")

    def write(self, sheet, address, text):
        """Types something into a cell."""
        root = self.sheets[sheet][1]
        cell = next(cell for cell in root.iter(_named("c")) if cell.get("r") == address)
        for child in list(cell):
            cell.remove(child)
        cell.set("t", "inlineStr")
        ElementTree.SubElement(ElementTree.SubElement(cell, _named("is")), _named("t")).text = text

    def content(self):
        """The file."""
        for part, root in self.sheets.values():
            self.parts[part] = ElementTree.tostring(root, xml_declaration=True, encoding="UTF-8")
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in self.parts.items():
                out.writestr(name, content)
        return file.getvalue()
