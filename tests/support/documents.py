"""Reads the documents of a dossier with other programs' libraries and compares them with its records.

usage: documents.py DOSSIER [FOLDER with the workbook's sheets as LibreOffice exported them to CSV]
"""

import csv
import datetime
import json
import pathlib
import re
import sys

import icalendar
import openpyxl

out = pathlib.Path(sys.argv[1])


def load(name):
    return json.loads((out / name).read_text("utf-8"))


sample, schedule, crews = load("sample.json"), load("schedule.json"), load("crews.json")
def by_team(route):
    """The order of routes for people: teams by their numbers; those of one number that stand as two are one to them."""
    parts = re.split(r"(\d+)", route["team"].rstrip("′"))
    return route["day"], [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


visits = [(r, i, v) for r in sorted(schedule["routes"], key=by_team) for i, v in enumerate(r["visits"])]


def day(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d")


def seconds(time):
    return (time.hour * 60 + time.minute) * 60 + time.second


def shown(seconds):
    """A time of day as people read it: whole minutes, rounded up."""
    return -(-seconds // 60) * 60


def workbook():
    """Cells as openpyxl reads them: sheets after the overview in the order sample, reserves, schedule, public, inspectors."""
    (path,) = out.glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type in "fe"], "a formula or an error"
    assert not [c for c in cells if c.hyperlink], "a link"
    _overview, drawn, reserves, days, public, *people = book.worksheets
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes and sheet.auto_filter.ref and sheet.print_area and sheet.print_title_rows, sheet.title
    for sheet in book:
        page = sheet.page_setup
        assert (page.orientation, page.paperSize) == ("landscape", 9), sheet.title
        if sheet is book.worksheets[0]:
            # Excel heeds page breaks only where no page is fitted: its columns must fit at 7 pixels a character.
            assert not sheet.sheet_properties.pageSetUpPr.fitToPage and page.scale, sheet.title
            pixels = sum(7 * column.width for column in sheet.column_dimensions.values()) * page.scale / 100
            margins = sheet.page_margins
            assert pixels <= (297 / 25.4 - margins.left - margins.right) * 96, pixels
        else:
            assert (page.fitToWidth or 1, page.fitToHeight) == (1, 0), sheet.title
            assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title

    def rows(sheet):
        return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]

    def lines(kind):
        return [[s["name"], s["code"], s["star"], s["county"], s["rank"], s["ticket"]] for s in sample[kind]]

    assert [r[2:8] for r in rows(drawn)] == lines("selected")
    assert [r[1:7] for r in rows(reserves)] == lines("reserves")
    named = [r for r in rows(public) if r[1]]
    assert [[r[1], r[2], r[3], r[4], r[5]] for r in named] == [
        [s["name"], s["star"], s["county"], s["rank"], s["ticket"]] for s in sample["selected"]
    ]

    # Against schedule.json and, for everything else, schedule.csv, which marks what a spreadsheet would take for a number.
    with open(out / "schedule.csv", encoding="utf-8-sig", newline="") as file:
        table = [[re.sub(r"^['\t]", "", cell) for cell in row] for row in csv.reader(file)][1:]
    written = rows(days)
    assert len(written) == len(table) == len(visits) + len(schedule["unscheduled"])
    for row, (route, at, visit) in zip(written, visits):
        assert [row[0], row[2], row[4], row[9]] == [day(route["day"]), route["team"].rstrip("′"), at + 1, visit["id"]], row
        assert [seconds(t) for t in row[5:8]] == [shown(visit[k]) for k in ("arrive", "start", "end")], row
        assert isinstance(row[9], str) and isinstance(row[10], int)
    for row, line in zip(written, table):
        found = ["" if v is None else str(v) for v in row[8:15]]
        assert found == line[3:10], (found, line)
        assert ("" if row[15] is None else str(row[15])) == line[13], (row, line)
    if people:
        expected = {i: [] for i in load_ids()}
        for route, crew in zip(schedule["routes"], crews["routes"]):
            for inspector in crew["inspectors"]:
                expected[inspector] += [(day(route["day"]), v["id"]) for v in route["visits"]]
        for inspector, sheet in zip(sorted(expected), people):
            assert sheet.title.startswith(f"{inspector}-"), sheet.title
            assert [(r[0], r[10]) for r in rows(sheet) if r[10]] == expected[inspector], sheet.title
    print(f"openpyxl: {len(book.worksheets)} sheets, {len(cells)} cells agree")
    return book


def load_ids():
    (copy,) = [line["copy"] for line in load("inputs/index.json")["files"] if line["role"] == "inspectors"]
    with open(out / "inputs" / copy, encoding="utf-8-sig", newline="") as file:
        return [row[0] for row in csv.reader(file)][1:]


def calendars():
    expected = {}
    places = [f["properties"] for f in load("schedule.geojson")["features"] if f["properties"]["kind"] == "visit"]
    approximate = {place["code"]: place["approximate"] for place in places}
    for route, crew in zip(schedule["routes"], crews["routes"]):
        for inspector in crew["inspectors"]:
            for visit in route["visits"]:
                times = shown(visit["start"]), shown(visit["end"])
                expected.setdefault(inspector, []).append((route["day"], visit["id"], *times))
    paths = sorted(out.glob("*/*.ics"))
    uids, events = set(), 0
    for path in paths:
        raw = path.read_bytes()
        assert raw.endswith(b"\r\n") and all(len(line) <= 75 for line in raw.split(b"\r\n")), path
        calendar = icalendar.Calendar.from_ical(raw)
        assert calendar["METHOD"] == "PUBLISH" and len(calendar.walk("VTIMEZONE")) == 1, path
        found = []
        for event in calendar.walk("VEVENT"):
            start, end = event["DTSTART"].dt, event["DTEND"].dt
            assert start.utcoffset() == datetime.timedelta(hours=8), path
            assert event["DTSTART"].params["TZID"] == "Asia/Shanghai", path
            assert event["STATUS"] == "CONFIRMED" and int(event["SEQUENCE"]) == 0, path
            assert len(event.walk("VALARM")) == 2 and event["SUMMARY"] and event["LOCATION"], path
            assert event["UID"] not in uids, event["UID"]
            uids.add(event["UID"])
            (code,) = [v["id"] for _, _, v in visits if f"-{v['id']}-" in event["UID"]]
            # A county's seat is no place to navigate to.
            assert ("GEO" in event) != approximate[code], (path, code)
            found.append((start.strftime("%Y-%m-%d"), code, seconds(start), seconds(end)))
        inspector = max((i for i in expected if path.name.startswith(f"{i}-")), key=len)
        assert found == expected.pop(inspector), path
        events += len(found)
    assert not expected, f"no calendar for {sorted(expected)}"
    print(f"icalendar: {len(paths)} calendars, {events} events agree")


def geojson():
    features = load("schedule.geojson")["features"]
    kinds = [f["properties"]["kind"] for f in features]
    assert kinds.count("visit") == len(visits) + len(schedule["unscheduled"])
    assert kinds.count("route") == len(schedule["routes"])
    for feature in features:
        line = feature["geometry"]["type"] == "LineString"
        for lon, lat in feature["geometry"]["coordinates"] if line else [feature["geometry"]["coordinates"]]:
            assert 116 < lon < 123 and 30 < lat < 36, feature
        if line:
            assert len(feature["geometry"]["coordinates"]) == len(feature["properties"]["visits"]) + 2
    print(f"schedule.geojson: {len(features)} features")


def libreoffice(book, folder):
    """What LibreOffice shows is what openpyxl reads."""
    (path,) = out.glob("*.xlsx")
    seen = 0
    for sheet in book.worksheets[1:]:
        with open(folder / f"{path.stem}-{sheet.title}.csv", encoding="utf-8", newline="") as file:
            shown = list(csv.reader(file))
        read = [list(row) for row in sheet.iter_rows(values_only=True)]
        assert len(shown) == len(read), sheet.title
        for there, here in zip(shown, read):
            for a, b in zip(there, here):
                if isinstance(b, datetime.datetime):
                    b = b.strftime("%Y-%m-%d")
                elif isinstance(b, datetime.time):
                    # As its own editing line has it, which depends on the locale: 08:53:17 AM.
                    form = "%I:%M:%S %p" if a.endswith("M") else "%H:%M:%S"
                    a, b = seconds(datetime.datetime.strptime(a, form)), str(seconds(b))
                    a = str(a)
                assert a == ("" if b is None else str(b)), (sheet.title, a, b)
                seen += 1
    print(f"LibreOffice: {seen} cells agree")


book = workbook()
calendars()
geojson()
if len(sys.argv) > 2:
    libreoffice(book, pathlib.Path(sys.argv[2]))
