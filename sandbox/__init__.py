"""The gateway double: a small stand-in for Stripe, for the demo and for tests; see `docs/gateway-double.md`.

A Django project of its own. The product never imports it and talks to it over HTTP, as it does to Stripe.
"""
