from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from checkout.models.quote import Quote
from sites.models import Site
from sites.models.over_limit import KINDS


class QuoteChoice(models.Model):
    """Which things of one kind the customer wants to stay once the change of a quote has taken effect. Nothing follows
    from it before.

    `site` is empty for what all sites of the membership share. `keys` are identities within the kind; what is gone by
    then is not missed.
    """

    quote = models.ForeignKey(
        Quote, verbose_name=_("quote"), on_delete=models.CASCADE, related_name="choices"
    )
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("limit"), max_length=30, choices=KINDS)
    keys = ArrayField(models.CharField(max_length=253), verbose_name=_("what stays"), blank=True)
    chosen_at = models.DateTimeField(_("chosen"))

    class Meta:
        verbose_name = _("choice of what stays")
        verbose_name_plural = _("choices of what stays")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["quote", "site", "kind"],
                nulls_distinct=False,
                name="a_quote_has_one_choice_of_each_kind_in_a_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quote_id} {self.kind}: {len(self.keys)}"
