import { RandomStream } from '../../../../src/trainer/random';
import { taskNamed } from '../../../../src/trainer/tasks/registry';
import type { ControlTask, Environments } from '../../../../src/trainer/tasks/task';

// Layout of mjSTATE_INTEGRATION: time, positions, velocities, …
const sizes = { 'half-cheetah': { positions: 9, velocities: 9 }, humanoid: { positions: 24, velocities: 23 } } as const;
const names = Object.keys(sizes) as (keyof typeof sizes)[];

const opened: Environments[] = [];
async function open(name: string, count = 1): Promise<{ task: ControlTask; environments: Environments }> {
  const task = taskNamed(name);
  const environments = await task.open(count);
  opened.push(environments);
  return { task, environments };
}
afterEach(() => opened.splice(0).forEach((environments) => environments.close()));

/** Puts an environment into given positions at rest. */
function place(environments: Environments, name: keyof typeof sizes, positions: Readonly<Record<number, number>>): void {
  const state = environments.saveState(0);
  state.fill(0, 1, 1 + sizes[name].positions + sizes[name].velocities);
  if (name === 'humanoid') state[1 + 3] = 1; // the unit quaternion
  for (const [index, value] of Object.entries(positions)) state[1 + Number(index)] = value;
  environments.restoreState(0, state);
}

describe.each(names)('%s', (name) => {
  test('observes what Gymnasium v5 observes, in that many numbers', async () => {
    const { task, environments } = await open(name, 2);
    environments.reset(0, RandomStream.of(0, 0));
    expect(task.observationSize).toBe({ 'half-cheetah': 17, humanoid: 348 }[name]);
    expect(task.actionSize).toBe({ 'half-cheetah': 6, humanoid: 17 }[name]);
    expect(task.controlSeconds).toBeCloseTo({ 'half-cheetah': 0.05, humanoid: 0.015 }[name]);
    const state = environments.saveState(0);
    const hidden = { 'half-cheetah': 1, humanoid: 2 }[name];
    const { positions, velocities } = sizes[name];
    const expected = [...state.slice(1 + hidden, 1 + positions), ...state.slice(1 + positions, 1 + positions + velocities)];
    expect([...environments.observations.subarray(0, expected.length)]).toEqual(expected);
  });

  test('resets within the noise of Gymnasium v5', async () => {
    const { environments } = await open(name);
    const rest = { 'half-cheetah': new Array<number>(9).fill(0), humanoid: [0, 0, 1.4, 1, ...new Array<number>(20).fill(0)] }[name];
    const bound = { 'half-cheetah': 0.1, humanoid: 0.01 }[name];
    const velocities: number[] = [];
    let widest = 0;
    for (let episode = 0; episode < 100; episode++) {
      environments.reset(0, RandomStream.of(1, episode));
      const state = environments.saveState(0);
      // mj_forward normalises no quaternion in qpos, so the noise is seen as it was drawn
      for (const [i, value] of rest.entries()) widest = Math.max(widest, Math.abs(state[1 + i]! - value));
      velocities.push(...state.slice(1 + rest.length, 1 + rest.length + sizes[name].velocities));
    }
    expect(widest).toBeLessThanOrEqual(bound);
    expect(widest).toBeGreaterThan(0.95 * bound);
    const deviation = Math.sqrt(velocities.reduce((sum, value) => sum + value ** 2, 0) / velocities.length);
    expect(deviation / bound).toBeCloseTo(name === 'humanoid' ? 1 / Math.sqrt(3) : 1, 1);
  });

  test('falls with g where nothing holds it', async () => {
    const { task, environments } = await open(name);
    environments.reset(0, RandomStream.of(0, 0));
    place(environments, name, { [name === 'humanoid' ? 2 : 1]: 8 });
    const [stepSeconds, integrator] = name === 'humanoid' ? [0.003, 'RK4'] : [0.01, 'semi-implicit Euler'];
    environments.step(new Float32Array(task.actionSize));
    const n = 5;
    // RK4 integrates a constant force exactly; semi-implicit Euler sums v_k = −g h k
    const fallen = integrator === 'RK4' ? 0.5 * 9.81 * (n * stepSeconds) ** 2 : 9.81 * stepSeconds ** 2 * ((n * (n + 1)) / 2);
    expect(environments.observations[0]).toBeCloseTo(8 - fallen, name === 'humanoid' ? 4 : 9);
  });

  test('repeats bit for bit, alone or among others, and from a saved state', async () => {
    const play = async (count: number, index: number) => {
      const { task, environments } = await open(name, count);
      for (let i = 0; i < count; i++) environments.reset(i, RandomStream.of(7, i === index ? 0 : 50 + i));
      const random = RandomStream.of(7, 1);
      const trace: number[] = [];
      const actions = new Float32Array(count * task.actionSize);
      let saved: { state: number[]; action: Float32Array } | null = null;
      for (let step = 0; step < 30; step++) {
        for (let i = 0; i < task.actionSize; i++) actions[index * task.actionSize + i] = random.normal();
        if (step === 20) saved = { state: environments.saveState(index), action: actions.slice() };
        environments.step(actions);
        const observation = environments.observations.slice(index * task.observationSize, (index + 1) * task.observationSize);
        trace.push(...observation, ...environments.metrics.subarray(index * 3, index * 3 + 3));
        if (step === 20) {
          const other = await open(name);
          other.environments.reset(0, RandomStream.of(9, 9));
          other.environments.restoreState(0, saved!.state);
          other.environments.step(saved!.action.slice(index * task.actionSize, (index + 1) * task.actionSize));
          expect([...other.environments.observations]).toEqual([...observation]);
        }
      }
      return trace;
    };
    const alone = await play(1, 0);
    expect(await play(3, 2)).toEqual(alone);
    expect(alone.every(Number.isFinite)).toBe(true);
  });

  test('measures forward speed, the clipped control and being alive', async () => {
    const { task, environments } = await open(name);
    environments.reset(0, RandomStream.of(0, 0));
    const before = environments.saveState(0)[1]!;
    environments.step(new Float32Array(task.actionSize).fill(-3));
    const after = environments.saveState(0)[1]!;
    const limit = name === 'humanoid' ? 0.4 : 1;
    expect(task.metrics).toEqual(['velocity', 'energy', 'alive']);
    expect(environments.metrics[0]).toBeCloseTo((after - before) / task.controlSeconds, 9);
    expect(environments.metrics[1]).toBeCloseTo(task.actionSize * limit ** 2, 6);
    expect(environments.metrics[2]).toBe(1);
  });

  test('comes to rest without control: damping takes energy out, nothing puts it in', async () => {
    const { task, environments } = await open(name);
    environments.reset(0, RandomStream.of(0, 0));
    const action = new Float32Array(task.actionSize);
    for (let step = 0; step < 400; step++) environments.step(action);
    const { positions, velocities } = sizes[name];
    const speeds = environments.saveState(0).slice(1 + positions, 1 + positions + velocities);
    expect(Math.max(...speeds.map(Math.abs))).toBeLessThan(0.5);
  });
});

