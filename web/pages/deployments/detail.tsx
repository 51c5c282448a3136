import { useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useMay } from '../../client/hooks.ts';
import { useList, useRead, useWrite } from '../../client/queries.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { Pill, SeverityMark, StatusMark } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { milliseconds } from '../../components/time-text.ts';
import { Empty, isMissing, ProblemNote, Told } from '../../components/told.tsx';
import type { RouteProps } from '../page.ts';
import { StatusCounts } from './counts.tsx';
import { Releases } from './releases.tsx';

const DeploymentPage = ({ params: { id } }: RouteProps<'id'>) => {
  const read = useRead('deployments', 'readDeployment', { params: { deploymentId: id } });
  const listed = useList('deployments', 'listDeployments', { limit: 200 }, { all: true }).items?.find(
    ({ deploymentId }) => deploymentId === id,
  );
  const address = encodeURIComponent(id);
  if (isMissing(read)) return <Told read={read}>{() => null}</Told>;
  return (
    <div class="stack">
      <PageHead title={id} actions={<Actions id={id} managedBy={listed?.managedBy} />}>
        {read.data && <StatusMark status={read.data.health.status} />}
        {read.data && <span>{read.data.health.reason}</span>}
      </PageHead>
      <Told read={read}>
        {({ health }) => (
          <Panel title="Checks" actions={<a href={`#/checks?deployment=${address}`}>All of them</a>}>
            <StatusCounts counts={health.counts} />
            {health.checks.length === 0 ? (
              <Empty
                title="It has no checks"
                action={<ButtonLink href={`#/checks/new?deployment=${address}`}>Make one</ButtonLink>}
              />
            ) : (
              <Table caption={`Checks of ${id}`} columns={['Check', 'Status', 'Response']}>
                {health.checks.map(({ name, status, responseTime }) => (
                  <tr key={name}>
                    <td>
                      <a href={`#/checks?deployment=${address}&q=${encodeURIComponent(name)}`}>{name}</a>
                    </td>
                    <td>
                      <StatusMark status={status} />
                    </td>
                    <td class="numbers">{milliseconds(responseTime)}</td>
                  </tr>
                ))}
              </Table>
            )}
          </Panel>
        )}
      </Told>
      <Incidents id={id} />
      <Releases id={id} />
      {listed && (
        <Panel title="Registered as">
          <Facts
            facts={[
              ['Environment', listed.environment],
              listed.blueprintId !== null && ['Blueprint', listed.blueprintId],
              ['Kept in', listed.managedBy === 'file' ? 'a file: change it there' : 'the console or API'],
              ['Changed', <Ago key="at" at={listed.updatedAt} />],
            ]}
          />
          {listed.resources && listed.resources.length > 0 && (
            <Table
              caption="Resources"
              columns={['Resource', 'Type', { title: 'Ask for a remedy', isUnseen: true }]}
            >
              {listed.resources.map((resource) => (
                <tr key={resource.name}>
                  <td>{resource.name}</td>
                  <td>{resource.type}</td>
                  <td>
                    <a
                      href={`#/remediations/ask?deployment=${address}&resource=${encodeURIComponent(resource.name)}`}
                    >
                      Ask for a remedy<span class="unseen"> of {resource.name}</span>
                    </a>
                  </td>
                </tr>
              ))}
            </Table>
          )}
        </Panel>
      )}
    </div>
  );
};
export default DeploymentPage;

const Incidents = ({ id }: { readonly id: string }) => {
  const list = useList('incidents', 'listIncidents', { deploymentId: id, limit: 10 });
  return (
    <Panel title="Latest incidents">
      {list.error && <ProblemNote error={list.error} />}
      {list.items?.length === 0 && <p class="soft">There was none.</p>}
      {list.items && list.items.length > 0 && (
        <Table caption="Latest incidents" columns={['Incident', 'Severity', 'State', 'Opened']}>
          {list.items.map(({ id: incidentId, title, severity, status, openedAt }) => (
            <tr key={incidentId}>
              <td>
                <a href={`#/incidents/${incidentId}`}>{title}</a>
              </td>
              <td>
                <SeverityMark severity={severity} />
              </td>
              <td>
                <Pill tone={status === 'resolved' ? 'plain' : status === 'open' ? 'bad' : 'warn'}>
                  {status}
                </Pill>
              </td>
              <td>
                <Ago at={openedAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
};

type ActionsProps = { readonly id: string; readonly managedBy: 'file' | 'api' | undefined };

const Actions = ({ id, managedBy }: ActionsProps) => {
  const mayWrite = useMay('write');
  const mayOperate = useMay('operate');
  const [isAsking, setAsking] = useState(false);
  const removing = useWrite('removeDeployment', ['deployments']);
  const remove = async (): Promise<void> => {
    const done = await removing.run({ params: { deploymentId: id } });
    if (done) window.location.hash = '/deployments';
    setAsking(false);
  };
  return (
    <>
      {mayOperate && (
        <ButtonLink href={`#/remediations/ask?deployment=${encodeURIComponent(id)}`}>Heal</ButtonLink>
      )}
      <Copy text={() => curlOf('readDeployment', { params: { deploymentId: id } })}>Copy as curl</Copy>
      {mayWrite && managedBy === 'api' && <Button onClick={() => setAsking(true)}>Remove</Button>}
      <ProblemNote error={removing.problem} />
      {isAsking && (
        <ConfirmDialog
          title={`Remove ${id}?`}
          confirm="Remove"
          isDangerous
          isBusy={removing.isPending}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        >
          <p>One that still has checks, rules or scaling rules cannot be removed; the answer says which.</p>
        </ConfirmDialog>
      )}
    </>
  );
};
