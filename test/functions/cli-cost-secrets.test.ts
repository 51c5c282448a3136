import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../cli/main.ts');
type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const homeostat = (args: readonly string[], input = '', environment = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH: '', HOMEOSTAT_DATA: folder, ...environment },
    });
    const heard = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      heard.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      heard.err += chunk;
    });
    child.once('close', (code) => resolve({ code, ...heard }));
    child.stdin.end(input);
  });

describe('homeostat secrets, for the host on this machine', { timeout: 60_000 }, () => {
  it('keeps a value in a file that only its owner reads, and never shows it (fault 29)', async () => {
    const set = await homeostat(['secrets', 'set', 'DB_PASSWORD'], 'canary-7f3\n');
    expect(set.code).toBe(0);
    expect(set.out).toContain('Secret DB_PASSWORD is set for the host on this machine');
    expect(set.out).toContain(`\${secret:DB_PASSWORD}`);
    const file = join(folder, 'check-secrets.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('"canary-7f3"');
    const list = await homeostat(['secrets', 'list']);
    expect(list).toEqual({ code: 0, out: 'DB_PASSWORD\n', err: '' });
    expect(set.out + set.err + list.out).not.toContain('canary-7f3');
    expect((await homeostat(['secrets', 'remove', 'DB_PASSWORD'])).code).toBe(0);
    expect((await homeostat(['secrets', 'list'])).out).toBe('');
  });

  it.each<[string, readonly string[], string, Record<string, string>, RegExp]>([
    ['a name with a slash', ['set', 'a/b'], 'x', {}, /^«a\/b» is no name for a secret/],
    ['nothing on the standard input', ['set', 'A'], '\n', {}, /^Nothing was given/],
    ['a secret that is not there', ['remove', 'A'], '', {}, /^There is no secret A for the host/],
    [
      'an address elsewhere and no stack',
      ['set', 'A'],
      'x',
      { HOMEOSTAT_URL: 'https://api.example.com' },
      /^HOMEOSTAT_URL names a deployed stack: say which with --stack/,
    ],
    [
      'a stack and no credentials',
      ['list', '--stack', 'Homeostat', '--region', 'eu-central-1'],
      '',
      { HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' },
      /^There are no AWS credentials here/,
    ],
  ])('refuses %s with what to do', async (_what, args, input, environment, sentence) => {
    const { code, out, err } = await homeostat(['secrets', ...args], input, environment);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
  });
});

describe('homeostat cost', { timeout: 60_000 }, () => {
  const file = (text: string) => writeFileSync(join(folder, 'homeostat.yaml'), text);

  it('says what the checks of a file cost, what CloudWatch Synthetics lists for them, and the idle stack', async () => {
    file('checks:\n  - {name: db, type: tcp, target: "h:1", interval: 1m}\n');
    const { code, out } = await homeostat(['cost', '-f', 'homeostat.yaml']);
    expect(code).toBe(0);
    // 43,200 looks a month of 30 days, at 0.0012 USD each.
    expect(out).toMatch(/1 +tcp every 1 min +43,200 /);
    expect(out).toContain('CloudWatch Synthetics lists 51.84 for as many looks.');
    expect(out).toMatch(/watching nothing: about [\d.]+ USD a month/);
  });

  it('does not count what is not active, and knows that a hundred checks share a run', async () => {
    const checks = (count: number, rest = '') =>
      Array.from({ length: count }, (_, at) => `  - {name: c${at}, type: tcp, target: "h:1"${rest}}\n`).join(
        '',
      );
    const usd = async (text: string): Promise<number> => {
      file(`checks:\n${text}`);
      return JSON.parse((await homeostat(['cost', '-f', 'homeostat.yaml', '--json'])).out).totalUsd;
    };
    expect(await usd(checks(3, ', isActive: false'))).toBe(0);
    const [one, hundred] = [await usd(checks(1)), await usd(checks(100))];
    expect(hundred).toBeGreaterThan(one);
    expect(hundred).toBeLessThan(one * 10);
  });
});
