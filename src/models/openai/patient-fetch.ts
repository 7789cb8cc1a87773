// Owns: how requests reach a server: through the proxies that the environment names, and without the time limits that Node
// sets on its own. Ours are in deadlines.ts.
import type { EnvHttpProxyAgent } from "undici";
import type { Proxies } from "./endpoint.ts";

type Dispatcher = NonNullable<RequestInit["dispatcher"]>;

/**
 * Node gives up after 300 s without headers, or between two pieces of a body, and a server that reads a long prompt may
 * need longer. A way to connect that the program has set for itself comes before `proxies`; null: there are none.
 */
export function patientFetch(proxies: Proxies | null): typeof globalThis.fetch {
  let agent: EnvHttpProxyAgent | null = null;
  return async (input, init) => {
    const undici = await import("undici");
    const set = undici.getGlobalDispatcher();
    // A request by plain HTTP is handed to its proxy, as curl does; a tunnel is for HTTPS.
    if (proxies !== null && isUsual(set))
      agent ??= new undici.EnvHttpProxyAgent({ ...proxies, proxyTunnel: false });
    // One class, declared in two packages of types.
    const inner = (agent !== null && isUsual(set) ? agent : set) as unknown as Dispatcher;
    const dispatcher = inner.compose(
      (dispatch) => (options, handler) =>
        dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
    );
    return globalThis.fetch(input, { ...init, dispatcher });
  };
}

/** Node's own, or one like it: not a proxy that the program set up. */
function isUsual(dispatcher: object): boolean {
  return dispatcher.constructor.name === "Agent";
}
