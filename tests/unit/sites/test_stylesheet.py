"""What a customer may write in the styles of their own site."""

import pytest
from django.core.exceptions import ValidationError

from sites.content.stylesheet import validate_stylesheet


@pytest.mark.parametrize(
    "styles",
    [
        "",
        "/* nothing yet */",
        "h1 { color: rebeccapurple; letter-spacing: -.02em }",
        "h1 { color: red",  # CSS closes what is open at the end
        ".card { &:hover { translate: 0 -2px; } @media (width > 40rem) { padding: 2rem; } }",
        "@layer mine { @supports (display: grid) { main { display: grid } } }",
        "@keyframes glow { from { opacity: 0 } to { opacity: 1 } }",
        "body { background: url(/media/images/paper.png) }",
        'body { background: image-set("/media/images/paper.png" 1x) }',
        "li { list-style: url('data:image/png;base64,AAAA') }",
        'a::after { content: "https://example.com/ is only text" }',
    ],
)
def test_styles_are_accepted(styles: str) -> None:
    validate_stylesheet(styles)


@pytest.mark.parametrize(
    ("styles", "problem"),
    [
        ("@import 'https://evil.example/a.css';", "Line 1: @import is not possible here."),
        ("\n\n@IMPORT url(a.css);", "Line 3: @import is not possible here."),
        ("@font-face { font-family: x }", "Line 1: @font-face is not possible here."),
        ("h1 {}\nbody { background: url(https://evil.example/x.png) }", "Line 2: pictures come"),
        ("body { background: url(//evil.example/x.png) }", "Line 1: pictures come"),
        ("body { background: u\\72l(https://evil.example/x.png) }", "Line 1: pictures come"),
        ("body { background: URL( 'https://evil.example/x.png' ) }", "Line 1: pictures come"),
        ("body { background: image-set('https://evil.example/x.png' 1x) }", "Line 1: pictures come"),
        ("body { --x: url(https://evil.example/x.png) }", "Line 1: pictures come"),
        ("@media print { a { b { background: url(/dashboard/) } } }", "Line 1: pictures come"),
        ("body { background: url(javascript:alert(1)) }", "Line 1:"),
        ("h1 { color: red }}", "Line 1: this is not CSS"),
        ("</style><script>alert(1)</script>", "Line 1: this is not CSS"),
    ],
)
def test_styles_that_load_from_elsewhere_or_are_none_are_refused_with_their_line(
    styles: str, problem: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_stylesheet(styles)
    assert refused.value.messages[0].startswith(problem)


def test_no_more_than_five_lines_are_named_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        validate_stylesheet("@import 'a';\n" * 9)
    assert [message[:7] for message in refused.value.messages] == [f"Line {n}:" for n in (1, 2, 3, 4, 5)]
