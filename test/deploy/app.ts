import { App } from 'aws-cdk-lib/core';
import { parseConfig } from '../../infra/config.ts';
import { synthesizeInto } from '../../infra/synth.ts';
import { groupArn, orchestratorKeyName } from './remedies.ts';

// The same stack as infra/app.ts makes, with the one thing that a deployment is never allowed: loopback targets.
// In the emulator functions are processes of this machine, so its loopback is where the test can open some.
const app = new App({ autoSynth: false });
const config = parseConfig({
  allowedPrivateRanges: ['127.0.0.0/8'],
  actions: { webhook: {}, 'asg-scale': { arns: [groupArn] } },
  secrets: [orchestratorKeyName],
});
await synthesizeInto(app, { config, checked: true });
