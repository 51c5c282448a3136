import { useAddressQuery } from '../../client/address-query.ts';
import { useList } from '../../client/queries.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { SearchField } from '../../components/field.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { byUrgency, type Filter, filterFrom, isMeant, isNarrowed, severities, tabs } from './filter.ts';
import { cellsOf, columns } from './row.tsx';
import type { Incident } from './words.ts';
import './list.css';

/** What is asked of the API: the text is looked for in what was read. */
const askedOf = ({ tab, severity, deploymentId }: Omit<Filter, 'text'>) => ({
  limit: 200,
  ...(tab !== 'all' && { status: tab }),
  ...(severity && { severity }),
  ...(deploymentId && { deploymentId }),
});

const IncidentsPage = () => {
  const [query, changeQuery] = useAddressQuery();
  const filter = filterFrom(query);
  const { severity, deploymentId, tab } = filter;
  const active = useList('incidents', 'listIncidents', askedOf({ tab: 'active', severity, deploymentId }), {
    all: true,
  });
  const counted = active.items && !active.isMore ? active.items.filter(fits(filter)).length : undefined;
  return (
    <div class="stack incidents">
      <PageHead title="Incidents">One or more alerts with one cause.</PageHead>
      <div class="row">
        <Tabs
          label="Which incidents"
          tabs={tabs.map((one) => (one.name === 'active' ? { ...one, count: counted } : one))}
          chosen={tab}
          onChoose={(name) => changeQuery({ tab: name === 'active' ? undefined : name })}
        />
        <div class="row push incidents-filter">
          <SearchField
            label="Filter incidents"
            value={filter.text}
            onInput={(text) => changeQuery({ q: text }, { replaces: true })}
          />
          <select
            aria-label="Severity"
            value={severity}
            onChange={(event) => changeQuery({ severity: event.currentTarget.value })}
          >
            <option value="">Any severity</option>
            {severities.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <DeploymentChoice value={deploymentId} onChange={(id) => changeQuery({ deployment: id })} />
        </div>
      </div>
      {/* A new one for each question: what answers another is never shown. */}
      <Found
        key={`${tab} ${severity} ${deploymentId}`}
        filter={filter}
        onClear={() => changeQuery({ severity: '', deployment: '', q: '' })}
      />
    </div>
  );
};
export default IncidentsPage;

const fits =
  ({ severity, deploymentId }: Filter) =>
  (incident: Incident): boolean =>
    (severity === '' || incident.severity === severity) &&
    (deploymentId === '' || incident.deploymentId === deploymentId);

const DeploymentChoice = ({ value, onChange }: { readonly value: string; onChange(id: string): void }) => {
  const { items = [] } = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  const ids = [...new Set([...items.map((one) => one.deploymentId), ...(value ? [value] : [])])].sort();
  return (
    <select aria-label="Deployment" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">Any deployment</option>
      {ids.map((id) => (
        <option key={id}>{id}</option>
      ))}
    </select>
  );
};

/** How near to the end of what was read somebody must be until more is. */
const nearRows = 20;

const Found = ({ filter, onClear }: { readonly filter: Filter; onClear(): void }) => {
  const isActive = filter.tab === 'active';
  const list = useList('incidents', 'listIncidents', askedOf(filter), { all: isActive });
  const meant = list.items?.filter((incident) => isMeant(incident, filter.text));
  const rows = isActive ? meant?.sort(byUrgency) : meant;
  const onSeen = (seen: readonly Incident[]): void => {
    if (isActive || !rows || !list.isMore || list.isReading) return;
    const last = seen.at(-1);
    if (last && rows.indexOf(last) >= rows.length - nearRows) list.more();
  };
  return (
    <>
      {list.error && <ProblemNote error={list.error} again={list.more} />}
      {!rows && !list.error && <Waiting />}
      {rows?.length === 0 && !list.isReading && <Nothing filter={filter} onClear={onClear} />}
      {rows && rows.length > 0 && (
        <VirtualRows
          caption="Incidents"
          look="incidents-rows"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          cells={cellsOf}
          estimateHeight={56}
          onSeen={onSeen}
        />
      )}
      {rows && list.isMore && !isActive && (
        <div class="row">
          <Button onClick={list.more} isBusy={list.isReading}>
            More
          </Button>
          <span class="soft small">
            {list.items?.length} were read{filter.text.trim() && ', and the filter looks among them'}.
          </span>
        </div>
      )}
    </>
  );
};

const Nothing = ({ filter, onClear }: { readonly filter: Filter; onClear(): void }) => {
  if (isNarrowed(filter)) {
    return (
      <Empty title="None of them matches" action={<Button onClick={onClear}>Clear the filter</Button>} />
    );
  }
  if (filter.tab === 'active') {
    return (
      <Empty title="Nothing is wrong" action={<ButtonLink href="#/rules">See what raises alerts</ButtonLink>}>
        <p>
          An incident opens when an <a href="#/rules">alert rule</a> becomes true: six are there from the
          start, such as «Service Down» for every <a href="#/checks">check</a>. What was wrong before stands
          under «Resolved».
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing went wrong yet">
      <p>Incidents are kept for 400 days from their end on.</p>
    </Empty>
  );
};
