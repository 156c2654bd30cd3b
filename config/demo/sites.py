"""What the demo's customers have written on their sites. The pictures were drawn for the demo."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.files.images import ImageFile
from django.db import transaction
from django_tenants.utils import tenant_context
from wagtail.models import Page

from products.limits import Kind
from sites import entitlements
from sites.content.models import (
    BlogIndexPage,
    ContactPage,
    HomePage,
    PostPage,
    SiteIdentity,
    SiteImage,
    StandardPage,
)
from sites.content.themes import Accent, Theme
from sites.models import Site

PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file in PICTURES, and what it shows."""

    file: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    title: str
    intro: str
    text: str  # paragraphs, with an empty line between
    quote: str = ""
    picture: Picture | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A page about the people: a few columns of heading and text stand under its paragraphs."""

    title: str
    intro: str
    text: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    title: str
    intro: str
    call: str  # the sentence that leads there from the front
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A site's look and words: on its front, on its pages, and in its posts, the newest first."""

    theme: Theme
    accent: Accent
    tagline: str
    headline: str
    intro: str
    footer: str
    hero: Picture
    about: About
    contact: Contact | None = None
    posts: tuple[Post, ...] = field(default=())


FLEUR = Story(
    theme=Theme.MEADOW,
    accent=Accent.FOREST,
    tagline="Notes from a small, wet garden",
    headline="A garden that looks after itself, nearly.",
    intro="I garden on clay, in the shade, with little time. These are the things that worked anyway.",
    footer="Written outdoors, posted indoors.",
    hero=Picture(file="garden.jpg", shows="Hills at sunrise, with red flowers in front"),
    about=About(
        title="About",
        intro="Forty square metres, one chair, and a hedge that is older than the house.",
        text="""
            I took this garden over from a man who had loved straight lines. For two summers I fought it. In the
            third I sat down, watched where the water went, and planted what was there already.

            What you read here is what I would have liked to know then.
        """,
        columns=(
            ("The soil", "Heavy clay over heavier clay. It cracks in July and swims in January."),
            ("The light", "Sun from eleven to two. The rest belongs to ferns."),
            ("The rule", "Nothing that needs me on a Tuesday."),
        ),
    ),
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
            picture=Picture(file="leaves.jpg", shows="Fallen leaves, green, red and yellow"),
            tags=("Seasons", "Little work"),
        ),
        Post(
            title="What slugs do not eat",
            intro="Three years of notes, five plants that were still there in September.",
            text="""
                Hardy geraniums, ferns, astrantia, foxglove and hellebore. I tried thirty others. The slugs thanked me.
            """,
            picture=Picture(file="pots.jpg", shows="Three pots with plants"),
            tags=("Plants", "Shade"),
        ),
        Post(
            title="Sowing in the cold",
            intro="Some seeds want a winter before they want a spring.",
            text="""
                Put them in a pot, put the pot outside, put a tile on it against the cat, and forget where it is. In
                April you will find it again, and it will be green.
            """,
            tags=("Seasons", "Plants"),
        ),
    ),
)
KELLER = Story(
    theme=Theme.GAZETTE,
    accent=Accent.CLAY,
    tagline="Chairs and tables from ash and oak",
    headline="Furniture that outlives its maker.",
    intro="One workshop, two pairs of hands, no screws. Every piece is signed, numbered and mended for free.",
    footer="Keller Furniture, Mill Lane 4. Open on Saturdays.",
    hero=Picture(file="chair.jpg", shows="A dark wooden chair before a round window"),
    about=About(
        title="The workshop",
        intro="A mill until 1961, a garage until 1998, and since then a place where wood is made into chairs.",
        text="""
            There are two of us. Max cuts the joints and Ida tells him when they are too tight. Between us lie
            fifty-one years of practice and about as many kinds of glue that we no longer use.

            We make some thirty pieces a year. Each has a number burnt in under the seat, and a page in a book
            that says which tree it was.
        """,
        columns=(
            ("The wood", "Ash and oak from less than forty kilometres away, dried for a year an inch."),
            ("The joints", "Cut by hand, wedged, never screwed. What moves with the seasons stays whole."),
            ("The promise", "Bring it back when it wobbles. Your grandchildren may, too."),
        ),
    ),
    contact=Contact(
        title="Write to us",
        intro="Tell us what should stand where, and who will sit on it. We answer within the week.",
        call="A table takes us eleven weeks. The first letter takes you five minutes.",
        button="Write to us",
    ),
    posts=(
        Post(
            title="A chair in eleven joints",
            intro="Where the forces go when you lean back, and why none of the joints is glued.",
            text="""
                Count them: four legs, four stretchers, two for the back, one for the seat. Each is cut so that sitting
                down tightens it.

                Lean back, and the back legs want to leave. The stretchers hold them; the wedge in the seat holds the
                stretchers. A chair is an argument that nobody wins.
            """,
            quote="Wood remembers which way it grew.",
            picture=Picture(file="rings.jpg", shows="The rings of a felled tree"),
            tags=("Joints", "Chairs"),
        ),
        Post(
            title="Why ash bends",
            intro="Steam, ten minutes, and a jig older than I am.",
            text="""
                Ash has long fibres and little to say. Warm it through and it follows your hand; let it cool and it
                stays.
            """,
            picture=Picture(file="planks.jpg", shows="Bent planks in many browns"),
            tags=("Wood",),
        ),
        Post(
            title="In praise of the wobble",
            intro="No floor is even. A good table knows how to forgive it.",
            text="""
                Three legs never wobble, and four always do until the floor and the table have come to know each
                other. Give them a winter.
            """,
            tags=("Tables", "Wood"),
        ),
        Post(
            title="The number under the seat",
            intro="Why we burn one in, and what stands on page 412.",
            text="""
                Chair 412 came back last spring, after a flood. We took it apart, dried it for a month, and put it
                together again. It has the same number. It is the same chair.
            """,
            tags=("Chairs",),
        ),
    ),
)
ROSA = Story(
    theme=Theme.POSTER,
    accent=Accent.AMBER,
    tagline="Desembrood uit de houtoven",
    headline="Elke dag brood, behalve op maandag.",
    intro="Drie soorten meel, water, zout en veel geduld. Bestel voor zes uur, dan ligt het er morgen.",
    footer="Molenstraat 12. Dinsdag tot en met zondag van zeven tot één.",
    hero=Picture(file="loaf.jpg", shows="Een rond brood met vijf sneden"),
    about=About(
        title="Over ons",
        intro="Een oven uit 1934, een moeder van zuurdesem die Truus heet, en vier mensen die vroeg opstaan.",
        text="""
            Rosa leerde bakken van haar oma en boekhouden van haar fouten. De winkel is klein, de oven is groot,
            en wat over is gaat om één uur naar de voedselbank.
        """,
        columns=(
            ("Het meel", "Tarwe, rogge en spelt van twee boeren die we bij naam kennen."),
            ("De tijd", "Zesendertig uur van meel tot brood. Sneller kan, maar dan smaakt het ook zo."),
            ("Het vuur", "Beuk en berk. Om vier uur brandt het, om zeven uur is het rustig."),
        ),
    ),
    contact=Contact(
        title="Bestellen",
        intro="Schrijf wat u wilt en wanneer u het haalt. Voor zes uur besteld is morgen gebakken.",
        call="Morgen brood? Dan nu even schrijven.",
        button="Bestellen",
    ),
    posts=(
        Post(
            title="Desem voor beginners",
            intro="Zeven dagen, twee eetlepels per dag, en een potje dat u niet vergeet.",
            text="""
                Meng meel en water, dek af, en kijk er morgen weer naar. Op de derde dag ruikt het vreemd. Dat hoort zo.

                Op de zevende dag drijft een lepel ervan in een glas water. Dan is het zover: bak iets kleins, en bewaar
                de helft voor morgen.
            """,
            quote="Brood is meel dat heeft leren wachten.",
            picture=Picture(file="wheat.jpg", shows="Tarwe-aren tegen een gele lucht"),
            tags=("Desem", "Zelf bakken"),
        ),
        Post(
            title="Waarom maandag dicht?",
            intro="De oven moet één dag per week koud zijn. Wij ook.",
            text="""
                Op maandag vegen we de as, slijpen we de messen en slapen we tot acht uur. Op dinsdag proeft u het.
            """,
            tags=("De winkel",),
        ),
        Post(
            title="Het oudste brood van de straat",
            intro="Een roggebrood van drie dagen is beter dan een van vandaag.",
            text="""
                Snijd het dun, laat het liggen, en doe er niets op wat het overstemt. Boter mag.
            """,
            tags=("Rogge", "De winkel"),
        ),
    ),
)


