import type { Request } from '../../client/call.ts';
import { useList, useRead } from '../../client/queries.ts';
import { Told } from '../../components/told.tsx';
import { DefinitionEditor, type Existing } from '../../editing/definition-editor.tsx';
import type { RouteProps } from '../page.ts';
import { BacktestPanel } from './backtest.tsx';
import { ruleBodyOf } from './words.ts';

const EditRulePage = ({ params: { id } }: { readonly params: Partial<RouteProps<'id'>['params']> }) => {
  const read = useRead(
    'rules',
    'readRule',
    { params: { id: id ?? '' } },
    { enabled: id !== undefined, everyMs: false },
  );
  if (id === undefined) return <Editor />;
  return (
    <Told read={read}>
      {(rule) => (
        <Editor
          existing={{ id: rule.id, revision: rule.revision, written: ruleBodyOf(rule) }}
          name={rule.name}
        />
      )}
    </Told>
  );
};
export default EditRulePage;

type EditorProps = { readonly existing?: Existing; readonly name?: string };

const order = [
  'type',
  'name',
  'deploymentId',
  'severity',
  'condition',
  ...['above', 'recovery', 'window', 'checks', 'longerThan'].map((name) => `condition.${name}`),
  'for',
  'channels',
];

const Editor = ({ existing, name }: EditorProps) => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  const channels = useList('channels', 'listChannels', { limit: 100 }, { all: true });
  return (
    <DefinitionEditor
      title={name ?? 'A new alert rule'}
      create="createRule"
      replace="replaceRule"
      existing={existing}
      begin={{ type: 'downtime', condition: {} }}
      topics={['rules']}
      order={order}
      fixed={existing ? ['type', 'name', 'deploymentId'] : []}
      suggestions={{
        deploymentId: ['*', ...(deployments.items?.map(({ deploymentId }) => deploymentId) ?? [])],
        channels: channels.items?.map((channel) => channel.name) ?? [],
      }}
      saved={(id) => `/rules/${id}`}
      back={existing?.id ? `/rules/${existing.id}` : '/rules'}
      beside={(value) => (
        <BacktestPanel of={{ rule: value as NonNullable<Request<'backtestRule'>['body']['rule']> }} />
      )}
    />
  );
};
