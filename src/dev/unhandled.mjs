// Owns: a vitest reporter that keeps the errors outside of any test, which the JSON report leaves out.
import { writeFileSync } from "node:fs";

export default class Unhandled {
  onTestRunEnd(_modules, errors) {
    const told = errors.map(({ name, message, stack, VITEST_TEST_PATH: file, VITEST_TEST_NAME: test }) => ({
      said: stack?.includes(message) ? stack : `${name}: ${message}`,
      near: [file, test].filter(Boolean).join(" > "),
    }));
    writeFileSync(process.env.NBEVOLVE_TEST_UNHANDLED, JSON.stringify(told));
  }
}
