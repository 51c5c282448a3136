import { type CheckStatus, checkStatuses } from '../platform/events.ts';

/** Node's zlib takes a tenth of a whole initialisation to load, so it is loaded when first used. */
const zlib = () => process.getBuiltinModule('node:zlib');

/** JSON in zstd: a hundred checks' columns in a few hundred bytes, and DynamoDB bills by the kilobyte. */
export const pack = (value: unknown): Uint8Array => zlib().zstdCompressSync(JSON.stringify(value));

/** The same, a fifth smaller and many times slower: for what is written once and read often. */
export const packTight = (value: unknown): Uint8Array => {
  const { zstdCompressSync, constants } = zlib();
  const params = { [constants.ZSTD_c_compressionLevel]: tightLevel };
  return zstdCompressSync(JSON.stringify(value), { params });
};
const tightLevel = 19;

export const unpack = (bytes: unknown): unknown => {
  if (!(bytes instanceof Uint8Array))
    throw new Error('an item lacks its packed part: it was not written by Homeostat');
  return JSON.parse(zlib().zstdDecompressSync(bytes).toString('utf8'));
};

/** Ascending numbers as their differences: mostly ones, which zstd makes vanish. */
export const toDeltas = (numbers: readonly number[]): number[] =>
  numbers.map((number, at) => number - (numbers[at - 1] ?? 0));

export const fromDeltas = (deltas: readonly number[]): number[] => {
  let sum = 0;
  return deltas.map((delta) => {
    sum += delta;
    return sum;
  });
};

/** A column in which nothing is known is left out. */
export const column = <T>(values: readonly (T | null)[]): readonly (T | null)[] | undefined =>
  values.every((value) => value === null) ? undefined : values;

/** Counters of a shard mostly grow together: their distances from the first are mostly zeros. All zeros are left out. */
export const toRelative = (numbers: readonly number[]): number[] | undefined => {
  const [first = 0] = numbers;
  return numbers.every((number) => number === 0)
    ? undefined
    : numbers.map((number, at) => (at === 0 ? first : number - first));
};

export const fromRelative = (stored: readonly number[] | undefined, at: number): number =>
  at === 0 ? (stored?.[0] ?? 0) : (stored?.[0] ?? 0) + (stored?.[at] ?? 0);

/** A status as its place in `checkStatuses`: stored, so that list's order stays. */
export const statusCode = (status: CheckStatus): number => checkStatuses.indexOf(status);
export const statusFrom = (code: number | undefined): CheckStatus => checkStatuses[code ?? 3] ?? 'unknown';
