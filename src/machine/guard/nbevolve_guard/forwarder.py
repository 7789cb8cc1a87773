"""Owns: the box's end of its one way to the network: a port of the box's own loopback that leads to a unix socket, behind
which the controller's proxy listens. Never looks at what goes through, and never decides what may.

    python -m nbevolve_guard.forwarder <socket> <port>

Prints a line when it listens; ends with the process that started it.
"""

import asyncio
import sys

from nbevolve_guard import confinement

CHUNK = 1 << 16


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """To the end of what comes, which is passed on as such."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()


async def serve(path: str, port: int) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            proxy_reader, proxy_writer = await asyncio.open_unix_connection(path)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(copy(reader, proxy_writer), copy(proxy_reader, writer))
        finally:
            proxy_writer.close()
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if confinement.is_boxed():
        confinement.hide_memory()
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