test('the humanoid is healthy while its trunk is between 1 and 2 metres high', async () => {
  const { task, environments } = await open('humanoid');
  const action = new Float32Array(task.actionSize);
  // lying in the air, so that no foot pushes against the ground
  const lying = { 3: Math.SQRT1_2, 5: Math.SQRT1_2 };
  for (const [height, terminated] of [[1.4, 0], [0.99, 1], [2.1, 1], [1.9, 0]] as const) {
    environments.reset(0, RandomStream.of(0, 0));
    place(environments, 'humanoid', { ...lying, 2: height });
    environments.step(action);
    expect([environments.terminated[0], environments.metrics[2]]).toEqual([terminated, 1 - terminated]);
  }
});

test('the half-cheetah goes on upside down', async () => {
  const { task, environments } = await open('half-cheetah');
  environments.reset(0, RandomStream.of(0, 0));
  place(environments, 'half-cheetah', { 1: 0.1, 2: Math.PI });
  for (let step = 0; step < 20; step++) environments.step(new Float32Array(task.actionSize));
  expect([...environments.terminated]).toEqual([0]);
});

test('environments outlive the growth of MuJoCo’s heap', async () => {
  const { task, environments } = await open('half-cheetah');
  environments.reset(0, RandomStream.of(0, 0));
  await open('humanoid', 24);
  environments.step(new Float32Array(task.actionSize));
  expect(environments.observations.every(Number.isFinite)).toBe(true);
  environments.reset(0, RandomStream.of(0, 0));
  expect(environments.observations.some((value) => value !== 0)).toBe(true);
});

test('an unknown environment is refused by name', () => {
  expect(() => taskNamed('gazelle')).toThrow(/"gazelle".*half-cheetah, humanoid/);
});
