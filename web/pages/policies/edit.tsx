import { useList, useRead } from '../../client/queries.ts';
import { Told } from '../../components/told.tsx';
import { DefinitionEditor, type Existing } from '../../editing/definition-editor.tsx';
import type { RouteProps } from '../page.ts';
import { writtenOf } from './words.ts';

const EditPolicyPage = ({ params: { id } }: { readonly params: Partial<RouteProps<'id'>['params']> }) => {
  const read = useRead(
    'policies',
    'readPolicy',
    { params: { id: id ?? '' } },
    { enabled: id !== undefined, everyMs: false },
  );
  if (id === undefined) return <Editor />;
  return (
    <Told read={read}>
      {(policy) => (
        <Editor
          existing={{ id: policy.id, revision: policy.revision, written: writtenOf(policy) }}
          name={policy.name}
        />
      )}
    </Told>
  );
};
export default EditPolicyPage;

type EditorProps = { readonly existing?: Existing; readonly name?: string };

/** Whether it asks somebody first is in sight in each section that changes something. */
const order = [
  'name',
  'is_active',
  'selector',
  'health_remediation',
  ...['unhealthy_service', 'resource_exhaustion', 'failed_release'].flatMap((what) =>
    ['action', 'approval', 'max_attempts', 'threshold'].map((name) => `health_remediation.${what}.${name}`),
  ),
  'drift_remediation',
  'cost_optimization',
  ...['idle_resources', 'oversized_resources'].flatMap((what) =>
    ['action', 'approval', 'detection_period', 'detection'].map(
      (name) => `cost_optimization.${what}.${name}`,
    ),
  ),
  'compliance_remediation',
  ...['drift_remediation', 'compliance_remediation'].flatMap((what) =>
    ['severity', 'action', 'approval'].map((name) => `${what}.auto_fix.${name}`),
  ),
  'limits',
];

const Editor = ({ existing, name }: EditorProps) => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  return (
    <DefinitionEditor
      title={name ?? 'A new policy'}
      create="createPolicy"
      replace="replacePolicy"
      existing={existing}
      // Begins as the docs advise: everything but the change itself happens, and each plan asks.
      begin={{ health_remediation: { unhealthy_service: { action: 'restart', approval: 'manual' } } }}
      topics={['policies']}
      order={order}
      fixed={existing ? ['name'] : []}
      suggestions={{
        'selector.deployments': deployments.items?.map(({ deploymentId }) => deploymentId) ?? [],
      }}
      saved={(id) => `/policies/${id}`}
      back={existing?.id ? `/policies/${existing.id}` : '/policies'}
    />
  );
};
