/** What was seen of one check since the release finished. */
export type Watched = {
  readonly name: string;
  /** As it stands now. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
  /** Looks since the release finished that could tell, and how many of them failed. */
  readonly looks: number;
  readonly failed: number;
  /** Looks that the interval would have given in that time. */
  readonly expected: number;
  /** It was unhealthy already when the release began: then it says nothing against the release. */
  readonly wasUnhealthy: boolean;
};

export type WatchFacts = {
  readonly windowSeconds: number;
  readonly maxBurnRate: number;
  readonly sloTargetPercent: number;
  /** Epoch ms. */
  readonly finishedAt: number;
  readonly now: number;
  readonly checks: readonly Watched[];
  /** Homeostat itself cannot reach anything: what it sees now is no evidence against a release. */
  readonly isBlind: boolean;
};

export type WatchDecision = {
  readonly verdict: 'watching' | 'confirmed' | 'failed' | 'unknown';
  /** How fast the error budget burns: 1 uses it up in exactly the SLO's period. Null before there is evidence. */
  readonly burnRate: number | null;
  readonly reason: string;
};

/** Two looks a check before a share of failures is believed: one failed look alone would be a share of one. */
const fewestLooks = 2;
/** Below it a window has gaps, and a gap is not health. */
const leastCoverage = 0.5;

/**
 * Whether a release holds. A check that turned unhealthy fails it at once; a budget that burns faster than allowed fails
 * it too (burn rate = share of failed looks ÷ (1 − target), Google SRE Workbook, «Alerting on SLOs»); at the end of its
 * window it is confirmed only if the checks were seen. Nothing is decided from what was not seen.
 */
export const decideWatch = (facts: WatchFacts): WatchDecision => {
  const { checks, now, finishedAt, windowSeconds } = facts;
  const judged = checks.filter(({ wasUnhealthy }) => !wasUnhealthy);
  const isOver = now >= finishedAt + windowSeconds * 1000;
  if (facts.isBlind) {
    return isOver
      ? unknown('Homeostat is blind at the end of the window: a person has to look')
      : watching('Homeostat is blind: what it sees says nothing', null);
  }
  if (judged.length === 0) return unknown('no check of the deployment could tell: a person has to look');
  const down = judged.find(({ status }) => status === 'unhealthy');
  const burnRate = burnRateOf(judged, facts.sloTargetPercent);
  if (down)
    return { verdict: 'failed', burnRate, reason: `the check ${down.name} is unhealthy since the release` };
  if (burnRate !== null && burnRate > facts.maxBurnRate) {
    return {
      verdict: 'failed',
      burnRate,
      reason: `the error budget burns ${shown(burnRate)} times as fast as allowed for ${facts.sloTargetPercent} %, more than ${shown(facts.maxBurnRate)}`,
    };
  }
  if (!isOver) {
    const left = Math.ceil((finishedAt + windowSeconds * 1000 - now) / 1000);
    return watching(`nothing speaks against it so far; ${left} s are left to watch`, burnRate);
  }
  const unseen = judged.find(
    ({ looks, expected, status }) => looks < expected * leastCoverage || status === 'unknown',
  );
  if (unseen) return unknown(`the check ${unseen.name} was hardly seen in the window: a person has to look`);
  return {
    verdict: 'confirmed',
    burnRate,
    reason: `${judged.length} checks were well for ${windowSeconds} s`,
  };
};

const burnRateOf = (checks: readonly Watched[], targetPercent: number): number | null => {
  const believed = checks.filter(({ looks }) => looks >= fewestLooks);
  const looks = believed.reduce((sum, check) => sum + check.looks, 0);
  if (looks === 0) return null;
  const failed = believed.reduce((sum, check) => sum + check.failed, 0);
  // In thousandths of a percent, so that 100 − 99.9 is a tenth and not 0.09999999999999432.
  const budget = Math.round((100 - targetPercent) * 1000) / 100_000;
  if (failed === 0) return 0;
  return budget === 0 ? Number.POSITIVE_INFINITY : failed / looks / budget;
};

const shown = (rate: number): string =>
  Number.isFinite(rate) ? String(Math.round(rate * 10) / 10) : 'infinitely many';
const watching = (reason: string, burnRate: number | null): WatchDecision => ({
  verdict: 'watching',
  burnRate,
  reason,
});
const unknown = (reason: string): WatchDecision => ({ verdict: 'unknown', burnRate: null, reason });
