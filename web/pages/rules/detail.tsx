import { useMay } from '../../client/hooks.ts';
import { useRead } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { Pill, SeverityMark } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { durationText } from '../../components/time-text.ts';
import { Told } from '../../components/told.tsx';
import { Definition } from '../../editing/definition.tsx';
import { keeperWords } from '../../editing/keeper.ts';
import { RemoveButton } from '../../editing/remove-button.tsx';
import type { RouteProps } from '../page.ts';
import { BacktestPanel } from './backtest.tsx';
import { Firings } from './firings.tsx';
import { isTriable, type Rule, ruleBodyOf } from './words.ts';

const RulePage = ({ params: { id } }: RouteProps<'id'>) => (
  <Told read={useRead('rules', 'readRule', { params: { id } })}>{(rule) => <Shown rule={rule} />}</Told>
);
export default RulePage;

const secondsOrNone = (seconds: number): string => (seconds === 0 ? 'none' : durationText(seconds));

const Shown = ({ rule }: { readonly rule: Rule }) => {
  const mayWrite = useMay('write') && rule.managedBy !== 'file';
  return (
    <div class="stack">
      <PageHead
        title={rule.name}
        actions={
          mayWrite && (
            <>
              <ButtonLink href={`#/rules/${rule.id}/edit`}>Edit</ButtonLink>
              {rule.managedBy === 'api' && (
                <RemoveButton
                  operation="removeRule"
                  id={rule.id}
                  revision={rule.revision}
                  name={rule.name}
                  topics={['rules']}
                  home="/rules"
                />
              )}
            </>
          )
        }
      >
        <SeverityMark severity={rule.severity} />
        <Pill tone={rule.isActive ? 'good' : 'plain'}>{rule.isActive ? 'active' : 'switched off'}</Pill>
        {rule.description && <span>{rule.description}</span>}
      </PageHead>
      <Panel>
        <Facts
          facts={[
            ['Type', rule.type.replace('_', ' ')],
            ['About', rule.deploymentId ?? 'all deployments'],
            ['Fires', rule.for === 0 ? 'at once' : `after ${durationText(rule.for)}`],
            ['Keeps firing for', secondsOrNone(rule.keepFiringFor)],
            ['Cooldown', secondsOrNone(rule.cooldown)],
            ['Channels', rule.channels.join(', ') || 'as the routes say'],
            ['Last fired', rule.lastTriggered ? <Ago key="fired" at={rule.lastTriggered} /> : 'not yet'],
            ['Kept in', keeperWords[rule.managedBy]],
          ]}
        />
        <pre>
          <code>{JSON.stringify(rule.condition, null, 2)}</code>
        </pre>
      </Panel>
      {isTriable(rule) && <BacktestPanel of={{ ruleId: rule.id }} />}
      <Firings ruleId={rule.id} />
      <Definition section="alerts" definition={ruleBodyOf(rule)} />
    </div>
  );
};
