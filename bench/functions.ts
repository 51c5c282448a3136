/** Bundle size and initialisation of each function beside an empty handler: `node bench/functions.ts --help`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { contracts } from '../functions/index.ts';
import { type Bundle, bundleFunctions } from '../infra/constructs/bundle.ts';
import { median, printTable } from './table.ts';

const help = `node bench/functions.ts [--rounds 15]

Bundles every function as a deployment does and loads each bundle in fresh Node processes, all functions in turn, as
often as --rounds says. Prints the bytes that Node reads before the first invocation (static imports), the bytes with
what is loaded when first used, and the medians of the import's time and of the CPU time in it, the latter beside a
handler that imports only the DynamoDB client: CPU time is what a small function has little of, and it does not grow
when the machine has other work. Exits with 1 when a function that runs each minute or before each request is over its budget.`;

/** They run each minute or before each request; the others may be larger. */
const budgeted = ['runner', 'vpc-runner', 'dispatcher', 'authorizer'];
const maximumRatio = 1.3;
const maximumStaticKb = 700;

/** Names are paths below functions/, so that the empty handler is bundled with the very same options. */
const empty = '../bench/empty';

const importOnce = `
const file = process.argv[1];
const start = performance.now();
const before = process.cpuUsage();
await import(file);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ importMs: performance.now() - start, cpuMs: (user + system) / 1000 }));`;

type Load = { readonly importMs: number; readonly cpuMs: number };

const load = ({ dir }: Bundle): Load => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', importOnce, pathToFileURL(join(dir, 'index.mjs')).href],
    { encoding: 'utf8', env: { PATH: process.env.PATH, AWS_REGION: 'us-east-1', NODE_OPTIONS: '' } },
  );
  if (status !== 0) throw new Error(`${dir} does not load:\n${stderr}`);
  return JSON.parse(stdout);
};

const measure = (bundles: readonly Bundle[], rounds: number): Map<string, Load> => {
  const times = new Map(bundles.map(({ name }) => [name, [] as Load[]]));
  // In turn and not one after the other: a machine that slows down slows all of them.
  for (let round = 0; round <= rounds; round += 1) {
    for (const bundle of bundles) {
      const loaded = load(bundle);
      // The first round only brings the files into memory.
      if (round > 0) times.get(bundle.name)?.push(loaded);
    }
  }
  const of = (loads: readonly Load[], part: keyof Load): number => median(loads.map((one) => one[part]));
  return new Map(
    [...times].map(([name, loads]) => [name, { importMs: of(loads, 'importMs'), cpuMs: of(loads, 'cpuMs') }]),
  );
};

const report = (bundles: readonly Bundle[], times: ReadonlyMap<string, Load>): string[] => {
  const least = times.get(empty)?.cpuMs ?? Number.NaN;
  const over: string[] = [];
  const rows = bundles.map(({ name, staticBytes, totalBytes }) => {
    const { importMs, cpuMs } = times.get(name) ?? { importMs: Number.NaN, cpuMs: Number.NaN };
    const ratio = cpuMs / least;
    const limited = budgeted.includes(name);
    if (limited && ratio > maximumRatio)
      over.push(`${name} starts in ${ratio.toFixed(2)} times the empty handler`);
    if (limited && staticBytes / 1000 > maximumStaticKb)
      over.push(`${name} has ${Math.round(staticBytes / 1000)} KB of static imports`);
    return {
      function: name === empty ? '(empty)' : name,
      'static KB': Math.round(staticBytes / 1000),
      'all KB': Math.round(totalBytes / 1000),
      'import ms': importMs.toFixed(1),
      'CPU ms': cpuMs.toFixed(1),
      'beside empty': ratio.toFixed(2),
      budget: limited ? `${maximumRatio} and ${maximumStaticKb} KB` : '',
    };
  });
  printTable(rows);
  return over;
};

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, rounds: { type: 'string', default: '15' } },
});
if (values.help) console.log(help);
else {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
  try {
    const names = [empty, ...Object.values(contracts).map(({ name }) => name)];
    const bundles = await bundleFunctions(names, join(folder, 'functions'));
    const inOrder = names.map((name) => bundles[name]).filter((bundle) => bundle !== undefined);
    const over = report(inOrder, measure(inOrder, Number(values.rounds)));
    for (const sentence of over) console.error(`over budget: ${sentence}`);
    process.exitCode = over.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
