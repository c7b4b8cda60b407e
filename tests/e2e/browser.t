#!/usr/bin/python3
"""The pages in a real browser, by link: nothing fails, nothing leaves this machine, light and
dark, wide and 360 pixels, without script."""
import json
import os
import re
import shutil
import sys

LIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib")
sys.path.insert(0, LIB)

from product import Box, in_venv  # noqa: E402

in_venv()  # selenium is there

from tap import check, equal, main, skip, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

PROGRAM = '''import threading

# Adds numbers up.
def add(n):
    total = 0
    for i in range(n):
        total += i
    return total

def fail():
    raise ValueError("<b>no good</b>")

thread = threading.Thread(target=add, args=(3,), name="adder")
thread.start()
thread.join()
add(40)
fail()
'''


class Browser:
    """Debian's chromium without a window, script off."""

    def __init__(self, width=1200, dark=False):
        if not shutil.which("chromium") or not shutil.which("chromedriver"):
            skip("no chromium here")
        try:
            from selenium import webdriver
        except ImportError:
            skip("no selenium in the test environment")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                         "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", "--window-size=%d,900" % width):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {
            "profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(
            options, webdriver.ChromeService(shutil.which("chromedriver")))
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def follow(self, words):
        from selenium.webdriver.common.by import By
        self.driver.find_element(By.PARTIAL_LINK_TEXT, words).click()

    def find(self, selector):
        from selenium.webdriver.common.by import By
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def sees(self, words):
        """Waits: a click returns before its page is there."""
        wait_for(lambda: words in self.text(), 20, "%r on the page" % words)

    def text(self):
        from selenium.common.exceptions import WebDriverException
        try:
            return self.find("body")[0].text
        except (IndexError, WebDriverException):
            return ""

    def complaints(self):
        """What the console says, and requests to others than `port`."""
        found = [entry["message"] for entry in self.driver.get_log("browser")
                 if "favicon" not in entry["message"]]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not re.match(r"http://127\.0\.0\.1:|data:|chrome", url):
                    found.append(url)
        return found


def recorded(box):
    box.write("app.py", PROGRAM)
    box.run("--", "app.py", "-x")
    return box.latest()["id"]


@test("from the list to a run, an event, its steps, a file, threads; then it is deleted")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server, Browser() as browser:
            browser.driver.get(server.url)
            browser.sees("app.py -x")
            browser.follow(run)
            browser.sees("Run Details")
            browser.follow("›")
            wait_for(lambda: "page=2" in browser.driver.current_url, 20, "the second page")
            equal(len(browser.find("tr[id^=seq-]")), 20, "rows of the second page")
            browser.find("tr[id^=seq-] a.seq")[0].click()
            browser.sees("Variables")
            before = int(browser.find("h1")[0].text.split("#")[1])
            browser.follow("forward")
            browser.sees("Event #%d" % (before + 1))
            browser.follow("back")
            browser.sees("Event #%d" % before)
            browser.follow("in the list")
            browser.sees("Run Details")
            check(browser.find("tr[id=seq-%d]" % before), "the list where the event is")
            browser.follow("Files")
            browser.sees("app.py")
            browser.follow("app.py")
            browser.sees("# Adds numbers up.")
            browser.follow("Threads")
            browser.sees("Num Events")
            browser.follow("adder")
            browser.sees("Run Details")
            check(all("adder" in row.text for row in browser.find("tr[id^=seq-]")), "rows")
            browser.follow("Runs")
            browser.sees("Duration")
            browser.find("a.delete")[0].click()
            browser.sees("Delete this run?")
            browser.find("button.btn-danger")[0].click()
            wait_for(lambda: "No runs yet" in browser.text(), 10, "the run is gone")
            equal(browser.complaints(), [], "complaints")


@test("dark and 360 pixels wide: nothing sticks out, the deep link opens cold")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server, Browser(360, dark=True) as browser:
            for path in ("runs/%s" % run, "runs/%s/at/12" % run, "about", "help"):
                browser.driver.get(server.url + path)
                metrics = browser.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})
                check(metrics["cssContentSize"]["width"] <= 360,
                      "%s is %s wide" % (path, metrics["cssContentSize"]["width"]))
            colour = browser.find("body")[0].value_of_css_property("background-color")
            check(max(map(int, re.findall(r"\d+", colour)[:3])) < 60, "background " + colour)
            equal(browser.complaints(), [], "complaints")


main()