def write(site: Site, story: Story, *, today: date) -> None:
    """Put the story on the site; a site that has posts already keeps what it has."""
    with tenant_context(site), transaction.atomic():
        if PostPage.objects.exists():
            return
        SiteIdentity.objects.update(
            theme=story.theme, accent=story.accent, tagline=story.tagline, footer=story.footer
        )
        home = HomePage.objects.get()
        blog = BlogIndexPage.objects.get()
        for number, post in reversed(list(enumerate(story.posts))):
            blog.add_child(instance=_post(post, day=today - timedelta(days=3 + 9 * number)))
        _add(home, _about(story.about))
        home.headline, home.intro, home.hero = story.headline, story.intro, _image(story.hero)
        if story.contact is not None and entitlements.is_on(Kind.CONTACT_FORMS):
            contact = _add(home, ContactPage(title=story.contact.title, intro=story.contact.intro))
            words = {"heading": story.contact.call, "button": story.contact.button, "page": contact}
            home.body = [("call", words)]
        home.save_revision().publish()


def _add(parent: Page, page: Page) -> Page:
    page.show_in_menus = True
    return parent.add_child(instance=page)


def _about(about: About) -> StandardPage:
    columns = [{"heading": heading, "text": text} for heading, text in about.columns]
    body = [*_text(about.text), ("features", {"heading": "", "features": columns})]
    return StandardPage(title=about.title, intro=about.intro, body=body)


def _post(post: Post, *, day: date) -> PostPage:
    body = _text(post.text)
    if post.quote:
        body.append(("quote", {"text": post.quote, "source": ""}))
    image = _image(post.picture) if post.picture is not None else None
    page = PostPage(title=post.title, intro=post.intro, image=image, body=body, date=day)
    page.tags.add(*post.tags)
    return page


def _image(picture: Picture) -> SiteImage:
    with (PICTURES / picture.file).open("rb") as file:
        return SiteImage.objects.create(
            title=picture.shows, description=picture.shows, file=ImageFile(file, name=picture.file)
        )


def _text(text: str) -> list[tuple[str, Any]]:
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return [("text", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))]
