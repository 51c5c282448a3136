// Where every thread of the host starts. Not TypeScript: for the first .ts file that is not in the cache of compiled
// code Node loads its TypeScript reader, ten megabytes in each thread, and only running code can open that cache.
import module from 'node:module';
import { workerData } from 'node:worker_threads';

module.enableCompileCache(workerData.compiledCode);
await import(workerData.entry);
