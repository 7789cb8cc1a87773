// Owns: what a kernel pool tells about itself. Apart, so that who reads the pool's types need not read Jupyter's.

export type KernelEvent =
  | { readonly type: "server-started"; readonly durationMs: number }
  /** The next lease starts another one. */
  | { readonly type: "server-lost"; readonly reason: string }
  /** Code in the box wanted to reach `target`, `host:port`, and may not. */
  | { readonly type: "network-refused"; readonly target: string; readonly reason: string }
  /** Fresh kernels begin with these modules loaded from now on. */
  | { readonly type: "preloaded"; readonly modules: readonly string[]; readonly durationMs: number }
  /** Fresh kernels load what they need by themselves. */
  | { readonly type: "not-preloaded"; readonly reason: string };
