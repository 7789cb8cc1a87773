"""Owns: the server's three answers about templates: what they use, whether one is there, and its end.

    GET    /api/nbevolve/templates         -> {name: {"pid", "kids", "pss", "private"}}
    GET    /api/nbevolve/templates/<name>  -> 204; 404 when there is none
    DELETE /api/nbevolve/templates/<name>  -> 204; also when there is none
"""

import asyncio
import json
import os
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from nbevolve_fork import wire
from nbevolve_fork.specs import FORK, socket_of

ANSWER_S = 5.0


class Templates(APIHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        names = [name for name in os.listdir(os.environ["JUPYTER_RUNTIME_DIR"]) if FORK.fullmatch(name)]
        answers = await asyncio.gather(*(asyncio.to_thread(ask, name, "stat") for name in names))
        found = {name: answer for name, answer in zip(names, answers) if answer is not None}
        self.finish(json.dumps(found))


class OneTemplate(APIHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        answer = await asyncio.to_thread(ask, name, "look")
        self.set_status(404 if answer is None else 204)
        self.finish()

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        await asyncio.to_thread(ask, name, "end")
        self.set_status(204)
        self.finish()


def ask(name: str, operation: str) -> dict[str, Any] | None:
    """None when the template does not answer: it is gone."""
    path = socket_of(name)
    try:
        connection = wire.connect(path, ANSWER_S)
    except ConnectionRefusedError:
        os.unlink(path)  # it was killed: nothing else removes it
        return None
    except OSError:
        return None
    with connection:
        try:
            wire.send(connection, {"op": operation})
            return wire.receive(connection)
        except (OSError, ValueError):
            return None


def routes(base_url: str) -> list[Any]:
    path = url_path_join(base_url, "api", "nbevolve", "templates")
    return [(path, Templates), (f"{path}/({FORK.pattern})", OneTemplate)]
