import { DomainError } from '../errors.ts';

/**
 * What a token may do. `read` sees, `write` defines checks and deployments, `operate` acknowledges, approves and
 * runs, `ingest` sends telemetry, `admin` makes and revokes tokens. None contains another: a token for CI that
 * writes checks must not be able to make itself a second token that outlives its revocation.
 */
export const scopes = ['read', 'write', 'operate', 'ingest', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** What a route needs of a token: one scope, `any` (a valid token, whatever its scopes), or, being `public`, none. */
export type Needed = Scope | 'any' | 'public';

/** The deployments that a token reaches: all, or just these. */
export type Reach = '*' | readonly string[];

export type Caller = {
  /** `admin` for the first token, `token:<id>` for the others, `anyone` on public routes. */
  readonly principal: string;
  readonly scopes: readonly Scope[];
  readonly deployments: Reach;
};

export const anyone: Caller = { principal: 'anyone', scopes: [], deployments: [] };

export const reaches = (reach: Reach, deploymentId: string): boolean =>
  reach === '*' || reach.includes(deploymentId);

/** What is out of reach looks exactly like what is not there. */
export const requireReach = (reach: Reach, deploymentId: string): void => {
  if (!reaches(reach, deploymentId)) throw noDeployment();
};

/** What a listing may show: all within reach, or of it the one deployment that was asked for. Throws NOT_FOUND outside. */
export const reachWithin = (reach: Reach, deploymentId: string | undefined): Reach => {
  if (deploymentId === undefined) return reach;
  requireReach(reach, deploymentId);
  return [deploymentId];
};

/** What belongs to no deployment is shown only to those who reach all. */
export const reachesHome = (reach: Reach, deploymentId: string | null): boolean =>
  deploymentId === null ? reach === '*' : reaches(reach, deploymentId);

/** What belongs to the whole stack takes a token that reaches all deployments. Throws FORBIDDEN. */
export const requireWholeReach = (reach: Reach, what: string): void => {
  if (reach === '*') return;
  throw new DomainError(
    'FORBIDDEN',
    `${what} to the whole stack: use a token that reaches all deployments ("deployments": "*").`,
  );
};

export const noDeployment = (): DomainError =>
  new DomainError(
    'NOT_FOUND',
    'There is no such deployment, or the token does not reach it. List what it reaches at GET /api/v1/monitoring/deployments.',
  );
