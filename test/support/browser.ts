// Owns: a real browser for tests of the page: the system's Chromium, and what it complained about.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Absolute path of the system's Chromium; null where there is none. */
function findChromium(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const program = findChromium();
/** Why no browser can be had, in words; null where one can. */
export const noBrowser = program === null ? `no Chromium in PATH (${NAMES.join(", ")})` : null;

/** How a page is looked at. */
export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  /** Whether no request gets anywhere. Default false. */
  readonly offline?: boolean;
}

/** A page, and what went wrong on it: exceptions, errors of its console, requests that failed. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** An empty page, closed with its browser when the test is over. */
export async function openPage(options: BrowserOptions = {}): Promise<WatchedPage> {
  const { width = 1280, height = 900, scheme = "light", offline = false } = options;
  const browser: Browser = await chromium.launch({
    executablePath: program ?? "",
    // As root, and in most containers, its own sandbox cannot be had; the pages are this repository's own.
    args: ["--no-sandbox"],
    timeout: 300_000,
  });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, offline });
  // For what hangs: a loaded machine is not late.
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => complaints.push(`request: ${request.url().slice(0, 200)}`));
  return { page, complaints };
}
