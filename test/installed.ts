import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** First of `names` on the PATH that may be executed. */
const onPath = (...names: readonly string[]): string | undefined => {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return names
    .flatMap((name) => folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))))
    .find(runs);
};

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
