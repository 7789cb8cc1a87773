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

export interface Machine {
  /** AUDIT_ARCH_*: what a call says that it was made for. */
  readonly audit: number;
  readonly clone: number;
  readonly clone3: number;
  readonly kill: number;
  readonly socket: number;
  readonly denied: readonly number[];
}

const deniedCalls = (column: 0 | 1): readonly number[] =>
  Object.values(DENIED).flatMap((numbers) => numbers[column] ?? []);

/** By `process.arch`. */
export const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, clone: 56, clone3: 435, kill: 62, socket: 41, denied: deniedCalls(0) },
  arm64: { audit: 0xc00000b7, clone: 220, clone3: 435, kill: 129, socket: 198, denied: deniedCalls(1) },
};
