// Owns: what a Jupyter server and a live kernel on it are for the rest of the kernels' rooms. Types only: the two know
// each other, and neither implementation may import the other.
import type { KernelMessage, ServerConnection } from "@jupyterlab/services";
import type { Ended } from "../../machine/guarded-process.ts";

export type IOPubMessage = KernelMessage.IIOPubMessage;
export type Reply = KernelMessage.IExecuteReplyMsg["content"];
export type ExecuteContent = Partial<KernelMessage.IExecuteRequestMsg["content"]> & { readonly code: string };

/** Where a kernel can write files. */
export interface Area {
  /** Below the root of the workspaces; empty: that itself. */
  readonly folder: string;
  /** The same, as the kernel sees it. */
  readonly inside: string;
}

export interface NewKernel {
  /** Name of the kernel spec. */
  readonly name: string;
  readonly area: Area;
}

export interface LiveKernel extends AsyncDisposable {
  readonly id: string;
  readonly area: Area;
  /** Why it is lost, in words; null while it is not known to be. */
  lost(): string | null;
  /** True when it was lost because it hung: it was forked, and waited for a thread that a fork does not copy. */
  hung(): boolean;
  /**
   * Runs a request to its end: when it resolves, the reply and all output have come.
   * @throws KernelLost as soon as the kernel, or the connection to it, is lost. It has no deadline of its own: see `waitFor`.
   */
  request(content: ExecuteContent, onMessage: (message: IOPubMessage) => void): Promise<Reply>;
  /** Resolves once the signal was sent; a kernel that cannot be reached any more is no error. */
  interrupt(): Promise<void>;
  /** Ends it for good; its requests throw KernelLost with this reason. Resolves when the process is gone. */
  kill(reason: string): Promise<void>;
}

/**
 * How a kernel's process ended: an exit code, minus the number of a signal, or null when neither is known; `hung`: it was
 * forked and was killed because it hung; or the words of the limit that ended it.
 */
export type ExitStatus = number | "hung" | null | { readonly limit: string };

/** What is different about a server that nbevolve did not start. */
export interface RemoteAccess {
  /** For its websockets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes a fresh kernel answer as one of ours does. @throws KernelLost. */
  prepare(kernel: LiveKernel): Promise<void>;
}

export interface JupyterServer extends AsyncDisposable {
  /** For @jupyterlab/services; every request made with them has a deadline. */
  readonly settings: ServerConnection.ISettings;
  /** Where a websocket for a URL of the settings has to go. */
  readonly address: (url: string) => string;
  /** The name under which a fresh kernel is started, and where its files will lie. */
  newKernel(): Promise<NewKernel>;
  /** Absent on a server that nbevolve started. */
  readonly remote?: RemoteAccess;
  /** What does not keep kernels apart there, in words; null: nothing is known. */
  readonly gap: string | null;
  /** Settles when no process of it is left. Never rejects. */
  readonly ended: Promise<Ended>;
  /** False from the moment when it is known that it ended or is to end. */
  running(): boolean;
  /** Where to look when no kernel can be started on it. */
  remedy(): string;
  /** Calls `report` once with how a kernel's process ended, and with its pid on the server's side. Returns how to stop watching. */
  onExit(kernelId: string, report: (status: ExitStatus, pid: number | null) => void): () => void;
}
