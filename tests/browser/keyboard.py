"""A page by the keyboard alone."""


def focused(page):
    return page.evaluate("""() => {
        const one = document.activeElement;
        return one.labels?.[0]?.innerText || one.getAttribute('aria-label') || one.innerText || '';
    }""").strip()


def walk_to(page, words, most=80):
    """By the tabulator alone, as somebody without a mouse goes."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page).startswith(words):
            return
    raise AssertionError(words)
