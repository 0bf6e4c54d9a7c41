import pytest

from shared.callback_urls import Target, target_of


def test_a_url_is_taken_apart():
    assert target_of("https://api.example.com:8443/hooks/a?b=1") == Target(
        "https", "api.example.com", 8443, "/hooks/a?b=1", "api.example.com:8443"
    )
    assert target_of("https://example.com") == Target("https", "example.com", 443, "/", "example.com")
    assert target_of("https://[2606:4700::1]/x").host == "2606:4700::1"


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "ftp://example.com/", "http://example.com/", "file:///etc/passwd", "https://",
        "https:///path", "https://a:b@example.com/", "https://example.com@127.0.0.1/", "https://example.com/#part",
        "https://example.com:99999/", "https://example.com:x/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://bücher.example/", "https://[::1/", "https://example.com/" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_place_for_callbacks_is_refused(url):
    with pytest.raises(ValueError, match=r"."):
        target_of(url)


def test_http_is_taken_where_it_is_allowed():
    assert target_of("http://10.20.0.1/hooks", allows_http=True).port == 80
