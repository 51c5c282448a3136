import { delimiter, join } from 'node:path';
import { firstIn, targetServers } from '../../installed.ts';

/** The path of a server's program; the suite runs only where all of them are. */
export const program = (name: string): string => {
  const folders = targetServers()?.split(delimiter) ?? [];
  const path = firstIn(folders, name);
  if (!path) throw new Error(`${name} is not installed: see test/suites.ts for the packages of this suite`);
  return path;
};

export const inFolder = (folder: string) => (name: string) => join(folder, name);
