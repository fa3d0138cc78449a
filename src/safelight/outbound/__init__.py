"""Everything that leaves for the network: one client, and the files that inputs point at."""
