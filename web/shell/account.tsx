import { useIdentity } from '../client/hooks.ts';
import { signOut } from '../client/session.ts';
import { Button } from '../components/button.tsx';
import { Tabs } from '../components/tabs.tsx';
import { type Scheme, schemes, useScheme, type Zone, zones } from './preferences.ts';

type AccountProps = { readonly zone: Zone; onZone(zone: Zone): void; onHelp(): void };

const schemeTitles: Readonly<Record<Scheme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' };
const zoneTitles: Readonly<Record<Zone, string>> = { local: 'Local time', UTC: 'UTC' };

/** Who is signed in, and how this browser shows things. */
export const Account = ({ zone, onZone, onHelp }: AccountProps) => {
  const identity = useIdentity();
  const [scheme, setScheme] = useScheme();
  return (
    <details class="account">
      <summary>
        <span aria-hidden="true">☰</span>
        <span class="cut">{identity?.name ?? identity?.principal ?? 'Account'}</span>
        <span class="unseen">: account and display</span>
      </summary>
      <div class="sheet stack">
        {identity && (
          <p class="small soft">
            {identity.principal} may {identity.scopes.join(', ')}
            {identity.deployments !== '*' && ` in ${identity.deployments.join(', ')}`}
          </p>
        )}
        <Tabs
          label="Colours"
          tabs={schemes.map((name) => ({ name, title: schemeTitles[name] }))}
          chosen={scheme}
          onChoose={setScheme}
        />
        <Tabs
          label="Times"
          tabs={zones.map((name) => ({ name, title: zoneTitles[name] }))}
          chosen={zone}
          onChoose={onZone}
        />
        <div class="row">
          <Button onClick={onHelp}>Keyboard</Button>
          <Button onClick={() => signOut()}>Sign out</Button>
        </div>
      </div>
    </details>
  );
};
