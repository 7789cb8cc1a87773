// Owns: one real Python process that keeps its variables from line to line, as a kernel does, without being one.
import { lineServer } from "../../support/python.ts";

export interface PythonServer {
  /** Runs a cell: what it printed, and for an exception `Name: message` in the last line. */
  run(source: string): Promise<{ readonly ok: boolean; readonly text: string }>;
  /** The value of an expression. @throws Error when it has none. */
  evaluate<T>(expression: string): Promise<T>;
  end(): Promise<void>;
}

const PROGRAM = `
import contextlib, io, json, os, sys, warnings
os.environ.update(MPLBACKEND="Agg", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
names = {"__name__": "__main__"}
for line in sys.stdin:
    request, printed, answer = json.loads(line), io.StringIO(), {"ok": True, "value": None}
    try:
        with contextlib.redirect_stdout(printed):
            if "source" in request:
                exec(compile(request["source"], "<cell>", "exec"), names)
            else:
                answer["value"] = eval(request["expression"], names)
        json.dumps(answer)
    except BaseException as problem:
        answer = {"ok": False, "value": None}
        print(f"{type(problem).__name__}: {problem}", file=printed)
    print(json.dumps({**answer, "text": printed.getvalue()}), flush=True)
`;

export function pythonServer(): PythonServer {
  const server = lineServer(PROGRAM);
  const ask = async (request: object) => {
    const answer: { ok: boolean; text: string; value: unknown } = JSON.parse(
      await server.ask(JSON.stringify(request)),
    );
    return answer;
  };
  return {
    async run(source) {
      const { ok, text } = await ask({ source });
      return { ok, text };
    },
    async evaluate<T>(expression: string): Promise<T> {
      const { ok, text, value } = await ask({ expression });
      if (!ok) throw new Error(`${expression} has no value: ${text}`);
      return value as T; // the caller knows what it asks for
    },
    end: () => server.end(),
  };
}
