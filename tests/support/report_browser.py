"""Opens the report as a clerk does, from the disk in a browser, and uses it. Exit code 0: nothing was wrong.

    python report_browser.py DOSSIER REPORT.html [SHOTS]

A day is filtered (as many rows as schedule.json has visits that day), an enterprise is found, both languages of the
page must fit in three widths, light and dark, with and without JavaScript, and be printable. Whatever the console
says, an exception, a breach of the page's policy, or a request for anything but the file is a failure. Pictures and
the PDF go to SHOTS. Needs chromium and websocket-client.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import websocket

WIDTHS = (360, 768, 1440)


class Browser:
    """A page in a headless browser, driven by the DevTools protocol."""

    def __init__(self, profile):
        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = pathlib.Path(profile, "DevToolsActivePort")
        patience = time.monotonic() + 90
        while not (told.exists() and told.read_text().count("\n")):
            assert time.monotonic() < patience and self.process.poll() is None, "the browser does not start"
            time.sleep(0.1)
        port = told.read_text().split("\n")[0]
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=60))
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        self.socket = websocket.create_connection(address, timeout=120, suppress_origin=True)
        self.number, self.wrong, self.loads = 0, [], 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                assert "error" not in message, (method, message)
                return message["result"]
            self.hear(message)

    def hear(self, message):
        method, params = message["method"], message["params"]
        if method == "Page.loadEventFired":
            self.loads += 1
        elif method == "Runtime.consoleAPICalled":
            self.wrong.append(f"console: {params['args']}")
        elif method == "Runtime.exceptionThrown":
            self.wrong.append(f"exception: {params['exceptionDetails']}")
        elif method == "Log.entryAdded":
            self.wrong.append(f"log: {params['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("file://", "data:", "about:blank")):
                self.wrong.append(f"request: {url}")

    def open(self, url):
        before = self.loads
        self.call("Page.navigate", url=url)
        while self.loads == before:
            self.hear(json.loads(self.socket.recv()))

    def eval(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def screen(self, width, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def save(path, data):
    path.write_bytes(base64.b64decode(data))


def choose(browser, select, value):
    browser.eval(f"(() => {{ const s = document.getElementById({json.dumps(select)}); s.value = {json.dumps(value)};"
                 " s.dispatchEvent(new Event('change', {bubbles: true})); })()")


def find(browser, text):
    browser.eval(f"(() => {{ const s = document.getElementById('search'); s.value = {json.dumps(text)};"
                 " s.dispatchEvent(new Event('input', {bubbles: true})); })()")


def shown(browser, selector="tr.visit"):
    """Texts of the elements that can be seen."""
    return browser.eval(f"Array.from(document.querySelectorAll({json.dumps(selector)}))"
                        ".filter(e => e.getClientRects().length > 0).map(e => e.textContent)")


def use(browser, schedule, names):
    """The filters and the search, against the results."""
    days, everything = {}, 0
    for route in schedule["routes"]:
        days[route["day"]] = days.get(route["day"], 0) + len(route["visits"])
        everything += len(route["visits"])
    assert len(shown(browser)) == everything, "not every visit has its row"
    assert len(shown(browser, "tr.left-out")) == len(schedule["unscheduled"]), "visits left out are not all listed"
    for day, visits in days.items():
        routes = sum(route["day"] == day for route in schedule["routes"])
        choose(browser, "visits-day", day)
        assert len(shown(browser)) == visits, f"{day}: {len(shown(browser))} rows, {visits} visits"
        assert len(shown(browser, "article.day")) == 1 and len(shown(browser, ".routes > li")) == routes, day
        assert str(visits) in browser.eval("document.getElementById('count').textContent"), "the count is not told"
        assert browser.eval("document.getElementById('map-day').value") == day, "the filters differ"
    choose(browser, "map-day", "")
    for route in schedule["routes"][:3]:
        code = route["visits"][0]["id"]
        for words in (code, code.lower()[4:], names[code]):
            find(browser, words)
            rows = shown(browser)
            assert rows and any(code in row for row in rows), f"{words} finds {rows}"
            assert all(code in row or words == names[code] for row in rows), f"{words} finds too much"
    find(browser, "no enterprise is called so")
    assert shown(browser) == [] and len(shown(browser, "#nothing")) == 1
    browser.eval("document.getElementById('reset').click()")
    assert len(shown(browser)) == everything, "clearing does not show everything"
    unlabelled = browser.eval("Array.from(document.querySelectorAll('input, select')).filter(e => !e.labels.length).length")
    assert unlabelled == 0, "a control has no label"
    return everything


def main():
    dossier, report = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    shots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    schedule = json.loads((dossier / "schedule.json").read_text(encoding="utf-8"))
    record = json.loads((dossier / "sample.json").read_text(encoding="utf-8"))
    names = {line["code"]: line["name"] for line in record["selected"]}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    browser.screen(width, scheme)
                    browser.open(report.as_uri())
                    across = browser.eval("[document.scrollingElement.scrollWidth, innerWidth]")
                    assert across[0] <= across[1], f"at {width} the page is {across[0]} wide"
                    if shots:
                        whole = browser.call("Page.captureScreenshot", captureBeyondViewport=True)
                        save(shots / f"{width}-{scheme}.png", whole["data"])
            everything = use(browser, schedule, names)
            if shots:
                choose(browser, "map-day", schedule["routes"][0]["day"])
                for width in WIDTHS:
                    browser.screen(width, "light")
                    whole = browser.call("Page.captureScreenshot", captureBeyondViewport=True)
                    save(shots / f"{width}-day.png", whole["data"])
                choose(browser, "map-day", "")
            printed = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
            assert printed.startswith(b"%PDF"), "it cannot be printed"
            if shots:
                (shots / "report.pdf").write_bytes(printed)
            browser.call("Emulation.setScriptExecutionDisabled", value=True)
            browser.open(report.as_uri())
            assert len(shown(browser)) == everything, "without JavaScript visits are missing"
            assert shown(browser, ".tools") == [], "without JavaScript there are filters that do nothing"
            browser.call("Emulation.setScriptExecutionDisabled", value=False)
            assert not browser.wrong, "\n".join(browser.wrong)
            # That the page's policy is in force, and that this test would notice.
            browser.open(report.as_uri())
            browser.eval("document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/x.png\" onerror=\"alert(1)\">')")
            time.sleep(0.5)
            browser.eval("0")
            assert any("Content Security Policy" in what for what in browser.wrong), "the policy forbids nothing"
        finally:
            browser.process.terminate()
            browser.process.wait(30)
    print(f"{report.name}: {report.stat().st_size} bytes, {everything} visits, {len(WIDTHS)} widths, nothing wrong")


main()
