"""Makes the workbooks of this folder from list.csv, as clerks' programs write them.

Needs Python with openpyxl, xlwt and odfpy, and LibreOffice for what it converts itself:

    python3 make.py

Every enterprise is invented. The tests read the results only; this script is kept so that they can be made again.
"""
import csv, datetime, os, re, shutil, subprocess, zipfile

import openpyxl, xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from odf import opendocument, style, table, text

os.chdir(os.path.dirname(os.path.abspath(__file__)))
ROWS = list(csv.reader(open("list.csv", encoding="utf-8")))[1:]
HEADERS = ["序号", "企业名称", "统一社会信用代码\n（18位）", "申报\n星级", "所属县(市、区)", "上云时间", "付款日期", "是否在用", "备 注"]
SINCE, PAID = datetime.date(2021, 3, 1), datetime.date(2021, 6, 15)
HIDDEN = {6, 9, 10}            # rows as Excel counts them, all of them data
SERIAL = (SINCE - datetime.date(1899, 12, 30)).days
wide = lambda s: "".join(chr(ord(c) + 0xFEE0) for c in s)

def dressed(i, row):
    """One row as clerks write it: number, name, code, star, county, since, paid, in use."""
    code, name, star, county = row
    n = i % 6
    code = [code, " " + code + "\n", code.lower(), wide(code), code[:8] + " " + code[8:], code][n]
    star = [int(star), "★" * int(star), {"3": "三星级", "4": "四星级", "5": "五星级"}[star], wide(star), star + "星", float(star)][n]
    county = county[:-1] if n == 2 and len(county) > 2 and county != "虎丘区" else county
    since = [SINCE, SERIAL, "2021.3.1", "2021年3月1日", str(SERIAL), SINCE][n]
    return [i + 1, name, code, star, county, since, PAID, "是", ""]

LINES = [dressed(i, row) for i, row in enumerate(ROWS)]
TOTAL = ["合计", "共%d家" % len(ROWS)]
BLANK_AFTER = 8               # a blank row in the middle

def placed():
    """(row as Excel counts it, cells) of the data and the total."""
    at, out = 3, []
    for i, line in enumerate(LINES):
        out.append((at, line))
        at += 2 if i == BLANK_AFTER else 1
    return out, at

def openpyxl_book():
    book = openpyxl.Workbook()
    guide = book.active
    guide.title = "填报说明"
    guide["A1"] = "请填写“申报汇总”工作表，代码一栏设为文本。"
    sheet = book.create_sheet("申报汇总")
    copy = book.create_sheet("空表")
    for s in (sheet, copy):
        s.merge_cells("A1:I1")
        s["A1"] = "苏州市2022年第一批星级上云企业申报汇总表（虚构）"
        for c, h in enumerate(HEADERS, 1):
            s.cell(2, c, h)
    rows, end = placed()
    for r, line in rows:
        for c, v in enumerate(line, 1):
            if v != "":
                cell = sheet.cell(r, c, v)
                if isinstance(v, datetime.date):
                    cell.number_format = 'yyyy"年"m"月"d"日"'
    for c, v in enumerate(TOTAL, 1):
        sheet.cell(end, c, v)
    for r in HIDDEN:
        sheet.row_dimensions[r].hidden = True
    sheet.column_dimensions["H"].hidden = True
    return book, sheet

book, sheet = openpyxl_book()
# Rich text, and a formula without a cached value beside the data.
sheet["B4"] = CellRichText(sheet["B4"].value[:2], TextBlock(InlineFont(b=True, color="FFFF0000"), sheet["B4"].value[2:]))
book.save("excel.xlsx")

# LibreOffice reads it and writes its own XLSX, XLS and ODS.
def convert(source, kind, name):
    subprocess.run(["soffice", "--headless", "--convert-to", kind, "--outdir", "tmp", source], check=True, capture_output=True)
    shutil.move("tmp/%s.%s" % (os.path.splitext(os.path.basename(source))[0], kind.split(":")[0]), name)

os.makedirs("tmp", exist_ok=True)
convert("excel.xlsx", "xlsx:Calc MS Excel 2007 XML", "libreoffice.xlsx")
convert("excel.xlsx", "xls:MS Excel 97", "libreoffice.xls")
convert("excel.xlsx", "ods", "libreoffice.ods")

# Counties merged down the rows that they hold for, with a subtotal and a blank row among them.
def merged_book():
    book = openpyxl.Workbook()
    sheet = book.active
    for c, h in enumerate(["统一社会信用代码", "企业名称", "申报星级", "县区"], 1):
        sheet.cell(1, c, h)
    lines = [[*row[:3], None] for row in ROWS[:4]]
    lines[0][3], lines[3][3] = "昆山市", "太仓市"
    for r, line in enumerate(lines[:2] + [[None, "小计", None, None], [None] * 4] + lines[2:], 2):
        for c, v in enumerate(line, 1):
            sheet.cell(r, c, v)
    sheet.merge_cells("D2:D6")
    # A remark over two columns is no value of either.
    sheet.cell(1, 5, "备注")
    sheet.merge_cells("E2:F3")
    return book

merged_book().save("merged.xlsx")
convert("merged.xlsx", "xls:MS Excel 97", "merged.xls")
convert("merged.xlsx", "ods", "merged.ods")

