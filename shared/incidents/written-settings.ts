import { writtenMatcher } from './matchers.ts';
import type { AlertingSettings, Route } from './settings.ts';

const writtenRoute = ({ name, severities, deployments, matchers, time, channels, ...rest }: Route) => ({
  name,
  ...(severities && { severities: [...severities] }),
  ...(deployments && { deployments: [...deployments] }),
  ...(matchers && { matchers: matchers.map(writtenMatcher) }),
  ...(time && { time }),
  channels: [...channels],
  continue: rest.continue,
});

/** The settings as people write them: what it gives resolves to the same settings. Times are seconds. */
export const writtenSettings = (settings: AlertingSettings) => ({
  defaultChannels: [...settings.defaultChannels],
  routes: settings.routes.map(writtenRoute),
  groupWait: settings.groupWaitSeconds,
  groupInterval: settings.groupIntervalSeconds,
  repeatInterval: settings.repeatIntervalSeconds,
  escalation: settings.escalation.map(({ afterSeconds, channels, severity }) => ({
    after: afterSeconds,
    channels: [...channels],
    ...(severity !== undefined && { severity }),
  })),
  digest: { ...settings.digest, channels: [...settings.digest.channels] },
});
export type WrittenSettings = ReturnType<typeof writtenSettings>;
