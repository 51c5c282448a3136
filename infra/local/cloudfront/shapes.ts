/** Parts of a resolved template, read without trusting their form. */

export type Loose = Readonly<Record<string, unknown>>;
export type List = readonly Loose[];

export const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
export const list = (value: unknown): List => (Array.isArray(value) ? value.map(loose) : []);
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const flag = (value: unknown): boolean => String(value) === 'true';
