import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepSecrets } from '../../../shared/health/secrets.ts';
import { definition } from './builders.ts';
import { look, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const place = '$'.concat('{secret:KEY}');

/** What is told when a Redis that knows the secret refuses with these words. */
const refusedWith = async (secret: string, words: string) => {
  const port = await targets.tcp((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(`-ERR ${words}\r\n`));
  });
  const check = { type: 'redis', target: `127.0.0.1:${port}`, config: { password: place } };
  return (await look(check, { ports: secretsPort({ KEY: secret }) })).reason;
};

describe('a secret that the target sends back is not told, however it is written (fault 29)', () => {
  const secret = `it's <b>&"tok/én"+?! x`;
  test.each([
    ['as it is', secret],
    ['percent-encoded', "it's%20%3Cb%3E%26%22tok%2F%C3%A9n%22%2B%3F!%20x"],
    ['percent-encoded in lower case', "it's%20%3cb%3e%26%22tok%2f%c3%a9n%22%2b%3f!%20x"],
    ['percent-encoded to the last sign', 'it%27s%20%3Cb%3E%26%22tok%2F%C3%A9n%22%2B%3F%21%20x'],
    ['as a query', 'it%27s%20%3Cb%3E%26%22tok%2F%C3%A9n%22%2B%3F!%20x'],
    ['as a form', 'it%27s+%3Cb%3E%26%22tok%2F%C3%A9n%22%2B%3F%21+x'],
    ['in base64', 'aXQncyA8Yj4mInRvay/DqW4iKz8hIHg='],
    ['in base64 without its end', 'aXQncyA8Yj4mInRvay/DqW4iKz8hIHg'],
    ['in base64 for URLs', 'aXQncyA8Yj4mInRvay_DqW4iKz8hIHg'],
    ['in hexadecimal', '69742773203c623e2622746f6b2fc3a96e222b3f212078'],
    ['in JSON', 'it\'s <b>&\\"tok/én\\"+?! x'],
    ['in HTML', 'it&#39;s &lt;b&gt;&amp;&quot;tok/én&quot;+?! x'],
  ])('%s', async (_, form) => {
    expect(await refusedWith(secret, `bad ${form} given`)).toMatch(/^Redis: ERR bad \[secret\]=? given$/);
  });

  test('with control characters in it, which reasons show as blanks', async () => {
    expect(await refusedWith('first part\tsecond part', 'bad first part\tsecond part')).toBe(
      'Redis: ERR bad [secret]',
    );
  });

  test('without the blanks at its ends', async () => {
    expect(await refusedWith(' correct horse ', 'bad correct horse.')).toBe('Redis: ERR bad [secret].');
  });
});

describe('a value of a database is cut after its secrets are taken out, so that no half of one stays (fault 29)', () => {
  const secret = 'correct-horse-battery-staple';
  const answering = (value: string) =>
    targets.tcp((socket) => {
      socket.on('error', () => {});
      let asked = 0;
      socket.on('data', () => socket.write(asked++ === 0 ? '+OK\r\n' : `$${value.length}\r\n${value}\r\n`));
    });

  test('a value that came', async () => {
    const port = await answering(`${'x'.repeat(85)}${secret}`);
    const config = { password: place, query: 'GET a', expected: 'ok' };
    const { reason } = await look(
      { type: 'redis', target: `127.0.0.1:${port}`, config },
      { ports: secretsPort({ KEY: secret }) },
    );
    expect(reason).toBe(`the command GET gave "${'x'.repeat(85)}[secret]", expected "ok"`);
  });

  test('a value that was expected', async () => {
    const port = await answering('1');
    const long = `${'y'.repeat(90)}${secret}`;
    const config = { password: place, query: 'GET a', expected: place };
    const { reason } = await look(
      { type: 'redis', target: `127.0.0.1:${port}`, config },
      { ports: secretsPort({ KEY: long }) },
    );
    expect(reason).toBe('the command GET gave "1", expected "[secret]"');
  });
});

test('a hidden value does not follow a step to another host, whichever way its URL is written (fault 29)', () => {
  const withStep = (url: string, authorization: string) =>
    definition({
      target: 'https://shop.example.com/',
      config: { steps: [{ method: 'GET', url, headers: { authorization } }] },
    });
  const stored = withStep('/login', 'Bearer canary');
  for (const url of ['//evil.example/', '/\\evil.example/', 'https://evil.example/', '\\\\evil.example/']) {
    expect(() => keepSecrets(withStep(url, '[hidden]'), stored)).toThrow('A hidden value is needed.');
  }
  expect(keepSecrets(withStep('/account', '[hidden]'), stored).config).toEqual(
    withStep('/account', 'Bearer canary').config,
  );
});
