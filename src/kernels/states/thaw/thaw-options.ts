// Owns: what durable states may take. Apart from the tier, so that the public types need none of what runs it.

export interface DurableLimits {
  /** Of one state, without what is kept already. */
  readonly stateBytes: number;
  /** Of all states of a run. Beyond, those go first that were not used for longest. */
  readonly runBytes: number;
}

export interface DurableOptions extends Partial<DurableLimits> {
  /** Made when it is missing; best on the file system of the workspaces. */
  readonly dir: string;
  /** States that a replay from the nearest kept one gives back within this are not kept. Default 5000. */
  readonly worthMs?: number;
}

export const DURABLE_LIMITS: DurableLimits = { stateBytes: 2 * 2 ** 30, runBytes: 16 * 2 ** 30 };
