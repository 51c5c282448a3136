/**
 * `npm test`: every suite that can run on this machine, in order, then one line for each that could not; a build
 * server (CI=true) must run them all. `npm test -- domain web` runs those suites only; whatever else stands there
 * goes to vitest (`npm test -- domain -t shard`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Report, reportVariable } from './report.ts';
import { type Suite, suites } from './suites.ts';

const root = join(import.meta.dirname, '..');
const mustRunAll = Boolean(process.env.CI) && process.env.CI !== 'false';

const run = (chosen: readonly Suite[], engines: Record<string, string>, others: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-test-'));
  const file = process.env[reportVariable] ?? join(folder, 'report.json');
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...chosen.map(({ name }) => `--project=${name}`),
      '--reporter=default',
      '--reporter=./test/report.ts',
      ...others,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...engines, [reportVariable]: file } },
  );
  const report: Report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  rmSync(folder, { recursive: true });
  return { failed: status !== 0, report };
};

const printTable = (report: Report): void => {
  console.log('\nsuite             passed  failed  skipped   test seconds');
  for (const { name } of suites) {
    const row = report[name];
    if (!row) continue;
    const counts = [row.passed, row.failed, row.skipped].map((count) => String(count).padStart(8)).join('');
    console.log(`${name.padEnd(16)}${counts}${row.seconds.toFixed(1).padStart(15)}`);
  }
};

const main = (): number => {
  const words = process.argv.slice(2);
  const asked = suites.filter(({ name }) => words.includes(name));
  const others = words.filter((word) => !asked.some(({ name }) => name === word));
  const engines: Record<string, string> = {};
  const missing: Suite[] = [];
  const chosen = (asked.length > 0 ? asked : suites).filter((suite) => {
    const path = suite.engine?.found();
    if (suite.engine && path) engines[suite.engine.variable] = path;
    if (suite.engine && !path) missing.push(suite);
    return !suite.engine || path !== undefined;
  });
  const { failed, report } = chosen.length > 0 ? run(chosen, engines, others) : { failed: false, report: {} };
  printTable(report);
  for (const { name, engine } of missing) console.log(`left out: ${name}. To run it, ${engine?.enable}.`);
  const empty = others.length > 0 ? [] : chosen.filter(({ name }) => !report[name]);
  for (const { name } of empty) console.error(`no test: suite ${name} ran nothing.`);
  if (missing.length > 0 && mustRunAll) console.error('CI is set, so leaving a suite out is a failure.');
  return failed ||
    (empty.length > 0 && mustRunAll) ||
    (missing.length > 0 && (mustRunAll || chosen.length === 0))
    ? 1
    : 0;
};

process.exitCode = main();
