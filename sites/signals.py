"""News that sites send, after commit. Every reaction also has a sweep, since a process can die in between."""

from django.dispatch import Signal

site_created = Signal()  # site_id: int -- its rows are there, its schema is not
site_ready = Signal()  # site_id: int, now: datetime -- proven ready, from now on shown to visitors
spare_taken = Signal()  # now: datetime -- the pool of spare schemas has one less
message_received = Signal()  # site_id: int -- a visitor used a contact form of the site
person_invited = Signal()  # member_id: int -- the mail with the link is to be sent
content_switch_asked = Signal()  # switch_id: int -- its row is there, its content is not
content_switched = Signal()  # site_id: int -- the site shows other content from now on
