from sites.models.address_hold import AddressHold
from sites.models.content_switch import ContentSwitch
from sites.models.domain import Domain
from sites.models.domain_claim import DomainClaim
from sites.models.hand_over import HandOver
from sites.models.job import SiteJob
from sites.models.member import Role, SiteMember
from sites.models.migration import SiteMigration
from sites.models.over_limit import ChosenToStay, OverLimit, OverLimitPolicy
from sites.models.owner_visit import OwnerVisit
from sites.models.retired import RetiredSchema
from sites.models.site import Site
from sites.models.spare import SpareSchema
from sites.models.starter import Starter
from sites.models.step import ProvisioningStep
from sites.models.template import SiteTemplate
from sites.models.visits import DailyVisits, VisitBatch

__all__ = [
    "AddressHold",
    "ChosenToStay",
    "ContentSwitch",
    "DailyVisits",
    "Domain",
    "DomainClaim",
    "HandOver",
    "OverLimit",
    "OverLimitPolicy",
    "OwnerVisit",
    "ProvisioningStep",
    "RetiredSchema",
    "Role",
    "Site",
    "SiteJob",
    "SiteMember",
    "SiteMigration",
    "SiteTemplate",
    "SpareSchema",
    "Starter",
    "VisitBatch",
]
