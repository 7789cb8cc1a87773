/** A run directory: the journal as SQLite, and the readable files beside it. */
export { openRunStore, type RunStore, type RunStoreOptions } from "./run-store.ts";
export type { TimedEvent } from "./sqlite/journal-reader.ts";
export { isWaiting, openInbox, sendCommand, readWaitingCommands } from "./inbox.ts";
export { liveSession } from "./lock.ts";
export type { Link } from "./sqlite/chain.ts";
export { stateDirectory } from "./installation.ts";
export { describeOtherReaders, makePrivateFolder } from "./private-files.ts";
export { claimRunFolder, holdsRun } from "./run-folder.ts";
export { branchFile } from "./mirrors/branch-mirror.ts";
export { branchPresenter } from "./mirrors/present-branch.ts";
export { leaveStopNote } from "./stop-note.ts";
