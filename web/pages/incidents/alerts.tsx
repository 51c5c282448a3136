import { useState } from 'preact/hooks';
import { Panel } from '../../components/panel.tsx';
import { Pill, SeverityMark } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { checkIdOf, heldWords, type IncidentDetail, type MemberAlert, webLink } from './words.ts';

/** More are shown on demand: a broken network brings hundreds. */
const firstAlerts = 20;

/** What is wrong, one alert below the other; those that fire come first. */
export const Alerts = ({ incident: { alerts } }: { readonly incident: IncidentDetail }) => {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? alerts : alerts.slice(0, firstAlerts);
  return (
    <Panel title="Its alerts">
      <ul class="incident-alerts">
        {shown.map((alert) => (
          <Alert key={alert.alertId} alert={alert} />
        ))}
      </ul>
      {alerts.length === 0 && <p class="soft">None that this token reaches.</p>}
      {shown.length < alerts.length && (
        <button type="button" class="as-link small" onClick={() => setWhole(true)}>
          Show {alerts.length - shown.length} more
        </button>
      )}
    </Panel>
  );
};

const Alert = ({ alert }: { readonly alert: MemberAlert }) => {
  const { subject, ruleId, ruleName, state, severity, value, reason, firedAt, resolvedAt, held } = alert;
  const checkId = checkIdOf(subject);
  const runbook = webLink(alert.runbookUrl);
  return (
    <li>
      <p class="incident-alert">
        <SeverityMark severity={severity} />
        <b>{checkId === undefined ? subject.name : <a href={`#/checks/${checkId}`}>{subject.name}</a>}</b>
        <Pill tone={state === 'firing' ? 'bad' : 'good'}>{state}</Pill>
      </p>
      <p>
        {reason}
        {value !== null && !reason.includes(String(value)) && (
          <span class="soft numbers"> (value {value})</span>
        )}
      </p>
      <p class="row small soft">
        <a href={`#/rules/${encodeURIComponent(ruleId)}`}>{ruleName}</a>
        <span>
          fired <Ago at={firedAt} />
        </span>
        {resolvedAt !== null && (
          <span>
            over <Ago at={resolvedAt} />
          </span>
        )}
        {runbook && (
          <a href={runbook} target="_blank" rel="noopener noreferrer">
            Runbook<span aria-hidden="true"> ↗</span>
            <span class="unseen"> (in a new tab)</span>
          </a>
        )}
      </p>
      {held !== null && state === 'firing' && (
        <p class="small incident-held">
          {heldWords[held]} {held === 'muted' && <a href="#/silences">Silences</a>}
        </p>
      )}
    </li>
  );
};
