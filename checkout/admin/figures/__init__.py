"""The dashboard: figures of the network as blocks, and the rows behind each number. Who may not see the rows sees no
number of them."""
