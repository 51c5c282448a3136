import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { path } from './ministack.ts';

const root = join(import.meta.dirname, '../..');
export const region = 'us-east-1';
const accountId = '000000000000';

/** What the SDK and the CDK CLI need to reach the emulator, and nothing of the person who runs the test. */
export const emulatorEnvironment = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  // Without it the SDK would put the bucket's name before the loopback address.
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: region,
  AWS_EC2_METADATA_DISABLED: 'true',
});

export type Finished = { readonly code: number; readonly output: string };

/** Runs the project's CDK CLI against the emulator as an operator would; the assembly goes under `folder`. */
export const cdkFor = (endpoint: string, folder: string) => {
  const environment = {
    ...emulatorEnvironment(endpoint),
    PATH: path,
    HOME: folder,
    TMPDIR: folder,
    CDK_DEFAULT_ACCOUNT: accountId,
    CDK_DEFAULT_REGION: region,
    CI: 'true',
    NO_COLOR: '1',
  };
  return (...words: readonly string[]): Promise<Finished> =>
    new Promise((resolve) => {
      const all = [
        'node_modules/aws-cdk/bin/cdk',
        ...words,
        '--no-notices',
        '--output',
        join(folder, 'cdk.out'),
      ];
      const options = { cwd: root, env: environment, maxBuffer: 64 * 1024 * 1024 };
      execFile(process.execPath, all, options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` });
      });
    });
};

export const bootstrapTarget = `aws://${accountId}/${region}`;
