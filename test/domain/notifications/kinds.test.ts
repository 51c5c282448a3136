import { describe, expect, it, test } from 'vitest';
import {
  channelDefinitionSchema,
  channelSettingsFrom,
  channelViewSchema,
  resolveChannel,
  viewChannel,
  writtenChannelOf,
} from '../../../shared/notifications/api.ts';
import { channelIdOf, channelTypes } from '../../../shared/notifications/channel.ts';
import { channelKinds } from '../../../shared/notifications/kinds/registry.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

const settings = channelSettingsFrom(
  (name) =>
    ({
      checkSecretNames: 'HOOK,TOKEN,NEW,OLD,PASSWORD',
      teamTopicArns: 'arn:aws:sns:eu-central-1:111122223333:team',
      emailIdentityNames: 'example.com,ops@other.example',
      allowedPrivateRanges: '10.1.0.0/16',
    })[name],
);

/** Each fault as `path: message`, whoever finds it; the empty list when it is accepted. */
const faultsOf = (given: Record<string, unknown>): readonly string[] => {
  const parsed = channelDefinitionSchema.safeParse({ name: 'on call', ...given });
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  }
  try {
    resolveChannel(parsed.data, settings);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.fields.map(({ path, message }) => `${path}: ${message}`);
  }
};

const good = [
  { type: 'sns' },
  { type: 'sns', config: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:team' } },
  { type: 'slack', config: { url: `\${secret:HOOK}` } },
  {
    type: 'slack',
    config: { token: `\${secret:TOKEN}`, channel: '#ops', title: '{{labels.team}}: {{title}}' },
  },
  { type: 'webhook', config: { url: 'https://example.com/alerts' } },
  { type: 'webhook', config: { url: `\${secret:HOOK}`, secrets: [`\${secret:NEW}`, `\${secret:OLD}`] } },
  {
    type: 'webhook',
    config: {
      url: `https://example.com/\${secret:TOKEN}`,
      format: 'homeostat',
      headers: { authorization: `Bearer \${secret:TOKEN}`, 'x-team': 'shop' },
    },
  },
  { type: 'email', config: { transport: 'ses', from: 'alerts@example.com', to: ['team@example.org'] } },
  { type: 'email', config: { transport: 'ses', from: 'OPS@other.example', to: ['team@example.org'] } },
  {
    type: 'email',
    config: {
      transport: 'smtp',
      host: 'smtp.example.com',
      username: 'homeostat',
      password: `\${secret:PASSWORD}`,
      from: 'alerts@anything.example',
      to: ['team@example.org'],
    },
  },
  { type: 'webhook', config: { url: 'http://10.1.2.3:8080/alerts' } },
  { type: 'pagerduty', config: { routingKey: `\${secret:TOKEN}`, region: 'eu' } },
  { type: 'teams', config: { url: `\${secret:HOOK}` } },
  { type: 'discord', config: { url: `\${secret:HOOK}` } },
  { type: 'telegram', config: { token: `\${secret:TOKEN}`, chatId: -1001234567890, topicId: 7 } },
  { type: 'telegram', config: { token: `\${secret:TOKEN}`, chatId: '@example_ops' } },
  { type: 'github', config: { token: `\${secret:TOKEN}`, repository: 'example/operations.old' } },
  {
    type: 'github',
    config: {
      token: `\${secret:TOKEN}`,
      repository: 'example/operations',
      labels: ['on call'],
      apiUrl: 'http://10.1.2.3/api/v3/',
    },
  },
  {
    type: 'jira',
    config: {
      url: 'https://example.atlassian.net/',
      email: 'a@example.com',
      token: `\${secret:TOKEN}`,
      projectKey: 'OPS',
    },
  },
  { type: 'eventbridge', fallback: 'mail', tellsResolved: false, isActive: false },
  {
    type: 'eventbridge',
    quietHours: {
      from: '22:00',
      until: '07:00',
      timeZone: 'Europe/Berlin',
      weekdays: ['mon', 'tue'],
      exceptFrom: 'error',
    },
  },
];

describe('a channel that is sound is accepted', () => {
  test.each(good)('$type $config', (given) => {
    expect(faultsOf(given)).toEqual([]);
  });

  it('has a kind for each of its types', () => {
    expect(Object.keys(channelKinds).sort()).toEqual([...channelTypes].sort());
    expect(new Set(good.map(({ type }) => type))).toEqual(new Set(channelTypes));
  });
});

const smtp = { transport: 'smtp', host: 'smtp.example.com', from: 'a@example.com', to: ['b@example.com'] };
const referenceOnly = `Write \${secret:NAME} and set the value with homeostat secrets set NAME: the value itself is never stored in a channel.`;

describe('a channel that cannot work is refused with what to write instead', () => {
  const bad: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      'no such type',
      { type: 'pager' },
      'type: Give one of sns, slack, webhook, email, eventbridge, pagerduty, teams, discord, telegram, github, jira.',
    ],
    [
      'a field that the type does not know',
      { type: 'sns', config: { topic: 'x' } },
      'config: Unrecognized key: "topic"',
    ],
    [
      'a topic that is first in, first out',
      { type: 'sns', config: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:team.fifo' } },
      'config.topicArn: Give a standard topic: e-mail and SMS cannot subscribe to topics that are first in, first out.',
    ],
    [
      'a topic that the stack does not list',
      { type: 'sns', config: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:other' } },
      "config.topicArn: This stack was not deployed with the topic arn:aws:sns:eu-central-1:111122223333:other: add it to `topics` in the stack's configuration and deploy.",
    ],
    [
      'both ways to Slack',
      { type: 'slack', config: { url: `\${secret:HOOK}`, token: `\${secret:TOKEN}`, channel: '#ops' } },
      'config.url: Give either the `url` of an incoming webhook, or the `token` of a bot and its `channel`.',
    ],
    [
      'a bot without a channel',
      { type: 'slack', config: { token: `\${secret:TOKEN}` } },
      'config.channel: Give the channel that the bot writes to.',
    ],
    [
      'a URL whose host is secret in part',
      { type: 'webhook', config: { url: `https://\${secret:HOOK}.example.com/` } },
      'config.url: Write scheme, host and port out: secrets may stand in the path and in the query.',
    ],
    [
      'a URL with a password',
      { type: 'webhook', config: { url: 'https://user:word@example.com/' } },
      'config.url: Leave user and password out of the URL; send an authorization header instead.',
    ],
    [
      'something else than the web',
      { type: 'webhook', config: { url: 'file:///etc/passwd' } },
      `config.url: Give an https:// URL, or \${secret:NAME} where the whole URL is secret.`,
    ],
    [
      'an address of the metadata service (fault 26)',
      { type: 'webhook', config: { url: 'http://2852039166/latest' } },
      'config.url: 169.254.169.254 is a link-local or metadata address: probes never go there.',
    ],
    [
      'an API at an address of the metadata service (fault 26)',
      {
        type: 'jira',
        config: { url: 'http://169.254.169.254/', token: `\${secret:TOKEN}`, projectKey: 'OPS' },
      },
      'config.url: 169.254.169.254 is a link-local or metadata address: probes never go there.',
    ],
    [
      'a repository that is a way up',
      { type: 'github', config: { token: `\${secret:TOKEN}`, repository: 'example/..' } },
      'config.repository: Give owner and name, such as example/operations.',
    ],
    [
      'a label that would be two',
      { type: 'github', config: { token: `\${secret:TOKEN}`, repository: 'a/b', labels: ['a,b'] } },
      'config.labels.0: Leave out commas and control characters.',
    ],
    [
      'a chat that is none',
      { type: 'telegram', config: { token: `\${secret:TOKEN}`, chatId: 'ops' } },
      'config.chatId: Give the id of a chat, such as -1001234567890, or @name of a public channel.',
    ],
    [
      'a private address that nobody allowed',
      { type: 'webhook', config: { url: `http://10.2.2.3/\${secret:TOKEN}` } },
      'config.url: 10.2.2.3 is a private address: list its range in allowedPrivateRanges to allow it.',
    ],
    [
      'a mail server on this machine',
      { type: 'email', config: { ...smtp, host: '127.0.0.1' } },
      'config.host: 127.0.0.1 is a loopback address: list its range in allowedPrivateRanges to allow it.',
    ],
    [
      'a header with a line break (fault 28)',
      { type: 'webhook', config: { url: 'https://example.com/', headers: { 'x-team': 'a\r\nx-evil: b' } } },
      'config.headers.x-team: Leave out control characters and what is not ASCII.',
    ],
    [
      'a header that frames the message',
      { type: 'webhook', config: { url: 'https://example.com/', headers: { 'Content-Length': '0' } } },
      'config.headers.Content-Length: Leave it out: Homeostat sets it itself.',
    ],
    [
      'a sender that the stack does not list',
      { type: 'email', config: { transport: 'ses', from: 'a@evil-example.com', to: ['b@example.com'] } },
      "config.from: This stack may not send from a@evil-example.com: add the address or its domain to `emailIdentities` in the stack's configuration and deploy.",
    ],
    [
      'an address with a line break (fault 28)',
      { type: 'email', config: { ...smtp, to: ['b@example.com\r\nBcc: c@example.com'] } },
      'config.to.0: Give an e-mail address such as alerts@example.com.',
    ],
    [
      'a password in the clear',
      {
        type: 'email',
        config: { ...smtp, security: 'none', username: 'a', password: `\${secret:PASSWORD}` },
      },
      'config.security: Say starttls or tls: a password never goes over the network in the clear.',
    ],
    [
      'a password without a user',
      { type: 'email', config: { ...smtp, password: `\${secret:PASSWORD}` } },
      'config.username: Give both username and password, or neither.',
    ],
    [
      'a placeholder that nobody knows',
      { type: 'eventbridge', config: { title: '{{titel}}' } },
      'config.title: Write one of {{title}}, {{severity}}, {{deployment}}, {{status}}, {{reason}}, {{runbookUrl}}, {{firing}}, {{resolved}}, {{since}}, {{downtime}}, {{by}}, {{channel}} or {{labels.NAME}}: there is no {{titel}}.',
    ],
    [
      'code in a template',
      { type: 'eventbridge', config: { text: '{{constructor.constructor("x")()}}' } },
      'config.text: Write one of {{title}}, {{severity}}, {{deployment}}, {{status}}, {{reason}}, {{runbookUrl}}, {{firing}}, {{resolved}}, {{since}}, {{downtime}}, {{by}}, {{channel}} or {{labels.NAME}}: there is no {{constructor.constructor("x")()}}.',
    ],
    [
      'a template that is not closed',
      { type: 'eventbridge', config: { title: 'a {{title' } },
      'config.title: Close each {{ with }}, and put nothing but a name between.',
    ],
    ['itself as the fallback', { type: 'sns', fallback: 'on call' }, 'fallback: Name another channel.'],
    [
      'a zone without summer time',
      { type: 'sns', quietHours: { from: '22:00', until: '06:00', timeZone: '+01:00' } },
      'quietHours.timeZone: Give an IANA time zone such as Europe/Berlin or UTC.',
    ],
  ];
  test.each(bad)('%s', (_why, given, fault) => {
    expect(faultsOf(given)).toContain(fault);
  });
});

describe('secrets stand in a channel by reference only (fault 29)', () => {
  const bad: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      "Slack's URL",
      { type: 'slack', config: { url: 'https://hooks.slack.com/services/T0/B0/canary' } },
      `config.url: ${referenceOnly}`,
    ],
    [
      "Slack's token",
      { type: 'slack', config: { token: 'xoxb-canary', channel: '#ops' } },
      `config.token: ${referenceOnly}`,
    ],
    [
      'a signing secret',
      { type: 'webhook', config: { url: 'https://example.com/', secrets: ['canary'] } },
      `config.secrets.0: ${referenceOnly}`,
    ],
    [
      'a secret header',
      {
        type: 'webhook',
        config: { url: 'https://example.com/', headers: { authorization: 'Bearer canary' } },
      },
      `config.headers.authorization: ${referenceOnly}`,
    ],
    [
      "PagerDuty's key",
      { type: 'pagerduty', config: { routingKey: 'canary' } },
      `config.routingKey: ${referenceOnly}`,
    ],
    [
      "Teams' URL",
      { type: 'teams', config: { url: 'https://example.com/canary' } },
      `config.url: ${referenceOnly}`,
    ],
    [
      "Discord's URL",
      { type: 'discord', config: { url: 'https://discord.com/api/webhooks/1/canary' } },
      `config.url: ${referenceOnly}`,
    ],
    [
      "Telegram's token",
      { type: 'telegram', config: { token: '1:canary', chatId: 1 } },
      `config.token: ${referenceOnly}`,
    ],
    [
      "GitHub's token",
      { type: 'github', config: { token: 'canary', repository: 'a/b' } },
      `config.token: ${referenceOnly}`,
    ],
    [
      "Jira's token",
      { type: 'jira', config: { url: 'https://a.example/', token: 'canary', projectKey: 'OPS' } },
      `config.token: ${referenceOnly}`,
    ],
    [
      'a user in the URL of an API',
      {
        type: 'github',
        config: { token: `\${secret:TOKEN}`, repository: 'a/b', apiUrl: 'https://me:canary@a.example/' },
      },
      'config.apiUrl: End it with a slash, without user, query and fragment.',
    ],
    [
      'a reference with something before it',
      { type: 'slack', config: { url: `x\${secret:HOOK}` } },
      `config.url: ${referenceOnly}`,
    ],
    [
      'a password',
      { type: 'email', config: { ...smtp, username: 'a', password: 'canary' } },
      `config.password: ${referenceOnly}`,
    ],
    [
      'a reference where none is put in',
      { type: 'slack', config: { url: `\${secret:HOOK}`, title: `a \${secret:TOKEN}` } },
      'config.title: Give the text itself: secrets are put only into config.url, config.token.',
    ],
    [
      'a secret that the stack does not list',
      { type: 'slack', config: { url: `\${secret:OTHER}` } },
      "config.url: This stack was not deployed with the secret OTHER: add it to `secrets` in the stack's configuration and deploy, then set it with homeostat secrets set OTHER.",
    ],
  ];
  test.each(bad)('refused: %s', (_what, given, fault) => {
    const faults = faultsOf(given);
    expect(faults).toContain(fault);
    expect(faults.join('\n')).not.toContain('canary');
  });
});

describe('what is stored can be read back and written again', () => {
  test.each(good)('$type $config', (given) => {
    const definition = resolveChannel(channelDefinitionSchema.parse({ name: 'on call', ...given }), settings);
    const written: unknown = JSON.parse(JSON.stringify(writtenChannelOf(definition)));
    expect(resolveChannel(channelDefinitionSchema.parse(written), settings)).toEqual(definition);
    const view = viewChannel({
      id: channelIdOf('on call'),
      definition,
      revision: 3,
      managedBy: 'api',
      createdAt: Date.UTC(2026, 0, 1),
      updatedAt: Date.UTC(2026, 0, 2),
    });
    expect(channelViewSchema.parse(view)).toEqual(view);
    expect(view).toMatchObject({
      name: 'on call',
      revision: 3,
      managedBy: 'api',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-02T00:00:00.000Z',
    });
  });
});
