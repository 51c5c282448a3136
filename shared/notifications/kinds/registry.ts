import type { ChannelType } from '../channel.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { eventbridge } from './eventbridge.ts';
import { github } from './github.ts';
import { jira } from './jira.ts';
import type { ChannelKind } from './kind.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { sns } from './sns.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

/** Every type of channel: a file here and a line in this list. */
export const channelKinds = {
  sns,
  slack,
  webhook,
  email,
  eventbridge,
  pagerduty,
  teams,
  discord,
  telegram,
  github,
  jira,
} as const satisfies Record<ChannelType, ChannelKind>;
