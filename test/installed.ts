import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** First of `names` in the folders that may be executed. */
export const firstIn = (folders: readonly string[], ...names: readonly string[]): string | undefined => {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return names
    .flatMap((name) => folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))))
    .find(runs);
};

const path = (): readonly string[] => (process.env.PATH ?? '').split(delimiter).filter(Boolean);

/** First of `names` on the PATH that may be executed. */
const onPath = (...names: readonly string[]): string | undefined => firstIn(path(), ...names);

const named = (path: string | undefined): string | undefined => (path && existsSync(path) ? path : undefined);

/** A Chromium or Chrome: the one that CHROMIUM names, else one on the PATH. */
export const chromium = (): string | undefined =>
  process.env.CHROMIUM
    ? named(process.env.CHROMIUM)
    : (onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') ??
      named('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'));

/** Folder with DynamoDBLocal.jar: the one that DYNAMODB_LOCAL names, else that of the npm package; needs java. */
export const dynamoDbLocal = (): string | undefined => {
  const folder =
    process.env.DYNAMODB_LOCAL ||
    join(import.meta.dirname, '../node_modules/amplify-dynamodb-simulator/emulator');
  return onPath('java') && existsSync(join(folder, 'DynamoDBLocal.jar')) ? folder : undefined;
};

/** The AWS emulator that the deploy test deploys into: the one that MINISTACK names, else one on the PATH. */
export const ministack = (): string | undefined =>
  process.env.MINISTACK ? named(process.env.MINISTACK) : onPath('ministack');

/** Programs of the suite `targets`. */
const serverPrograms = [
  ...['nginx', 'redis-server', 'mariadbd', 'mariadb-install-db', 'postgres', 'initdb', 'openssl'],
];

/** Debian keeps servers off the PATH of ordinary users, and PostgreSQL's programs under its version. */
const serverFolders = (): readonly string[] => {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions)
    ? readdirSync(versions)
        .toSorted((left, right) => Number(right) - Number(left))
        .map((version) => join(versions, version, 'bin'))
    : [];
  return [...path(), '/usr/local/sbin', '/usr/sbin', '/sbin', ...newest];
};

/** Folders in which every server of the suite `targets` is: those that TARGET_SERVERS lists, else the usual ones. */
export const targetServers = (): string | undefined => {
  const folders = process.env.TARGET_SERVERS?.split(delimiter) ?? serverFolders();
  const isWhole = serverPrograms.every((name) => firstIn(folders, name) !== undefined);
  return isWhole ? folders.join(delimiter) : undefined;
};

/** The stand-in for AWS that the suite `moto` asks: the `moto_server` that MOTO names, else one on the PATH. */
export const moto = (): string | undefined =>
  process.env.MOTO ? named(process.env.MOTO) : onPath('moto_server');
