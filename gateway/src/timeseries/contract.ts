import { afterAll, beforeAll, describe } from 'vitest';
import { type ContractSubject, createContractBench } from './contract-bench.ts';
import { queryContract } from './contract-queries.ts';
import { rollupContract } from './contract-rollups.ts';
import { writingContract } from './contract-writing.ts';

export { CONTRACT_NOW, type ContractSubject, deviceMaker } from './contract-bench.ts';

/** What every time-series store must do, whatever engine is behind it. Units: `power` is W for every device. */
export function timeSeriesContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`time series on ${name}`, () => {
    let subject: ContractSubject;
    beforeAll(async () => {
      subject = await open();
      // Which engines were really asked is to be seen in every run.
      console.log(`time series contract on ${name}: ${await subject.version()}`);
    });
    afterAll(() => subject?.close());

    const bench = createContractBench(() => subject);
    writingContract(bench);
    queryContract(bench);
    rollupContract(bench);
  });
}
