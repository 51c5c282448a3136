/**
 * The process that synthesizes the stack for `npm start`: a process of its own, because CDK leaves a hundred
 * megabytes behind that a host would keep for as long as it runs. It is sent what to synthesize, answers once, and ends.
 */
import type { SynthesisOptions } from '../../synth.ts';
import { keepCompiledCode } from '../compiled.ts';
import type { SynthesisAnswer } from './synthesis.ts';

keepCompiledCode();

process.once('message', async (options: SynthesisOptions) => {
  let answer: SynthesisAnswer = { synthesized: true };
  try {
    const { synthesize } = await import('../../synth.ts');
    await synthesize(options);
  } catch (error) {
    answer = { synthesized: false, failure: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(answer, () => process.exit());
});
// The host ended while this one worked: nobody waits for the stack any more.
process.once('disconnect', () => process.exit(1));
