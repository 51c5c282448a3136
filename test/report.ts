import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export type SuiteReport = { passed: number; failed: number; skipped: number; seconds: number };
export type Report = Record<string, SuiteReport>;

/** Names the file that the report of a run is written to. */
export const reportVariable = 'HOMEOSTAT_TEST_REPORT';

/** Beside vitest's own reporter: tests by suite. A file that broke before its first test counts as one failed test. */
export default class BySuite implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const report: Report = {};
    for (const module of modules) {
      report[module.project.name] ??= { passed: 0, failed: 0, skipped: 0, seconds: 0 };
      const suite = report[module.project.name];
      if (!suite) continue;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') suite[state] += 1;
      }
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0)
        suite.failed += 1;
      suite.seconds += module.diagnostic().duration / 1000;
    }
    const file = process.env[reportVariable];
    if (file) writeFileSync(file, JSON.stringify(report));
  }
}