# Inline strings, no row numbers, prefixed names, dates counted from 1904, cached formula texts: as WPS, Java and old Macs write.
def inline_book():
    esc = lambda s: s.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "&#10;")
    def cell(v, r, c):
        if v == "": return ""
        if isinstance(v, datetime.date): return '<x:c s="1"><x:v>%d</x:v></x:c>' % ((v - datetime.date(1904, 1, 1)).days)
        if isinstance(v, (int, float)): return "<x:c><x:v>%s</x:v></x:c>" % v
        if c == 1: return '<x:c t="str"><x:f>"x"&amp;"y"</x:f><x:v>%s</x:v></x:c>' % esc(v)
        if c == 4: return '<x:c t="inlineStr"><x:is><x:r><x:rPr><x:b/></x:rPr><x:t>%s</x:t></x:r><x:r><x:t>%s</x:t></x:r><x:rPh sb="0" eb="1"><x:t>pinyin</x:t></x:rPh></x:is></x:c>' % (esc(v[:1]), esc(v[1:]))
        return '<x:c t="inlineStr"><x:is><x:t xml:space="preserve">%s</x:t></x:is></x:c>' % esc(v)
    lines = [["苏州市申报汇总表（虚构）"], HEADERS[:8]]
    for i, line in enumerate(LINES):
        line = line[:8]
        if line[5] == SERIAL: line[5] = SINCE      # a bare serial number would be counted from 1900
        if line[5] == str(SERIAL): line[5] = "20210301"
        lines.append(line)
    xml = "".join('<x:row%s>%s</x:row>' % (' hidden="true"' if r in HIDDEN else "", "".join(cell(v, r, c) or "<x:c/>" for c, v in enumerate(l))) for r, l in enumerate(lines, 1))
    ns = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="%s/officeDocument" Target="/xl/workbook.xml"/></Relationships>' % rel,
        "xl/workbook.xml": '<x:workbook %s xmlns:r="%s"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="Sheet1" sheetId="1" state="hidden" r:id="rId1"/></x:sheets></x:workbook>' % (ns, rel),
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="%s/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="%s/styles" Target="styles.xml"/></Relationships>' % (rel, rel),
        "xl/styles.xml": '<x:styleSheet %s><x:cellXfs><x:xf numFmtId="0"/><x:xf numFmtId="31"/></x:cellXfs></x:styleSheet>' % ns,
        "xl/worksheets/sheet1.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<x:worksheet %s><x:sheetData>%s</x:sheetData></x:worksheet>' % (ns, xml),
    }
    with zipfile.ZipFile("inline-1904.xlsx", "w", zipfile.ZIP_DEFLATED) as z:
        for name, body in parts.items():
            z.writestr(zipfile.ZipInfo(name, (2022, 3, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
inline_book()

# xlwt: BIFF8 as Java and Python libraries write it, dates as dates, stars as numbers.
def xlwt_book():
    book = xlwt.Workbook(encoding="utf-8")
    guide = book.add_sheet("填报说明")
    guide.write(0, 0, "说明")
    sheet = book.add_sheet("申报汇总")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    sheet.write_merge(0, 0, 0, 8, "苏州市申报汇总表（虚构）")
    for c, h in enumerate(HEADERS):
        sheet.write(1, c, h)
    rows, end = placed()
    for r, line in rows:
        for c, v in enumerate(line):
            if isinstance(v, datetime.date):
                sheet.write(r - 1, c, v, day)
            elif v != "":
                sheet.write(r - 1, c, v)
    for c, v in enumerate(TOTAL):
        sheet.write(end - 1, c, v)
    for r in HIDDEN:
        sheet.row(r - 1).hidden = True
    copy = book.add_sheet("空表")
    for c, h in enumerate(HEADERS):
        copy.write(0, c, h)
    book.save("java.xls")
xlwt_book()

# odfpy: filtered rows, a note on a cell, an empty row repeated to the end of the sheet.
def odf_book():
    doc = opendocument.OpenDocumentSpreadsheet()
    sheet = table.Table(name="申报汇总")
    def row(cells, **attrs):
        r = table.TableRow(**attrs)
        for v in cells:
            if isinstance(v, datetime.date):
                c = table.TableCell(valuetype="date", datevalue=v.isoformat()); c.addElement(text.P(text=v.isoformat()))
            elif isinstance(v, (int, float)):
                c = table.TableCell(valuetype="float", value=v); c.addElement(text.P(text=str(v)))
            elif v == "":
                c = table.TableCell()
            else:
                c = table.TableCell(valuetype="string")
                for line in v.split("\n"): c.addElement(text.P(text=line))
            r.addElement(c)
        return r
    sheet.addElement(row(["苏州市申报汇总表（虚构）"]))
    sheet.addElement(row(HEADERS))
    rows, end = placed()
    before = 2
    for r, line in rows:
        if r > before + 1:
            empty = table.TableRow(numberrowsrepeated=r - before - 1); empty.addElement(table.TableCell(numbercolumnsrepeated=1024)); sheet.addElement(empty)
        before = r
        sheet.addElement(row(line, visibility="filter") if r in HIDDEN else row(line))
    sheet.addElement(row(TOTAL))
    last = table.TableRow(numberrowsrepeated=1048576); last.addElement(table.TableCell(numbercolumnsrepeated=16384)); sheet.addElement(last)
    doc.spreadsheet.addElement(sheet)
    doc.save("odfpy.ods")
odf_book()
shutil.rmtree("tmp")
