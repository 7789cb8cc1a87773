"""Owns: the server's three answers about templates: what they use, whether one is there, and its end.

    GET    /api/nbevolve/templates         -> {name: {"pid", "kids", "pss", "private"}}
    GET    /api/nbevolve/templates/<name>  -> 204; 404 when there is none
    DELETE /api/nbevolve/templates/<name>  -> 204; also when there is none
"""

import json
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from nbevolve_fork.provisioner import BoxProvisioner
from nbevolve_fork.specs import FORK


class Templates(APIHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        answer = await BoxProvisioner.keeper.ask({"op": "templates"})
        self.finish(json.dumps(answer["templates"]))


class OneTemplate(APIHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        answer = await BoxProvisioner.keeper.ask({"op": "look", "name": name})
        self.set_status(204 if answer.get("there") else 404)
        self.finish()

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        await BoxProvisioner.keeper.ask({"op": "drop", "name": name})
        self.set_status(204)
        self.finish()


def routes(base_url: str) -> list[Any]:
    path = url_path_join(base_url, "api", "nbevolve", "templates")
    return [(path, Templates), (f"{path}/({FORK.pattern})", OneTemplate)]
