"""Debian's Chromium without a screen, and what a test asks of a page in it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WIDTHS = (1280, 375)
SCHEMES = ("light", "dark")


class Chromium:
    """A browser with a fresh profile; `open` begins anew."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS.split(), f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(120)

    def open(self, page: Path, width: int = 1280, scheme: str = "light") -> None:
        """Show a file at a width of the window, in a scheme of colours."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.get("about:blank")
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        self.driver.get(page.as_uri())
        self.wait("document.readyState === 'complete'")

    def js(self, code: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(code, *arguments)

    def wait(self, condition: str) -> None:
        """Until a condition holds, 20 seconds at most."""
        code = (
            "const done = arguments[arguments.length - 1]; const end = Date.now() + 20000;"
            f"const look = () => ({condition}) ? done(true) : Date.now() > end ? done(false)"
            " : setTimeout(look, 20); look();"
        )
        assert self.driver.execute_async_script(code), f"waited in vain for {condition}"

    def errors(self) -> list[str]:
        """What the console says, warnings included, since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses asked for since the page was opened, without those of data in the page itself."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [each["params"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent if not each["request"]["url"].startswith("data:")]

    def outside(self, page: Path) -> list[str]:
        """The addresses asked for beside the page's own."""
        return [url for url in self.requests() if url.partition("#")[0] not in (page.as_uri(), "about:blank")]

    def violations(self) -> list[str]:
        """What axe-core finds on the page: rules, and an element that breaks each."""
        self.js((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        code = "const done = arguments[0]; axe.run(document).then((found) => done(found.violations));"
        found = self.driver.execute_async_script(code)
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.js("const e = document.documentElement; return e.scrollWidth - e.clientWidth"))
