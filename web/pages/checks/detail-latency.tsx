import { useEffect, useMemo, useState } from 'preact/hooks';
import { useList, useRead } from '../../client/queries.ts';
import { Chart } from '../../components/chart.tsx';
import type { ChartContent } from '../../components/chart-model.ts';
import { Panel } from '../../components/panel.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { milliseconds } from '../../components/time-text.ts';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { chartOfHistory, chartOfResults } from './latency.ts';

const ranges = [
  { name: '1h', title: '1 h', hours: 1 },
  { name: '24h', title: '24 h', hours: 24 },
  { name: '3d', title: '3 days', hours: 72 },
] as const;
const periods = [
  { name: '7d', title: '7 days' },
  { name: '30d', title: '30 days' },
  { name: '90d', title: '90 days' },
  { name: '365d', title: '365 days' },
] as const;
type Range = (typeof ranges)[number];
type Period = (typeof periods)[number];
type Name = Range['name'] | Period['name'];

type Props = { readonly id: string; readonly name: string };

/** Single looks by their phases as long as they are kept, percentiles beyond. */
export const DetailLatency = ({ id, name }: Props) => {
  const [chosen, setChosen] = useState<Name>('1h');
  const range = ranges.find((one) => one.name === chosen);
  const period = periods.find((one) => one.name === chosen);
  return (
    <Panel
      title="Response time"
      actions={
        <Tabs<Name> label="Range" tabs={[...ranges, ...periods]} chosen={chosen} onChoose={setChosen} />
      }
    >
      {range && <Looks key={chosen} id={id} name={name} range={range} />}
      {period && <Percentiles key={chosen} id={id} name={name} period={period} />}
    </Panel>
  );
};

const isBlank = ({ series }: Pick<ChartContent, 'series'>): boolean =>
  series.every(({ values }) => values.every((value) => value === null));

/** More looks than pixels tell no more; pages of 500. */
const mostLooks = 5000;
const pageSize = 500;
const slideMs = 600_000;

const beginOf = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** Where the range begins; it slides on while somebody looks for long. */
const useBegin = (hours: number): string => {
  const [from, setFrom] = useState(() => beginOf(hours));
  useEffect(() => {
    const timer = setInterval(() => setFrom(beginOf(hours)), slideMs);
    return () => clearInterval(timer);
  }, [hours]);
  return from;
};

const Looks = ({ id, name, range: { hours, title } }: Props & { readonly range: Range }) => {
  const from = useBegin(hours);
  const [isEnough, setEnough] = useState(false);
  const list = useList(
    'checks',
    'listResults',
    { from, limit: pageSize },
    // A long range is many pages: it is not read again by itself.
    { params: { id }, all: !isEnough, everyMs: hours > 1 ? false : 30_000 },
  );
  const { items } = list;
  useEffect(() => setEnough((items?.length ?? 0) >= mostLooks), [items]);
  const chart = useMemo(() => items && chartOfResults(items), [items]);
  if (!chart) return list.error ? <ProblemNote error={list.error} /> : <Waiting />;
  if (chart.at.length === 0)
    return <Empty title={`It was not looked at in the last ${title}`}>Choose a longer range.</Empty>;
  if (isBlank(chart)) return <Empty title="Nothing to draw">{chart.summary}</Empty>;
  return (
    <>
      <ProblemNote error={list.error} />
      <Chart {...chart} label={`Response time of ${name}`} valueText={milliseconds} />
      {list.isMore && (
        <p class="small soft">
          {isEnough ? `The newest ${items?.length} looks of the range.` : 'More looks are being read …'}
        </p>
      )}
    </>
  );
};

const Percentiles = ({ id, name, period }: Props & { readonly period: Period }) => {
  const read = useRead('checks', 'readHistory', { params: { id }, query: { period: period.name } });
  const chart = useMemo(() => read.data && chartOfHistory(read.data), [read.data]);
  if (!chart) return read.error ? <ProblemNote error={read.error} /> : <Waiting />;
  if (isBlank(chart))
    return (
      <Empty title={`Nothing was measured in the last ${period.title}`}>
        It measures no time, or is new.
      </Empty>
    );
  return (
    <>
      <ProblemNote error={read.error} />
      <Chart {...chart} label={`Percentiles of the response time of ${name}`} valueText={milliseconds} />
    </>
  );
};
