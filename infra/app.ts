import { App } from 'aws-cdk-lib/core';
import { ConfigError, configFromContext } from './config.ts';
import { synthesizeInto } from './synth.ts';

// What the CDK CLI starts (cdk.json); it hands over context and output directory in the environment, which App reads.
const app = new App({ autoSynth: false });
try {
  await synthesizeInto(app, { config: configFromContext(app.node.getAllContext()), checked: true });
} catch (error) {
  const expected = error instanceof ConfigError || (error instanceof Error && error.name === 'BundleError');
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}
