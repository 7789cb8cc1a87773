// Owns: what the page shows, which is its address: every state has a link, in a report's file too.
import { signal } from "@preact/signals";
import {
  changeAddress,
  readAddress,
  writeAddress,
  type Address,
  type AddressChange,
} from "./address-text.ts";

/** What the page shows now. */
export const address = signal<Address>({ run: null, view: "run", options: {} });

/** The link to what is shown, but for the change. */
export function linkTo(change: AddressChange): string {
  return writeAddress(changeAddress(address.value, change));
}

/** Goes there. `replace`: without a step in the browser's history, as for each step of a slider. */
export function goTo(change: AddressChange, replace = false): void {
  const next = writeAddress(changeAddress(address.peek(), change));
  if (next === location.hash) return;
  if (replace) history.replaceState(null, "", next);
  else history.pushState(null, "", next);
  address.value = readAddress(next);
}

/** Follows the browser's own steps back and forth. */
export function watchAddress(): void {
  const read = (): void => {
    address.value = readAddress(location.hash);
  };
  addEventListener("hashchange", read);
  addEventListener("popstate", read);
  read();
}
