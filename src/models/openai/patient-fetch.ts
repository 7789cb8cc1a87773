// Owns: `fetch` without the time limits that Node sets on its own. Ours are in deadlines.ts.

type Dispatcher = NonNullable<RequestInit["dispatcher"]>;

/**
 * Node gives up after 300 s without headers, or between two pieces of a body, and a server that reads a long prompt may
 * need longer. The program's own way to connect, such as a proxy, is kept.
 */
export const fetchPatiently: typeof globalThis.fetch = async (input, init) => {
  const undici = await import("undici");
  // One class, declared in two packages of types.
  const inner = undici.getGlobalDispatcher() as unknown as Dispatcher;
  const dispatcher = inner.compose(
    (dispatch) => (options, handler) => dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
  );
  return globalThis.fetch(input, { ...init, dispatcher });
};
