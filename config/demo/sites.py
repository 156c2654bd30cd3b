"""What the demo's customers have written on their sites."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django_tenants.utils import tenant_context

from sites.content.models import BlogIndexPage, HomePage, PostPage, SiteIdentity
from sites.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    title: str
    intro: str
    text: str  # paragraphs, with an empty line between
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A site's words: on its front, and in its posts, the newest first."""

    tagline: str
    headline: str
    intro: str
    accent: str
    posts: tuple[Post, ...] = field(default=())


FLEUR = Story(
    tagline="Notes from a small, wet garden",
    headline="A garden that looks after itself, nearly.",
    intro="I garden on clay, in the shade, with little time. These are the things that worked anyway.",
    accent="forest",
    posts=(
        Post(
            title="A calendar for lazy gardeners",
            intro="Twelve months, one hour each. What to do, and what to leave until it no longer matters.",
            text="""
                Most garden calendars are written by people who like work. This one is not. It has one job for each
                month, chosen because leaving it out costs more later than doing it now.

                In November that job is to do nothing to the beds. Leaves are a blanket, stems are a hotel, and the
                frost will prune what needs it.
            """,
            quote="The best tool I own is a chair.",
        ),
        Post(
            title="What slugs do not eat",
            intro="Three years of notes, five plants that were still there in September.",
            text="""
                Hardy geraniums, ferns, astrantia, foxglove and hellebore. I tried thirty others. The slugs thanked me.
            """,
        ),
        Post(
            title="Sowing in the cold",
            intro="Some seeds want a winter before they want a spring.",
            text="""
                Put them in a pot, put the pot outside, put a tile on it against the cat, and forget where it is. In
                April you will find it again, and it will be green.
            """,
        ),
    ),
)
KELLER = Story(
    tagline="Chairs and tables from ash and oak",
    headline="Furniture that outlives its maker.",
    intro="One workshop, two pairs of hands, no screws. Every piece is signed, numbered and mended for free.",
    accent="clay",
    posts=(
        Post(
            title="A chair in eleven joints",
            intro="Where the forces go when you lean back, and why none of the joints is glued.",
            text="""
                Count them: four legs, four stretchers, two for the back, one for the seat. Each is cut so that sitting
                down tightens it.
            """,
            quote="Wood remembers which way it grew.",
        ),
        Post(
            title="Why ash bends",
            intro="Steam, ten minutes, and a jig older than I am.",
            text="""
                Ash has long fibres and little to say. Warm it through and it follows your hand; let it cool and it
                stays.
            """,
        ),
    ),
)
ROSA = Story(
    tagline="Desembrood uit de houtoven",
    headline="Elke dag brood, behalve op maandag.",
    intro="Drie soorten meel, water, zout en veel geduld. Bestel voor zes uur, dan ligt het er morgen.",
    accent="amber",
    posts=(
        Post(
            title="Desem voor beginners",
            intro="Zeven dagen, twee eetlepels per dag, en een potje dat u niet vergeet.",
            text="""
                Meng meel en water, dek af, en kijk er morgen weer naar. Op de derde dag ruikt het vreemd. Dat hoort zo.
            """,
        ),
    ),
)


def write(site: Site, story: Story, *, today: date) -> None:
    """Put the words on the site; a site that has posts already keeps what it has."""
    with tenant_context(site), transaction.atomic():
        if PostPage.objects.exists():
            return
        SiteIdentity.objects.update(tagline=story.tagline, accent=story.accent)
        home = HomePage.objects.get()
        home.headline, home.intro = story.headline, story.intro
        home.save_revision().publish()
        blog = BlogIndexPage.objects.get()
        for number, post in reversed(list(enumerate(story.posts))):
            blog.add_child(
                instance=PostPage(
                    title=post.title,
                    intro=post.intro,
                    body=_body(post),
                    date=today - timedelta(days=3 + 9 * number),
                )
            )


def _body(post: Post) -> list[tuple[str, object]]:
    paragraphs = (" ".join(paragraph.split()) for paragraph in post.text.split("\n\n"))
    body: list[tuple[str, object]] = [("text", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))]
    if post.quote:
        body.append(("quote", {"text": post.quote, "source": ""}))
    return body
