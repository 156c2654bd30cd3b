"""Names people may give a site's address. Pure.

The name a person types becomes the first label of a host name and nothing else: schemas and folders are named
after the site's own identifier.
"""

import re
import unicodedata
import uuid

LONGEST_NAME = 40
SHORTEST_IMITATED = 4  # shorter reserved names are not taken for another
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")

RESERVED_NAMES = frozenset(
    """
    about abuse access account accounts activate ad admin administrator ads api app apps assets auth
    autoconfig autodiscover backup beta billing blog board broadcasthost cache cdn checkout client clients
    cloud cms console contact customer customers dashboard db demo dev development dns docs domain domains
    download downloads edge email enter enterprise example feed feedback files forum ftp gateway git graphql
    help home host hosting hostmaster http https imap img images info internal intranet invoice invoices
    invite isatap issues it jobs kb legal live localdomain localhost log login logout mail mailer
    mailer-daemon marketing me media member members metrics mobile monitor mta mx my network network-admin
    networks news newsletter no-reply nobody noc noreply ns ns1 ns2 ns3 ns4 null oauth office official
    operator order orders owner partner partners pay payment payments phishing pop pop3 portal postmaster
    press preview pricing privacy private prod production profile proxy public register reset root router
    rss sale sales sandbox secure security server settings setup shop signin signup sip site site-template
    sitewright sites smtp sql ssh ssl ssladmin sslwebmaster stage staging static stats status store stripe
    subdomain support survey svn sysadmin system team teams template test testing tls tools track trust
    undefined unsubscribe update upgrade upload uploads uptime url usage usenet user users uucp vpn wagtail
    web webhook webhooks webmail webmaster website wiki wpad www www1 www2 xmpp
    """.split()  # noqa: SIM905 -- a list of this length reads better as words
)


# How letters are imitated, so that a name is read as one of the network: `adm1n`, `supp0rt`, `rnail`, `sign-up`.
_IMITATIONS = (("rn", "m"), ("vv", "w"))
_ALIKE = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "-": None}
_READINGS = tuple(str.maketrans({**_ALIKE, "1": letter}) for letter in "li")


def _as_read(name: str) -> frozenset[str]:
    """What `name` may be taken for at a glance."""
    for imitation, letter in _IMITATIONS:
        name = name.replace(imitation, letter)
    return frozenset(name.translate(reading) for reading in _READINGS)


_IMITATED = frozenset(
    reading
    for name in RESERVED_NAMES
    if name.isalpha() and len(name) >= SHORTEST_IMITATED
    for reading in _as_read(name)
)


def why_not(name: str) -> str | None:
    """The code of the rule that `name` breaks as a site's address, or None when it may be used.

    Codes: `empty`, `long`, `characters` (not lower-case letters, digits and inner hyphens), `punycode`,
    `reserved`, `lookalike` (read as a reserved one).
    """
    if not name:
        return "empty"
    if len(name) > LONGEST_NAME:
        return "long"
    if not _NAME.fullmatch(name):
        return "characters"
    if name[2:4] == "--":
        return "punycode"  # the mark of an internationalised name: it would show as other letters
    return _whose(name)


def _whose(name: str) -> str | None:
    """`reserved` or `lookalike` when `name` is the network's, or read as such."""
    if name in RESERVED_NAMES:
        return "reserved"
    return None if _as_read(name).isdisjoint(_IMITATED) else "lookalike"


def proposals(text: str) -> list[str]:
    """Addresses that may be used, made of a title or of an address that cannot be had, the best first. None when there
    is no letter or digit in it."""
    plain = unicodedata.normalize("NFKD", text[: 4 * LONGEST_NAME]).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not stem:
        return []
    endings = ("", "-site", "-online", "-web", *(f"-{number}" for number in range(2, 10)))
    made = [f"{stem[: LONGEST_NAME - len(ending)].rstrip('-')}{ending}" for ending in endings]
    return [name for name in made if why_not(name) is None]


def schema_name(uid: uuid.UUID) -> str:
    """The schema of the site with this identifier."""
    return f"site_{uid.hex}"
