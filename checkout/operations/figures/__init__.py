"""How business goes: aggregates of the network's rows, each one statement, and the rows behind each of them. No amount
is ever added to one of another currency, and no site's schema is read."""
