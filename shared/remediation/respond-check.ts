import { readDeployment } from '../catalog/index.ts';
import { findingIdOf, findingOfCheck, loadFinding, resourceOf } from '../findings/index.ts';
import { checkIdOf, readMembers } from '../health/index.ts';
import type { EventDetails } from '../platform/events.ts';
import { calledFor, resolveEscalation } from './escalate.ts';
import { type Response, respondToFinding } from './respond-finding.ts';
import type { RespondWorld } from './respond-world.ts';

/** What is told so late is looked at by nobody any more; Lambda itself gives up after six hours. */
const latestMs = 30 * 60_000;

/**
 * A check that became unhealthy is a finding, and answered as one. `unknown` is never healed, degraded still answers.
 * What is told late, or was overtaken by a newer status, changes nothing: how the check stands now is looked up.
 */
export const respondToCheck = async (
  world: RespondWorld,
  change: EventDetails['check.status_changed'],
): Promise<Response> => {
  if (change.to === 'unknown') return { reason: 'What is not known is neither healed nor well.' };
  if (change.to !== 'unhealthy') return noteWell(world, change);
  const now = world.clock();
  if (now - Date.parse(change.at) > latestMs)
    return { reason: 'It is told too late: what stands by now decides, and its next change is told anew.' };
  const standings = await readMembers(world.telemetry, [change.checkId], now);
  const status = standings.get(change.checkId)?.status ?? 'unknown';
  if (status !== 'unhealthy') return { reason: `The check is ${status} by now.` };
  const record = await readDeployment(world.state, change.deploymentId);
  if (!record)
    return { reason: 'Its deployment is not registered, and only what is registered is remedied.' };
  const finding = findingOfCheck(change, record.definition);
  if (!finding) return { reason: 'What is not known is not healed.' };
  return respondToFinding(world, finding);
};

/**
 * It answers again: what people were called for is over, unless nobody knows what a remedy did. That is for a person to
 * look at, however well the check looks.
 */
const noteWell = async (
  world: RespondWorld,
  { checkId, deploymentId, name, to, at, reason }: EventDetails['check.status_changed'],
): Promise<Response> => {
  const record = await readDeployment(world.state, deploymentId);
  const resource = record && resourceOf(record.definition, { checkName: name });
  if (!resource) return { reason: `It is ${to}: only what is unhealthy is healed.` };
  const called = await loadFinding(
    world.state,
    findingIdOf({ ...calledFor, deploymentId, resource: resource.name }),
  );
  if (called?.state !== 'open') return { reason: `It is ${to}: only what is unhealthy is healed.` };
  if (called.tags.status === 'unknown')
    return { reason: `It is ${to}, but nobody knows what its remedy did: a person looks at it.` };
  const others = (resource.checks ?? []).map((other) => checkIdOf(deploymentId, other));
  const standings = await readMembers(world.telemetry, others, world.clock());
  if (others.some((id) => id !== checkId && standings.get(id)?.status === 'unhealthy'))
    return { reason: `It is ${to}, but another check of ${resource.name} is still unhealthy.` };
  const said = `${name} is ${to}: ${reason}`;
  await resolveEscalation(world, { deploymentId, resource, reason: said, at: Date.parse(at) });
  return { reason: `It is ${to}: what people were called for is over.` };
};
