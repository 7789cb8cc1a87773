// Owns: opening a link in the person's browser, where there is one. What goes wrong is no error: the link was printed.
import { spawn } from "node:child_process";
import { isatty } from "node:tty";

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
  linux: ["xdg-open"],
};

/** Nothing where nobody looks: no terminal, no screen, a machine that is reached from another one, or `BROWSER=none`. */
export function openInBrowser(url: string, env: NodeJS.ProcessEnv = process.env): void {
  const [program, ...args] = OPENERS[process.platform] ?? [];
  const hasScreen = process.platform !== "linux" || Boolean(env["DISPLAY"] ?? env["WAYLAND_DISPLAY"]);
  if (program === undefined || !hasScreen || !isatty(2)) return;
  if (env["BROWSER"] === "none" || env["SSH_CONNECTION"] !== undefined) return;
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
