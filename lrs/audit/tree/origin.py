"""What a store's log is called in checkpoints."""


def origin_of(base_url: str, store: str) -> str:
    """Give the name that a store's log gets in checkpoints: where it is served, without scheme (C2SP tlog-tiles)."""
    return f"{base_url.partition('://')[2]}/log/{store}".replace("+", "%2B")
