import { useRead } from '../../client/queries.ts';
import { Panel } from '../../components/panel.tsx';
import { Table } from '../../components/table.tsx';
import { durationText, milliseconds, percentText } from '../../components/time-text.ts';
import { Told } from '../../components/told.tsx';
import { coverageText } from './latency.ts';

const words = { '24h': '24 hours', '7d': '7 days', '30d': '30 days', '90d': '90 days', '365d': '365 days' };

/** How it was by period, and how much of that is known. */
export const DetailUptime = ({ id }: { readonly id: string }) => {
  const read = useRead('checks', 'readUptime', { params: { id } });
  return (
    <Panel title="Uptime">
      <Told read={read}>
        {({ periods }) => (
          <>
            <Table
              caption="Uptime by period"
              columns={['Last', 'Uptime', 'Known', 'Down', 'Maintenance', 'p50', 'p95', 'p99']}
            >
              {periods.map((one) => (
                <tr key={one.period} class="numbers">
                  <th scope="row">{words[one.period]}</th>
                  <td>{percentText(one.uptimePercent)}</td>
                  <td>{coverageText(one.coveragePercent)}</td>
                  <td>{durationText(one.downtimeSeconds)}</td>
                  <td>{durationText(one.maintenanceSeconds)}</td>
                  <td>{milliseconds(one.responseTimeMs?.p50 ?? null)}</td>
                  <td>{milliseconds(one.responseTimeMs?.p95 ?? null)}</td>
                  <td>{milliseconds(one.responseTimeMs?.p99 ?? null)}</td>
                </tr>
              ))}
            </Table>
            <p class="small soft">
              The uptime is a share of the time that is known. A gap, when nobody looked, is neither up nor
              down: it lowers what is known. Maintenance counts for neither.
            </p>
          </>
        )}
      </Told>
    </Panel>
  );
};
