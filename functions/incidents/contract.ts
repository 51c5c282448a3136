import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'incidents',
  purpose: 'Decides incidents one by one, and tells the channels.',
  trigger: { kind: 'queue', queue: 'incidents', batchSize: 10, maximumConcurrency: 5 },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['batchGet'],
    bus: ['publish'],
    checkSecrets: ['read'],
    alertTopic: ['publish'],
    teamTopics: ['publish'],
    emailIdentities: ['sendEmail'],
    linkKey: ['read'],
  },
  why: {
    state: 'reads alerts, silences and channels, keeps incidents and notifications',
    telemetry: 'sees whether the parent of a check is down',
    bus: 'tells that an incident changed',
    checkSecrets: 'reads the secrets that channels refer to',
    alertTopic: 'tells those who subscribed by e-mail or SMS',
    teamTopics: "tells the team's own topics",
    emailIdentities: 'sends e-mail through SES',
    linkKey: 'signs the links in notifications',
  },
  settings: ['logLevel', 'retentionDays', 'publicUrl', 'allowedPrivateRanges'],
});
