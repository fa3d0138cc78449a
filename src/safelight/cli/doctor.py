"""`safelight doctor`: what is broken, what could be better, and what to do about it."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import click
from rich.text import Text

from safelight.cli.checking import CHECKS, Site
from safelight.cli.finding import current_settings
from safelight.cli.providers import check_providers, check_routes
from safelight.cli.showing import console, print_json
from safelight.examination import Finding, State
from safelight.settings import InvalidSetting, Settings

_SIGNS: Final = {
    State.GOOD: ("ok", "green"),
    State.HINT: ("hint", "yellow"),
    State.BROKEN: ("broken", "bold red"),
}


@click.command
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """Check keys, disk, ports and certificates, and say what to do.

    Each provider that has a key is asked something that costs nothing.
    Exits with 1 when something is broken, with 0 when there are only hints.
    """
    findings = examine()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    sys.exit(any(finding.state is State.BROKEN for finding in findings))


def examine() -> list[Finding]:
    """Every check's findings, in order; without usable settings there is nothing to check."""
    try:
        site = Site(current_settings())
    except InvalidSetting as error:
        return [Finding("settings", State.BROKEN, str(error), "Correct or unset it.")]
    findings = [Finding("settings", State.GOOD, "All settings can be used.")]
    try:
        for check in (*CHECKS, check_routes, check_providers):
            findings += check(site)
    except InvalidSetting as error:  # without HOME nothing else can be told
        findings.append(Finding("home", State.BROKEN, str(error)))
    return findings


def examine_providers(settings: Settings) -> list[Finding]:
    """What is found outside this machine: routes, keys, and whether providers take them."""
    site = Site(settings)
    return [*check_routes(site), *check_providers(site)]


def _print(findings: Sequence[Finding]) -> None:
    out = console()
    for finding in findings:
        sign, style = _SIGNS[finding.state]
        out.print(
            Text.assemble((f"{sign:>6} ", style), (f"{finding.subject}: ", "bold"), finding.found),
            soft_wrap=True,
        )
        if finding.advice:
            out.print(Text(f"       {finding.advice}"), soft_wrap=True)
