import type { ExperimentNode, RunNode } from './run-model';

/**
 * The nodes that the tree view knows: one object for each directory as long as it is there, brought up to date in place.
 * A view that is handed new objects at every look forgets the old ones, and a click in between falls on nothing.
 */
export class StableNodes {
  private readonly known = new Map<string, ExperimentNode | RunNode>();
  private shown: readonly ExperimentNode[] = [];
  private readonly texts = new Map<ExperimentNode, string>();

  get experiments(): readonly ExperimentNode[] {
    return this.shown;
  }

  /** Takes over what a look has found. Returns the experiments that look different, or null where one came, went or moved. */
  update(found: readonly ExperimentNode[]): readonly ExperimentNode[] | null {
    const before = this.shown;
    const texts = found.map((experiment) => JSON.stringify(experiment));
    this.shown = found.map((experiment) => this.adopt({ ...experiment, runs: experiment.runs.map((run) => this.adopt(run)) }));
    const present = new Set<unknown>(this.shown.flatMap((experiment) => [experiment, ...experiment.runs]));
    for (const [key, node] of this.known) if (!present.has(node)) this.known.delete(key);
    const changed = this.shown.filter((experiment, index) => this.texts.get(experiment) !== texts[index]);
    this.texts.clear();
    for (const [index, experiment] of this.shown.entries()) this.texts.set(experiment, texts[index]!);
    const areSame = before.length === this.shown.length && before.every((experiment, index) => experiment === this.shown[index]);
    return areSame ? changed : null;
  }

  private adopt<N extends ExperimentNode | RunNode>(node: N): N {
    const key = `${node.type} ${node.directory}`;
    const known = this.known.get(key) as N | undefined;
    if (known) return Object.assign(known, node);
    this.known.set(key, node);
    return node;
  }
}
