import { curlOf } from '../../client/call.ts';
import { useMay } from '../../client/hooks.ts';
import { Copy } from '../../components/copy.tsx';
import { coveragesOf } from './silenced.ts';
import type { IncidentDetail } from './words.ts';

type TerminalProps = { readonly id: string; readonly alerts: IncidentDetail['alerts'] };

/** The same as lines for a terminal. */
export const Terminal = ({ id, alerts }: TerminalProps) => {
  const mayOperate = useMay('operate');
  const params = { id };
  const [narrowest] = coveragesOf(alerts);
  return (
    <details class="small">
      <summary>Copy as curl</summary>
      <div class="row incident-curl">
        <Copy text={() => curlOf('readIncident', { params })}>Read</Copy>
        <Copy text={() => curlOf('readIncidentTimeline', { params })}>Timeline</Copy>
        {mayOperate && (
          <>
            <Copy text={() => curlOf('acknowledgeIncident', { params })}>Acknowledge</Copy>
            <Copy text={() => curlOf('unacknowledgeIncident', { params })}>Give back</Copy>
            <Copy text={() => curlOf('commentIncident', { params, body: { text: 'Looking at it.' } })}>
              Comment
            </Copy>
            {narrowest && (
              <Copy
                text={() =>
                  curlOf('createSilence', {
                    body: { matchers: narrowest.matchers, reason: 'Being worked on.', duration: '1h' },
                  })
                }
              >
                Silence
              </Copy>
            )}
            <Copy text={() => curlOf('escalateIncident', { params })}>Escalate</Copy>
            <Copy text={() => curlOf('resolveIncident', { params })}>Resolve</Copy>
            <Copy text={() => curlOf('redriveNotifications', { body: { incidentId: id } })}>Send again</Copy>
          </>
        )}
      </div>
    </details>
  );
};
