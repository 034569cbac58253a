"""`lrs migrate`: brings a database up to date."""

from lrs import settings as configuration


def migrate() -> None:
    """Bring the database that LRS_DATABASE_URL names up to date. The URL must be its owner's.

    It needs Postgres 15 or newer and ENCODING 'UTF8', and the owner CREATEROLE; or somebody who has it runs this first:
    CREATE ROLE vliegwiel_app NOLOGIN; GRANT vliegwiel_app TO owner.

    Makes the tables, the store LRS_STORE, and the credential of LRS_KEY and LRS_SECRET if both are given. Rebuilds
    the statement index of each store if another version made it, for which it needs the master key. Run it before
    each new version serves; running it again does nothing.
    """
    from lrs.cli.first import given_credential, make_tables, renew_indexes

    settings = configuration.load()
    if settings.key and not settings.secret:  # one that is made up here would be seen by nobody
        raise configuration.SettingsError(
            "LRS_KEY is given without LRS_SECRET: set both, or neither and use `lrs credential create` afterwards"
        )
    applied = False
    for step in (make_tables, renew_indexes, given_credential):
        for one in step(settings):
            print(f"applied {one}", flush=True)
            applied = True
    if not applied:
        print("up to date")
