#!/usr/bin/env node
// Starts the command line program on any Node from 20 on: in a clone its TypeScript sources, which need Node 24 and
// find it among the packages; as an installed package the bundled program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'cli', 'main.ts');
const bundle = join(root, 'dist', 'homeostat.mjs');
// Node strips no types below node_modules.
const isInstalled = root.split(sep).includes('node_modules');

const fail = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

const runSource = (node) => {
  const child = spawn(node, [source, ...process.argv.slice(2)], {
    stdio: 'inherit',
    // Windows starts a .cmd through its shell only.
    shell: process.platform === 'win32',
  });
  // The terminal sends Ctrl-C to the child as well; this process ends when the child has.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('error', (error) =>
    fail(`Node 24 could not be started: ${error.message}. Run npm ci in ${root}.`),
  );
  child.once('exit', (code) => process.exit(code ?? 1));
};

if (existsSync(source) && !isInstalled) {
  const isNew = Number(process.versions.node.split('.')[0]) >= 24;
  const packaged = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (isNew) await import(new URL('../cli/main.ts', import.meta.url).href);
  else if (existsSync(packaged)) runSource(packaged);
  else fail(`Node 24 is needed and is not among the packages yet: run npm ci in ${root}.`);
} else if (existsSync(bundle)) await import(new URL('../dist/homeostat.mjs', import.meta.url).href);
else
  fail(
    `There is neither cli/main.ts nor dist/homeostat.mjs in ${root}: install Homeostat again, or run npm run build.`,
  );
