import { recorded } from '../audit/index.ts';
import { requireWholeReach } from '../platform/api/caller.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { stopSchema, stopViewSchema } from './model.ts';
import { stopPath } from './route-parts.ts';
import { readStop, setStop } from './stop-switch.ts';
import { viewOfStop } from './views.ts';

/** The switch that holds everything that would be changed. */

export const readStopRoute = defineRoute({
  id: 'readRemediationStop',
  function: 'api',
  method: 'GET',
  path: stopPath,
  scope: 'read',
  summary: 'Whether everything is stopped',
  description: 'Who switched it, when and why.',
  success: { status: 200, schema: stopViewSchema },
  async run(_request, world) {
    return { body: viewOfStop(await readStop(world.state)) };
  },
});

type Switching = { readonly isOn: boolean; readonly by: string; readonly reason: string };

/** The switch first: that it holds must not wait for who is told of it. */
const switched = async (world: ApiWorld, given: Switching) => {
  const at = world.clock();
  const before = await readStop(world.state);
  const after = await setStop(world.state, { ...given, at });
  const event = recorded(
    {
      by: given.by,
      action: given.isOn ? 'stopped' : 'resumed',
      kind: 'remediation',
      subjectId: 'stop',
      name: 'stop switch',
      deploymentId: null,
      before: viewOfStop(before),
      after: viewOfStop(after),
    },
    { id: `audit:remediation-stop@${at}`, at, place: world.place },
  );
  try {
    const taken = await world.bus.publish([event]);
    if (taken.length === 0) world.log.warn('the audit was not told of the stop switch', { given });
  } catch (error) {
    world.log.warn('the audit was not told of the stop switch', { given, error: error as Error });
  }
  return { body: viewOfStop(after) };
};

export const stopRoute = defineRoute({
  id: 'stopRemediation',
  function: 'api',
  method: 'POST',
  path: stopPath,
  scope: 'operate',
  summary: 'Stop everything',
  description:
    'From now on nothing is applied, by policy or by hand, in any deployment. What was begun ends as it does; what waits is held, and at most an hour later over. The token must reach all deployments.',
  body: stopSchema,
  optionalBody: true,
  success: { status: 200, schema: stopViewSchema },
  async run({ body, caller }, world) {
    requireWholeReach(caller.deployments, 'The stop switch belongs');
    return switched(world, { isOn: true, by: caller.principal, reason: body.reason });
  },
});

export const resumeRoute = defineRoute({
  id: 'resumeRemediation',
  function: 'api',
  method: 'DELETE',
  path: stopPath,
  scope: 'operate',
  summary: 'Let remedies run again',
  description: 'Takes the stop back. What was held meanwhile and is over stays over.',
  success: { status: 200, schema: stopViewSchema },
  async run({ caller }, world) {
    requireWholeReach(caller.deployments, 'The stop switch belongs');
    return switched(world, { isOn: false, by: caller.principal, reason: 'resumed' });
  },
});

export const stopRoutes = [readStopRoute, stopRoute, resumeRoute];
