"""Debian's chromium, driven by selenium: needs the test environment's python (in_venv())."""
import atexit
import json
import re
import shutil

from tap import check, skip, wait_for


_shared = []


class Browser:
    """A chromium without a window; `script` says whether pages may run theirs."""

    def __init__(self, width=1200, dark=False, script=True):
        self.script = script
        if not shutil.which("chromium") or not shutil.which("chromedriver"):
            skip("no chromium here")
        try:
            from selenium import webdriver
        except ImportError:
            skip("no selenium in the test environment")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                         "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                         "--disable-background-networking", "--window-size=1200,900"):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {
            "profile.managed_default_content_settings.javascript": 1 if script else 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(
            options, webdriver.ChromeService(shutil.which("chromedriver")))
        self.resize(width)
        self.theme(dark)

    @classmethod
    def shared(cls, width=1200, dark=False):
        """One for all tests of a file, each of which finds it as new but for its cache."""
        if not _shared:
            _shared.append(cls())
            atexit.register(_shared[0].driver.quit)
        _shared[0].resize(width)
        _shared[0].theme(dark)
        return _shared[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self in _shared:
            self.open("about:blank")
            self.complaints()
        else:
            self.driver.quit()

    def resize(self, width, height=900):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)

    def theme(self, dark):
        """What the system prefers."""
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def open(self, url):
        self.driver.get(url)
        self.painted()

    def painted(self):
        """Waits: Chromium drops keys that come before a page was drawn for the first time."""
        if not self.script:
            return  # then no key does anything
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()));")

    @property
    def url(self):
        return self.driver.current_url

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains
        self.painted()
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def follow(self, words):
        from selenium.webdriver.common.by import By
        self.driver.find_element(By.PARTIAL_LINK_TEXT, words).click()

    def find(self, selector):
        from selenium.webdriver.common.by import By
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def sees(self, words, seconds=20):
        """Waits: a click returns before its page is there."""
        wait_for(lambda: words in self.text(), seconds, "%r on the page" % words)

    def text(self):
        from selenium.common.exceptions import WebDriverException
        try:
            return self.find("body")[0].text
        except (IndexError, WebDriverException):
            return ""

    def reaches(self, part, seconds=20):
        wait_for(lambda: part in self.url, seconds, "%s in the address" % part)

    def background(self):
        """The page's, as the mean of red, green and blue."""
        colour = self.find("body")[0].value_of_css_property("background-color")
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    def complaints(self):
        """What the console says, and requests that leave this machine."""
        found = [entry["message"] for entry in self.driver.get_log("browser")
                 if "favicon" not in entry["message"]]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not re.match(r"http://127\.0\.0\.1:|data:|chrome|file:", url):
                    found.append(url)
        return found

    def fits(self, what):
        """Nothing sticks out of the window's width."""
        metrics = self.cdp("Page.getLayoutMetrics")
        width = metrics["cssContentSize"]["width"]
        check(width <= metrics["cssLayoutViewport"]["clientWidth"],
              "%s is %s wide" % (what, width))

    def screenshot(self, path):
        self.driver.save_screenshot(path)
