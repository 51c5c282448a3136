import { useState } from 'preact/hooks';
import { curlOf, type Request } from '../../client/call.ts';
import { useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { Panel } from '../../components/panel.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Exact } from '../../components/time.tsx';
import { durationText, exactTime } from '../../components/time-text.ts';
import { ProblemNote, Waiting } from '../../components/told.tsx';
import { type Backtest, rowsOf, verdictOf } from './spans.ts';
import './backtest.css';

const periods = [
  { name: '1', title: '1 day' },
  { name: '7', title: '7 days' },
  { name: '30', title: '30 days' },
] as const;
type Days = (typeof periods)[number]['name'];

type BacktestProps = {
  /** A rule that is saved, or one that is not yet. */
  readonly of: Pick<Request<'backtestRule'>['body'], 'rule' | 'ruleId'>;
};

/** What a rule would have done in the past, drawn: when it would have fired, and for what. */
export const BacktestPanel = ({ of }: BacktestProps) => {
  const [days, setDays] = useState<Days>('7');
  const [told, setTold] = useState<Backtest>();
  const testing = useWrite('backtestRule', []);
  const request: Request<'backtestRule'> = { body: { ...of, days: Number(days) } };
  const test = async (): Promise<void> => setTold(await testing.run(request));
  return (
    <Panel
      title="Backtest"
      actions={
        <>
          <Tabs label="Period" tabs={periods} chosen={days} onChoose={(name) => setDays(name)} />
          <Button onClick={() => void test()} isBusy={testing.isPending}>
            Try it on the past
          </Button>
          <Copy text={() => curlOf('backtestRule', request)}>Copy as curl</Copy>
        </>
      }
    >
      <ProblemNote error={testing.problem} />
      {testing.isPending && <Waiting what="Judging the past" />}
      {!told && !testing.isPending && !testing.problem && (
        <p class="soft">Shows when it would have fired, and for what, before anybody is woken by it.</p>
      )}
      {told && !testing.isPending && <Drawn told={told} />}
    </Panel>
  );
};

const Drawn = ({ told }: { readonly told: Backtest }) => (
  <div class="stack" aria-live="polite">
    <p>
      <b>{verdictOf(told)}</b>
      {told.isCut && ' Only the first of them are shown.'}
    </p>
    <div class="rules-backtest">
      {rowsOf(told).map(({ key, name, spans }) => (
        <div key={key} class="subject">
          <span class="cut" title={name}>
            {name}
          </span>
          <div class="track">
            {spans.map(({ left, width, severity, from, to, text }) => (
              <i
                key={from}
                class={severity}
                style={{ left: `${left}%`, width: `${width}%` }}
                title={`${exactTime(from)}, ${to === null ? 'until now' : `for ${durationText((Date.parse(to) - Date.parse(from)) / 1000)}`}: ${text}`}
              />
            ))}
          </div>
        </div>
      ))}
      {told.spans.length > 0 && (
        <div class="subject soft small">
          <span />
          <div class="row axis">
            <Exact at={told.from} />
            <span class="push">
              <Exact at={told.to} />
            </span>
          </div>
        </div>
      )}
    </div>
    {told.spans.length > 0 && (
      <details>
        <summary>As a list</summary>
        <ul>
          {told.spans.map(({ subject, from, to, severity, reason }) => (
            <li key={subject.key + from}>
              {severity}: {subject.name}, <Exact at={from} /> to {to === null ? 'now' : <Exact at={to} />}:{' '}
              {reason}
            </li>
          ))}
        </ul>
      </details>
    )}
    {told.notes.map((note) => (
      <p key={note} class="small soft">
        {note}
      </p>
    ))}
  </div>
);
