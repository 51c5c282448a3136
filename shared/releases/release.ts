/**
 * superseded: another release began before this one was confirmed. failed: it did not hold, and was not, or could not
 * be, rolled back.
 */
export const releaseStates = [
  'began',
  'finished',
  'confirmed',
  'failed',
  'rolled_back',
  'superseded',
] as const;
export type ReleaseState = (typeof releaseStates)[number];

/** What a resource was before the release: the before-image of the action that would roll it back, as JSON. */
export type ReleaseImage = {
  /** As the deployment names it. */
  readonly resource: string;
  /** Kind of the action. */
  readonly kind: string;
  readonly image: string;
};

/**
 * A release of a deployment, told by its pipeline. In the table `state`:
 *
 * | who asks        | question                       | access                                                    |
 * |-----------------|--------------------------------|-----------------------------------------------------------|
 * | API, responder  | the present release            | get `RELEASE#<deploymentId>` / `NOW`, put by compare-and-set |
 * | API             | releases, the newest first     | query `RELEASES#<deploymentId>`, a copy of each, descending |
 */
export type Release = {
  readonly id: string;
  readonly deploymentId: string;
  readonly version: string;
  readonly state: ReleaseState;
  /** A sentence. */
  readonly reason: string;
  /** What to go back to, read when the release began. */
  readonly before: readonly ReleaseImage[];
  /** Checks that were unhealthy when it began: they say nothing against it. */
  readonly unhealthyBefore: readonly string[];
  /** How long it is watched once it finished. */
  readonly windowSeconds: number;
  /** How fast the error budget of `sloTargetPercent` may burn; 14.4 uses up a month's in two days. */
  readonly maxBurnRate: number;
  readonly sloTargetPercent: number;
  readonly planHash?: string | undefined;
  /** Epoch ms. */
  readonly beganAt: number;
  readonly finishedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly by: string;
  readonly revision: number;
};

export const isOpen = ({ state }: Pick<Release, 'state'>): boolean =>
  state === 'began' || state === 'finished';
