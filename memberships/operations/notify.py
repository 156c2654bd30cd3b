from memberships.notices import notify

__all__ = ["notify"]
