"""Run inside a stack's environment: make one more customer. Arguments: name, plan, days ago, language."""

import sys
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402 -- Django is set up first
from django.utils import timezone  # noqa: E402 -- Django is set up first

from config.demo.catalogue import make_catalogue  # noqa: E402 -- Django is set up first
from config.demo.seed import Cast, welcome  # noqa: E402 -- Django is set up first
from config.demo.sites import FLEUR  # noqa: E402 -- Django is set up first

name, plan, days, language = sys.argv[1:]
welcome(
    Cast(
        email=f"{name}@demo.example",
        name=name.title(),
        language=language,
        plan=plan,
        ago=timedelta(days=int(days)),
        site=f"{name.title()}'s site",
        slug=name,
        about="",
        story=FLEUR,
    ),
    make_catalogue(settings.CURRENCY),
    now=timezone.now(),
)
