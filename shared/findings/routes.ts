import * as z from 'zod';
import {
  type Caller,
  reachesHome,
  reachWithin,
  requireReach,
  requireWholeReach,
} from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { severities } from '../platform/events.ts';
import {
  findingIdSchema,
  findingKindSchema,
  findingViewSchema,
  notedSchema,
  toldFindingsSchema,
} from './model.ts';
import { keysIn, signatureHeader, verifySignature } from './signature.ts';
import { loadFinding, pageOfFindings } from './store.ts';
import { takeTold } from './take-told.ts';
import { viewFinding } from './view.ts';

const findingsPath = '/api/v1/monitoring/findings';

/** Name of the secret, beside those of checks. */
const keyName = 'FINDINGS_KEY';

/** Whoever holds the key is the team's engine: it may tell of all deployments, and do nothing else. */
const engine: Caller = { principal: 'findings-key', scopes: ['ingest'], deployments: '*' };

/** None where the stack was not given the secret: asking for it would be refused. */
const keysOf = async ({ checkSecrets, setting }: ApiWorld): Promise<readonly string[]> => {
  const given = setting('checkSecretNames')
    .split(',')
    .map((name) => name.trim());
  if (!given.includes('*') && !given.includes(keyName)) return [];
  return keysIn(await checkSecrets.read(keyName));
};

export const tellFindingsRoute = defineRoute({
  id: 'tellFindings',
  function: 'api',
  method: 'POST',
  path: findingsPath,
  scope: 'ingest',
  summary: 'Tell what was found',
  description:
    'Up to 100 findings of your own engine, or that they are right again. The same one again changes nothing; the newest `at` wins. In place of a token the request may be signed: X-Homeostat-Signature is `t=<unix seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>` with the secret FINDINGS_KEY, within five minutes of `t`; a signed delivery counts once.',
  body: toldFindingsSchema,
  success: { status: 200, schema: notedSchema },
  errors: ['NOT_FOUND'],
  async signedBy({ text, headers }, world) {
    const header = headers[signatureHeader.toLowerCase()];
    if (header === undefined) return undefined;
    const keys = await keysOf(world);
    const signed = verifySignature(keys, { header, body: text, now: world.clock() });
    // Whether there is a key at all is nobody's business.
    if (!signed.isValid) throw new DomainError('UNAUTHENTICATED', signed.reason);
    return { caller: engine, delivery: signed.delivery };
  },
  async run({ body, caller, delivery }, world) {
    for (const { deploymentId } of body.findings) {
      if (deploymentId === null)
        requireWholeReach(caller.deployments, 'A finding without a deployment belongs');
      else requireReach(caller.deployments, deploymentId);
    }
    const { repeated, items, pending } = await takeTold(world, body, delivery);
    await publishAfterWrite(world, pending);
    return { body: { repeated, items } };
  },
});

export const listFindingsRoute = defineRoute({
  id: 'listFindings',
  function: 'api',
  method: 'GET',
  path: findingsPath,
  scope: 'read',
  summary: 'List what was found',
  description:
    'Of the deployments that the token reaches; what belongs to none only for tokens that reach all. What was resolved stays for 90 days.',
  query: z.strictObject({
    deploymentId: deploymentIdField.optional(),
    kind: findingKindSchema.optional(),
    severity: z.enum(severities).optional(),
    state: z.enum(['open', 'resolved']).optional().meta({ description: 'Both when left out.' }),
    ...paging(200, 50),
  }),
  success: { status: 200, schema: pageOf(findingViewSchema) },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { deploymentId, kind, severity, state } = query;
    const reach = reachWithin(caller.deployments, deploymentId);
    const after = positionFrom(query.cursor, (text) => findingIdSchema.safeParse(text).success);
    const { findings, next } = await pageOfFindings(
      world.state,
      (finding) =>
        reachesHome(reach, finding.deploymentId) &&
        (kind === undefined || finding.kind === kind) &&
        (severity === undefined || finding.severity === severity) &&
        (state === undefined || finding.state === state),
      { deploymentId, limit: query.limit, after },
    );
    return {
      body: { items: findings.map(viewFinding), next: next === undefined ? null : encodeCursor(next) },
    };
  },
});

export const readFindingRoute = defineRoute({
  id: 'readFinding',
  function: 'api',
  method: 'GET',
  path: `${findingsPath}/{id}`,
  scope: 'read',
  summary: 'Read one finding',
  description: 'What was found where, since when, and how often it opened again.',
  params: z.strictObject({ id: findingIdSchema }),
  success: { status: 200, schema: findingViewSchema },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    const finding = await loadFinding(world.state, params.id);
    if (finding && reachesHome(caller.deployments, finding.deploymentId))
      return { body: viewFinding(finding) };
    throw new DomainError(
      'NOT_FOUND',
      `There is no such finding, or the token does not reach it. List what it reaches at GET ${findingsPath}.`,
    );
  },
});

export const findingRoutes = [tellFindingsRoute, listFindingsRoute, readFindingRoute];
