import { describe, expect, it } from 'vitest';
import { channelsFromEnvironment } from '../../../infra/local/start/channels.ts';
import { readSettings } from '../../../infra/local/start/environment.ts';
import { channelDefinitionSchema } from '../../../shared/notifications/api.ts';

const slackUrl = 'https://hooks.slack.com/services/T000/B000/canary';
const given = (environment: Record<string, string>) => channelsFromEnvironment(readSettings(environment));

describe('channels from the environment', () => {
  it('are none where it says nothing, and then the stack tells as it does by itself', () => {
    expect(given({})).toEqual({ channels: [], defaultChannels: [], secrets: new Map() });
  });

  it.each([
    [{ ALERT_EMAIL: 'team@example.com' }, [], ['email']],
    [{ SLACK_WEBHOOK_URL: slackUrl }, ['slack'], ['slack']],
    [{ ALERT_WEBHOOK_URL: 'https://a.example/hook' }, ['webhook'], ['webhook']],
    [
      {
        ALERT_WEBHOOK_URL: 'https://a.example/hook',
        ALERT_EMAIL: 'team@example.com',
        SLACK_WEBHOOK_URL: slackUrl,
      },
      ['slack', 'webhook'],
      ['email', 'slack', 'webhook'],
    ],
  ])('%j gives the channels %j, and by default %j are told', (environment, channels, defaults) => {
    const { channels: made, defaultChannels } = given(environment);
    expect(made.map(({ name }) => name)).toEqual(channels);
    expect(defaultChannels).toEqual(defaults);
  });

  it('hold their URLs as references to secrets of those names, never as values (fault 29)', () => {
    const { channels, secrets } = given({ SLACK_WEBHOOK_URL: slackUrl });
    expect(channels[0]?.config).toEqual({ url: `\${secret:SLACK_WEBHOOK_URL}` });
    expect(JSON.stringify(channels)).not.toContain('canary');
    expect(secrets).toEqual(new Map([['SLACK_WEBHOOK_URL', slackUrl]]));
  });

  it('are definitions that the API and the file take', () => {
    const { channels } = given({ SLACK_WEBHOOK_URL: slackUrl, ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/x' });
    for (const channel of channels) expect(channelDefinitionSchema.safeParse(channel).error).toBeUndefined();
  });
});
