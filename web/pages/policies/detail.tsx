import { useMay } from '../../client/hooks.ts';
import { useList, useRead } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Diff } from '../../components/diff.tsx';
import { changesOf } from '../../components/diff-rows.ts';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { ProblemNote, Told } from '../../components/told.tsx';
import { Definition } from '../../editing/definition.tsx';
import { keeperWords } from '../../editing/keeper.ts';
import { RemoveButton } from '../../editing/remove-button.tsx';
import type { RouteProps } from '../page.ts';
import { type Policy, sectionsText, selectorText, writtenOf } from './words.ts';

const PolicyPage = ({ params: { id } }: RouteProps<'id'>) => (
  <Told read={useRead('policies', 'readPolicy', { params: { id } })}>
    {(policy) => <Shown policy={policy} />}
  </Told>
);
export default PolicyPage;

const Shown = ({ policy }: { readonly policy: Policy }) => {
  const mayWrite = useMay('write') && policy.managedBy === 'api';
  return (
    <div class="stack">
      <PageHead
        title={policy.name}
        actions={
          mayWrite && (
            <>
              <ButtonLink href={`#/policies/${policy.id}/edit`}>Edit</ButtonLink>
              <RemoveButton
                operation="removePolicy"
                id={policy.id}
                revision={policy.revision}
                name={policy.name}
                topics={['policies']}
                home="/policies"
              />
            </>
          )
        }
      >
        <Pill tone={policy.is_active ? 'good' : 'plain'}>{policy.is_active ? 'active' : 'switched off'}</Pill>
        <span>{selectorText(policy)}</span>
      </PageHead>
      <Panel>
        <Facts
          facts={[
            ['May act on', sectionsText(policy)],
            ['At most at once', policy.limits.max_count ?? 'no count is given'],
            policy.limits.max_percent !== undefined && ['At most of all', `${policy.limits.max_percent} %`],
            ['Attempts of a resource an hour', policy.brakes.attempts_per_hour],
            ['Kept in', keeperWords[policy.managedBy]],
            ['Changed', <Ago key="at" at={policy.updatedAt} />],
          ]}
        />
      </Panel>
      <Definition section="policies" definition={writtenOf(policy)} />
      <Versions id={policy.id} />
    </div>
  );
};

const Versions = ({ id }: { readonly id: string }) => {
  const list = useList('policies', 'listPolicyVersions', { limit: 50 }, { params: { id } });
  return (
    <Panel title="What it said before">
      {list.error && <ProblemNote error={list.error} />}
      <ul>
        {list.items?.map((version, at) => (
          <li key={version.revision}>
            Revision {version.revision}, <Ago at={version.writtenAt} />
            {version.by && ` by ${version.by}`}
            {version.removed && ', removed'}
            {list.items?.[at + 1] && (
              <details>
                <summary>What changed</summary>
                <Diff
                  rows={changesOf(list.items[at + 1]?.definition, version.definition)}
                  caption={`Change of revision ${version.revision}`}
                  titles={['Before', 'Since']}
                />
              </details>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
};
