import { runPipeline } from '../../src/runs/pipeline';
import { describeEditor } from './describe-editor';
import { looks, looksNarrow, picture, wide } from './look';
import { showTheme, themes } from './themes';
import { until } from './workbench';

jest.setTimeout(300_000);

/** Trainings of seconds, which learn a gait of a kind. */
const shared = `seed: 3
backend: wasm
task: { type: locomotion, environment: half-cheetah, episodeSteps: 100 }
base: { reward: velocity - 0.3 * energy, steps: 30000, learningRate: 2.0e-3 }
train: { steps: 30000, environments: 8, rolloutSteps: 64, minibatch: 256, epochs: 4, gamma: 0.98, learningRate: 5.0e-4, hidden: [16, 16], checkpointEverySteps: 1000000 }
check: { resamples: 200 }
`;
const experiments = {
  search: `rewards: { fast: velocity, cautious: velocity - 2 * energy, frugal: -2 * energy }
sweep: { samples: 32, search: { preference: "fast + 0.5 * frugal", budget: 15 } }
`,
  stress: `rewards: { fast: velocity, frugal: -2 * energy }
sweep: { grid: 6, samples: 16 }
study: { type: lmc-stress, seeds: [0, 1, 2], vary: { angle: [45, 135] } }
`,
};
/** Wide in the README's themes and in high contrast, narrow in the light one. */
const kept = ['light', 'dark', 'high-contrast'];

// They take two minutes of training: PICTURES=1 npx jest test/editor/study-appearance
const describePictures = process.env.PICTURES ? describeEditor : (title: string) => describe.skip(title, () => test('with PICTURES alone', () => undefined));

describePictures('pictures of a study and of a search for λ', async (workspace) => {
  for (const [name, text] of Object.entries(experiments)) {
    const { state } = await runPipeline({ file: workspace.write(`${name}.soup.yaml`, `name: ${name}\n${shared}${text}`), stages: ['train', 'sweep'] });
    if (state !== 'succeeded') throw new Error(`${name} ${state}`);
  }
}, (editor) => {
  test.each([['study', 'stress', 'Show Study', 'study'], ['search', 'search', 'Show Pareto Front', 'front']] as const)('%s', async (name, experiment, command, panel) => {
    const { workbench } = editor();
    await workbench.openView('Soups');
    await workbench.command('View: Close All Editors');
    await workbench.contextMenu(experiment, command, 'Runs');
    const page = await workbench.webviewWith(`[data-panel="${panel}"]`, 60_000);
    await until(async () => (await page.locator('.chart svg path').count()) > 10, 'a drawn chart');
    for (const [look, colorTheme] of looks) {
      await showTheme(editor(), themes.find(([theme]) => theme === colorTheme)!, page);
      if (name === 'search') await page.getByRole('heading', { name: 'Search for' }).evaluate((heading) => heading.scrollIntoView());
      await picture(workbench, `${name}-${look}`, kept.includes(look));
      await looksNarrow(workbench, panel, `${name}-${look}`, look === 'light');
    }
  });
}, wide);
