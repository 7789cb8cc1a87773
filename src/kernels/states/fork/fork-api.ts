// Owns: what our server says about templates, the frozen processes that kernels are forked from. Never decides anything.
import { ServerConnection } from "@jupyterlab/services";
import { waitFor } from "../../../machine/deadline.ts";
import type { JupyterServer } from "../../jupyter/contracts.ts";
import { countOf, recordOf } from "../../../core/untrusted.ts";

const ANSWER_MS = 10_000;

/** A fresh kernel that can be forked; a fork has the name of its template. */
export const FORKABLE = "nbevolve-forkable";

/** Bytes that each template has for itself, by name. Rejects when the server does not answer. */
export async function privateBytes(server: JupyterServer): Promise<ReadonlyMap<string, number>> {
  const response = await request(server, "GET", "");
  const found = Object.entries(recordOf(await response?.json()));
  return new Map(found.map(([name, said]) => [name, countOf(recordOf(said)["private"]) ?? 0]));
}

/** Ends a template; those forked from it live on. It ends with its server anyway, so a failure is none. */
export async function endTemplate(server: JupyterServer, name: string): Promise<void> {
  if (server.running()) await request(server, "DELETE", `/${name}`).catch(() => null);
}

async function request(server: JupyterServer, method: string, path: string): Promise<Response | null> {
  const { settings } = server;
  const url = `${settings.baseUrl}api/nbevolve/templates${path}`;
  const answer = await waitFor(ServerConnection.makeRequest(url, { method }, settings), ANSWER_MS);
  return answer.how === "settled" ? answer.value : null;
}
