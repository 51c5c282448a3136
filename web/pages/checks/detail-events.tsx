import type { Check } from '../../client/checks.ts';
import { useList } from '../../client/queries.ts';
import { Panel } from '../../components/panel.tsx';
import { SeverityMark } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { durationText } from '../../components/time-text.ts';
import { ProblemNote, Waiting } from '../../components/told.tsx';

/** The API's own limit of one answer; of a whole deployment, so that of this check some are among them. */
const asked = 200;
const shown = 8;

/** What alerts said of this check: what fires, then what is over, each with its incident. */
export const DetailEvents = ({ check }: { readonly check: Check }) => {
  const list = useList('incidents', 'listAlertEvents', { deploymentId: check.deploymentId, limit: asked });
  const own = list.items?.filter(({ subject }) => subject.key === `check:${check.id}`);
  const firing = own?.filter(({ state }) => state === 'firing') ?? [];
  const over = own?.filter(({ state }) => state !== 'firing') ?? [];
  return (
    <Panel title="Alerts">
      <ProblemNote error={list.error} />
      {!own && !list.error && <Waiting />}
      {own?.length === 0 && (
        <p class="soft">
          {list.isMore
            ? `None among the newest ${asked} of this deployment.`
            : 'None fired of it as far back as they are kept.'}
        </p>
      )}
      <ul class="check-events">
        {[...firing, ...over].slice(0, shown).map((event) => (
          <li key={event.id}>
            <span class="row">
              <SeverityMark severity={event.severity} />
              {event.incidentId ? (
                <a href={`#/incidents/${encodeURIComponent(event.incidentId)}`}>{event.ruleName}</a>
              ) : (
                <b>{event.ruleName}</b>
              )}
              <span class="soft small push">
                {event.state === 'firing' ? 'fires since ' : 'fired '}
                <Ago at={event.firedAt} />
                {event.duration !== null && `, for ${durationText(event.duration)}`}
              </span>
            </span>
            <p class="small">{event.reason}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
};
