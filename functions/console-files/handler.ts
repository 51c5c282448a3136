/**
 * Trigger: CloudFormation, when the console's files are made, changed or removed with the stack.
 * Promise: what the distribution serves is the release that lies beside this code: assets first, index.html last, so that
 * nobody is sent to a file that is not there yet; what a release before holds stays for a month, for tabs that are open.
 * With the stack every file goes. CloudFormation always gets an answer, before Lambda would end the function.
 * A duplicate or late event puts what is there already: what counts is the code that is deployed, not what was asked.
 */
import { emptyFiles, putRelease, readRelease } from '../../shared/console-files/index.ts';
import { openFiles } from '../../shared/platform/aws/files.aws.ts';
import { onCustomResource } from '../../shared/platform/edge/custom-resource.ts';
import { contract } from './contract.ts';

/** The carried folder lies beside this module's bundle. */
const folder = new URL(`./${contract.carries}/`, import.meta.url);

export const handler = onCustomResource(
  contract,
  { consoleFiles: openFiles },
  async ({ change, properties }, { consoleFiles }, { clock, log }) => {
    const { address } = consoleFiles;
    if (properties.BucketName !== address)
      throw new Error(
        `this function puts files into ${address} and into no other bucket, so not into ${properties.BucketName}`,
      );
    if (change === 'Delete') await emptyFiles(consoleFiles);
    else {
      const outcome = await putRelease(consoleFiles, await readRelease(folder), clock());
      log.info('the files of the console were put', outcome);
    }
    return { physicalId: address };
  },
);
