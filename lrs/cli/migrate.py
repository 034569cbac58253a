"""`lrs migrate`: brings a database up to date."""

from lrs import settings as configuration


def migrate() -> None:
    """Bring the database that LRS_DATABASE_URL names up to date. The URL must be its owner's.

    The database needs ENCODING 'UTF8', and the owner CREATEROLE; or somebody who has it runs this first:
    CREATE ROLE vliegwiel_app NOLOGIN; GRANT vliegwiel_app TO owner.

    Makes the tables, the store LRS_STORE, and the credential of LRS_KEY and LRS_SECRET if both are given. Run it
    before each new version serves; running it again does nothing.
    """
    from lrs.cli.first import given_credential, make_tables

    settings = configuration.load()
    if settings.key and not settings.secret:  # one that is made up here would be seen by nobody
        raise configuration.SettingsError(
            "LRS_KEY is given without LRS_SECRET: set both, or neither and use `lrs credential create` afterwards"
        )
    applied = make_tables(settings) + given_credential(settings)
    for one in applied:
        print(f"applied {one}")
    if not applied:
        print("up to date")
