"""The servers of this machine."""

import nats as nats_client
import psycopg
import pytest


@pytest.mark.parametrize("_", range(10))
def test_each_test_has_a_database_of_its_own(database_url: str, _: int) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE mine (id int)")


async def test_nats_keeps_streams(nats_url: str) -> None:
    client = await nats_client.connect(nats_url)
    stream = client.jetstream()
    await stream.add_stream(name="local", subjects=["local.>"])
    assert (await stream.publish("local.a", b"1")).seq == 1
    await client.close()
