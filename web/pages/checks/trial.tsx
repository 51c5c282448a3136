import type { Answer } from '../../client/call.ts';
import { Facts } from '../../components/panel.tsx';
import { StatusMark } from '../../components/status.tsx';
import { milliseconds } from '../../components/time-text.ts';
import { phasesIn, phaseWord } from './latency.ts';
import './trial.css';

type Tried = Answer<'testCheck'>;

/** Each phase with its time, the longest in sight at a glance. */
export const Phases = ({ phases }: { readonly phases: Tried['phases'] }) => {
  const names = phasesIn([{ phases }]);
  const whole = Math.max(1, phases.total ?? 0, ...names.map((name) => phases[name] ?? 0));
  if (names.length === 0) return null;
  return (
    <dl class="check-phases small numbers">
      {names.map((name) => (
        <div key={name}>
          <dt>{phaseWord(name)}</dt>
          <dd>
            <span
              class="check-phase-bar"
              style={{ inlineSize: `${(100 * (phases[name] ?? 0)) / whole}%` }}
              aria-hidden="true"
            />
            {milliseconds(phases[name] ?? null)}
          </dd>
        </div>
      ))}
    </dl>
  );
};

/** What one attempt at a definition brought. */
export const Trial = ({ tried }: { readonly tried: Tried }) => (
  <div class="note check-trial" role="status">
    <p class="row">
      <StatusMark status={tried.status} />
      <span>{tried.reason ?? 'It answered as it should.'}</span>
    </p>
    <Facts
      facts={[
        tried.responseTime !== null && ['Response time', milliseconds(tried.responseTime)],
        tried.statusCode !== undefined && ['Status code', tried.statusCode],
      ]}
    />
    <Phases phases={tried.phases} />
    <p class="small soft">One attempt, now; nothing was saved.</p>
  </div>
);
