import { alertKey } from './alert.ts';
import { loadAlert } from './alerts-store.ts';
import type { MemberAlert } from './incidents-port.ts';
import { closeAlert } from './lifecycle.ts';
import { memberOf, type RaiseTools, tellAlerts } from './raise.ts';
import { loadRule } from './registry.ts';
import { settleAlert } from './settle-alert.ts';

/**
 * Somebody says that an alert is over although its condition may hold: it fires again only after that was clear once.
 * Gives how the alert stands then, also when it was resolved before; `gone` when there is none any more.
 */
export const resolveAlert = async (
  tools: RaiseTools,
  { ruleId, alertId }: { readonly ruleId: string; readonly alertId: string },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<MemberAlert | 'gone'> => {
  const [found, rule] = await Promise.all([
    loadAlert(tools.state, alertKey(ruleId, alertId)),
    loadRule(tools.state, ruleId),
  ]);
  const stored = await settleAlert(
    {
      found,
      rule,
      decide: (alert) =>
        alert?.state === 'firing' ? closeAlert(alert, at, `resolved by hand by ${by}`, true) : undefined,
    },
    tools,
  );
  await tellAlerts([{ stored, rule }], tools);
  return (stored.alert && memberOf(stored.alert, rule)) ?? 'gone';
};
