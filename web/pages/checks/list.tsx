import { useCallback, useMemo } from 'preact/hooks';
import { useAddressQuery } from '../../client/address-query.ts';
import { type Check, useAllChecks } from '../../client/checks.ts';
import { useMay } from '../../client/hooks.ts';
import { useStrips } from '../../client/strips.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { type VirtualColumn, VirtualRows } from '../../components/virtual-rows.tsx';
import {
  choicesOf,
  filterFrom,
  findChecks,
  narrowings,
  type Sort,
  type SortName,
  sortFrom,
  sortText,
} from './filter.ts';
import { Filters } from './filters.tsx';
import { NoChecks } from './no-checks.tsx';
import { cellsOf } from './row.tsx';
import './list.css';

const rowHeight = 49;
const cardHeight = 128;
const isNarrow = (): boolean => window.matchMedia('(max-width: 46rem)').matches;

const cleared = {
  q: undefined,
  status: undefined,
  deployment: undefined,
  type: undefined,
  tag: undefined,
  managedBy: undefined,
};

const headsOf = (sort: Sort, change: (sort: string | undefined) => void): readonly VirtualColumn[] => {
  const head = (title: string, by: SortName): VirtualColumn => ({
    title,
    sorted: sort.by === by ? (sort.isReversed ? 'descending' : 'ascending') : undefined,
    onSort: () => change(sortText({ by, isReversed: sort.by === by && !sort.isReversed })),
  });
  return [
    head('Status', 'status'),
    head('Name', 'name'),
    head('Deployment', 'deployment'),
    { title: 'Target' },
    { title: 'Last 24 hours' },
    head('Response', 'response'),
    head('Last checked', 'checked'),
  ];
};

const ChecksPage = () => {
  const [query, change] = useAddressQuery();
  const { checks, isWhole, isReading, error, more } = useAllChecks();
  const mayWrite = useMay('write');
  const { stripOf, want, revision } = useStrips();
  const [filter, sort] = useMemo(() => [filterFrom(query), sortFrom(query)], [JSON.stringify(query)]);
  const found = useMemo(() => checks && findChecks(checks, filter, sort), [checks, filter, sort]);
  const choices = useMemo(() => checks && choicesOf(checks), [checks]);
  // Rows are drawn anew when strips came.
  const cells = useCallback((check: Check) => cellsOf(check, stripOf(check.id)), [revision, stripOf]);
  const onSeen = useCallback((seen: readonly Check[]) => want(seen.map(({ id }) => id)), [want]);

  const isNothingThere = checks?.length === 0 && isWhole;
  return (
    <div class="stack checks-page">
      <PageHead
        title="Checks"
        actions={
          mayWrite && (
            <ButtonLink look="primary" href="#/checks/new">
              New check
            </ButtonLink>
          )
        }
      >
        <span role="status">{headline(checks?.length, found?.shown.length, isWhole)}</span>
      </PageHead>
      {error && <ProblemNote error={error} again={more} />}
      {!checks && !error && <Waiting what="Reading the checks" />}
      {isNothingThere && <NoChecks />}
      {checks && found && choices && !isNothingThere && (
        <>
          <Filters filter={filter} sort={sort} counts={found.counts} choices={choices} change={change} />
          {found.shown.length > 0 ? (
            <VirtualRows
              caption="Checks"
              look="checks-rows"
              columns={headsOf(sort, (text) => change({ sort: text }))}
              rows={found.shown}
              keyOf={({ id }) => id}
              cells={cells}
              estimateHeight={isNarrow() ? cardHeight : rowHeight}
              onSeen={onSeen}
            />
          ) : (
            <Empty
              title={isWhole || !isReading ? 'No check matches' : 'None of those read so far matches'}
              action={<Button onClick={() => change(cleared)}>Clear the filter</Button>}
            >
              <p>{`The filter asks for ${narrowings(filter).join(', ')}.`}</p>
            </Empty>
          )}
        </>
      )}
    </div>
  );
};
export default ChecksPage;

const headline = (all: number | undefined, shown: number | undefined, isWhole: boolean): string => {
  if (all === undefined || shown === undefined) return '';
  const some = shown === all ? `${all}` : `${shown} of ${all}`;
  return `${some} ${all === 1 ? 'check' : 'checks'}${isWhole ? '' : ', more are being read …'}`;
};
