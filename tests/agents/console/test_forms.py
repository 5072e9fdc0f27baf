"""Every form that changes something carries the CSRF token of the session."""

from __future__ import annotations

import re

from agents.console.frame import TEMPLATES

FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
WITHOUT_A_SESSION = {"login.html.j2"}


def test_every_form_that_changes_something_carries_the_csrf_token() -> None:
    changing, bare = 0, []
    for template in sorted(TEMPLATES.glob("*.j2")):
        for form in FORM.findall(template.read_text(encoding="utf-8")):
            if 'method="post"' in form.lower() and template.name not in WITHOUT_A_SESSION:
                changing += 1
                if "csrf_field()" not in form:
                    bare.append((template.name, form[:80]))
    assert bare == []
    assert changing > 10
