/** Where a question stands among the others. */
export interface Place {
  readonly title: string;
  /** from 1 */
  readonly step: number;
  readonly totalSteps: number;
}

export const back: unique symbol = Symbol('back');
/** What a question gives: `back` for the question before, null when the user cancels. */
export type Answer<T> = T | typeof back | null;

/** One question: gives what is known after it. */
export type Step<State> = (state: State, place: Place) => Promise<Answer<State>>;

/**
 * Asks questions one after another, with a way back.
 * @param stepsOf the questions, as far as what is known tells them: answers may add further ones behind
 * @returns what is known after the last; null when the user cancels
 */
export async function stepByStep<State>(title: string, initial: State, stepsOf: (state: State) => readonly Step<State>[]): Promise<State | null> {
  const states = [initial];
  for (;;) {
    const state = states.at(-1)!;
    const steps = stepsOf(state);
    const index = states.length - 1;
    if (index >= steps.length) return state;
    const answer = await steps[index]!(state, { title, step: index + 1, totalSteps: steps.length });
    if (answer === null) return null;
    if (answer !== back) states.push(answer);
    else if (states.length > 1) states.pop();
  }
}
