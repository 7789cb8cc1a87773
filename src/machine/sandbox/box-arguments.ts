// Owns: what a box is made of, as bubblewrap's arguments. An allow-list: what is not named here is not there.
// Never runs anything.
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { sep } from "node:path";

/** What the installed bubblewrap can do; older ones lack these. */
export interface Features {
  /** 0.8: no further user namespaces, whatever the filter lets through. */
  readonly disableUserns: boolean;
  /** 0.7: a size for temporary file systems. */
  readonly size: boolean;
}

export interface BoxView {
  readonly readOnly: readonly string[];
  /** Shown at their own paths. Code in the box can do anything in them. */
  readonly writable: readonly string[];
  /** Emptied where they lie in something that is shown. What is shown by its own path stays. */
  readonly hidden: readonly string[];
  /** Shown at another path than their own. */
  readonly moved?: readonly Moved[];
  readonly cwd: string;
  /** The machine's own network, its loopback included. */
  readonly network: boolean;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
  readonly writable: boolean;
}

/** The user in the box; it need not exist on the machine. */
export const BOX_UID = "1000";
const TEMPORARY_BYTES = 1 << 30;
const RUN_BYTES = 16 << 20;

const ISOLATION =
  "--unshare-all --unshare-user --die-with-parent --new-session --cap-drop ALL --hostname nbevolve";
const ETC = ["ld.so.cache", "localtime", "alternatives", "ssl", "pki", "ca-certificates", "fonts"] as const;
const ETC_WITH_NETWORK = ["resolv.conf", "hosts", "nsswitch.conf", "services", "gai.conf"] as const;
/**
 * What belongs to the machine's root. A box of a real root is still owned by that user: without this, cells of a run
 * by root could write /proc/sys/kernel/core_pattern, and so have the machine run a program of theirs.
 */
const PROC_READ_ONLY = ["sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi", "asound", "mtrr"].map(
  inProc,
);
const PROC_EMPTY = ["kcore", "keys", "kmsg", "kallsyms", "timer_list", "latency_stats", "sched_debug"].map(
  inProc,
);

/** What bubblewrap is told to make; the filter and the command are not among it. */
export function boxArguments(view: BoxView, features: Features): string[] {
  const shown = view.readOnly.filter((path) => !isWithin(path, "/usr"));
  const inSight = ["/usr", ...shown];
  const hidden = view.hidden.filter((path) => inSight.some((root) => path !== root && isWithin(path, root)));
  // Where something was emptied, what lies below it is shown again.
  const again = view.readOnly.filter((path) => hidden.some((root) => isWithin(path, root)));
  return [
    ...ISOLATION.split(" "),
    ...["--uid", BOX_UID, "--gid", BOX_UID],
    ...(features.disableUserns ? ["--disable-userns"] : []),
    ...(view.network ? ["--share-net"] : []),
    ...systemArguments(view.network),
    ...["--dev", "/dev", "--proc", "/proc"],
    ...PROC_READ_ONLY.filter(existsSync).flatMap((path) => ["--ro-bind", path, path]),
    ...PROC_EMPTY.filter(existsSync).flatMap((path) => ["--ro-bind", "/dev/null", path]),
    ...temporaryArguments("/dev/shm", TEMPORARY_BYTES, features),
    ...temporaryArguments("/tmp", TEMPORARY_BYTES, features),
    ...temporaryArguments("/run", RUN_BYTES, features),
    ...shown.flatMap((path) => ["--ro-bind", path, path]),
    ...hidden.flatMap((path) => ["--tmpfs", path]),
    ...again.flatMap((path) => ["--ro-bind", path, path]),
    ...hidden.flatMap((path) => ["--remount-ro", path]),
    ...view.writable.flatMap((path) => ["--bind", path, path]),
    ...(view.moved ?? []).flatMap(({ from, to, writable }) => [writable ? "--bind" : "--ro-bind", from, to]),
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--chdir", view.cwd],
  ];
}

function inProc(name: string): string {
  return `/proc/${name}`;
}

function systemArguments(network: boolean): string[] {
  const etc = [...ETC, ...(network ? ETC_WITH_NETWORK : [])].map((name) => `/etc/${name}`);
  return [
    ...["--ro-bind", "/usr", "/usr"],
    ...["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap(linkOrBind),
    ...(existsSync("/nix/store") ? ["--ro-bind", "/nix/store", "/nix/store"] : []),
    ...etc.flatMap((path) => ["--ro-bind-try", path, path]),
  ];
}

/** Links into /usr, or folders of their own on older systems. */
function linkOrBind(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

function temporaryArguments(path: string, bytes: number, { size }: Features): string[] {
  return [...(size ? ["--size", `${bytes}`] : []), "--tmpfs", path];
}

const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(root + sep);
