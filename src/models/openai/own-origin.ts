// Owns: that a request, with its key and its prompt, goes to the origin that the user named and to no other one: a redirect
import { nameOption } from "../../core/shell-words.ts";
// within it is followed, one that leads out of it is an answer of the server that says so.

const MOST_REDIRECTS = 5;
/** Says of a redirect that it was not followed. */
export const NOT_SENT = "neither key nor prompt was sent there";

/** As the given `fetch`, for an address with the options beside it. Custom headers too would follow a redirect otherwise. */
export function withinOrigin(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    let url = new URL(input instanceof Request ? input.url : input);
    let options: RequestInit = { ...init, redirect: "manual" };
    for (let left = MOST_REDIRECTS; ; left--) {
      const response = await fetch(url, options);
      const next = redirectOf(response, url);
      if (next === null) return response;
      await response.body?.cancel();
      if (next.origin !== url.origin)
        return refusal(`it sends requests on to ${next.origin}, another origin`);
      if (left === 0) return refusal("it redirects without end");
      options = afterRedirect(options, response.status);
      url = next;
    }
  };
}

/** Null when it is none. */
function redirectOf({ status, headers }: Response, from: URL): URL | null {
  const location = headers.get("location");
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  return isRedirect && location !== null && URL.canParse(location, from.href)
    ? new URL(location, from)
    : null;
}

/** As a browser does: after these a form is not sent again. */
function afterRedirect(options: RequestInit, status: number): RequestInit {
  const isPost = options.method?.toUpperCase() === "POST";
  if (status !== 303 && !(isPost && (status === 301 || status === 302))) return options;
  return { ...options, method: "GET", body: null };
}

/** As a server refuses, so that the run stops and says why. */
function refusal(what: string): Response {
  const message = `${what}; ${NOT_SENT}. If that address is right, name it with ${nameOption("--base-url", "baseURL")}`;
  return Response.json({ error: { message } }, { status: 403 });
}
