/** Definitions that are right in themselves, with every field, of a deployment `mine` and a check `mine-7d1e` in it. */

export const scaler = {
  isActive: true,
  target: { kind: 'ecs-service', resource: 'web' },
  series: 'check.response_time_ms',
  selector: { checks: ['mine-7d1e'], tags: { a: 'b' } },
  aggregate: 'p95',
  window: '5m',
  steps: [{ from: 300, change: 50, unit: 'percent' }],
  min: 1,
  max: 4,
  scaleOutCooldown: '1m',
  scaleInCooldown: 300,
  scaleInProtection: true,
};

export const page = {
  name: 'mine-7d1e',
  description: 'd',
  logoUrl: 'https://shop.example.com/logo.png',
  homeUrl: 'https://shop.example.com/',
  supportUrl: 'mailto:help@shop.example.com',
  accentColor: '#0a7d5c',
  timeZone: 'Europe/Berlin',
  isPublished: true,
  groups: [
    {
      name: 'g',
      description: 'd',
      checks: [{ deploymentId: 'mine', name: 'mine-7d1e', label: 'l' }],
      deploymentId: 'mine',
      tag: 'a:b',
    },
  ],
};

/** Switched off: it would speak of the same as the other one that is sent here. */
export const policy = {
  is_active: false,
  selector: { deployments: ['mine'], environments: ['other'], tags: { a: 'b' } },
  drift_remediation: { auto_fix: [{ severity: 'error', action: 'fix', max_resources: 2 }] },
  health_remediation: { unhealthy_service: { action: 'restart' } },
  cost_optimization: { idle_resources: { action: 'stop', detection_period: '7d' } },
  compliance_remediation: { enabled: false },
  windows: [{ kind: 'deny', weekdays: ['fri'], from: '18:00', until: '06:00', time_zone: 'Europe/Berlin' }],
  limits: { max_count: 2, max_percent: '10%' },
  brakes: { attempts_per_hour: 2 },
  exceptions: [{ resource: 'db', reason: 'being moved', until: '2026-07-01T00:00:00Z' }],
};
