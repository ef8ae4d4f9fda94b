import { existsSync } from 'node:fs';
import path from 'node:path';
import { paretoFront } from '../../../src/analysis/front';
import { checkLmc } from '../../../src/analysis/lmc';
import { readResults } from '../../../src/analysis/read-results';
import reference from '../../fixtures/analysis/paper.json';

const paper = path.resolve(__dirname, '../../../../shared/paper');
/** The authors' released results; the tests that need them are skipped, and listed so, where they are absent. */
const withPaper = existsSync(paper) ? describe : describe.skip;

withPaper.each(Object.entries(reference))("%s: equal to test/fixtures/analysis/paper.py's to 1e-9", (table, expected) => {
  const read = () => readResults(path.join(paper, table));
  const { margins } = expected as { margins: Record<string, { weights: Record<string, number>; margin: number }[]> };

  test('margins, with no interval where there are no samples', async () => {
    const { rewards } = checkLmc(await read());
    expect(Object.keys(rewards)).toEqual(Object.keys(margins));
    for (const [reward, rows] of Object.entries(margins)) {
      expect(rewards[reward].points).toHaveLength(rows.length);
      for (const [index, { weights, margin }] of rows.entries()) {
        expect(rewards[reward].points[index]).toMatchObject({ weights, ci: null, bca: null, pValue: null, pAdjusted: null });
        expect(Math.abs(rewards[reward].points[index].margin - margin)).toBeLessThan(1e-9);
      }
    }
  });

  test.each(['init', 'nadir'] as const)('dominated points and hypervolume against %s', async (at) => {
    const front = paretoFront(await read(), { reference: at });
    expect(front.points.map(({ dominated }) => dominated)).toEqual(expected.dominated);
    for (const [reward, value] of Object.entries(expected.reference[at])) expect(front.reference[reward]).toBeCloseTo(value, 12);
    expect(Math.abs(front.hypervolume.soup - expected.hypervolume[at].soup)).toBeLessThan(1e-9);
    if (expected.hypervolume[at].morl === null) expect(front.hypervolume.morl).toBeNull();
    else expect(Math.abs(front.hypervolume.morl! - expected.hypervolume[at].morl)).toBeLessThan(1e-9);
  });
});
