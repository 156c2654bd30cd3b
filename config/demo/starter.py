"""The network's own starter site: what the demo's customers can begin anew with."""

from config.demo.sites import About, Picture, Post, Story
from sites.content.themes import Accent, Theme
from sites.models import Site, Starter

WORKSHOP = Story(
    theme=Theme.MEADOW,
    accent=Accent.INK,
    tagline="Made by hand, by {owner}",
    headline="Welcome to {site_title}.",
    intro="Say in two sentences what you make, for whom, and what is different about it.",
    footer="{site_title} is {owner}.",
    hero=Picture(file="planks.jpg", shows="Planks of wood, seen from the side"),
    about=About(
        title="About {site_title}",
        intro="Who you are, where you work, since when.",
        text="""
            {owner} began {site_title} because nobody else did. Tell how, in your own words.

            People remember one thing about a page like this. Choose which.
        """,
        columns=(
            ("Where", "Your street and your town, and how to come there."),
            ("When", "The hours when your door is open."),
        ),
    ),
    posts=(
        Post(
            title="The first thing we made",
            intro="Write about one thing you are proud of.",
            text="""
                What was asked for, what you thought of, what came out. Three paragraphs and a picture are enough.
            """,
            picture=Picture(file="chair.jpg", shows="A chair"),
        ),
    ),
)


def offer(site: Site) -> None:
    """Let others begin as `site`."""
    about = "A headline, a page about you, a first post. Your name is on them already."
    Starter.objects.get_or_create(site=site, defaults={"name": "Workshop", "description": about})
