import type { PlannedRun } from '../experiment/plan';
import { ProgressWatch, type RunProgress } from '../runs/progress';
import { finalStates } from '../runs/run-directory';

export interface ProgressView {
  /** Shows a run from now on. */
  add(run: PlannedRun): void;
  /** A line above the bars. */
  say(line: string): void;
  /** Shows the last state of everything and leaves it standing. */
  end(): Promise<void>;
}

const barWidth = 24;
const refreshMs = 500;
const plainEveryMs = 10_000;

/**
 * Progress of runs on stderr: one bar a run that is redrawn in place on a terminal; elsewhere one line a run at most
 * every ten seconds.
 */
export function progressView(stream: NodeJS.WriteStream = process.stderr): ProgressView {
  const watches: ProgressWatch[] = [];
  const said = new Map<string, { readonly at: number; readonly step: number; readonly state: string }>();
  let drawn = 0;
  let isLooking = false;

  const clear = () => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (rows: readonly RunProgress[]) => {
    clear();
    const width = Math.max(40, (stream.columns || 80) - 1);
    // the bars of ended runs stay above those that are redrawn, however many runs there are
    const ended = rows.filter(({ state }) => finalStates.includes(state));
    const going = rows.filter((row) => !ended.includes(row));
    for (const row of [...ended, ...going]) stream.write(`${barLine(row).slice(0, width)}\n`);
    for (const { id } of ended) watches.splice(watches.findIndex((watch) => watch.id === id), 1);
    drawn = going.length;
  };
  const sayPlainly = (row: RunProgress, now: number) => {
    const before = said.get(row.id);
    const isDue = !before || before.state !== row.state || (now - before.at >= plainEveryMs && row.step !== before.step);
    if (!isDue || row.state === 'queued' || row.state === 'starting') return;
    said.set(row.id, { at: now, step: row.step, state: row.state });
    stream.write(`${plainLine(row)}\n`);
  };
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      const rows = await Promise.all(watches.map((watch) => watch.look()));
      if (stream.isTTY) draw(rows);
      else for (const row of rows) sayPlainly(row, Date.now());
    } finally {
      isLooking = false;
    }
  };
  // a look that fails says nothing; the next one may succeed, and the run's own record tells its end
  const timer = setInterval(() => void look().catch(() => undefined), refreshMs);
  return {
    add: ({ id, directory }) => void watches.push(new ProgressWatch(id, directory)),
    say: (line) => {
      clear();
      stream.write(`${line}\n`);
    },
    end: async () => {
      clearInterval(timer);
      while (isLooking) await new Promise((resolve) => setTimeout(resolve, 20));
      await look();
    },
  };
}

function barLine(row: RunProgress): string {
  const fraction = fractionOf(row);
  const filled = Math.round(fraction * barWidth);
  return `${row.id.padEnd(24)} ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.floor(fraction * 100)).padStart(3)} %  ${stateText(row)}${rewardText(row)}`;
}

function plainLine(row: RunProgress): string {
  return `${row.id}: ${Math.floor(fractionOf(row) * 100)} %, ${stateText(row)}${rewardText(row)}`;
}

function fractionOf({ state, step, totalSteps }: RunProgress): number {
  if (state === 'succeeded') return 1;
  return totalSteps ? Math.min(1, step / totalSteps) : 0;
}

function stateText({ state, secondsLeft }: RunProgress): string {
  return state === 'running' && secondsLeft !== null ? `${duration(secondsLeft)} left` : state;
}

function rewardText({ last }: RunProgress): string {
  const rewards = Object.entries(last?.reward ?? {}).filter(([, value]) => Number.isFinite(value));
  return rewards.length > 0 ? `  ${rewards.map(([name, value]) => `${name} ${value.toFixed(2)}`).join('  ')}` : '';
}

/** `45 s`, `3 min 05 s`, `2 h 10 min` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
