"""A real Chromium, and what every page is held against: no errors in the console, none from axe-core, no side-scrolling."""

import re
import shutil
from importlib.resources import files
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.servers import ROOT

SCREENSHOTS = ROOT / "target/screenshots"
DESKTOP = (1280, 900)
PHONE = (360, 740)
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# WCAG 2.2 AA, as the design asks, and what axe-core holds to be good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]


class Browser:
    """One Chromium with a profile of its own, on one server."""

    def __init__(self, base):
        options = webdriver.ChromeOptions()
        options.binary_location = _program("chromium", "google-chrome")
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.base = base
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(_program("chromedriver")))
        self.driver.set_page_load_timeout(60)
        # Larger than any page is emulated: clicks outside the window would be refused.
        self.driver.set_window_size(DESKTOP[0] + 200, DESKTOP[1] + 300)
        self.resize(*DESKTOP)

    def close(self):
        self.driver.quit()

    # --- going about ---

    def open(self, path):
        """Opens a page, and returns the status it was answered with."""
        self.driver.get(self.base + path)
        return self.status()

    def status(self):
        return self.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")

    def path(self):
        """Where the browser is, with the query and without the host."""
        return self.driver.current_url.removeprefix(self.base)

    def sign_in(self, name, password):
        self.open("/sign-in")
        self.fill("sign_in_name", name)
        self.fill("password", password)
        self.press("form[action='/sign-in'] button[type=submit]")
        assert self.path() == "/work", f"{name} was led to {self.path()}: {self.text()[:500]}"

    def sign_out(self):
        self.driver.delete_all_cookies()

    def resize(self, width, height):
        """The size of the page itself, which a window cannot have on a phone's scale."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scripts(self, on):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    # --- reading and writing ---

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements are {selector!r} on {self.path()}"
        return found[0]

    def text(self, selector="body"):
        """The text of an element as a person sees it."""
        return self.one(selector).text

    def texts(self, selector):
        """The text of each element that matches, as a person sees it."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(element => element.innerText.trim())", selector
        )

    def table(self, selector="main table"):
        """The cells of a table as a person sees them, headings first."""
        script = """
            return [...document.querySelector(arguments[0]).rows].map(row => [...row.cells].map(cell => cell.innerText.trim()))
        """
        return self.driver.execute_script(script, selector)

    def fill(self, name, value):
        field = self.one(f"main [name='{name}']:not([type=hidden])")
        field.clear()
        field.send_keys(value)

    def press(self, selector):
        """Clicks, and waits for the page that follows."""
        self._press(self.one(selector))

    def press_first(self, selector):
        """Clicks the first of several, and waits for the page that follows."""
        found = self.all(selector)
        assert found, f"nothing is {selector!r} on {self.path()}"
        self._press(found[0])

    def press_named(self, label, within="main"):
        """Clicks the button or link with these words, and waits for the page that follows."""
        found = [each for each in self.all(f"{within} button, {within} a") if each.text.strip() == label]
        assert found, f"nothing is called {label!r} on {self.path()}: {[each.text for each in self.all('main button')]}"
        self._press(found[0])

    def _press(self, element):
        before = self.one("html").id
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()
        self.wait(lambda: [before] != [root.id for root in self.all("html")] and self._is_complete(), "the next page")

    def _is_complete(self):
        return self.driver.execute_script("return document.readyState === 'complete' && document.body !== null")

    def wait(self, condition, what, seconds=30):
        WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(
            lambda _: condition(), f"{what} did not come on {self.path()}"
        )

    def links(self):
        """Where this page leads on the same server, without what is downloaded."""
        # Links in a drawing have an address that is no text: it is read as it is written.
        script = """
            return [...document.querySelectorAll('a[href]:not([download])')]
                .map(a => new URL(a.getAttribute('href'), document.baseURI).href)
        """
        found = self.driver.execute_script(script)
        return [link.removeprefix(self.base).split("#")[0] for link in found if link.startswith(self.base)]

    # --- judging ---

    def console(self):
        """What the console has said since it was read last, without mere information."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def violations(self):
        """The serious and critical violations that axe-core finds, each with the elements at fault."""
        self.driver.execute_script(AXE)
        script = """
            const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then(done, error => done({error: String(error)}));
        """
        found = self.driver.execute_async_script(script, RULES)
        assert "error" not in found, found
        return [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: "
            + "; ".join(f"{node['html'][:160]} {node['failureSummary'][:200]}" for node in violation["nodes"][:3])
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ]

    def sideways(self):
        """The elements that make the page scroll sideways at this width, if it does."""
        script = """
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
            return [`page ${root.scrollWidth} > ${root.clientWidth}`, ...wide.slice(0, 5).map(e => e.outerHTML.slice(0, 120))];
        """
        return self.driver.execute_script(script)

    def screenshot(self, name):
        """The whole page, from top to bottom, as target/screenshots/NAME.png."""
        file = Path(SCREENSHOTS / f"{name}.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        width, height = self.driver.execute_script(
            "return [document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        self.resize(width, min(height, 6000))
        self.driver.save_screenshot(str(file))
        self.resize(*(PHONE if width < 600 else DESKTOP))

    def judge(self):
        """Everything that is wrong with the page that is shown; each a line."""
        wrong = [f"status {self.status()}"] if self.status() != 200 else []
        wrong += [f"console: {message}" for message in self.console()]
        wrong += [f"axe: {violation}" for violation in self.violations()]
        if len(self.all("h1")) != 1:
            wrong.append(f"{len(self.all('h1'))} headings of the first level")
        if not self.driver.title or self.driver.title.startswith("·"):
            wrong.append("no title")
        script = """
            return [...document.querySelectorAll("a[href*='#']")].filter(a => a.pathname === location.pathname && a.hash.length > 1)
                .map(a => decodeURIComponent(a.hash.slice(1))).filter(id => !document.getElementById(id))
        """
        wrong += [f"a link to #{missing}, which is not there" for missing in self.driver.execute_script(script)]
        text = self.text()
        wrong += [f"words that no person should see: {word}" for word in UNSPEAKABLE.findall(text)]
        return [f"{self.path()}: {each}" for each in wrong]


# Words of the system, names of Protobuf values, and what is left when a value is missing.
UNSPEAKABLE = re.compile(r"\b(?:STATE_[A-Z]+|ROLE_[A-Z]+|KIND_[A-Z]+|undefined|NaN|etag|Some\(|(?<!If-)None\b|null)\b")


def pattern(path):
    """The path with whatever identifies one thing replaced, so that pages of a kind are visited once."""
    path, _, query = path.partition("?")
    path = re.sub(r"/(cells|sections)/[^/]+", r"/\1/*", path)
    parts = ["*" if re.search(r"\d|_", part) else part for part in path.split("/")]
    # The same list in another order, or further down, is no other kind of page.
    names = sorted({pair.partition("=")[0] for pair in query.split("&") if pair} - {"sort", "page"})
    # Filters combine without end; what several do together is one kind of page.
    return "/".join(parts) + ("?" + (names[0] if len(names) == 1 else "several") if names else "")


def _program(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"{names[0]} is not installed: tests/run installs it"
    return found
