import type { Rule } from './rule.ts';
import { fileImports, type ImportKind, packageOf, type Tree } from './sources.ts';

const areaOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');
/** `shared/health/fold.ts` → `health`; undefined outside shared. */
const capabilityOf = (path: string): string | undefined => /^shared\/([^/]+)\//.exec(path)?.[1];
const foundations = ['platform', 'storage'];

type Direction = {
  readonly sentence: string;
  readonly from: RegExp;
  readonly to: readonly RegExp[];
  readonly kinds?: readonly ImportKind[];
};

const contractOf = /^functions\/(index|[^/]+\/contract)\.ts$/;

/** Who may import what; files of the tree only, each row on its own. */
const directions: readonly Direction[] = [
  { sentence: 'shared imports only shared', from: /^shared\//, to: [/^shared\//] },
  {
    sentence: 'functions import only functions, shared and, as text, web',
    from: /^functions\//,
    to: [/^functions\//, /^shared\//, /^web\/.*\.(html|css|js|svg)$/],
  },
  {
    sentence:
      'a contract imports only other contracts and shared/platform/function, and else nothing but types',
    from: /^functions\/[^/]+\/contract\.ts$/,
    to: [contractOf, /^shared\/platform\/function\//],
    kinds: ['value', 'dynamic'],
  },
  {
    sentence:
      'infra, outside infra/local, imports of functions only their contracts, and of shared only platform and storage',
    from: /^infra\/(?!local\/)/,
    to: [/^infra\//, contractOf, /^shared\/(platform|storage)\//],
  },
  {
    sentence: 'infra/local imports of functions only their contracts',
    from: /^infra\/local\//,
    to: [/^infra\//, contractOf, /^shared\//, /^cli\//],
  },
  {
    sentence: 'cli imports only cli, shared, infra and contracts',
    from: /^cli\//,
    to: [/^cli\//, /^shared\//, /^infra\//, contractOf, /^package\.json$/],
  },
  {
    sentence: 'web imports only web and, of shared, types',
    from: /^web\//,
    to: [/^web\//],
    kinds: ['value', 'dynamic'],
  },
  {
    sentence: 'nothing that is deployed imports tests or benchmarks',
    from: /^(shared|functions|infra|cli|web|bin)\//,
    to: [/^(?!test\/|bench\/)/],
  },
];

const rowRules = directions.map(
  ({ sentence, from, to, kinds }): Rule => ({
    sentence,
    broken: (tree) =>
      fileImports(tree, kinds)
        .filter((edge) => from.test(edge.from) && !to.some((allowed) => allowed.test(edge.to)))
        .map((edge) => `${edge.from} imports ${edge.to}`),
  }),
);

const throughIndex: Rule = {
  sentence: 'capabilities reach one another only through their index.ts (or api.ts, where the schemas are)',
  broken: (tree) =>
    fileImports(tree)
      .filter(({ from, to }) => {
        const [here, there] = [capabilityOf(from), capabilityOf(to)];
        if (!here || !there || here === there) return false;
        if (foundations.includes(here) || foundations.includes(there)) return false;
        return !/^shared\/[^/]+\/(index|api)\.ts$/.test(to);
      })
      .map(({ from, to }) => `${from} imports ${to}`),
};

const foundationsFirst: Rule = {
  sentence: 'platform and storage import no capability, but for the one table that lists their routes',
  broken: (tree) =>
    fileImports(tree)
      .filter(({ from, to }) => {
        const [here, there] = [capabilityOf(from), capabilityOf(to)];
        if (!here || !there || !foundations.includes(here) || foundations.includes(there)) return false;
        return !(from === 'shared/platform/api/table.ts' && /^shared\/[^/]+\/routes\.ts$/.test(to));
      })
      .map(({ from, to }) => `${from} imports ${to}`),
};

const targetsExist: Rule = {
  sentence: 'every relative import names a file that is there, with its extension',
  broken: (tree) => {
    const paths = new Set(tree.paths);
    return fileImports(tree)
      .filter(({ to }) => !paths.has(to))
      .map(({ from, to }) => `${from} imports ${to}`);
  },
};

const sdkPackage = /^@(aws-sdk|smithy)\//;
const sdkInItsPlace: Rule = {
  sentence: 'the AWS SDK is imported only in shared/storage, in *.aws.ts files and in infra/local',
  broken: (tree) =>
    [...tree.sources.values()]
      .filter(({ path }) => /^(shared|functions|infra|cli|web|bin)\//.test(path))
      .filter(({ path }) => !/^shared\/storage\/|^infra\/local\/|\.aws\.ts$/.test(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ specifier }) => sdkPackage.test(specifier))
          .map(({ specifier }) => `${path} imports ${specifier}`),
      ),
};

/** Types only may come from packages that stay at home, such as `@types/aws-lambda`. */
const declaredPackages: Rule = {
  sentence: 'what is deployed imports only packages that package.json lists under dependencies',
  broken: (tree) =>
    [...tree.sources.values()]
      .filter(({ path }) => /^(shared|functions)$/.test(areaOf(path)))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ kind }) => kind !== 'type')
          .map(({ specifier }) => packageOf(specifier))
          .filter((name) => name !== undefined && !tree.dependencies.includes(name))
          .map((name) => `${path} imports ${name}`),
      ),
};

/** Shortest chain of value imports from `start` to something `wanted` accepts, files and packages alike. */
const chainTo = (tree: Tree, start: string, wanted: (step: string) => boolean): string[] | undefined => {
  const cameFrom = new Map<string, string | undefined>([[start, undefined]]);
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const { kind, file, specifier } of tree.sources.get(at)?.imports ?? []) {
      const next = file ?? packageOf(specifier);
      if (kind !== 'value' || next === undefined || cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      if (wanted(next)) {
        const chain = [next];
        for (let back: string | undefined = at; back; back = cameFrom.get(back)) chain.unshift(back);
        return chain;
      }
      queue.push(next);
    }
  }
  return undefined;
};

const lean = ['runner', 'vpc-runner', 'dispatcher', 'authorizer', 'projector', 'sweeper'];
const heavy = ['zod', 'yaml', 're2', 're2js', 're2-wasm'];
const leanHandlers: Rule = {
  sentence: `no static import leads from ${lean.join(', ')} to zod, yaml or a pattern engine`,
  broken: (tree) =>
    lean.flatMap((name) =>
      heavy.flatMap((packageName) => {
        const chain = chainTo(tree, `functions/${name}/handler.ts`, (step) => step === packageName);
        return chain ? [chain.join(' → ')] : [];
      }),
    ),
};

/** Each file that can reach itself, once a circle, written from its first file in alphabetical order. */
const noCircles: Rule = {
  sentence: 'no imports run in a circle',
  broken: (tree) => {
    const circles = new Set<string>();
    for (const path of tree.sources.keys()) {
      const chain = chainTo(tree, path, (step) =>
        (tree.sources.get(step)?.imports ?? []).some(({ kind, file }) => kind === 'value' && file === path),
      );
      const itself = tree.sources
        .get(path)
        ?.imports.some(({ kind, file }) => kind === 'value' && file === path);
      const members = itself ? [path] : chain;
      if (members && members[0] === [...members].sort()[0]) circles.add([...members, path].join(' → '));
    }
    return [...circles];
  },
};

export const directionRules: readonly Rule[] = [
  ...rowRules,
  throughIndex,
  foundationsFirst,
  targetsExist,
  noCircles,
  sdkInItsPlace,
  declaredPackages,
  leanHandlers,
];
