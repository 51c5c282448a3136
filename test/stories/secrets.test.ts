import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { writeSecret } from '../../infra/local/secrets/check-secrets.ts';
import { issue } from '../domain/health/certificates.ts';
import { openMailServer } from '../domain/notifications/mail-server.ts';
import { makeChannel, monitoring, reference, setAlerting } from './alerting.ts';
import { checksPath, makeWatchedCheck } from './checks.ts';
import { type Conduct, openReceiver } from './receivers.ts';
import { putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';
import { itemsOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';
import { withDebugLogs } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  stack = undefined;
  target = undefined;
});

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('neither the admin token, nor a made token, nor a check’s secret header is found in a log, a file, an event or an answer (fault 29)', async () => {
  stack = await openStack({ onDisk: true, patchTemplate: withDebugLogs });
  target = await openTarget();
  const header = 'Bearer h3ader-canary-5c1f';
  const id = await makeWatchedCheck(stack, {
    target: target.url,
    config: { headers: { authorization: header } },
  });
  const body = { name: 'ci', scopes: ['read', 'write'], deployments: '*' };
  const made = await stack.api('POST', '/api/v1/monitoring/tokens', { body });
  const token = String(made.body.token);
  expect(token).toMatch(/^hst_/);
  for (const path of [
    checksPath,
    `${checksPath}/${id}`,
    '/api/v1/monitoring/nowhere',
    `${checksPath}/${token}`,
  ]) {
    await stack.api('GET', path, { token });
  }
  await stack.api('GET', checksPath, { token: `${token}x` });
  await stack.api('POST', checksPath, { token, body: { name: 'wrong', type: 'http', target: 'nowhere' } });
  await target.become('failing');
  await stack.advance('1m');
  expect(stack.events('check.status_changed').length).toBeGreaterThan(1);

  const items = await itemsOf(stack);
  const answers = stack.answers.filter((text) => text !== made.text);
  const { folder = '', host, lines } = stack;
  const told = [...stack.events().map((event) => JSON.stringify(event)), ...lines.map(({ text }) => text)];
  await host.stop();
  // The file that stands for Secrets Manager holds the admin token, as Secrets Manager does.
  const files = filesIn(folder).filter((path) => !path.endsWith('secrets.json'));
  const logs = files.filter((path) => path.startsWith(join(folder, 'logs')));
  const names = logs.map((path) => basename(path));
  expect(names).toEqual(expect.arrayContaining(['access.log', 'dispatcher.log']));
  expect(items.length).toBeGreaterThan(5);
  const secretsOf = (text: string, secrets: readonly string[]) => secrets.filter((one) => text.includes(one));
  const tokens = [host.token, token.slice(token.lastIndexOf('_') + 1)];
  const everySecret = [...tokens, 'h3ader-canary-5c1f'];
  for (const text of [...told, ...answers]) expect(secretsOf(text, everySecret), text).toEqual([]);
  for (const text of items) expect(secretsOf(text, tokens), text).toEqual([]);
  for (const path of files) {
    const text = readFileSync(path, 'latin1');
    expect(secretsOf(text, logs.includes(path) ? everySecret : tokens), path).toEqual([]);
  }
});

const day = 86_400_000;
const today = Math.floor(Date.now() / 1000) * 1000;
const lasting = { from: today - day, until: today + 30 * day };
const authority = issue({ name: 'Mail Root', ...lasting, isAuthority: true });
const ofMail = issue({ name: 'mail.test', names: ['ip:127.0.0.1'], ...lasting, by: authority });

/** What receivers know when all is well, and send back when it is not. */
const channelSecrets = {
  SLACK_URL: 'slack-c4nary-77aa01',
  BOT_TOKEN: 'xoxb-b0t-canary-19fe02',
  HOOK_KEY: 'hmac-c4nary-key-5521a03',
  HOOK_TOKEN: 'hook-t0ken-canary-9914d04',
  HOOK_PATH: 'hook-p4th-canary-3c5605',
  SMTP_PASSWORD: 'smtp-p4ssword-canary-80bb06',
} as const;

