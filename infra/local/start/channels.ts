import type { Settings } from './environment.ts';

/** A channel as `homeostat.yaml` says it. */
export type GivenChannel = {
  readonly name: string;
  readonly type: 'slack' | 'webhook';
  readonly config: Readonly<Record<string, string>>;
};

export type GivenChannels = {
  /** To be applied like channels of the file. */
  readonly channels: readonly GivenChannel[];
  /** Where alerts go whose rule names no channel, unless the file says it. None: nothing was given. */
  readonly defaultChannels: readonly string[];
  /** Values by the name under which the channels refer to them. Whoever knows such a URL can post there. */
  readonly secrets: ReadonlyMap<string, string>;
};

/** The stack's own topic, to which `ALERT_EMAIL` subscribes; there without being defined. */
const emailChannel = 'email';

/** `${secret:NAME}`: what stands in a definition in place of the value. */
const secretReference = (name: string): string => `\${secret:${name}}`;

type Given = Pick<Settings, 'ALERT_EMAIL' | 'SLACK_WEBHOOK_URL' | 'ALERT_WEBHOOK_URL'>;

/** The channels that the environment gives. They are called `slack` and `webhook`; a file that names these itself means its own. */
export const channelsFromEnvironment = (given: Given): GivenChannels => {
  const urls = [
    { name: 'slack', type: 'slack', variable: 'SLACK_WEBHOOK_URL' },
    { name: 'webhook', type: 'webhook', variable: 'ALERT_WEBHOOK_URL' },
  ] as const;
  const set = urls.flatMap((channel) => {
    const url = given[channel.variable];
    return url === undefined ? [] : [{ ...channel, url }];
  });
  return {
    channels: set.map(({ name, type, variable }) => ({
      name,
      type,
      config: { url: secretReference(variable) },
    })),
    defaultChannels: [
      ...(given.ALERT_EMAIL === undefined ? [] : [emailChannel]),
      ...set.map(({ name }) => name),
    ],
    secrets: new Map(set.map(({ variable, url }) => [variable, url])),
  };
};
