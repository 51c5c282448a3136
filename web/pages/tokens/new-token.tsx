import { useState } from 'preact/hooks';
import type { Scope } from '../../client/hooks.ts';
import { useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog, Dialog } from '../../components/dialog.tsx';
import { TextField, Toggle } from '../../components/field.tsx';
import { ProblemNote } from '../../components/told.tsx';

const scopes: readonly (readonly [Scope, string])[] = [
  ['read', 'see definitions, statuses and results'],
  ['operate', 'acknowledge, silence, approve, run and stop'],
  ['write', 'define checks, rules, channels, policies'],
  ['ingest', 'ping heartbeats and tell findings'],
  ['admin', 'make and revoke tokens'],
];

/** Makes a token; it is shown once, here. */
export const NewToken = ({ onClose }: { onClose(): void }) => {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Scope[]>(['read', 'operate']);
  const [reach, setReach] = useState('');
  const [days, setDays] = useState('90');
  const [made, setMade] = useState<string>();
  const making = useWrite('createToken', ['settings']);
  const faultOf = (path: string): string | undefined =>
    making.problem?.faults.find((fault) => fault.path === path)?.message;
  const make = async (): Promise<void> => {
    const deployments = reach
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    const answer = await making.run({
      body: {
        name: name.trim(),
        scopes: chosen,
        deployments: deployments.length > 0 ? deployments : '*',
        expiresInDays: days.trim() === '' ? null : Number(days),
      },
    });
    if (answer?.token) setMade(answer.token);
  };
  if (made !== undefined) {
    return (
      <Dialog title={`The token of ${name}`} onClose={onClose}>
        <p>It is shown this once: only its hash is kept.</p>
        <code class="mono">{made}</code>
        <div class="row">
          <Copy text={made}>Copy the token</Copy>
          <span class="push">
            <Button look="primary" onClick={onClose}>
              Done
            </Button>
          </span>
        </div>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title="Make a token"
      confirm="Make it"
      isBusy={making.isPending}
      onConfirm={() => void make()}
      onClose={onClose}
    >
      <TextField
        label="Whose"
        required
        placeholder="ada"
        value={name}
        fault={faultOf('name')}
        onInput={setName}
      />
      <fieldset class="stack">
        <legend>May</legend>
        {scopes.map(([scope, means]) => (
          <Toggle
            key={scope}
            label={scope}
            hint={means}
            value={chosen.includes(scope)}
            onChange={(isOn) => setChosen(isOn ? [...chosen, scope] : chosen.filter((one) => one !== scope))}
          />
        ))}
      </fieldset>
      <TextField
        label="Deployments it reaches"
        hint="Names, separated by commas; empty for all"
        value={reach}
        fault={faultOf('deployments')}
        onInput={setReach}
      />
      <TextField
        label="Ends after days"
        hint="Empty: never"
        inputMode="numeric"
        value={days}
        fault={faultOf('expiresInDays')}
        onInput={setDays}
      />
      <ProblemNote error={making.problem} />
    </ConfirmDialog>
  );
};
