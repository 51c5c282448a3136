import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Json } from '../template/template.ts';

/** What a function last made of a custom resource. */
export type Made = {
  readonly physicalResourceId: string;
  readonly properties: Readonly<Record<string, Json>>;
};

export type MadeResources = {
  of(logicalId: string): Made | undefined;
  remember(logicalId: string, made: Made): void;
};

/** In one file; without one, as long as the host runs. */
export const openMade = (file: string | undefined): MadeResources => {
  const known = new Map<string, Made>(
    file !== undefined && existsSync(file)
      ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Made>)
      : [],
  );
  return {
    of: (logicalId) => known.get(logicalId),
    remember(logicalId, made) {
      known.set(logicalId, made);
      if (file === undefined) return;
      // Written aside and renamed: a kill leaves the old one or the new.
      writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(known), null, 2), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
};
