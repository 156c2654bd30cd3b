"""A file of members that waits at the desk: checked, with rows that are right and one that is not."""

from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from checkout.imports.models import ImportJob
from checkout.imports.operations import begin_import, read_csv, work_on

NAME: Final = "members-of-the-old-network.csv"
FILE: Final = """\
reference,email,name,country,plan,interval,price,member_since,next_renewal,wallet,site_name,site_address
4711,lena@old.example,Lena Brandt,DE,premium,month,25.00,2023-04-12,{soon},5.00,Lena's Prints,lenas-prints
4712,tom@old.example,Tom Visser,NL,free,,,2024-09-01,,,Tom's Boats,toms-boats
4713,ida@old.example,Ida Holm,DK,premium,month,,2022-01-31,2022-12-31,,Ida's Wool,admin
"""


def is_brought() -> bool:
    return ImportJob.objects.exists()


def bring_a_file(*, asked_by: User, now: datetime) -> None:
    """Have a file of three members checked."""
    text = FILE.format(soon=f"{now + timedelta(days=20):%Y-%m-%d}")
    lines = read_csv(text.encode(), kind=ImportJob.Kind.MEMBERSHIPS)
    job = begin_import(
        kind=ImportJob.Kind.MEMBERSHIPS, file_name=NAME, lines=lines, asked_by=asked_by, now=now
    )
    work_on(job_id=job.pk, clock=lambda: now)
