import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  ConfigurationError,
  type LoadOptions,
  loadConfiguration,
} from '../../../shared/configuration/index.ts';

/** Writes files by name into a folder of their own, runs `work` there and takes them away again. */
export const withFiles = async <T>(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-configuration-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const configurationOf = (
  files: Readonly<Record<string, string>>,
  options: LoadOptions = { environment: {} },
  names = ['homeostat.yaml'],
) =>
  withFiles(files, async (folder) => {
    const paths = names.map((name) => join(folder, name));
    return (await loadConfiguration(paths, options)).configuration;
  });

/** The problems as people read them, without the folder; none when the configuration is good. */
export const problemsOf = (
  files: string | Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
  names = ['homeostat.yaml'],
): Promise<readonly string[]> =>
  withFiles(typeof files === 'string' ? { 'homeostat.yaml': files } : files, async (folder) => {
    try {
      const paths = names.map((name) => join(folder, name));
      await loadConfiguration(paths, { environment });
      return [];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return error.message.replaceAll(`${folder}/`, '').split('\n');
    }
  });
