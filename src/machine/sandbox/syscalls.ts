// Owns: the numbers of the system calls that the filter speaks of. Never says what becomes of a call.
// Source: Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.

/** What code in a box never needs, and what has opened boxes before: [x64, arm64]; null where there is no such call. */
export const DENIED: Readonly<Record<string, readonly [number, number | null]>> = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_mrelease: [448, 448],
  // Namespaces and mounts.
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  // The kernel's wide doors.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  modify_ldt: [154, null],
  // The machine itself.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  acct: [163, 89],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
};

/** What a process may do to itself alone, which is number 0 of the first argument. */
export const ON_ITSELF: typeof DENIED = {
  prlimit64: [302, 261],
  sched_setparam: [142, 118],
  sched_setaffinity: [203, 122],
  sched_setattr: [314, 274],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
};

/**
 * To itself, and to others nothing but the ordinary policy: threads are started with that by their number (pthreads, and
 * libzmq, which ends its process when that is refused).
 */
const SCHED_SETSCHEDULER = [144, 119] as const;

/** The first argument says of what the second is the number: one process, a group, a user's all. */
const SETPRIORITY = [141, 140] as const;
const IOPRIO_SET = [251, 30] as const;
const PRIO_PROCESS = 0;
const IOPRIO_WHO_PROCESS = 1;

export interface Machine {
  /** AUDIT_ARCH_*: what a call says that it was made for. */
  readonly audit: number;
  readonly clone: number;
  readonly clone3: number;
  readonly kill: number;
  readonly socket: number;
  readonly denied: readonly number[];
  /** Calls whose first argument is a process, 0 for the one that calls. */
  readonly onItself: readonly number[];
  readonly setScheduler: number;
  /** Calls whose first argument says what kind of number the second one is. */
  readonly onItselfAlone: readonly { readonly call: number; readonly oneProcess: number }[];
}

const callsOf = (list: typeof DENIED, column: 0 | 1): readonly number[] =>
  Object.values(list).flatMap((numbers) => numbers[column] ?? []);

const listsFor = (
  column: 0 | 1,
): Pick<Machine, "denied" | "onItself" | "onItselfAlone" | "setScheduler"> => ({
  denied: callsOf(DENIED, column),
  onItself: callsOf(ON_ITSELF, column),
  setScheduler: SCHED_SETSCHEDULER[column],
  onItselfAlone: [
    { call: SETPRIORITY[column], oneProcess: PRIO_PROCESS },
    { call: IOPRIO_SET[column], oneProcess: IOPRIO_WHO_PROCESS },
  ],
});

/** By `process.arch`. */
export const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, clone: 56, clone3: 435, kill: 62, socket: 41, ...listsFor(0) },
  arm64: { audit: 0xc00000b7, clone: 220, clone3: 435, kill: 129, socket: 198, ...listsFor(1) },
};
