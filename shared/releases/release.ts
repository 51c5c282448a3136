/** A release of a deployment, told by its pipeline: `state`, `RELEASES#<deploymentId>` / `<startedAt>#<id>`. */
export type Release = {
  readonly id: string;
  readonly deploymentId: string;
  readonly version: string;
  readonly state: 'began' | 'finished' | 'confirmed' | 'failed' | 'rolled_back';
  readonly reason: string;
  /** What to go back to, read when the release began: before-images by the name of the resource. */
  readonly before: readonly { readonly resource: string; readonly kind: string; readonly image: string }[];
  /** How long it is watched once it finished. */
  readonly windowSeconds: number;
  /** Of the error budget that `sloTarget` leaves: 14.4 means a month's budget in two days. */
  readonly maxBurnRate: number;
  /** 0–100, of the checks' time or looks. */
  readonly sloTargetPercent: number;
  readonly planHash?: string | undefined;
  readonly beganAt: number;
  readonly finishedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly revision: number;
};
