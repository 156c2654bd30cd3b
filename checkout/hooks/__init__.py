"""Outgoing webhooks: what happens on the network, told to other systems, as Standard Webhooks has it."""
