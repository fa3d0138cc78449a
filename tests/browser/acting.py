"""What people do on a model's page."""

from playwright.sync_api import Locator, Page, expect

SKETCH = "/safelight/sketch"
WIDTH = "320"
"""Pixels of most pictures here: painted quickly."""


def control(page: Page, name: str) -> Locator:
    """Where an input of the model is typed or chosen."""
    return page.locator(f"#input-{name}")


def begin(page: Page, prompt: str, width: str = WIDTH) -> str:
    """Press Run on the page of the sketch; the id of the run, which goes on."""
    control(page, "prompt").fill(prompt)
    control(page, "width").fill(width)
    before = page.url
    page.locator("[data-run-button]").click()
    page.wait_for_url(lambda url: url != before and "prediction=" in url)
    return page.url.partition("prediction=")[2]


def become(page: Page, status: str) -> None:
    """Wait until the run on the page has that status."""
    expect(page.locator(f"#run .run-status .badge.{status}")).to_be_visible()


def run(page: Page, prompt: str) -> str:
    """Run the sketch to its end; the id of the run."""
    made = begin(page, prompt)
    become(page, "succeeded")
    return made
