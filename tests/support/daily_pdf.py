"""Prints daily packs as a clerk would and reads the paper back.

    daily_pdf.py WORK OUT...

WORK is a folder for what is made on the way, OUT a dossier in Chinese made by `hecha plan`. Of each
dossier the first day is printed by Chromium, and of the last dossier every day. Then:

* a record form takes one page, a route sheet of up to MOST visits one, a longer one may take more;
* every page says the enterprise it is about, exactly as the applicants' table gives it, and nothing lies outside the paper;
* the QR codes of a route sheet, decoded from the picture, lead to the places of problem.json by this file's own formulas,
  or search for the address where the table has no coordinates;
* on a phone 360 px wide nothing reaches beyond the screen.

Any difference ends with exit code 1.
"""

import csv
import json
import math
import pathlib
import re
import subprocess
import sys
import unicodedata
import urllib.parse

MOST = 6  # visits of a route sheet that fit on a page
DPI = 200


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, timeout=300).stdout


def chromium(work, *arguments):
    profile = work / "profile"
    return subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}", *arguments],
        check=True, capture_output=True, timeout=300, text=True,
    )


def plain(text):
    """Without spaces and compatibility forms: a PDF breaks lines, and takes some characters from a font's other places."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def gcj02_of(lon, lat):
    """WGS-84 to GCJ-02, by the formula in common use."""
    x, y = lon - 105, lat - 35
    a, ee, pi = 6378245.0, 0.00669342162296594323, math.pi
    wave = (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    d_lat += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    d_lat += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    d_lon += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    d_lon += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    rad = lat / 180 * pi
    magic = 1 - ee * math.sin(rad) ** 2
    d_lat = d_lat * 180 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)
    d_lon = d_lon * 180 / (a / math.sqrt(magic) * math.cos(rad) * pi)
    return lon + d_lon, lat + d_lat


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def shown(cell):
    """A cell of a CSV file for people without what keeps spreadsheets from reading it otherwise."""
    return cell[1:] if cell[:1] in ("'", "\t") else cell


def check_code(url, row, point):
    parts = urllib.parse.urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&"))
    assert (parts.scheme, parts.netloc) == ("https", "uri.amap.com"), url
    name, address = shown(row["企业名称"]), shown(row["地址"])
    if row["位置"] != "准确":
        assert parts.path == "/search" and "to" not in query, f"{url} pretends to know the place"
        keyword = urllib.parse.unquote(query["keyword"])
        assert keyword and (address or name).startswith(keyword), f"{keyword} is not where {name} is"
        return
    assert parts.path == "/navigation", url
    assert (query["mode"], query["coordinate"]) == ("car", "gaode"), url
    lon, lat, label = query["to"].split(",")
    assert name.startswith(urllib.parse.unquote(label).replace("，", ",")[:3]), f"{label} is not {name}"
    want = gcj02_of(*point)
    off = math.hypot((float(lon) - want[0]) * math.cos(math.radians(point[1])), float(lat) - want[1]) * 111_320
    assert off < 0.5, f"{name}: the code leads {off:.1f} m off"


def by_team(route):
    """The order of routes for people: teams by their numbers; those of one number that stand as two are one to them."""
    parts = re.split(r"(\d+)", route["team"].rstrip("′"))
    return route["day"], [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def check_day(out, work, day):
    schedule = json.loads((out / "schedule.json").read_text())
    problem = json.loads((out / "problem.json").read_text())
    points = {v["id"]: (v["lon"], v["lat"]) for v in problem["visits"]}
    rows = {shown(row["统一社会信用代码"]): row for row in table(out / "schedule.csv")}
    routes = sorted((route for route in schedule["routes"] if route["day"] == day), key=by_team)
    html, pdf = (out / "每日" / f"{day}.html").resolve(), work / f"{out.name}-{day}.pdf"
    chromium(work, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", html.as_uri())
    pages = run("pdftotext", "-raw", str(pdf), "-").decode().split("\f")[:-1]
    long = [len(route["visits"]) for route in routes if len(route["visits"]) > MOST]
    assert not long, f"{day}: a route of {long} visits; this check knows up to {MOST}"
    expected = [(route, visit) for route in routes for visit in [None, *route["visits"]]]
    assert len(pages) == len(expected), f"{html}: {len(pages)} pages, {len(expected)} sheets"
    info = run("pdfinfo", str(pdf)).decode()
    assert re.search(r"Page size:\s+59[45]\.?\d* x 84[12]\.?\d* pts", info), info
    codes = 0
    for number, ((route, visit), page) in enumerate(zip(expected, pages), 1):
        text, where = plain(page), f"{pdf} page {number}"
        for v in [visit] if visit else route["visits"]:
            row = rows[v["id"]]
            for column in ("企业名称", "地址", "联系人", "联系电话"):
                assert plain(shown(row[column])) in text, f"{where}: no {column} {row[column]}"
            assert v["id"] in text, f"{where}: no {v['id']}"
        if visit:
            for word in ("现场核查记录表", "不通过", "未核查", "核查人员(签名)", "企业确认"):
                assert word in text, f"{where}: no {word}"
            continue
        picture = work / "page"
        run("pdftoppm", "-r", str(DPI), "-gray", "-png", "-singlefile", "-f", str(number), "-l", str(number), str(pdf), str(picture))
        found = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", f"{picture}.png").decode().split()
        links = re.findall(r'class="go" href="([^"]*)"', html.read_text())
        links = {link.replace("&amp;", "&") for link in links}
        assert len(found) == len(route["visits"]), f"{where}: {len(found)} codes, {len(route['visits'])} visits"
        for v in route["visits"]:
            fitting = []
            for url in found:
                assert url in links, f"{where}: {url} is no link of the page"
                try:
                    check_code(url, rows[v["id"]], points[v["id"]])
                    fitting.append(url)
                except AssertionError as error:
                    fault = error
            assert fitting, f"{where}: {rows[v['id']]['企业名称']}: {fault}"
            codes += 1
    check_phone(html, work)
    return len(pages), codes


def check_phone(html, work):
    """Nothing is wider than a small phone: the page in a frame of 360 px, measured by a script around it."""
    inner = re.sub(r"<meta http-equiv[^>]*>", "", html.read_text())
    frame = work / "phone.html"
    script = """
        const frame = document.querySelector('iframe');
        frame.srcdoc = PAGE;
        frame.onload = () => {
          const page = frame.contentDocument;
          const wide = [...page.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 360.5);
          const named = wide.slice(0, 5).map(e => e.tagName + '.' + e.className).join(' ');
          document.querySelector('p').textContent = `WIDTH ${page.documentElement.scrollWidth} ${named} END`;
        };
    """.replace("PAGE", json.dumps(inner).replace("</", "<\\/"))
    frame.write_text(
        "<!DOCTYPE html><meta charset=utf-8><iframe style='width:360px;height:800px;border:0'></iframe><p></p>"
        f"<script>{script}</script>",
        encoding="utf-8",
    )
    dom = chromium(work, "--dump-dom", "--virtual-time-budget=5000", frame.as_uri()).stdout
    width = re.search(r"WIDTH (\d+) (.*?) ?END</p>", dom)
    assert width and int(width[1]) <= 360 and not width[2].strip(), f"{html.name} on a phone: {width and width[0]}"


def main():
    work, outs = pathlib.Path(sys.argv[1]).resolve(), [pathlib.Path(p).resolve() for p in sys.argv[2:]]
    work.mkdir(exist_ok=True)
    assert outs, "no dossier"
    for out in outs:
        days = sorted({route["day"] for route in json.loads((out / "schedule.json").read_text())["routes"]})
        packs = sorted(path.stem for path in (out / "每日").iterdir())
        assert days and packs == days, f"{out}: packs {packs}, days {days}"
        for day in days if out == outs[-1] else days[:1]:
            pages, codes = check_day(out, work, day)
            print(f"{out.name} {day}: {pages} pages, {codes} codes lead to their places")


if __name__ == "__main__":
    main()
