import { type Rendered, render } from '../render.ts';
import { secretField, templateFields } from './fields.ts';
import type { ChannelKind, Outgoing } from './kind.ts';
import { requireTaken } from './taken.ts';
import { teamsCard } from './teams-card.ts';

/** A workflow of Teams that begins «when a Teams webhook request is received». It takes Adaptive Cards. */
export const teams: ChannelKind = {
  secretFields: ['url'],
  config: (z) =>
    z.strictObject({
      url: secretField(z).meta({ description: 'The URL of a workflow that posts what it receives.' }),
      ...templateFields(z),
    }),
  async send(outgoing, ports) {
    const url = String(outgoing.config.url);
    const answer = await ports.post({ url, body: JSON.stringify(teamsMessage(outgoing)) });
    requireTaken(answer, 'Teams', outgoing.now);
    return {};
  },
};

export const teamsMessage = (outgoing: Outgoing) => {
  const rendered: Rendered = render(outgoing);
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: teamsCard(rendered, outgoing),
      },
    ],
  };
};
