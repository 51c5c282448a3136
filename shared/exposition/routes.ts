import { metricsContentType, readMetricFacts, toMetricsText } from '../health/api.ts';
import { defineRoute } from '../platform/api/route.ts';
import { remediationCounters, remediationMetricsText } from '../remediation/index.ts';

/** What Prometheus scrapes: one page of all capabilities. */
export const readMetricsRoute = defineRoute({
  id: 'readMetrics',
  function: 'api',
  method: 'GET',
  path: '/metrics',
  scope: 'read',
  summary: 'Metrics for Prometheus',
  description:
    'Text format 0.0.4 of the checks that the token reaches, and for a token that reaches all deployments of what remedies did. Beyond 5,000 checks they are told by deployment and type only.',
  success: { status: 200, contentType: metricsContentType },
  async run({ caller }, world) {
    const facts = await readMetricFacts(world.telemetry, world.clock(), caller.deployments);
    const ofChecks = await toMetricsText(facts);
    // Counted over all deployments: whoever reaches some of them must not see the others'.
    if (caller.deployments !== '*') return { body: ofChecks };
    return { body: `${ofChecks}${remediationMetricsText(await remediationCounters(world.state))}` };
  },
});

export const expositionRoutes = [readMetricsRoute];
