// Owns: asking our server about templates, the frozen processes from which kernels are forked, and ending one.
import { z } from "zod";
import { ServerConnection } from "@jupyterlab/services";
import { waitFor } from "../../../machine/deadline.ts";
import type { JupyterServer } from "../../jupyter/contracts.ts";
import { readForeignAnswer } from "../../../core/foreign-answer.ts";

const ANSWER_MS = 10_000;
const MOST = { chars: 1_000_000 };
const SIZES = z.record(z.string(), z.object({ private: z.int().min(0).nullish() }));

/** The memory in bytes that each template has for itself, by name. Rejects when the server does not answer. */
export async function privateBytes(server: JupyterServer): Promise<ReadonlyMap<string, number>> {
  const response = await request(server, "GET", "");
  const read = readForeignAnswer(await response?.text(), SIZES, MOST);
  if (!read.ok) throw new Error(`what the server says of its templates cannot be read: ${read.why}`);
  return new Map(Object.entries(read.value).map(([name, said]) => [name, said.private ?? 0]));
}

/** Whether there is a template of this name. */
export async function hasTemplate(server: JupyterServer, name: string): Promise<boolean> {
  const response = server.running() ? await request(server, "GET", `/${name}`).catch(() => null) : null;
  return response?.status === 204;
}

/** Ends a template; kernels forked from it go on. It ends with its server anyway, so a failure does not matter. */
export async function endTemplate(server: JupyterServer, name: string): Promise<void> {
  if (server.running()) await request(server, "DELETE", `/${name}`).catch(() => null);
}

async function request(server: JupyterServer, method: string, path: string): Promise<Response | null> {
  const { settings } = server;
  const url = `${settings.baseUrl}api/nbevolve/templates${path}`;
  const answer = await waitFor(ServerConnection.makeRequest(url, { method }, settings), ANSWER_MS);
  return answer.how === "settled" ? answer.value : null;
}
