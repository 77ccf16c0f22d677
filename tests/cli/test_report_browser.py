"""The page of `nofade report` in headless Chromium: it loads in silence, asks for nothing, and what can be clicked works."""
import json
import os
import shutil
import socket
import tempfile
import unittest

from support import BINARY, CliTest, HANG_S, four_classes, noise, tar_of

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

MODELS = "model,dataset,task,metric,accuracy_pct,gmacs\n" + "".join(
    f"model-{i},own,classification,top1,{30 + i},{1 + (7 * i) % 61}\n" for i in range(60)) + "without,own,classification,top1,30,\n"

LONG = "w" * 200


def has_localhost():
    """The driver is spoken to under that name, which a bare root directory may not know."""
    try:
        return bool(socket.getaddrinfo("localhost", None))
    except OSError:
        return False


@unittest.skipUnless(webdriver and CHROMIUM and DRIVER and shutil.which("gnuplot"), "Chromium, its driver or gnuplot is not installed")
@unittest.skipUnless(has_localhost(), "the name localhost is not known here")
class Browser(CliTest):
    """One page and one browser, made once; each test opens the page anew."""

    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.mkdtemp(prefix="nofade-page-")
        cls.addClassCleanup(shutil.rmtree, cls.made, ignore_errors=True)
        os.environ["no_proxy"] = "localhost,127.0.0.1"
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync",
                         f"--user-data-dir={os.path.join(cls.made, 'profile')}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.browser = webdriver.Chrome(options=options, service=Service(DRIVER))
        cls.addClassCleanup(cls.browser.quit)

    def arguments(self, args):
        return [BINARY, *args]

    def setUp(self):
        super().setUp()
        self.url = "file://" + os.path.join(self.made, "page.html")
        if not os.path.exists(os.path.join(self.made, "page.html")):
            self.make_page()

    def make_page(self):
        classes = {f"class {i}/{j}.png": noise(50 * i + j, 12, 2 + 4 * i + j) for i in range(60) for j in range(3)}
        self.write("a.tar", tar_of(classes))
        self.write("b.tar", tar_of({**four_classes(), "few/bad.png": noise(1)[:40], LONG + "/1.png": noise(2)}))
        self.expect(0, "dataset", "a.tar", "--name", "own", "--json", "a.json", "--quiet")
        self.expect(1, "dataset", "b.tar", "--name", "other", "--json", "b.json", "--quiet")
        self.expect(0, "report", "-o", os.path.join(self.made, "page.html"), "a.json", "b.json", "--models",
                    self.write("m.csv", MODELS))

    def go(self, url):
        """On a busy machine the driver may come back before all of the page is there."""
        self.browser.get(url)
        WebDriverWait(self.browser, HANG_S).until(lambda page: page.execute_script(
            "return document.readyState === 'complete' && location.href === arguments[0]", url))

    def open(self, width=1200, height=900, scheme="light", media="", script=True):
        """The page, in a window of this size; the logs hold what it did."""
        browser = self.browser
        self.go("about:blank")
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        for log in ("browser", "performance"):
            browser.get_log(log)
        self.go(self.url)
        return browser

    def table(self, browser, caption):
        return browser.execute_script("return Array.from(document.querySelectorAll('table'))"
                                      ".find(t => t.caption.textContent === arguments[0])", caption)

    def column(self, browser, table, column):
        return browser.execute_script("return Array.from(arguments[0].tBodies[0].rows).filter(r => !r.hidden)"
                                      ".map(r => r.cells[arguments[1]].textContent)", table, column)

    def test_it_loads_in_silence_and_asks_for_nothing(self):
        browser = self.open()
        self.assertEqual(browser.get_log("browser"), [])
        messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        asked = [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]
        self.assertEqual([url for url in asked if not url.startswith("data:")], [self.url])

    def test_each_figure_is_drawn_with_its_marks(self):
        browser = self.open()
        figures = browser.find_elements(By.TAG_NAME, "figure")
        self.assertGreaterEqual(len(figures), 3)
        for figure in figures:
            size = figure.find_element(By.TAG_NAME, "svg").rect
            self.assertGreater(min(size["width"], size["height"]), 100)
            marks = figure.find_elements(By.CSS_SELECTOR, "svg .mark")
            self.assertEqual(len(marks), int(figure.get_attribute("data-marks")), figure.get_attribute("id"))

    def test_columns_sort_both_ways_by_mouse_and_by_keyboard(self):
        browser = self.open()
        table = self.table(browser, "Classes of own")
        heads = table.find_elements(By.CSS_SELECTOR, "thead th")
        browser.execute_script("arguments[0].click()", heads[2].find_element(By.TAG_NAME, "button"))
        values = [float(text) for text in self.column(browser, table, 2)]
        self.assertEqual((values, heads[2].get_attribute("aria-sort")), (sorted(values), "ascending"))
        heads[2].find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
        values = [float(text) for text in self.column(browser, table, 2)]
        self.assertEqual((values, heads[2].get_attribute("aria-sort")), (sorted(values, reverse=True), "descending"))
        heads[0].find_element(By.TAG_NAME, "button").send_keys(Keys.SPACE)
        names = self.column(browser, table, 0)
        self.assertEqual(names, [f"class {i}" for i in range(60)])
        self.assertIsNone(heads[2].get_attribute("aria-sort"))
        self.assertEqual(browser.get_log("browser"), [])

    def test_rows_without_a_figure_come_last_either_way(self):
        browser = self.open()
        table = self.table(browser, "Ranked models")
        head = table.find_elements(By.CSS_SELECTOR, "thead th")[4]
        self.assertTrue(head.text.startswith("GFLOPs"))
        for order in ("ascending", "descending"):
            browser.execute_script("arguments[0].click()", head.find_element(By.TAG_NAME, "button"))
            self.assertEqual(head.get_attribute("aria-sort"), order)
            self.assertEqual(self.column(browser, table, 0)[-1], "without")

    def test_searching_leaves_the_rows_that_match_and_counts_them(self):
        browser = self.open()
        table = self.table(browser, "Ranked models")
        box = browser.execute_script("return arguments[0].closest('.wide').previousElementSibling", table)
        box.find_element(By.TAG_NAME, "input").send_keys("model-1")
        names = self.column(browser, table, 0)
        self.assertEqual(sorted(names), sorted(f"model-{i}" for i in [1, *range(10, 20)]))
        self.assertEqual(box.find_element(By.TAG_NAME, "output").text, "11 of 61")
        self.assertTrue(box.find_element(By.TAG_NAME, "label").get_attribute("for"))
        box.find_element(By.TAG_NAME, "input").send_keys(Keys.CONTROL, "a", Keys.DELETE)
        self.assertEqual(len(self.column(browser, table, 0)), 61)

    def test_without_scripts_everything_can_be_read(self):
        browser = self.open(script=False)
        self.assertEqual(browser.find_elements(By.TAG_NAME, "button") + browser.find_elements(By.TAG_NAME, "input"), [])
        text = browser.find_element(By.TAG_NAME, "main").text
        for part in ("class 59", "model-59", "few/bad.png", "Provenance", "Frontier along FLOPs"):
            self.assertIn(part, text)

    def contrast(self, browser, element):
        """Of an element's text against the first ground behind it."""
        colours = browser.execute_script(
            "let e = arguments[0], g = e; const c = getComputedStyle(e).color;"
            "while (g.parentElement && getComputedStyle(g).backgroundColor === 'rgba(0, 0, 0, 0)') g = g.parentElement;"
            "return [c, getComputedStyle(g).backgroundColor]", element)
        light = []
        for colour in colours:
            parts = [int(part) / 255 for part in colour[colour.index("(") + 1:-1].split(",")[:3]]
            parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            light.append(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])
        return (max(light) + 0.05) / (min(light) + 0.05)

    def test_text_stands_out_in_light_and_in_dark(self):
        for dark in (False, True):
            browser = self.open(scheme="dark" if dark else "light")
            ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
            self.assertEqual(ground, "rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)")
            for selector in ("p.made", "h1", "nav a", ".alert h2", ".alert strong", ".facts dt", "thead small", ".note", "figcaption",
                             "td", "th[scope=row]", ".window thead th", ".cut", ".search label"):
                for element in browser.find_elements(By.CSS_SELECTOR, selector)[:2]:
                    self.assertGreaterEqual(self.contrast(browser, element), 4.5, (selector, dark))
            ink = browser.execute_script("return getComputedStyle(document.querySelector('figure svg text[fill=\"#1a1a1a\"]')).fill")
            self.assertEqual(ink, "rgb(231, 233, 236)" if dark else "rgb(26, 26, 26)")

    def wider(self, browser):
        return browser.execute_script("return Array.from(document.querySelectorAll('.wide')).filter(b => b.scrollWidth > b.clientWidth)"
                                      ".map(b => b.getAttribute('aria-label'))")

    def test_a_laptop_shows_tables_whole(self):
        self.assertEqual(self.wider(self.open(width=1200)), [])

    def test_a_laptop_shows_a_ranking_with_every_column_whole(self):
        self.expect(0, "report", "-o", "r.html", "--dataset", "imagenet", "--no-figures")
        self.url = "file://" + self.path("r.html")
        browser = self.open(width=1200)
        heads = browser.execute_script("return Array.from(arguments[0].tHead.rows[0].cells).map(c => c.textContent.trim())",
                                       self.table(browser, "Ranked models"))
        self.assertEqual(heads, ["Model", "Rank", "Could be", "Accuracy %", "GFLOPs", "acc. / ln(FLOPs)", "Energy kWh", "CO\u2082 kg",
                                 "CO\u2082 kg a week", "Frontier", "Moved by", "Notes"])
        self.assertEqual(self.wider(browser), [])

    def test_the_first_column_stays_while_a_table_is_scrolled_sideways(self):
        browser = self.open(width=375, height=740)
        table = self.table(browser, "Ranked models")
        places = browser.execute_script("const t = arguments[0], w = t.closest('.window'), c = [t.tHead.rows[0].cells[0], "
                                        "t.tBodies[0].rows[0].cells[0], t.tBodies[0].rows[0].cells[1]], x = () => c.map(e => "
                                        "e.getBoundingClientRect().left); const before = x(); w.scrollLeft = 60; return [before, x()]", table)
        self.assertEqual(places[0][:2], places[1][:2])
        self.assertEqual(places[0][2] - places[1][2], 60)

    def test_names_in_the_title_are_not_broken_at_hyphens(self):
        self.write("c.tar", tar_of(four_classes()))
        for name in ("one-name", "another-name", "third-name"):
            self.expect(0, "dataset", "c.tar", "--name", name, "--json", name + ".json", "--quiet")
        self.expect(0, "report", "-o", "r.html", "one-name.json", "another-name.json", "third-name.json", "--no-figures")
        self.url = "file://" + self.path("r.html")
        for width in range(380, 700, 40):
            lines = self.open(width=width).execute_script(
                "const h = document.querySelector('h1'), w = document.createTreeWalker(h, NodeFilter.SHOW_TEXT), out = []; let n;"
                "while ((n = w.nextNode())) { const r = document.createRange(); r.selectNodeContents(n);"
                " if (n.data.includes('-name')) out.push(new Set(Array.from(r.getClientRects()).map(b => b.top)).size); } return [h.textContent, out]")
            self.assertEqual(lines, ["Complexity of one-name, another-name and third-name", [1, 1, 1]], width)

    def test_a_phone_scrolls_tables_and_not_the_page(self):
        browser = self.open(width=375, height=740)
        width = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        self.assertEqual(width[0], 375)
        self.assertEqual(browser.get_log("browser"), [])

    def test_paper_shows_whole_tables_up_to_fifty_rows(self):
        browser = self.open(media="print")
        table = self.table(browser, "Ranked models")
        shown = browser.execute_script("return Array.from(arguments[0].tBodies[0].rows).filter(r => r.offsetHeight > 0).length", table)
        self.assertEqual(shown, 50)
        heights = browser.execute_script("const b = arguments[0].closest('.wide'); return [b.scrollHeight, b.clientHeight]", table)
        self.assertEqual(heights[0], heights[1])
        self.assertEqual(browser.execute_script("return getComputedStyle(document.querySelector('nav')).display"), "none")
        arrows = browser.execute_script("return Array.from(document.querySelectorAll('.arrow')).filter(a => a.offsetHeight > 0).length")
        self.assertEqual(arrows, 0)


if __name__ == "__main__":
    unittest.main()