/** As it is, and as others might write it. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
];

test('no secret of a channel is found in a log, a file outside the secret store, an item, an event or an answer, though every receiver sends it back in its errors (fault 29)', async () => {
  const open = await openStack({ onDisk: true, patchTemplate: withDebugLogs });
  stack = open;
  const { folder = '', host } = stack;
  const receiver = await openReceiver(
    () => host.now(),
    () => undefined,
    ({ path, headers }) => `I do not know ${path}, ${String(headers.authorization)}: who are you?`,
  );
  let isMailUp = false;
  const mail = await openMailServer({
    cert: ofMail.cert,
    key: ofMail.key,
    authOptional: false,
    onAuth({ username, password }, _session, done) {
      if (isMailUp) done(null, { user: username ?? '' });
      else done(new Error(`${username} may not come in with ${password}`));
    },
  });
  try {
    const { SLACK_URL, ...others } = channelSecrets;
    writeSecret(folder, 'SLACK_URL', `${receiver.url}/services/${SLACK_URL}`);
    for (const [name, value] of Object.entries(others)) writeSecret(folder, name, value);
    const hook = {
      url: `${receiver.url}/${reference('HOOK_PATH')}`,
      secrets: [reference('HOOK_KEY')],
      headers: { authorization: `Bearer ${reference('HOOK_TOKEN')}` },
    };
    const smtp = {
      transport: 'smtp',
      ...{ host: '127.0.0.1', port: mail.port, security: 'starttls' },
      certificateAuthorities: authority.cert,
      ...{ username: 'homeostat', password: reference('SMTP_PASSWORD') },
      ...{ from: 'homeostat@example.com', to: ['team@example.com'] },
    };
    const bot = { token: reference('BOT_TOKEN'), channel: 'C0123456789', apiUrl: `${receiver.url}/api/` };
    const channels = [
      { name: 'webhook of slack', type: 'slack', config: { url: reference('SLACK_URL') } },
      { name: 'bot', type: 'slack', config: bot },
      { name: 'hook', type: 'webhook', config: hook },
      { name: 'mail', type: 'email', config: smtp },
    ];
    const ids = await Promise.all(channels.map((channel) => makeChannel(open, channel)));
    await setAlerting(stack, { defaultChannels: channels.map(({ name }) => name) });
    // A value in place of its name is refused, and not repeated.
    const given = { name: 'careless', type: 'slack', config: { url: 'https://hooks.example.com/c4reless' } };
    const refused = await stack.api('POST', `${monitoring}/channels`, { body: given });
    expect(refused.status).toBe(422);
    expect(refused.text).not.toContain('c4reless');

    for (const conduct of ['down', 'refusing', 'up'] as const satisfies readonly Conduct[]) {
      await receiver.become(conduct);
      isMailUp = conduct === 'up';
      await putFinding(stack, { deploymentId: conduct, state: 'open' });
      for (const id of ids) {
        const asked = await stack.api('POST', `${monitoring}/channels/${id}/test`);
        expect(asked.status, asked.text).toBe(202);
        await stack.advance('10s');
        await stack.api('GET', String(asked.body.resultUrl));
      }
      await stack.advance('3m');
      for (const path of [
        'channels',
        'notifications/undelivered',
        'audit',
        'alerting',
        'incidents',
        ...ids.map((id) => `channels/${id}`),
      ])
        await stack.api('GET', `${monitoring}/${path}`);
      const { body } = await stack.api('GET', `${monitoring}/incidents`);
      for (const { id } of body.items as { id: string }[]) {
        await stack.api('GET', `${monitoring}/incidents/${id}`);
        await stack.api('GET', `${monitoring}/incidents/${id}/timeline`);
      }
    }
    await stack.advance('20m');
    // All of them were really used.
    const seen = JSON.stringify(receiver.requests);
    for (const secret of [SLACK_URL, others.BOT_TOKEN, others.HOOK_TOKEN, others.HOOK_PATH])
      expect(seen).toContain(secret);
    expect(mail.mails.length).toBeGreaterThan(0);
    expect(seen).toContain('x-homeostat-signature');

    const items = await itemsOf(stack);
    const queued = await Promise.all(Object.keys(await host.queues()).map((name) => host.messagesIn(name)));
    const told = [
      ...stack.events().map((event) => JSON.stringify(event)),
      ...stack.lines.map(({ text }) => text),
      ...stack.answers,
      ...items,
      ...queued.flat(),
    ];
    await host.stop();
    const stores = ['secrets.json', 'check-secrets.json'];
    const files = filesIn(folder).filter((path) => !stores.includes(basename(path)));
    expect(files.some((path) => basename(path) === 'notifier.log')).toBe(true);
    const forms = Object.values(channelSecrets).flatMap(formsOf);
    const foundIn = (text: string) => forms.filter((form) => text.includes(form));
    for (const text of told) expect(foundIn(text), text).toEqual([]);
    for (const path of files) expect(foundIn(readFileSync(path, 'latin1')), path).toEqual([]);
    // The receivers' words came through, without the secrets.
    expect(told.some((text) => text.includes('may not come in with [secret]'))).toBe(true);
  } finally {
    await receiver.close();
    await mail.close();
  }
});
