/** A run directory: the journal as SQLite, and the readable files beside it. */
export { openRunStore, type RunStore, type RunStoreOptions } from "./run-store.ts";
export { isWaiting, openInbox, sendLetter, waitingLetters } from "./inbox.ts";
export { sittingAt } from "./lock.ts";
