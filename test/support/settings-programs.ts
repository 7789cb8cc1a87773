// Owns: generated lines of Python that change settings of the process, for tests that restore them.
import fc from "fast-check";

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const number = (from: number, to: number, line: (n: number) => string): fc.Arbitrary<string> =>
  fc.integer({ min: from, max: to }).map(line);

/** What the lines use. */
export const SETTINGS_IMPORTS =
  "import contextvars, decimal, gc, locale, os, random, resource, signal, socket, sys, threading, time, warnings\n" +
  "import numpy as np, matplotlib\ndef handler(*_): pass";

/** One line. Any of them may follow any other. */
export const settingLine: fc.Arbitrary<string> = fc.oneof(
  number(2, 60, (n) => `decimal.getcontext().prec = ${n}`),
  oneOf("ROUND_UP", "ROUND_FLOOR").map((how) => `decimal.getcontext().rounding = decimal.${how}`),
  fc.constant("decimal.getcontext().traps[decimal.Inexact] = False; decimal.Decimal(1) / 3"),
  oneOf("ignore", "raise", "warn").map((how) => `np.seterr(all="${how}")`),
  number(1, 12, (n) => `np.set_printoptions(precision=${n}, suppress=${n % 2 ? "True" : "False"})`),
  number(1, 9, (n) => `np.setbufsize(${n * 1600})`),
  number(1, 9, (n) => `variable = contextvars.ContextVar("mine"); variable.set([${n}])`),
  number(0, 0o777, (n) => `os.umask(${n & 0o277})`),
  oneOf("data", "more").map(
    (to) => `os.makedirs("${to}", exist_ok=True); os.chmod("${to}", 0o700); os.chdir("${to}")`,
  ),
  fc.constant("os.chdir(os.pardir) if '/data' in os.getcwd() else None"),
  number(1, 3, (n) => `os.environ["MINE${n}"] = os.getcwd() + "/x:${n}"`),
  oneOf("OMP_NUM_THREADS", "MINE1").map((name) => `os.environ.pop("${name}", None)`),
  oneOf("os.getcwd()", '"/opt/elsewhere"').map((path) => `sys.path.insert(1, ${path})`),
  oneOf("EST5EDT", "UTC", "CET-1CEST").map((zone) => `os.environ["TZ"] = "${zone}"; time.tzset()`),
  oneOf("C", "C.UTF-8").map((name) => `locale.setlocale(locale.LC_NUMERIC, "${name}")`),
  oneOf("error", "ignore", "once").map((how) => `warnings.filterwarnings("${how}", "some.*")`),
  number(
    0,
    2,
    (n) =>
      `warnings.filterwarnings("ignore", category=${["UserWarning", "FutureWarning", "ImportWarning"][n]})`,
  ),
  number(1_000, 9_000, (n) => `sys.setrecursionlimit(${n})`),
  number(640, 9_000, (n) => `sys.set_int_max_str_digits(${n})`),
  number(1, 99, (n) => `sys.setswitchinterval(${n / 1024})`),
  number(1, 9, (n) => `threading.stack_size(${n} << 16)`),
  number(1, 99, (n) => `socket.setdefaulttimeout(${n / 4})`),
  oneOf("handler", "signal.SIG_IGN", "signal.SIG_DFL").map((how) => `signal.signal(signal.SIGUSR1, ${how})`),
  oneOf("SIG_BLOCK", "SIG_UNBLOCK").map((how) => `signal.pthread_sigmask(signal.${how}, [signal.SIGUSR2])`),
  number(
    300,
    900,
    (n) =>
      `resource.setrlimit(resource.RLIMIT_NOFILE, (${n}, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))`,
  ),
  number(100, 900, (n) => `gc.set_threshold(${n}, 11)`),
  oneOf("enable", "disable").map((how) => `gc.${how}()`),
  number(1, 9, (n) => `matplotlib.rcParams["lines.linewidth"] = ${n}`),
  number(1, 9, (n) => `random.seed(${n}); random.random()`),
  number(1, 9, (n) => `np.random.seed(${n}); np.random.rand(${n})`),
  fc.constant("random.random(); np.random.rand()"),
);
