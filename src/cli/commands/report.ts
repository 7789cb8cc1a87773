// Owns: `nbevolve report`: a run's page as one file. Only reads the run.
import type { Command } from "commander";
import { writeReport } from "../../exports/report/report.ts";
import { leftOutText, reportText, sizeText } from "../terminal/report-text.ts";
import { print, printError } from "../terminal/screen.ts";

interface ReportFlags {
  readonly output?: string;
  readonly all?: boolean;
  readonly force?: boolean;
}

export function defineReportCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory, also of a run that is live or was interrupted.")
    .option("-o, --output <file>", "File to write. Default: report.html in the run directory.")
    .option("--all", "Hold everything, however large the file becomes.")
    .option("--force", "Write over another file; an earlier report is always replaced.")
    .action(async (dir: string, { output, all = false, force = false }: ReportFlags) => {
      const report = await writeReport(dir, {
        file: output,
        all,
        replaces: force,
        onLarge: (bytes) => printError(`the file becomes ${sizeText(bytes)}`),
      });
      print(reportText(report));
      if (report.leftOut.length > 0) printError(leftOutText(report.leftOut));
    });
}
