import { alertKey } from './alert.ts';
import { loadAlert, type StoredAlert } from './alerts-store.ts';
import type { MemberAlert } from './incidents-port.ts';
import { closeAlert } from './lifecycle.ts';
import { memberOf, type RaiseTools, tellAlerts } from './raise.ts';
import { loadRule } from './registry.ts';
import { settleAlert } from './settle-alert.ts';

/**
 * A person says that an alert is over: it fires again only after its condition was clear once. Returns how it stands then,
 * for its incident; undefined when there is no such alert, or it never fired. One that is resolved already stays so.
 */
export const resolveAlertByHand = async (
  { ruleId, alertId }: { readonly ruleId: string; readonly alertId: string },
  by: string,
  tools: RaiseTools,
): Promise<MemberAlert | undefined> => {
  const found = await loadAlert(tools.state, alertKey(ruleId, alertId));
  if (found.alert === undefined) return undefined;
  const rule = await loadRule(tools.state, ruleId);
  const now = tools.clock();
  const stored: StoredAlert = await settleAlert(
    {
      found,
      rule,
      decide: (alert) =>
        alert?.state === 'firing' ? closeAlert(alert, now, `resolved by ${by}`, true) : undefined,
    },
    tools,
  );
  await tellAlerts([{ stored, rule }], tools);
  return stored.alert && memberOf(stored.alert, rule);
};
