import { useMay } from '../../client/hooks.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { Panel } from '../../components/panel.tsx';
import './no-checks.css';

/** A whole homeostat.yaml: two checks that anybody can run. */
const snippet = `checks:
  - name: home page
    type: http
    target: https://example.com/
    interval: 30s
    conditions:
      - '[STATUS] == 200'
      - '[RESPONSE_TIME] < 1s'

  - name: certificate
    type: tls
    target: example.com:443
    interval: 1h
`;

/** First start: nothing is watched yet; the two ways to begin. */
export const NoChecks = () => {
  const mayWrite = useMay('write');
  return (
    <Panel title="Nothing is watched yet">
      <p class="soft">
        A check looks at something at an interval and says how it is. Begin in one of two ways:
      </p>
      <div class="columns">
        <div class="stack">
          <h3>In the console</h3>
          <p class="soft">Say what to look at, try it at once with «test now», and keep it.</p>
          <div>
            {mayWrite ? (
              <ButtonLink look="primary" href="#/checks/new">
                Create a check
              </ButtonLink>
            ) : (
              <p>This token may only read: ask somebody whose token has the scope «write».</p>
            )}
          </div>
        </div>
        <div class="stack">
          <h3>In a file</h3>
          <p class="soft">
            Keep the checks with your code: put this into <code>homeostat.yaml</code>, then run{' '}
            <code>homeostat apply</code>. <code>npm start</code> applies it whenever it is saved.
          </p>
          <pre class="no-checks-file">{snippet}</pre>
          <div>
            <Copy text={snippet}>Copy the example</Copy>
          </div>
        </div>
      </div>
    </Panel>
  );
};
