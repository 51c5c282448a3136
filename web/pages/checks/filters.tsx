import type { AddressQuery } from '../../client/address-query.ts';
import { SearchField, SelectField } from '../../components/field.tsx';
import { Tabs } from '../../components/tabs.tsx';
import {
  type Choices,
  type Filter,
  type Sort,
  type SortName,
  type StatusCounts,
  sortNames,
  sortText,
  statusOrder,
} from './filter.ts';

type Change = (
  changes: AddressQuery | Record<string, string | undefined>,
  options?: { replaces?: boolean },
) => void;

type FiltersProps = {
  readonly filter: Filter;
  readonly sort: Sort;
  readonly counts: StatusCounts;
  readonly choices: Choices;
  readonly change: Change;
};

const sortTitles: Readonly<Record<SortName, string>> = {
  status: 'Worst first',
  name: 'Name',
  deployment: 'Deployment',
  response: 'Slowest first',
  checked: 'Last checked first',
};

const statusTabs = (counts: StatusCounts, chosen: Filter['status']) =>
  (['all', ...statusOrder] as const)
    // What no check is needs no button, but the chosen one stays.
    .filter((name) => name === 'all' || name === chosen || name !== 'paused' || counts[name] > 0)
    .map((name) => ({ name, title: name === 'all' ? 'All' : name, count: counts[name] }));

export const Filters = ({ filter, sort, counts, choices, change }: FiltersProps) => {
  const anyOf = (values: readonly string[], chosen: string, any: string) => [
    { value: '', label: any },
    // An address may name one that is gone, or not read yet.
    ...(chosen === '' || values.includes(chosen) ? values : [chosen, ...values]).map((value) => ({
      value,
      label: value,
    })),
  ];
  return (
    <div class="checks-filters no-print">
      <SearchField
        label="Filter by name, target, tag"
        value={filter.words}
        onInput={(q) => change({ q }, { replaces: true })}
      />
      <Tabs
        label="Status"
        tabs={statusTabs(counts, filter.status)}
        chosen={filter.status}
        onChoose={(status) => change({ status: status === 'all' ? undefined : status })}
      />
      <details class="checks-more" open={isNarrowed(filter)}>
        <summary>More filters and order</summary>
        <div class="checks-selects">
          <SelectField
            label="Deployment"
            value={filter.deployment}
            options={anyOf(choices.deployments, filter.deployment, 'Any')}
            onChange={(deployment) => change({ deployment })}
          />
          <SelectField
            label="Type"
            value={filter.type}
            options={anyOf(choices.types, filter.type, 'Any')}
            onChange={(type) => change({ type })}
          />
          <SelectField
            label="Tag"
            value={filter.tag}
            options={anyOf(choices.tags, filter.tag, 'Any')}
            onChange={(tag) => change({ tag })}
          />
          <SelectField
            label="Managed by"
            value={filter.managedBy}
            options={[
              { value: '', label: 'Any' },
              { value: 'file', label: 'The file' },
              { value: 'api', label: 'Console and API' },
            ]}
            onChange={(managedBy) => change({ managedBy })}
          />
          <SelectField
            label="Order"
            value={sort.by}
            options={sortNames.map((value) => ({ value, label: sortTitles[value] }))}
            onChange={(by) => change({ sort: sortText({ by: by as SortName, isReversed: false }) })}
          />
        </div>
      </details>
    </div>
  );
};

const isNarrowed = ({ deployment, type, tag, managedBy }: Filter): boolean =>
  [deployment, type, tag, managedBy].some((value) => value !== '');
