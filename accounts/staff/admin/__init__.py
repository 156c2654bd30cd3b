from accounts.staff.admin import audit, role, staff_member  # noqa: F401 -- importing registers them
