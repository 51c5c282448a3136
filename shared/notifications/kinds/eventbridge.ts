import { toIso } from '../../platform/clock.ts';
import { cut } from '../escape.ts';
import { render } from '../render.ts';
import { wholeText } from '../render-text.ts';
import { templateFields } from './fields.ts';
import type { ChannelKind } from './kind.ts';

/** An entry of PutEvents may have 256 KB in all; ten alerts stay far below. */
const mostCharacters = 50_000;

/** An event `notification.told` on the stack's own bus. */
export const eventbridge: ChannelKind = {
  secretFields: [],
  config: (z) => z.strictObject(templateFields(z)),
  async send(outgoing, ports) {
    const { announcement, channelName, dedupeKey, links } = outgoing;
    const rendered = render(outgoing);
    await ports.event({
      // The channel is in it: two channels of this type tell the same thing as two events.
      id: `notification/${channelName}/${announcement.incidentId}@${announcement.no}`,
      at: toIso(announcement.at),
      channelName,
      incidentId: announcement.incidentId,
      kind: announcement.kind,
      status: announcement.status,
      severity: announcement.severity,
      deploymentId: announcement.deploymentId,
      title: cut(rendered.title, 500),
      text: cut(wholeText(rendered), mostCharacters),
      dedupeKey,
      url: links.incident ?? links.approve ?? '',
    });
    return {};
  },
};
