"""Signing up, a page a step. Whose sign-up it is follows from who is signed in: no address names one."""
