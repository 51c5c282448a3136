import { useEffect, useState } from 'preact/hooks';
import { useSession } from '../client/hooks.ts';
import { signIn } from '../client/session.ts';
import { Button } from '../components/button.tsx';
import { Copy } from '../components/copy.tsx';
import { TextField } from '../components/field.tsx';
import { Mark } from './mark.tsx';
import './sign-in.css';

const ways = [
  { where: 'On one machine', command: 'cat .homeostat/admin-token' },
  {
    where: 'In AWS: prints the command that reads it',
    command: `aws cloudformation describe-stacks --stack-name Homeostat --output text --query "Stacks[0].Outputs[?OutputKey=='AdminTokenCommand'].OutputValue"`,
  },
  { where: 'One for each person', command: 'npx homeostat tokens create --name ada --scopes read,operate' },
];

/** Asks for a token. It is kept in this tab and goes to the API only, in a header. */
export const SignIn = () => {
  const { refused } = useSession();
  const [token, setToken] = useState('');
  useEffect(() => {
    document.title = 'Sign in · Homeostat';
  }, []);
  return (
    <main class="sign-in stack">
      <h1>
        <Mark /> Homeostat
      </h1>
      <form
        class="panel stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim()) signIn(token);
        }}
      >
        {refused && (
          <p class="note problem" role="alert">
            {refused}
          </p>
        )}
        <TextField
          label="Token"
          type="password"
          autoComplete="current-password"
          spellcheck={false}
          required
          value={token}
          onInput={setToken}
          hint="Kept in this tab until it is closed, and sent to this address only."
        />
        <div class="row">
          <Button type="submit" look="primary">
            Sign in
          </Button>
          <a class="push" href="status">
            Public status page
          </a>
        </div>
      </form>
      <section class="stack small">
        <h2>Where do I get one?</h2>
        {ways.map(({ where, command }) => (
          <div key={where} class="way">
            <span class="soft">{where}</span>
            <code>{command}</code>
            <Copy text={command} />
          </div>
        ))}
      </section>
    </main>
  );
};
