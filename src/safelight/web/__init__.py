"""The playground: pages for people, which use the same API as any client."""
