from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site


class Domain(models.Model):
    """A host name that leads to a site, without port. Its own address on the network's sites domain is one of
    them."""

    domain = models.CharField(_("domain"), max_length=253, unique=True)
    tenant = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(_("primary"), default=False)
    created_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["-is_primary", "domain"]
        constraints = [
            models.CheckConstraint(condition=Q(domain=Lower("domain")), name="a_domain_is_lower_case"),
            models.CheckConstraint(
                condition=~Q(domain__endswith=".") & ~Q(domain__contains=":") & ~Q(domain=""),
                name="a_domain_is_a_host_name_without_port_or_final_dot",
            ),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(is_primary=True), name="a_site_has_one_primary_domain"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
